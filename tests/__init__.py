"""The tests: a package for each room, and what holds for all of them."""

from hypothesis import settings

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("jupyter-track", deadline=None)
settings.load_profile("jupyter-track")
