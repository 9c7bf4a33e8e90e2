"""Learning curves from bare loops: what is computed in each iteration, with no print and no log call.

`transform` rewrites the loops of a tracked cell, and those of functions that it calls (`functions`), so that they call
`probe`; `curves` decides which names are looked at, `sampling` how often. `LoopWatch` is what a tracked cell needs.
"""

from .builtin_names import install, uninstall
from .watch import LoopTransformer, LoopWatch

__all__ = ["LoopTransformer", "LoopWatch", "install", "uninstall"]
