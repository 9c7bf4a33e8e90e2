"""A stand-in for gymnasium: plays FrozenLake (4x4) and CartPole with the real interface, without rendering."""

from types import SimpleNamespace

import numpy as np

LAKE = "SFFFFHFHFFFHHFFG"


class Env:
    """One environment with the reset/step interface of gymnasium and a limit on the steps of an episode."""

    def __init__(self, n_actions, limit):
        self.action_space = SimpleNamespace(n=n_actions, sample=lambda: int(self.rng.integers(n_actions)))
        self.limit = limit
        self.rng = np.random.default_rng()
        self.steps = 0

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self.steps = 0
        return self.start(), {}

    def step(self, action):
        self.steps += 1
        observation, reward, terminated = self.move(action)
        return observation, reward, terminated, self.steps >= self.limit, {}

    def close(self):
        return None


class FrozenLake(Env):
    """The lake of four by four: holes end the episode, the goal gives a reward of one."""

    def __init__(self, limit=100, is_slippery=True, map_name="4x4", render_mode=None):
        super().__init__(4, limit)
        self.is_slippery = is_slippery
        self.observation_space = SimpleNamespace(n=16)

    def start(self):
        self.state = 0
        return 0

    def move(self, action):
        if self.is_slippery:
            action = (action + int(self.rng.integers(-1, 2))) % 4
        down, right = [(0, -1), (1, 0), (0, 1), (-1, 0)][action]
        row, column = min(max(self.state // 4 + down, 0), 3), min(max(self.state % 4 + right, 0), 3)
        self.state = 4 * row + column
        return self.state, float(LAKE[self.state] == "G"), LAKE[self.state] in "GH"


class CartPole(Env):
    """A pole on a cart by the equations of Barto, Sutton and Anderson, a reward of one a step."""

    def __init__(self, limit=500, render_mode=None):
        super().__init__(2, limit)
        self.observation_space = SimpleNamespace(shape=(4,))

    def start(self):
        self.state = self.rng.uniform(-0.05, 0.05, 4)
        return self.state.astype(np.float32)

    def move(self, action):
        x, speed, angle, spin = self.state
        push = ((10.0 if action == 1 else -10.0) + 0.05 * spin**2 * np.sin(angle)) / 1.1
        turn = (9.8 * np.sin(angle) - np.cos(angle) * push) / (0.5 * (4 / 3 - 0.1 * np.cos(angle) ** 2 / 1.1))
        pull = push - 0.05 * turn * np.cos(angle) / 1.1
        self.state = np.array([x + 0.02 * speed, speed + 0.02 * pull, angle + 0.02 * spin, spin + 0.02 * turn])
        return self.state.astype(np.float32), 1.0, bool(abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.2095)


def make(id, max_episode_steps=None, **kwargs):
    """Make an environment by its id, as gymnasium.make does."""
    kind, limit = {"FrozenLake-v1": (FrozenLake, 100), "CartPole-v1": (CartPole, 500)}[id]
    return kind(max_episode_steps or limit, **kwargs)
