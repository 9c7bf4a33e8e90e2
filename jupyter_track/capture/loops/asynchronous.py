"""What the ``async for`` loops of a tracked cell call while they run.

An asynchronous iterator is asked for something to await, again and again. While the loop is watched, what it is asked
for comes from a plain iterator without an end (`probe.stretches`), and what is awaited is the iterator's own. Watched
are asynchronous generators, and iterators whose ``__anext__`` is an ``async def``: asking them runs no code yet.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import chain, repeat, starmap
from types import AsyncGeneratorType, FunctionType, MethodType
from typing import Any, Final

from .probe import NOTHING, interrupt_soon, over, stretches, tell
from .site import handed_over, sites

__all__ = ["async_begin", "async_iter", "async_rest"]

#: Reads what a class has without asking the class: its metaclass may answer as it likes.
_of_class: Final = type.__getattribute__


class _Over:
    """What is awaited when there is nothing more."""

    def __await__(self) -> _Over:
        return self

    def __iter__(self) -> _Over:
        return self

    def __next__(self) -> Any:
        raise StopAsyncIteration


_OVER: Final = _Over()


class _Asked:
    """An asynchronous iterator that gives what a function returns, with no frame of ours around it."""

    __slots__ = ("__anext__",)

    def __init__(self, ask: Callable[[], Any]) -> None:
        self.__anext__ = ask

    def __aiter__(self) -> _Asked:
        return self


class _Iterable:
    """Something whose asynchronous iterator is there already."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def __aiter__(self) -> AsyncIterator[Any]:
        iterator: AsyncIterator[Any] = self._iterator
        return iterator


class _AsItIs:
    """Something that the loop itself is to ask for its iterator."""

    __slots__ = ("iterable",)

    def __init__(self, iterable: Any) -> None:
        self.iterable = iterable


def async_iter(iterable: Any) -> Callable[[], Any]:
    """Return what returns the asynchronous iterator of something when it is called, without a frame of ours."""
    kind = type(iterable)
    if kind is AsyncGeneratorType:
        return partial(next, repeat(iterable))
    method = _method(kind, "__aiter__")
    return partial(_AsItIs, iterable) if method is None else MethodType(method, iterable)


def async_begin(index: int, iterator: Any) -> Any:
    """Return what the watched copy of a loop goes over; nothing, if the unwatched one is to go over it all."""
    frame = id(sys._getframe(1))
    try:
        site, ask = sites[index], _ask(iterator)
        if site is not None and ask is not None and not site.frame and site.is_to_be_watched(NOTHING):
            awaitables = starmap(ask, repeat(()))
            watched = chain.from_iterable(stretches(site, awaitables, frame, _Iterable(iterator)))
            return _Asked(partial(next, watched, _OVER))
    except KeyboardInterrupt:
        interrupt_soon()
    except Exception as error:
        tell(index, error)
    left: Any = iterator.iterable if type(iterator) is _AsItIs else _Iterable(iterator)
    handed_over[frame, index] = left
    return _NOTHING


def async_rest(index: int) -> Any:
    """Return what the unwatched copy of a loop goes over: nothing, if the watched one has gone over it all."""
    left = handed_over.pop((id(sys._getframe(1)), index), None)
    if left is None:
        over(index)  # What was awaited last was no item.
        return _NOTHING
    return left


def _ask(iterator: Any) -> Callable[[], Any] | None:
    """Return what an asynchronous iterator is asked for the next item by, if that runs no code of its own."""
    kind = type(iterator)
    if kind is AsyncGeneratorType:
        ask: Callable[[], Any] = iterator.__anext__
        return ask
    method = _method(kind, "__anext__")
    is_coroutine = method is not None and method.__code__.co_flags & inspect.CO_COROUTINE
    return MethodType(method, iterator) if method is not None and is_coroutine else None


def _method(kind: type, name: str) -> FunctionType | None:
    for each in _of_class(kind, "__mro__"):
        found = _of_class(each, "__dict__").get(name)
        if found is not None:
            return found if type(found) is FunctionType else None
    return None


_NOTHING: Final = _Asked(partial(next, iter(()), _OVER))
