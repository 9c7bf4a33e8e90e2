"""Whose turn it is with the columns, and whether they can answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from sqlalchemy import Connection, func, select

from ....entities import LifecycleStage, TrackError, ViewType
from ....filters import Condition, OrderTerm
from .. import schema
from .needs import ColumnName, columns_needed

if TYPE_CHECKING:
    from .frame import Frame

__all__ = ["ColumnCache", "Question", "Turn"]

#: Begins a transaction.
Read = Callable[[], AbstractContextManager[Connection]]

#: Runs that a database must have; fewer it searches quickly enough itself.
MIN_RUNS = 20_000
#: Runs of which columns are read while whoever searches waits, which takes half a second then. Of more, they are read
#: by a thread, and the database answers meanwhile.
MAX_RUNS_TO_WAIT = 100_000
#: Bytes that the columns of one store may take.
BUDGET = 512 * 2**20
#: Bytes for each run that are needed before there is any column.
BYTES_PER_RUN = 26
#: Rows that stand level with one another, before it is left to the database to tell which comes first.
MAX_CHOSEN = 60_000


@dataclass(frozen=True)
class Question:
    """What is searched for.

    Parameters
    ----------
    condition : Condition or None
    order : sequence of OrderTerm
    experiments : collection of int
        Keys of the experiments that are searched.
    view : ViewType
    """

    condition: Condition | None
    order: Sequence[OrderTerm]
    experiments: Collection[int]
    view: ViewType

    def needs(self) -> frozenset[ColumnName] | None:
        """Return the columns that answer it; None if the database does better.

        Without a filter and an order, the newest runs are the first in an index.
        """
        if (self.condition is None and not self.order) or not self.experiments:
            return None
        return columns_needed(self.condition, self.order)


_caches: WeakSet[ColumnCache] = WeakSet()


class ColumnCache:
    """The columns of the runs of one database, from the first search on that needs them.

    A small database, or one that is searched where NumPy is not installed, answers alone; so do searches by what
    no column holds.
    """

    def __init__(self) -> None:
        self._databases = 0
        self._database_of_frame = 0
        self._reading: threading.Thread | None = None
        self.begin()
        _caches.add(self)

    def begin(self) -> None:
        """Begin with no columns and a lock that nobody holds: in a forked child, who held it is not there."""
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._reading = None

    def forget(self) -> None:
        """Begin anew: the database may be another one.

        Called by whoever holds the database's own locks, so that nothing may be waited for here.
        """
        self._databases += 1

    def turn(self, question: Question, read: Read) -> Turn:
        """Return a turn, which is taken before the transaction of a search begins: see `Turn`.

        Parameters
        ----------
        question : Question
        read : callable
            Begins another transaction in which columns may be read.
        """
        return Turn(self, question, read)

    @property
    def is_reading(self) -> bool:
        """Whether a thread reads columns at the moment."""
        return self._reading is not None and self._reading.is_alive()

    def read_later(self, question: Question, read: Read) -> None:
        """Let a thread read the columns that a question needs; called by whoever has the turn."""
        self._reading = threading.Thread(
            target=self._read, args=(question, read), name="jupyter-track-columns", daemon=True
        )
        self._reading.start()

    def _read(self, question: Question, read: Read) -> None:
        with suppress(TrackError), Turn(self, question, read, reads=True) as turn, read() as connection:
            turn.choose(connection, (), 1)


class Turn:
    """The columns to oneself, from before a transaction begins until they have answered.

    If transactions begin in the order of turns, each sees at least what the one before saw, and the columns, once
    brought up to date, are of its very moment.
    """

    def __init__(self, cache: ColumnCache, question: Question, read: Read, reads: bool = False) -> None:
        self._cache = cache
        self._question = question
        self._read = read
        # Whether this is the thread that reads columns, for which the others do not wait.
        self._reads = reads
        self._names = question.needs()
        self._holds = False
        self._database = 0

    def __enter__(self) -> Turn:
        if self._names is None or find_spec("numpy") is None:
            return self
        if self._reads or not self._cache.is_reading:
            self._cache._lock.acquire()
            self._holds = True
            # Told before the transaction begins: if the database is replaced after that, nothing is kept of it.
            self._database = self._cache._databases
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._holds:
            self._holds = False
            self._cache._lock.release()

    def choose(self, connection: Connection, after: Sequence[Any], count: int) -> list[int] | None:
        """Return the keys of the runs that come next: see `search.Choose`. It ends the turn."""
        if not self._holds:
            return None
        try:
            return self._choose(connection, after, count)
        except BaseException:
            self._cache._frame = None  # It may be half up to date.
            raise
        finally:
            self._end()

    def _choose(self, connection: Connection, after: Sequence[Any], count: int) -> list[int] | None:
        assert self._names is not None
        greatest = connection.execute(select(func.max(schema.runs.c.run_key))).scalar() or 0
        if greatest < MIN_RUNS or greatest * BYTES_PER_RUN > BUDGET:
            return None
        if greatest > MAX_RUNS_TO_WAIT and not self._reads and not self._has_columns():
            self._cache.read_later(self._question, self._read)
            return None
        from .front import front, sorted_by
        from .masks import runs_that_fit

        frame = self._up_to_date(connection)
        columns = frame.columns(connection, self._names, BUDGET)
        if columns is None:
            return None
        question = self._question
        fits = runs_that_fit(question.condition, columns) if question.condition is not None else None
        stages = question.view.stages
        positions = frame.positions(
            question.experiments, LifecycleStage.ACTIVE in stages, LifecycleStage.DELETED in stages, fits
        )
        found = front(positions, sorted_by(question.order, columns, frame.starts, after), count)
        return frame.keys(found) if len(found) <= MAX_CHOSEN else None

    def _has_columns(self) -> bool:
        cache = self._cache
        assert self._names is not None
        return (
            cache._frame is not None and cache._database_of_frame == self._database and cache._frame.knows(self._names)
        )

    def _up_to_date(self, connection: Connection) -> Frame:
        from .frame import Frame

        cache = self._cache
        frame = cache._frame
        if frame is None or cache._database_of_frame != self._database or not frame.refresh(connection):
            cache._frame = None  # Not both at once.
            frame = Frame(connection)
            cache._frame, cache._database_of_frame = frame, self._database
        return frame


def _begin_in_child() -> None:
    for cache in _caches:
        cache.begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
