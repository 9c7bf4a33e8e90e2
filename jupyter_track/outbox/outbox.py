"""The way from whoever logs to the store: a journal, and the thread that empties it.

A record is safe when it is in the journal; the store has it a little later. Order is kept. A record that the
store refuses for good (`InvalidParameterValue` and its like) is set aside with the reason. While the store
cannot be reached (`StoreUnavailable`) everything waits and is tried again; what still waits when the process
ends, however it ends, is delivered by `jupyter_track.outbox.recover`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..config import data_dir
from ..entities import StoreUnavailable
from ..store import Store
from .delivery import Refusal, deliver
from .journal import Journal, frame
from .records import Place, Record

__all__ = ["Outbox", "Problem", "journal_folder"]

#: Seconds between two tries while the store cannot be reached.
RETRY_SECONDS = 5.0
#: Seconds without a record after which those that wait are delivered: whoever logs in a loop is not disturbed ...
QUIET_SECONDS = 0.02
#: ... but for so many seconds at most, and while so many bytes wait at most.
PATIENT_SECONDS = 1.0
PATIENT_BYTES = 16 * 1024**2
#: Bytes of records that are delivered together.
CHUNK = 256 * 1024
#: Seconds that a record which the journal cannot take waits for those before it to reach the store.
DIRECT_SECONDS = 10.0
#: Seconds that the end of a process of `multiprocessing` waits for its records to arrive.
EXIT_SECONDS = 10.0
#: Refusals that are remembered for whoever asks what became of a record.
MAX_REFUSALS = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the person should know: a store out of reach, or a record that was refused.

    ``run_id`` is None if it concerns everything that waits.
    """

    message: str
    run_id: str | None = None


def journal_folder() -> Path:
    """Return the folder in which all of a person's processes keep their journals."""
    return data_dir() / "outbox"


class Outbox:
    """What goes to one store from this process.

    Parameters
    ----------
    open_store : callable
        Returns the store; called by the draining thread, at first when there is something to write. May
        raise, and is then called again later.
    destination : mapping of str to str or None
        What another process needs to know to deliver what this one could not: see `Journal`.

    Notes
    -----
    All methods may be called from any thread. A child that is forked has an outbox of its own from then on,
    which is empty.
    """

    def __init__(self, open_store: Callable[[], Store], destination: Mapping[str, str | None]) -> None:
        self._open_store = open_store
        self._destination = destination
        self._begin()
        _outboxes.add(self)

    def _begin(self) -> None:
        self._journal: Journal | None = None
        self._place: Place | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._idle = False
        self._closed = False
        self._waiting = 0
        # How far the store has come in the journal, and how many wait for it to come further.
        self._done = 0
        self._flushing = 0
        self._retry_now = False
        self._unavailable: str | None = None
        self._problems: list[Problem] = []
        #: Runs of which a record was refused.
        self._refused: set[str] = set()
        self._refusals: dict[int, Exception] = {}

    def begin_in_child(self) -> None:
        """Let go of what is the parent process's."""
        if self._journal is not None:
            self._journal.forget()
        self._begin()

    def put(self, record: Record) -> int:
        """Write a record to the journal, and return its place there; the store has it a little later.

        If the journal cannot take it (a full disk, a folder that may not be written) the store has it when
        this returns.

        Raises
        ------
        StoreUnavailable
            If neither can take it. The record is then nowhere.
        """
        framed = frame(record)
        with self._changed:
            try:
                journal = self._journal or self._begin_journal()
                journal.append(record, framed)
            except (OSError, StoreUnavailable) as error:
                reason = str(error)
            else:
                self._waiting += 1
                if self._idle:
                    self._changed.notify_all()
                return journal.end
        return self._put_directly(record, reason)

    def flush(self, timeout: float) -> bool:
        """Wait until the store has everything that was put before.

        Parameters
        ----------
        timeout : float
            Seconds to wait at most.

        Returns
        -------
        bool
            False if time ran out, or if the store could not be reached: waiting longer is then no use.
        """
        with self._changed:
            if self._journal is None:
                return not self._waiting
            return self._wait_for(self._journal.end, timeout)

    def wait(self, place: int, timeout: float) -> None:
        """Wait until the store has the record which `put` has written to a place.

        Raises
        ------
        TrackError
            The one with which the store has refused it.
        StoreUnavailable
            If the store could not be reached in time. The record waits in the journal.
        """
        with self._changed:
            if not self._wait_for(place, timeout):
                raise StoreUnavailable(self._unavailable or f"The store has not answered for {timeout:g} seconds.")
            refusal = self._refusals.pop(place, None)
        if refusal is not None:
            raise refusal

    def waiting(self) -> int:
        """Return how many records have not reached the store."""
        with self._changed:
            return self._waiting

    def take_problems(self) -> list[Problem]:
        """Return what has gone wrong since the last call."""
        with self._changed:
            problems, self._problems = self._problems, []
        return problems

    def close(self, timeout: float) -> int:
        """Flush, end the draining thread, and return how many records still wait: in the journal, which stays."""
        self.flush(timeout)
        self._end_thread(timeout)
        with self._changed:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
            return self._waiting

    @contextmanager
    def withdraw(self, timeout: float) -> Iterator[Iterator[Record]]:
        """End the draining thread, and give the records that still wait to whoever takes them elsewhere."""
        self._end_thread(timeout)
        with self._changed:
            journal, self._journal = self._journal, None
            self._waiting = 0
        if journal is None:
            yield iter(())
            return
        try:
            yield _rest_of(journal)
        finally:
            journal.close()

    # -- the journal

    def _begin_journal(self) -> Journal:
        self._journal = Journal(journal_folder(), self._destination)
        self._thread = threading.Thread(target=self._drain, name="jupyter-track-outbox", daemon=True)
        self._thread.start()
        processes = sys.modules.get("multiprocessing.process")
        if processes is not None and processes.parent_process() is not None:
            # Such a process ends without what is registered at exit.
            from multiprocessing.util import Finalize

            Finalize(self, self.close, (EXIT_SECONDS,), exitpriority=0)
        return self._journal

    def _put_directly(self, record: Record, reason: str) -> int:
        if not self.flush(DIRECT_SECONDS):
            raise StoreUnavailable(f"{reason} Nor can the store be reached. The value was not kept.")
        try:
            refusals = deliver(self._opened_place(), [record])
        except Exception as error:
            raise StoreUnavailable(f"{reason} {error} The value was not kept.") from error
        with self._changed:
            problem = Problem(f"{reason} What is logged goes straight to the store, and waits for it.")
            if problem not in self._problems:
                self._problems.append(problem)
            self._note(refusals)
            return self._done

    def _opened_place(self) -> Place:
        store = self._open_store()
        if self._place is None or self._place.store is not store:
            self._place = Place(store)
        return self._place

    # -- waiting; the lock is held

    def _wait_for(self, place: int, timeout: float) -> bool:
        self._retry_now = True
        self._flushing += 1
        self._changed.notify_all()
        try:
            self._changed.wait_for(
                lambda: self._done >= place or self._closed or (self._unavailable is not None and not self._retry_now),
                timeout,
            )
        finally:
            self._flushing -= 1
        return self._done >= place

    def _note(self, refusals: list[Refusal], places: Mapping[int, int] | None = None) -> None:
        for record, error in refusals:
            if places is not None:
                self._refusals[places[id(record)]] = error
            # Later records of a run that could not be started fail for the same reason: say it once.
            if record.run_id not in self._refused:
                self._refused.add(record.run_id)
                self._problems.append(Problem(str(error) or type(error).__name__, record.run_id))
        while len(self._refusals) > MAX_REFUSALS:
            del self._refusals[next(iter(self._refusals))]

    def _wait_to_retry(self, reason: str) -> None:
        if reason != self._unavailable:
            self._unavailable = reason
            path = self._journal.path if self._journal is not None else journal_folder()
            self._problems.append(Problem(f"{reason.rstrip('.')}. Until then, what is logged waits in {path}."))
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._retry_now or self._closed, RETRY_SECONDS)

    # -- the draining thread

    def _drain(self) -> None:
        while True:
            with self._changed:
                journal = self._journal
                if not self._wait_until_due() or journal is None:
                    return
                records = journal.read(CHUNK)
                # Whoever waits in flush() is served by the try that begins now.
                self._retry_now = False
            try:
                # Out of reach, or wrong (a URI of no known kind): what waits may still be sent to another place.
                place = self._opened_place()
            except Exception as error:
                with self._changed:
                    self._wait_to_retry(str(error) or type(error).__name__)
                continue
            try:
                refusals = deliver(place, records.values())
            except StoreUnavailable as error:
                with self._changed:
                    self._wait_to_retry(str(error))
                continue
            with self._changed:
                if self._journal is not journal:  # Given back meanwhile.
                    return
                self._note(refusals, {id(record): end for end, record in records.items()} if refusals else None)
                self._unavailable = None
                self._waiting -= len(records)
                self._done = max(records)
                journal.applied(self._done)
                self._changed.notify_all()

    def _wait_until_due(self) -> bool:
        """Wait until there is something to deliver, and a good moment for it; False if the outbox is closed."""
        while not self._waiting and not self._closed:
            self._idle = True
            self._changed.wait()
        self._idle = False
        patience = time.monotonic() + PATIENT_SECONDS
        while not (self._flushing or self._closed or self._waits_long(patience)):
            before = self._waiting
            self._changed.wait(QUIET_SECONDS)
            if self._waiting == before:
                break
        return not self._closed

    def _waits_long(self, patience: float) -> bool:
        return time.monotonic() > patience or (self._journal is not None and self._journal.waiting > PATIENT_BYTES)

    def _end_thread(self, timeout: float) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)


def _rest_of(journal: Journal) -> Iterator[Record]:
    while journal.waiting:
        for end, record in journal.read(CHUNK).items():
            yield record
            journal.applied(end)


_outboxes: weakref.WeakSet[Outbox] = weakref.WeakSet()


def _begin_in_child() -> None:
    for outbox in _outboxes:
        outbox.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
