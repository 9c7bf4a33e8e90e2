"""The loops that instrumented code runs, and what is known of each: how far it is, what was read, when to look."""

from __future__ import annotations

import itertools
import operator
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain, compress, islice, repeat
from types import FrameType
from typing import Any, Final, Protocol

from .curves import Curve
from .reading import number_of
from .sampling import Pace

__all__ = ["FOREVER", "Owner", "Site", "ahead_of", "clock", "handed_over", "looked_at", "reserve", "settled", "sites"]

FOREVER: Final = sys.maxsize
clock = time.perf_counter_ns
#: Nanoseconds: an execution of a quick loop that takes less is passed by.
NOT_WORTH_IT: Final = 1_000_000

#: By number, every loop that instrumented code may still run; None when its cell has ended.
sites: list[Site | None] = []
#: By number of a loop, whether the iteration that runs is looked at.
looked_at: list[bool] = []
#: Iterators on their way from a watched loop to its unwatched copy, by the frame and the loop.
handed_over: dict[tuple[int, int], Iterator[Any]] = {}

_RANGE_ITERATOR = type(iter(range(0)))
_COLLECTIONS: tuple[Any, ...] = (range(0), range(1 << 70), [], (), {}, {}.values(), {}.items(), set(), "", "ä", b"")
#: Iterators of Python's own of which asking for their iterator gives themselves. By id: no metaclass is asked.
_OWN_ITERATORS = {
    id(kind): kind
    for kind in (
        *(type(iter(each)) for each in _COLLECTIONS),
        *(type(reversed([])), type(_ for _ in ())),
        *(enumerate, zip, map, filter, reversed, chain, compress, islice, repeat),
        *(itertools.count, itertools.cycle, itertools.product, itertools.permutations, itertools.combinations),
    )
}
_COUNTABLE = {id(type(iter(each))) for each in _COLLECTIONS[:4]}


def ahead_of(iterator: Iterator[Any]) -> int:
    """Return how many items an iterator has yet, where Python's own knows; else 0."""
    return operator.length_hint(iterator) if id(type(iterator)) in _COUNTABLE else 0


def settled(iterator: Iterator[Any]) -> Iterator[Any]:
    """Return an iterator whose ``__iter__`` may be called again: the person's own may do something, or be missing."""
    return iterator if id(type(iterator)) in _OWN_ITERATORS else map(next, repeat(iterator))


def reserve() -> int:
    """Return a number for a loop. Until it has a site, it runs as it would."""
    looked_at.append(False)
    sites.append(None)
    return len(sites) - 1


class Owner(Protocol):
    """Who gets what is seen: the watch of a cell."""

    def add(self, curve: Curve, value: float, step: int, timestamp: int) -> None:
        """Take a point."""

    def failed(self, error: BaseException) -> None:
        """Hear that something of ours went wrong."""


class Site:
    """One loop in the text.

    Parameters
    ----------
    index : int
        From `reserve`.
    owner : Owner
    curves : list of Curve
    loops : int
        Loops directly in its body that are watched too.
    lines : tuple of int
        The first and the last line of the loop, as its code counts them.
    is_endless : bool
        Whether what it goes over has no end that can be seen: the ticks of a ``while``, what an ``async for`` awaits.
    namespace : dict or None
        Where its names are, if it stands at the cell's top level.
    retire : callable or None
        Called when the loop is better not watched at all any more.
    """

    def __init__(
        self,
        index: int,
        owner: Owner,
        curves: list[Curve],
        loops: int,
        lines: tuple[int, int],
        is_endless: bool,
        namespace: dict[str, Any] | None = None,
        retire: Callable[[], None] | None = None,
    ) -> None:
        self.owner = owner
        self.curves = curves
        self.pace = Pace(len(curves), loops, clock())
        self.lines = lines
        self.is_endless = is_endless
        self.namespace = namespace
        self.retire = retire
        self.index = index
        self.frame = 0
        #: Iterations of earlier executions; those that were passed by; ticks of a ``while`` that were no iterations.
        self.done = 0
        self.passes = repeat(True, FOREVER)
        self.false_ticks = 0
        self.ticks = repeat(True, FOREVER)
        self._left: tuple[Iterator[Any], int, int, int] | None = None
        self._pending: list[tuple[float, int, int] | None] = [None] * len(curves)
        self._latest = [-1] * len(curves)
        self._misses = [0] * len(curves)
        sites[index] = self

    def close(self) -> None:
        """Let the loop go on unwatched, if it does, and hand over what there is still."""
        sites[self.index] = None
        looked_at[self.index] = False
        self.flush()

    # -- steps

    def passed(self) -> int:
        """Return the iterations of all executions but the one that is watched."""
        return self.done + FOREVER - operator.length_hint(self.passes) - self.false_ticks

    def step(self) -> int:
        """Return the running number, from 0, of the iteration that is watched."""
        return self.passed() + FOREVER - operator.length_hint(self.ticks) - 1

    # -- values

    def keep(self, slot: int, value: Any) -> None:
        """Take what a name holds after a statement."""
        began = clock()
        curve = self.curves[slot]
        number = number_of(curve, value)
        if number is not None:
            self._put(slot, number, self.step())
            self._misses[slot] = -1
        elif self._misses[slot] >= 0:
            self._misses[slot] += 1
        self.pace.reading += clock() - began

    def _put(self, slot: int, number: float, step: int) -> None:
        pending = self._pending[slot]
        if pending is not None and pending[1] != step:
            self.owner.add(self.curves[slot], *pending)
        self._latest[slot] = step
        self._pending[slot] = (number, step, int(time.time() * 1000))

    @property
    def is_worth_a_look(self) -> bool:
        """Whether any of its names may hold a number, as far as is known."""
        return any(misses < 3 for misses in self._misses)

    def flush(self) -> None:
        """Hand over the values of the last iteration."""
        for slot, pending in enumerate(self._pending):
            if pending is not None:
                self._pending[slot] = None
                self.owner.add(self.curves[slot], *pending)

    def read_names(self, step: int) -> None:
        """Take what the names hold now, where they can be seen from outside."""
        if self.namespace is None or step < 0:
            return
        for slot, curve in enumerate(self.curves):
            if curve.always and curve.name in self.namespace and self._latest[slot] < step:
                number = number_of(curve, self.namespace[curve.name])
                if number is not None:
                    self._put(slot, number, step)

    # -- executions that are not watched

    def is_to_be_watched(self, source: Iterator[Any]) -> bool:
        """Whether an execution of the loop that begins is worth what watching it takes."""
        self.settle()
        now = clock()
        watched = self.pace.may_begin(now)
        if watched:
            ahead = ahead_of(source)
            return not (ahead and self.pace.is_too_quick and self.pace.unit * ahead < NOT_WORTH_IT)
        if self.retire is not None and self.pace.is_a_burden(now):
            self.retire()
        return False

    def pass_by(self, source: Iterator[Any]) -> Iterator[Any]:
        """Return the iterator for an execution that is not watched: its iterations are counted."""
        ahead = ahead_of(source)
        if ahead:
            self.done += ahead
            return source
        return source if self.is_endless else compress(source, self.passes)

    # -- a loop that is left to itself

    def hand_over(self, iterator: Iterator[Any]) -> None:
        """Leave the rest of an execution to the unwatched copy of the loop."""
        self.flush()
        if self.is_endless:
            return
        ahead = ahead_of(iterator)
        if type(iterator) is _RANGE_ITERATOR:
            # Nobody misses one that is kept: it holds nothing but numbers.
            self._left = (iterator, ahead, self.step() + 1, self.frame)
        else:
            self.done += ahead
        handed_over[self.frame, self.index] = iterator

    def look_from_outside(self) -> None:
        """Read the names of a loop that is left to itself, at the step that its iterator tells.

        From another thread, between two instructions: a name may be one iteration ahead of the iterator, or behind.
        """
        if self._left is None or self.namespace is None:
            return
        iterator, ahead, step, frame = self._left
        if self._is_in_the_loop(frame):
            self.read_names(step + ahead - operator.length_hint(iterator) - 1)
            self.flush()

    def _is_in_the_loop(self, wanted: int) -> bool:
        """Whether a frame stands in the loop: what its names hold afterwards is no value of the loop."""
        for frame in list(sys._current_frames().values()):
            within: FrameType | None = frame
            while within is not None:
                if id(within) == wanted:
                    return self.lines[0] <= within.f_lineno <= self.lines[1]
                within = within.f_back
        return False

    def settle(self, read: bool = False) -> None:
        """Count what was done by a loop that was left to itself; `read` tells that it has just come to its end."""
        if self._left is not None:
            iterator, ahead, step, _ = self._left
            self._left = None
            done = ahead - operator.length_hint(iterator)
            if read:
                self.read_names(step + done - 1)
                self.flush()
            self.done += done
