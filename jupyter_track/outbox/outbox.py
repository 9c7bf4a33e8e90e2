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

from ..entities import StoreUnavailable
from ..store import Store
from .backlog import Backlog
from .delivery import Refusal, deliver
from .frames import frame
from .records import Place, Record

__all__ = ["Outbox", "Problem"]

#: Seconds between two tries while the store cannot be reached.
RETRY_SECONDS = 5.0
#: Seconds without a record after which those that wait are delivered: whoever logs in a loop is not disturbed ...
QUIET_SECONDS = 0.02
#: ... but for so many seconds at most, and while so many bytes wait at most.
PATIENT_SECONDS = 1.0
PATIENT_BYTES = 16 * 1024**2
#: Seconds between two calls of the store while nobody waits for them.
BREATH_SECONDS = 0.001
#: Seconds that whoever logs what the journal cannot take waits for the store to have it.
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
        self._backlog = Backlog(self._destination)
        self._place: Place | None = None
        # Who may be interrupted enters by the lock, which is taken and given back in one step, and waits at a gate
        # of its own. An interrupt inside a condition would leave its lock taken, or given back twice; the draining
        # thread, which waits at this one, gets none.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        #: Of callers who wait for the store, each closed until something has changed.
        self._gates: list[threading.Lock] = []
        self._thread: threading.Thread | None = None
        self._idle = False
        # Closed, nothing is delivered any more; given up, a delivery that still goes on counts for nothing.
        self._closed = False
        self._given_up = False
        # How many records have been put, and how many of them are done with.
        self._put = 0
        self._done = 0
        self._retry_now = False
        self._unavailable: str | None = None
        self._problems: list[Problem] = []
        self._told_of_journal = ""
        #: Runs of which a record was refused.
        self._refused: set[str] = set()
        #: Why records were refused, by their numbers.
        self._refusals: dict[int, Exception] = {}

    def begin_in_child(self) -> None:
        """Let go of what is the parent process's."""
        self._backlog.forget()
        self._begin()

    def put(self, record: Record) -> int:
        """Write a record to the journal, and return its number; the store has it a little later.

        If the journal cannot take it (a full disk, a folder that may not be written) this waits for the store
        instead; if that cannot be reached either, the record is kept in memory, and a problem says so.

        Raises
        ------
        StoreUnavailable
            If too much is in memory already. The record is then nowhere.
        """
        framed = frame(record)
        with self._lock:
            overflowed = self._backlog.in_memory > 0
            reason = self._backlog.append(record, framed)
            self._begin_thread()
            self._put += 1
            number = self._put
            if self._idle:
                self._changed.notify_all()
            if overflowed and not reason:
                self._told_of_journal = ""  # All is safe again.
        if reason:
            self._await_store(number, reason)
        return number

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
        with self._lock:
            number = self._put
        return self._wait_for(number, timeout)

    def wait(self, number: int, timeout: float) -> None:
        """Wait until the store has the record that has a number.

        Raises
        ------
        TrackError
            The one with which the store has refused it.
        StoreUnavailable
            If the store could not be reached in time. The record waits.
        """
        arrived = self._wait_for(number, timeout)
        with self._lock:
            if not arrived:
                raise StoreUnavailable(self._unavailable or f"The store has not answered for {timeout:g} seconds.")
            refusal = self._refusals.pop(number, None)
        if refusal is not None:
            raise refusal

    def waiting(self) -> int:
        """Return how many records have not reached the store."""
        with self._lock:
            return max(0, self._put - self._done)

    def take_problems(self) -> list[Problem]:
        """Return what has gone wrong since the last call."""
        with self._lock:
            problems, self._problems = self._problems, []
        return problems

    def close(self, timeout: float) -> int:
        """Flush, end the draining thread, and return how many records wait in the journal, which then stays.

        What neither journal nor store has taken by then is lost, and a problem says so.
        """
        self.flush(timeout)
        self._end_thread(timeout)
        with self._lock:
            self._given_up = True
            lost, reason = self._backlog.close()
            if lost:
                self._problems.append(Problem(f"{reason.rstrip('.')}. {lost} records are lost."))
            return max(0, self._put - self._done - lost)

    @contextmanager
    def withdraw(self, timeout: float) -> Iterator[Iterator[Record]]:
        """End the draining thread, and give the records that still wait to whoever takes them elsewhere."""
        self._end_thread(timeout)
        with self._lock:
            backlog, self._backlog = self._backlog, Backlog(self._destination)
            self._given_up = True
            self._done = self._put
        try:
            yield backlog.all()
        finally:
            backlog.close()

    def _begin_thread(self) -> None:
        # One that a caller was interrupted while beginning may have no identity, and is passed over by _drain.
        # (An interrupt inside is_alive() would let a thread seem to have ended.)
        if self._thread is not None and self._thread.ident is not None:
            return
        self._thread = threading.Thread(target=self._drain, name="jupyter-track-outbox", daemon=True)
        self._thread.start()
        processes = sys.modules.get("multiprocessing.process")
        if processes is not None and processes.parent_process() is not None:
            # Such a process ends without what is registered at exit.
            from multiprocessing.util import Finalize

            Finalize(self, self.close, (EXIT_SECONDS,), exitpriority=0)

    # -- waiting for the store

    def _await_store(self, number: int, reason: str) -> None:
        arrived = self._wait_for(number, DIRECT_SECONDS)
        with self._lock:
            told = "Until it can, every call waits for the store." if arrived else _IN_MEMORY
            if told != self._told_of_journal:
                self._told_of_journal = told
                self._problems.append(Problem(f"{reason.rstrip('.')}. {told}"))

    def _wait_for(self, number: int, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        with self._lock:
            self._retry_now = True
        while True:
            gate = threading.Lock()
            gate.acquire()
            with self._lock:
                away = self._unavailable is not None and not self._retry_now
                left = deadline - time.monotonic()
                if self._done >= number or self._closed or away or left <= 0:
                    return self._done >= number
                if self._backlog:
                    self._begin_thread()
                self._gates.append(gate)
                self._changed.notify_all()
            try:
                gate.acquire(timeout=left)
            finally:
                with self._lock:
                    if gate in self._gates:
                        self._gates.remove(gate)

    def _tell_change(self) -> None:
        """Let everyone who waits look again."""
        self._changed.notify_all()
        while self._gates:
            self._gates.pop().release()

    def _wait_to_retry(self, reason: str) -> None:
        self._backlog.put_back()
        if reason != self._unavailable:
            self._unavailable = reason
            where = f"waits in {self._backlog.path}" if self._backlog.path is not None else "waits"
            self._problems.append(Problem(f"{reason.rstrip('.')}. Until then, what is logged {where}."))
        self._tell_change()
        self._changed.wait_for(lambda: self._retry_now or self._closed, RETRY_SECONDS)

    # -- the draining thread

    def _drain(self) -> None:
        while True:
            with self._changed:
                if self._thread is not threading.current_thread() or not self._wait_until_due():
                    return
                try:
                    taken = self._backlog.take()
                except OSError as error:
                    self._wait_to_retry(f"Cannot read {self._backlog.path}: {error}")
                    continue
                if not taken.records:
                    changed = self._backlog.path
                    lost = self._backlog.pass_over(taken)
                    self._problems.append(
                        Problem(f"{changed} was changed by somebody else. {lost:,} bytes that waited there are lost.")
                    )
                    self._settle()
                    continue
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
                refusals = deliver(place, taken.records, self._backlog.begins_elsewhere, self._breathe)
            except StoreUnavailable as error:
                with self._changed:
                    self._wait_to_retry(str(error))
                continue
            with self._changed:
                if self._given_up:
                    return
                self._delivered(taken.records, refusals)
                self._backlog.done(taken)
                self._settle()

    def _breathe(self) -> None:
        """Let the others go on; Python runs one thread at a time, and takes its time to change between two."""
        if not (self._gates or self._closed):
            time.sleep(BREATH_SECONDS)

    def _settle(self) -> None:
        if not self._backlog:
            self._put = self._done = max(self._put, self._done)
        self._tell_change()

    def _delivered(self, records: list[Record], refusals: list[Refusal]) -> None:
        numbers = {id(record): number for number, record in enumerate(records, self._done + 1)} if refusals else {}
        for record, error in refusals:
            self._refusals[numbers[id(record)]] = error
            # Later records of a run that could not be started fail for the same reason: say it once.
            if record.run_id not in self._refused:
                self._refused.add(record.run_id)
                self._problems.append(Problem(str(error) or type(error).__name__, record.run_id))
        while len(self._refusals) > MAX_REFUSALS:
            del self._refusals[next(iter(self._refusals))]
        self._done += len(records)
        self._unavailable = None

    def _opened_place(self) -> Place:
        store = self._open_store()
        if self._place is None or self._place.store is not store:
            self._place = Place(store)
        return self._place

    def _wait_until_due(self) -> bool:
        """Wait until there is something to deliver, and a good moment for it; False if the outbox is closed."""
        while not self._backlog and not self._closed:
            self._idle = True
            self._changed.wait()
        self._idle = False
        patience = time.monotonic() + PATIENT_SECONDS
        while not (self._gates or self._closed or self._backlog.size > PATIENT_BYTES or time.monotonic() > patience):
            before = self._put
            self._changed.wait(QUIET_SECONDS)
            if self._put == before:
                break
        return not self._closed

    def _end_thread(self, timeout: float) -> None:
        with self._lock:
            self._closed = True
            self._tell_change()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)


_IN_MEMORY = "The store cannot be reached either: what is logged is kept in memory, and lost if this process dies."


_outboxes: weakref.WeakSet[Outbox] = weakref.WeakSet()


def _begin_in_child() -> None:
    for outbox in _outboxes:
        outbox.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
