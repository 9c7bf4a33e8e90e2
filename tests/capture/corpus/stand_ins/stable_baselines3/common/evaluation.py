"""A stand-in for the evaluation of a policy: gives back a fixed mean and deviation."""


def evaluate_policy(model, env, n_eval_episodes=10, deterministic=True, return_episode_rewards=False):
    """The mean and the standard deviation of the reward of an episode."""
    return 312.45, 87.31
