"""What the loops of a tracked cell call while they run.

A watched loop ``for x in y`` runs as ``for x in BEGIN(n, ITER(y))``, and while it is not too quick for that. BEGIN's
iterator is made of the standard library's iterators, written in C, around the loop's own: an exception of the loop's
own iterator has no frame of ours in its traceback, and an iteration that is not looked at takes some nanoseconds.
Only between *stretches* of iterations does Python code of ours run, in a generator (`_stretches`), which also hears
of the loop's end, because it is dropped then.

No object of the person's is kept, but the loop's iterator by the loop itself: values become numbers at once. Nothing
here raises; what goes wrong is told to the watch, and the loop goes on as it would.
"""

from __future__ import annotations

import _thread
import builtins
import itertools
import operator
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, compress, islice, repeat
from types import FrameType, FunctionType
from typing import Any, Final, Protocol

from .curves import Curve
from .reading import number_of
from .sampling import Pace

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
    "TICKS",
    "Site",
    "alias",
    "drop_aliases",
    "install",
    "listen",
    "reserve",
    "stay",
    "uninstall",
    "unlisten",
]

#: The names, among Python's builtins, of what instrumented code uses.
ITER: Final = "__jupyter_track_iter__"
BEGIN: Final = "__jupyter_track_begin__"
REST: Final = "__jupyter_track_rest__"
TICKS: Final = "__jupyter_track_ticks__"
ENDED: Final = "__jupyter_track_ended__"
OVER: Final = "__jupyter_track_over__"
LOOKED_AT: Final = "__jupyter_track_looked_at__"
KEEP: Final = "__jupyter_track_keep__"
#: Called for nothing but that Python looks for an interrupt after it: what came while the person's own code ran is
#: raised there, and not in ours.
POLL: Final = "__jupyter_track_poll__"
DEFINED: Final = "__jupyter_track_defined__"

_FOREVER = sys.maxsize
_clock = time.perf_counter_ns
#: Nanoseconds: an execution of a quick loop that takes less is passed by.
NOT_WORTH_IT: Final = 1_000_000

#: By number, every loop that instrumented code may still run; None when its cell has ended.
_sites: list[Site | None] = []
#: By number of a loop, whether the iteration that runs is looked at.
_looked_at: list[bool] = []
#: Iterators on their way from a watched loop to its unwatched copy, by the frame and the loop.
_handed_over: dict[tuple[int, int], Iterator[Any]] = {}
_NOTHING: Iterator[Any] = iter(())
#: By number, who wants to hear of a function that a cell defines.
_definitions: dict[int, Callable[[FunctionType], None]] = {}
_numbers = itertools.count()
_aliases: set[str] = set()
_needed = False


def reserve() -> int:
    """Return a number for a loop. Until it has a site, it runs as it would."""
    _looked_at.append(False)
    _sites.append(None)
    return len(_sites) - 1


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
    is_while : bool
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
        is_while: bool,
        namespace: dict[str, Any] | None = None,
        retire: Callable[[], None] | None = None,
    ) -> None:
        self.owner = owner
        self.curves = curves
        self.pace = Pace(len(curves), loops, _clock())
        self.lines = lines
        self.is_while = is_while
        self.namespace = namespace
        self.retire = retire
        self.index = index
        self.frame = 0
        #: Iterations of earlier executions; those that were passed by; ticks of a ``while`` that were no iterations.
        self.done = 0
        self.passes = repeat(True, _FOREVER)
        self.false_ticks = 0
        self.ticks = repeat(True, _FOREVER)
        self._left: tuple[Iterator[Any], int, int, int] | None = None
        self._pending: list[tuple[float, int, int] | None] = [None] * len(curves)
        self._latest = [-1] * len(curves)
        self._misses = [0] * len(curves)
        _sites[index] = self

    def close(self) -> None:
        """Let the loop go on unwatched, if it does, and hand over what there is still."""
        _sites[self.index] = None
        _looked_at[self.index] = False
        self.flush()

    # -- steps

    def passed(self) -> int:
        """Return the iterations of all executions but the one that is watched."""
        return self.done + _FOREVER - operator.length_hint(self.passes) - self.false_ticks

    def step(self) -> int:
        """Return the running number, from 0, of the iteration that is watched."""
        return self.passed() + _FOREVER - operator.length_hint(self.ticks) - 1

    # -- values

    def keep(self, slot: int, value: Any) -> None:
        """Take what a name holds after a statement."""
        began = _clock()
        curve = self.curves[slot]
        number = number_of(curve, value)
        if number is not None:
            self._put(slot, number, self.step())
            self._misses[slot] = -1
        elif self._misses[slot] >= 0:
            self._misses[slot] += 1
        self.pace.reading += _clock() - began

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
        now = _clock()
        watched = self.pace.may_begin(now)
        if watched:
            ahead = _ahead(source)
            return not (ahead and self.pace.is_too_quick and self.pace.unit * ahead < NOT_WORTH_IT)
        if self.retire is not None and self.pace.is_a_burden(now):
            self.retire()
        return False

    def pass_by(self, source: Iterator[Any]) -> Iterator[Any]:
        """Return the iterator for an execution that is not watched: its iterations are counted."""
        ahead = _ahead(source)
        if ahead:
            self.done += ahead
            return source
        return source if self.is_while else compress(source, self.passes)

    # -- a loop that is left to itself

    def hand_over(self, iterator: Iterator[Any]) -> None:
        """Leave the rest of an execution to the unwatched copy of the loop."""
        self.flush()
        if self.is_while:
            return
        ahead = _ahead(iterator)
        if type(iterator) is _RANGE_ITERATOR:
            # Nobody misses one that is kept: it holds nothing but numbers.
            self._left = (iterator, ahead, self.step() + 1, self.frame)
        else:
            self.done += ahead
        _handed_over[self.frame, self.index] = iterator

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


def _ahead(iterator: Iterator[Any]) -> int:
    """Return how many items an iterator has yet, where Python's own knows; else 0."""
    return operator.length_hint(iterator) if id(type(iterator)) in _COUNTABLE else 0


def _settled(iterator: Iterator[Any]) -> Iterator[Any]:
    """Return an iterator whose ``__iter__`` may be called again: the person's own may do something, or be missing."""
    return iterator if id(type(iterator)) in _OWN_ITERATORS else map(next, repeat(iterator))


def _begin(index: int, iterator: Iterator[Any]) -> Iterator[Any]:
    """Return what the watched copy of a loop goes over; nothing, if the unwatched one is to go over it all."""
    source = _settled(iterator)
    try:
        frame = id(sys._getframe(1))
        site = _sites[index]
        if site is not None:
            if not site.frame and site.is_to_be_watched(source):
                return chain.from_iterable(_stretches(site, source, frame))
            source = site.pass_by(source)
        _handed_over[frame, index] = source
        return _NOTHING
    except KeyboardInterrupt:
        _interrupt_soon()
    except Exception as error:
        _tell(index, error)
    return source


def _stretches(site: Site, source: Iterator[Any], frame: int) -> Iterator[Iterator[Any]]:
    """Yield the loop's iterator, some iterations at a time; between them is decided how to go on.

    It ends when the loop's iterator does, when the loop is left to itself, or when it is dropped, because the loop
    was left by ``break``, ``return`` or an exception.
    """
    if site.frame:  # Another thread was quicker.
        yield source
        return
    site.frame = frame
    ticks = site.ticks = repeat(True, _FOREVER)
    size, looked_at, due, exhausted, is_next = 1, True, 0, False, True
    try:
        size, looked_at = site.pace.first()
        before = began = resumed = _clock()
        while True:
            # Whatever interrupts is caught, but it may not lead to an iteration too many or too few.
            try:
                if is_next:
                    due = _FOREVER - operator.length_hint(ticks) + size
                    _looked_at[site.index] = looked_at and site.is_worth_a_look
                    before, began = resumed, _clock()
                    yield compress(islice(source, size), ticks)
                    is_next = False
                exhausted = _FOREVER - operator.length_hint(ticks) < due
                if exhausted:
                    return
                resumed = _clock()
                size, looked_at = _next_stretch(site, source, size, looked_at, resumed - began, began - before)
                if not size:
                    return
                is_next = True
            except KeyboardInterrupt:
                _interrupt_soon()
            except Exception as error:
                _tell(site.index, error)
                size, looked_at, is_next = _FOREVER - due, False, True
    finally:
        _end(site, ticks, due, looked_at, exhausted)


def _next_stretch(
    site: Site, source: Iterator[Any], size: int, looked_at: bool, elapsed: int, between: int
) -> tuple[int, bool]:
    done = _FOREVER - operator.length_hint(site.ticks)
    if _sites[site.index] is None:
        return _FOREVER - done, False
    size, looked_at = site.pace.next(size, looked_at, elapsed, between)
    if not size:
        site.hand_over(source)
        return 0, False
    ahead = _ahead(source)
    if not looked_at and 1 < ahead <= size:
        return ahead - 1, False  # The last iteration is looked at.
    return size, looked_at


def _end(site: Site, ticks: Iterator[bool], due: int, looked_at: bool, exhausted: bool) -> None:
    """Take note that an execution of a watched loop has ended."""
    try:
        _looked_at[site.index] = False
        if _sites[site.index] is not None:
            if exhausted and not looked_at:
                site.read_names(site.step())
            site.flush()
            done = _FOREVER - operator.length_hint(ticks)
            site.pace.left_early(due - done, looked_at)
            site.done += done
            site.ticks = repeat(True, _FOREVER)
    except KeyboardInterrupt:
        _interrupt_soon()
    except Exception as error:
        _tell(site.index, error)
    finally:
        site.frame = 0


def _rest(index: int) -> Iterator[Any]:
    """Return what the unwatched copy of a loop goes over: nothing, if the watched one has gone over it all."""
    if not _handed_over:
        return _NOTHING
    return _handed_over.pop((id(sys._getframe(1)), index), _NOTHING)


def _ended(index: int) -> None:
    """Take note that a loop at the cell's top level, which may have been left to itself, has come to its end."""
    try:
        site = _sites[index]
        if site is not None:
            site.settle(read=True)
    except KeyboardInterrupt:
        _interrupt_soon()
    except Exception as error:
        _tell(index, error)


def _over(index: int) -> None:
    """Take note that the last tick of a ``while`` was no iteration, since its condition was false."""
    site = _sites[index]
    if site is not None:
        site.false_ticks += 1


def _keep(slot: int, value: Any, index: int) -> None:
    """Take a value, if it is of the loop that is watched and not of another execution of its text."""
    try:
        site = _sites[index]
        if site is not None and site.frame == id(sys._getframe(1)):
            site.keep(slot, value)
    except KeyboardInterrupt:
        _interrupt_soon()
    except Exception as error:
        _looked_at[index] = False
        _tell(index, error)


def _defined(index: int, function: Any) -> None:
    """Take note of a function that the cell has defined."""
    hear = _definitions.get(index)
    if hear is not None:
        try:
            hear(function)
        except KeyboardInterrupt:
            _interrupt_soon()


def _tell(index: int, error: Exception) -> None:
    site = _sites[index]
    if site is not None:
        site.owner.failed(error)


def _interrupt_soon() -> None:
    """Interrupt again, when the person's own code runs: its traceback is then theirs alone."""
    if threading.current_thread() is threading.main_thread():
        _thread.start_new_thread(_interrupt_later, ())


def _interrupt_later() -> None:
    time.sleep(0.001)
    _thread.interrupt_main()


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
    BEGIN: _begin,
    REST: _rest,
    # What a watched ``while`` goes over, as a ``for`` without a variable.
    TICKS: partial(repeat, ()),
    ENDED: _ended,
    OVER: _over,
    LOOKED_AT: _looked_at,
    KEEP: _keep,
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
    vars(builtins)[name] = _looked_at
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
