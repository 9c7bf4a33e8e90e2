"""What the loops of a tracked cell call while they run.

A watched loop ``for x in y`` runs as ``for x in BEGIN(n, ITER(y))``, and while it is not too quick for that. BEGIN's
iterator is made of the standard library's iterators, written in C, around the loop's own: an exception of the loop's
own iterator has no frame of ours in its traceback, and an iteration that is not looked at takes some nanoseconds.
Only between *stretches* of iterations does Python code of ours run, in a generator (`stretches`), which also hears
of the loop's end, because it is dropped then.

No object of the person's is kept, but the loop's iterator by the loop itself: values become numbers at once. Nothing
here raises; what goes wrong is told to the watch, and the loop goes on as it would.
"""

from __future__ import annotations

import _thread
import operator
import sys
import threading
import time
from collections.abc import Iterator
from itertools import chain, compress, islice, repeat
from typing import Any, Final

from .site import FOREVER, Site, ahead_of, clock, handed_over, looked_at, settled, sites

__all__ = ["begin", "ended", "interrupt_soon", "keep", "over", "rest", "stretches", "tell"]

NOTHING: Final[Iterator[Any]] = iter(())


def begin(index: int, iterator: Iterator[Any] | None = None) -> Iterator[Any]:
    """Return what the watched copy of a loop goes over; nothing, if the unwatched one is to go over it all.

    Without an iterator it is a ``while``, which goes over ticks without an end.
    """
    source = repeat(()) if iterator is None else settled(iterator)
    frame = id(sys._getframe(1))
    try:
        site = sites[index]
        if site is not None:
            if not site.frame and site.is_to_be_watched(source):
                return chain.from_iterable(stretches(site, source, frame))
            source = site.pass_by(source)
        if iterator is not None:
            handed_over[frame, index] = source
        return NOTHING
    except KeyboardInterrupt:
        interrupt_soon()
    except Exception as error:
        tell(index, error)
    handed_over.pop((frame, index), None)
    return source


def stretches(site: Site, source: Iterator[Any], frame: int, left: Any = None) -> Iterator[Iterator[Any]]:
    """Yield the loop's iterator, some iterations at a time; between them is decided how to go on.

    It ends when the loop's iterator does, when the loop is left to itself, or when it is dropped, because the loop
    was left by ``break``, ``return`` or an exception.

    Parameters
    ----------
    site : Site
    source : iterator
    frame : int
        Of the loop.
    left : object, optional
        What the unwatched copy goes over when the loop is left to itself, if that is not the iterator.
    """
    if site.frame:  # Another thread was quicker.
        yield source
        return
    site.frame = frame
    handed_over.pop((frame, site.index), None)  # Of an execution that was interrupted just then.
    ticks = site.ticks = repeat(True, FOREVER)
    size, looks, due, exhausted, is_next = 1, True, 0, False, True
    try:
        size, looks = site.pace.first(ahead_of(source))
        before = began = resumed = clock()
        while True:
            # Whatever interrupts is caught, but it may not lead to an iteration too many or too few.
            try:
                if is_next:
                    due = FOREVER - operator.length_hint(ticks) + size
                    looked_at[site.index] = looks and site.is_worth_a_look
                    before, began = resumed, clock()
                    yield compress(islice(source, size), ticks)
                    is_next = False
                exhausted = FOREVER - operator.length_hint(ticks) < due
                if exhausted:
                    return
                resumed = clock()
                size, looks = _next_stretch(site, source, size, looks, resumed - began, began - before)
                if not size:
                    if left is not None:
                        handed_over[frame, site.index] = left
                    return
                is_next = True
            except KeyboardInterrupt:
                handed_over.pop((frame, site.index), None)
                interrupt_soon()
            except Exception as error:
                handed_over.pop((frame, site.index), None)
                tell(site.index, error)
                size, looks, is_next = FOREVER - due, False, True
    finally:
        _end(site, ticks, due, looks, exhausted)


def _next_stretch(
    site: Site, source: Iterator[Any], size: int, looks: bool, elapsed: int, between: int
) -> tuple[int, bool]:
    done = FOREVER - operator.length_hint(site.ticks)
    if sites[site.index] is None:
        return FOREVER - done, False
    size, looks = site.pace.next(size, looks, elapsed, between)
    if not size:
        site.hand_over(source)
        return 0, False
    ahead = ahead_of(source)
    if not looks and 1 < ahead <= size:
        return ahead - 1, False  # The last iteration is looked at.
    return size, looks


def _end(site: Site, ticks: Iterator[bool], due: int, looks: bool, exhausted: bool) -> None:
    """Take note that an execution of a watched loop has ended."""
    try:
        looked_at[site.index] = False
        if sites[site.index] is not None:
            if exhausted and not looks:
                site.read_names(site.step())
            site.flush()
            done = FOREVER - operator.length_hint(ticks)
            site.pace.left_early(due - done, looks)
            site.done += done
            site.ticks = repeat(True, FOREVER)
    except KeyboardInterrupt:
        interrupt_soon()
    except Exception as error:
        tell(site.index, error)
    finally:
        site.frame = 0


def rest(index: int) -> Iterator[Any]:
    """Return what the unwatched copy of a loop goes over: nothing, if the watched one has gone over it all."""
    if not handed_over:
        return NOTHING
    return handed_over.pop((id(sys._getframe(1)), index), NOTHING)


def ended(index: int) -> None:
    """Take note that a loop at the cell's top level, which may have been left to itself, has come to its end."""
    try:
        site = sites[index]
        if site is not None:
            site.settle(read=True)
    except KeyboardInterrupt:
        interrupt_soon()
    except Exception as error:
        tell(index, error)


def over(index: int) -> None:
    """Take note that the last tick of a ``while`` was no iteration, since its condition was false."""
    site = sites[index]
    if site is not None:
        site.false_ticks += 1


def keep(slot: int, value: Any, index: int) -> None:
    """Take a value, if it is of the loop that is watched and not of another execution of its text."""
    try:
        site = sites[index]
        if site is not None and site.frame == id(sys._getframe(1)):
            site.keep(slot, value)
    except KeyboardInterrupt:
        interrupt_soon()
    except Exception as error:
        looked_at[index] = False
        tell(index, error)


def tell(index: int, error: Exception) -> None:
    """Let the watch of a loop know what went wrong."""
    site = sites[index]
    if site is not None:
        site.owner.failed(error)


def interrupt_soon() -> None:
    """Interrupt again, when the person's own code runs: its traceback is then theirs alone."""
    if threading.current_thread() is threading.main_thread():
        _thread.start_new_thread(_interrupt_later, ())


def _interrupt_later() -> None:
    time.sleep(0.001)
    _thread.interrupt_main()
