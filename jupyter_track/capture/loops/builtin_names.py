"""The names among Python's builtins that instrumented code uses, as IPython puts its own there."""

from __future__ import annotations

import builtins
import itertools
import operator
import sys
from collections.abc import Callable, Iterable
from types import FrameType, FunctionType
from typing import Any, Final

from .probe import begin, ended, interrupt_soon, keep, over, rest
from .site import looked_at

__all__ = [
    "BEGIN",
    "DEFINED",
    "ENDED",
    "ITER",
    "KEEP",
    "LOOKED_AT",
    "OVER",
    "POLL",
    "REST",
    "alias",
    "drop_aliases",
    "install",
    "listen",
    "stay",
    "uninstall",
    "unlisten",
]

#: The names, among Python's builtins, of what instrumented code uses.
ITER: Final = "__jupyter_track_iter__"
BEGIN: Final = "__jupyter_track_begin__"
REST: Final = "__jupyter_track_rest__"
ENDED: Final = "__jupyter_track_ended__"
OVER: Final = "__jupyter_track_over__"
LOOKED_AT: Final = "__jupyter_track_looked_at__"
KEEP: Final = "__jupyter_track_keep__"
#: Called for nothing but that Python looks for an interrupt after it: what came while the person's own code ran is
#: raised there, and not in ours.
POLL: Final = "__jupyter_track_poll__"
DEFINED: Final = "__jupyter_track_defined__"

#: By number, who wants to hear of a function that a cell defines.
_definitions: dict[int, Callable[[FunctionType], None]] = {}
_numbers = itertools.count()
_aliases: set[str] = set()
_needed = False


def _defined(number: int, function: Any) -> None:
    """Take note of a function that the cell has defined."""
    hear = _definitions.get(number)
    if hear is not None:
        try:
            hear(function)
        except KeyboardInterrupt:
            interrupt_soon()


def listen(hear: Callable[[FunctionType], None]) -> int:
    """Return a number for which `hear` is called with a function that a cell has defined."""
    number = next(_numbers)
    _definitions[number] = hear
    return number


def unlisten(numbers: Iterable[int]) -> None:
    """Forget who wanted to hear of functions."""
    for number in numbers:
        _definitions.pop(number, None)


_NAMES: dict[str, Any] = {
    ITER: iter,
    POLL: operator.index,
    BEGIN: begin,
    REST: rest,
    ENDED: ended,
    OVER: over,
    LOOKED_AT: looked_at,
    KEEP: keep,
    DEFINED: _defined,
}


def install() -> None:
    """Put the names among Python's builtins."""
    vars(builtins).update(_NAMES)


def uninstall() -> None:
    """Take the names out again, unless something that needs them still runs: a thread's function, a cell."""
    if not _needed and not _is_in_use():
        for name in [*_NAMES, *_aliases]:
            vars(builtins).pop(name, None)
        _aliases.clear()


def _is_in_use() -> bool:
    for frame in list(sys._current_frames().values()):
        within: FrameType | None = frame
        while within is not None:
            if BEGIN in within.f_code.co_names:
                return True
            within = within.f_back
    return False


def alias(index: int) -> str:
    """Return another name for `LOOKED_AT`, which nothing else uses.

    At a cell's top level it can be declared global, so that Python looks it up five times as quickly.
    """
    name = f"__jupyter_track_looked_at_{index}__"
    vars(builtins)[name] = looked_at
    _aliases.add(name)
    return name


def drop_aliases(names: Iterable[str]) -> None:
    """Take such names out again, when nothing uses them any more."""
    for name in names:
        vars(builtins).pop(name, None)
        _aliases.discard(name)


def stay() -> None:
    """Let all names stay among the builtins for good: a cell that uses them goes on unwatched."""
    global _needed
    _needed = True
