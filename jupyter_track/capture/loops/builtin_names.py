"""The names among Python's builtins that instrumented code uses, as IPython puts its own there."""

from __future__ import annotations

import builtins
import itertools
import operator
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, Final

from .asynchronous import async_begin, async_iter, async_rest
from .probe import begin, ended, interrupt_soon, keep, over, rest
from .site import looked_at

__all__ = [
    "ASYNC_BEGIN",
    "ASYNC_ITER",
    "ASYNC_REST",
    "BEGIN",
    "ENDED",
    "FOLLOW",
    "ITER",
    "KEEP",
    "LOOKED_AT",
    "OVER",
    "POLL",
    "REST",
    "alias",
    "drop_aliases",
    "follow_no_more",
    "follow_with",
    "install",
    "stay",
    "uninstall",
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
FOLLOW: Final = "__jupyter_track_follow__"
ASYNC_ITER: Final = "__jupyter_track_async_iter__"
ASYNC_BEGIN: Final = "__jupyter_track_async_begin__"
ASYNC_REST: Final = "__jupyter_track_async_rest__"

#: By number, who tells what is to be called instead of something.
_following: dict[int, Callable[[Any], Any]] = {}
_numbers = itertools.count()
_aliases: set[str] = set()
_needed = False


def _follow(number: int, called: Any, _: int) -> Any:
    """Return what is to be called instead of something that is about to be called."""
    follow = _following.get(number)
    if follow is not None:
        try:
            return follow(called)
        except KeyboardInterrupt:
            interrupt_soon()
    return called


def follow_with(follow: Callable[[Any], Any]) -> int:
    """Return a number for which `follow` tells what is to be called instead of something."""
    number = next(_numbers)
    _following[number] = follow
    return number


def follow_no_more(number: int) -> None:
    """Let what is called for a number be what it is."""
    _following.pop(number, None)


_NAMES: dict[str, Any] = {
    ITER: iter,
    POLL: operator.index,
    BEGIN: begin,
    REST: rest,
    ENDED: ended,
    OVER: over,
    LOOKED_AT: looked_at,
    KEEP: keep,
    FOLLOW: _follow,
    ASYNC_ITER: async_iter,
    ASYNC_BEGIN: async_begin,
    ASYNC_REST: async_rest,
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
            if not _NAMES.keys().isdisjoint(within.f_code.co_names):
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
