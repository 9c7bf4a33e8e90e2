"""One place where runs are kept, as this process sees it: its store, its outbox, and what is known without asking."""

from __future__ import annotations

import functools
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING

from ..entities import Experiment, ResourceDoesNotExist, StoreUnavailable
from ..outbox import Outbox, Record
from ..store import Store, lasting_uri, open_store, shown_uri

if TYPE_CHECKING:
    from .open_run import OpenRun

__all__ = ["READ_YOUR_WRITES_SECONDS", "WAIT_SECONDS", "Connection"]

#: Seconds that a read waits at most for this process's own writes to arrive, as long as the store can be reached.
READ_YOUR_WRITES_SECONDS = 60.0
#: Seconds that a call which waits for the store waits at most.
WAIT_SECONDS = 60.0
#: Seconds that a write which has begun has to end before another store is given it.
HAND_OVER_SECONDS = 1.0
#: Seconds that a fork waits at most until the stores have what was logged.
FORK_SECONDS = 5.0
#: Seconds after which a place that was out of reach is asked again for what can wait.
REST_SECONDS = 15.0
#: Experiments that are remembered.
MAX_EXPERIMENTS = 1_000


class Connection:
    """The store and the outbox of one place, shared by all clients of this process.

    Parameters
    ----------
    tracking_uri : str
    artifact_root : str or None
        See `jupyter_track.store.open_store`.

    Attributes
    ----------
    users : int
        How many share it; see `jupyter_track.tracking.process`.
    open_runs : dict of str to OpenRun
        The runs that this process logs to, by their ids.
    """

    def __init__(self, tracking_uri: str, artifact_root: str | None) -> None:
        self.tracking_uri = tracking_uri
        self.artifact_root = artifact_root
        self.users = 0
        self.open_runs: dict[str, OpenRun] = {}
        self._opened: Store | None = None
        self._successor: Connection | None = None
        self._experiments: dict[str, Experiment] = {}
        self._out_of_reach: StoreUnavailable | None = None
        self._rests_until = 0.0
        self._opening = threading.Lock()
        self._handing_over = threading.Lock()
        self.outbox = Outbox(self.store, {"tracking_uri": lasting_uri(tracking_uri), "artifact_root": artifact_root})
        _connections.add(self)

    def begin_in_child(self) -> None:
        """Take locks that nobody holds: in a forked child, a thread that held one is not there to let go."""
        self._opening = threading.Lock()
        self._handing_over = threading.Lock()

    @property
    def place(self) -> tuple[str, str | None]:
        """What tells this connection from one to elsewhere."""
        return self.tracking_uri, self.artifact_root

    @property
    def shown_uri(self) -> str:
        """The tracking URI as it may be shown: without the password that it may hold."""
        return shown_uri(self.tracking_uri)

    # -- the store

    def store(self) -> Store:
        """Return the store, opened at the first call.

        Raises
        ------
        InvalidParameterValue
            If no store handles the URI.
        StoreUnavailable
            If the place cannot be reached or written, or holds a database of another schema.
        """
        with self._opening:
            if self._opened is None:
                self._opened = open_store(self.tracking_uri, self.artifact_root)
                _flush_before_forks()
            return self._opened

    def up_to_date_store(self) -> Store:
        """Return the store when it has what this process has written."""
        store = self.store()
        self.outbox.flush(READ_YOUR_WRITES_SECONDS)
        return store

    # -- writing

    def put(self, record: Record) -> int:
        """Write a record to the journal of this place, or of that to which its records have been handed over.

        Returns
        -------
        int
            What `wait` asks for.

        Raises
        ------
        StoreUnavailable
            If neither the journal nor the store can take it.
        """
        with self._handing_over:
            if self._successor is None:
                return self.outbox.put(record)
        return self._successor.put(record)

    def wait(self, position: int, timeout: float = WAIT_SECONDS) -> None:
        """Wait until the store has the record for which `put` has returned `position`.

        Raises
        ------
        TrackError
            The one with which the store has refused it.
        StoreUnavailable
            If the store could not be reached in time. The record waits in the journal.
        """
        if self._successor is None:
            self.outbox.wait(position, timeout)
        else:
            self._successor.outbox.flush(timeout)

    # -- experiments, which hardly ever change

    def experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment, from memory if it was asked for before.

        Raises
        ------
        ResourceDoesNotExist
        StoreUnavailable
        """
        known = self._experiments.get(experiment_id)
        return known or self._remember(self._reached_store().get_experiment(experiment_id))

    def experiment_by_name(self, name: str) -> Experiment:
        """Return an experiment, from memory if it was asked for before.

        Raises
        ------
        ResourceDoesNotExist
        StoreUnavailable
        """
        for known in self._experiments.values():
            if known.name == name:
                return known
        found = self._reached_store().get_experiment_by_name(name)
        if found is None:
            raise ResourceDoesNotExist(f"No experiment has the name {name[:80]!r}.")
        return self._remember(found)

    def _reached_store(self) -> Store:
        """Return the store, without waiting again for a place that was out of reach a moment ago."""
        if self._out_of_reach is not None and time.monotonic() < self._rests_until:
            raise self._out_of_reach
        try:
            return self.store()
        except StoreUnavailable as error:
            self._out_of_reach, self._rests_until = error, time.monotonic() + REST_SECONDS
            raise

    def _remember(self, experiment: Experiment) -> Experiment:
        if len(self._experiments) >= MAX_EXPERIMENTS:
            self._experiments.clear()
        self._experiments = {**self._experiments, experiment.experiment_id: experiment}
        return experiment

    def forget_experiment(self, experiment_id: str) -> None:
        """Ask the store again for an experiment that has changed."""
        self._experiments = {key: kept for key, kept in self._experiments.items() if key != experiment_id}

    # -- the end

    def hand_over(self, successor: Connection, timeout: float) -> bool:
        """Let what waits arrive, at most `timeout` seconds, or else leave it to another connection.

        Returns
        -------
        bool
            True if the store has everything. This connection then goes on: a run that is being recorded ends
            where it began. Else it is closed, and what waited and is put later goes to `successor`.
        """
        if self.outbox.flush(timeout):
            return True
        with self._handing_over:
            with self.outbox.withdraw(HAND_OVER_SECONDS) as left:
                for record in left:
                    successor.put(record)
            self._successor = successor
            self.close(0)
        return False

    def close(self, timeout: float) -> int:
        """Let what waits arrive, at most `timeout` seconds, and give back the store.

        Returns
        -------
        int
            How many records could not be delivered. They wait in the journal, and another process delivers them.
        """
        left = self.outbox.close(timeout)
        with self._opening:
            if self._opened is not None:
                self._opened.close()
        return left


_connections: weakref.WeakSet[Connection] = weakref.WeakSet()


def _before_fork() -> None:
    """Bring what was logged to the stores, where the runs must be before what a child logs to them."""
    for connection in list(_connections):
        if connection.outbox.waiting():
            connection.outbox.flush(FORK_SECONDS)


@functools.cache
def _flush_before_forks() -> None:
    # When a store is open, and not sooner: what is registered last is called first, and a store may let nobody
    # write from then on.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork)


def _begin_in_child() -> None:
    for connection in _connections:
        connection.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
