"""A stand-in for the common parts of Stable-Baselines3."""
