"""A stand-in for Stable-Baselines3: PPO plays back the tables that the real logger prints after each rollout."""

import math

import numpy as np


class PPO:
    """An agent that learns nothing and prints, a table a rollout, what a run on CartPole looks like."""

    def __init__(self, policy, env, learning_rate=3e-4, n_steps=2048, clip_range=0.2, verbose=0, **settings):
        self.env, self.learning_rate, self.n_steps = env, learning_rate, n_steps
        self.clip_range, self.verbose, self.num_timesteps = clip_range, verbose, 0
        if verbose:
            print("Using cpu device")
            print(f"Creating environment from the given name '{env}'")
            print("Wrapping the env with a `Monitor` wrapper\nWrapping the env in a DummyVecEnv.")

    def get_env(self):
        return self.env

    def learn(self, total_timesteps, callback=None, log_interval=1, progress_bar=False):
        for rollout in range(1, math.ceil(total_timesteps / self.n_steps) + 1):
            self.num_timesteps += self.n_steps
            if self.verbose and rollout % log_interval == 0:
                print(table(self.measured(rollout)))
        return self

    def measured(self, rollout):
        reward = 22.0 + 4.6 * rollout**1.5
        values = {
            "rollout/": None,
            "ep_len_mean": reward,
            "ep_rew_mean": reward,
            "time/": None,
            "fps": 1900 - 83 * rollout,
            "iterations": rollout,
            "time_elapsed": int(0.6 * rollout),
            "total_timesteps": self.num_timesteps,
        }
        if rollout > 1:
            values |= {
                "train/": None,
                "approx_kl": np.float32(0.008 + 0.001 / rollout),
                "clip_fraction": 0.11 / rollout,
                "clip_range": self.clip_range,
                "entropy_loss": -0.69 + 0.013 * rollout,
                "explained_variance": 0.9 - 1 / rollout,
                "learning_rate": self.learning_rate,
                "loss": 5.91 + 7.3 / rollout,
                "n_updates": 10 * (rollout - 1),
                "policy_gradient_loss": -0.0142 - 0.003 / rollout,
                "value_loss": 51.7 - 2.9 * rollout,
            }
        return values


def short(value):
    """A value as the logger writes it: only Python's own floats are shortened, and padded to eight."""
    return f"{value:<8.3g}" if isinstance(value, float) else str(value)


def table(values):
    """The values as the human-readable table of the real logger: a heading a group, indented names, aligned bars."""
    rows = [(name, "") if value is None else (f"   {name}", short(value)) for name, value in values.items()]
    left, right = max(len(name) for name, _ in rows), max(len(value) for _, value in rows)
    rule = "-" * (left + right + 7)
    return "\n".join([rule, *(f"| {name:<{left}} | {value:<{right}} |" for name, value in rows), rule])
