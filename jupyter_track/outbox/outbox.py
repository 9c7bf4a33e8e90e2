"""The queue between whoever logs and the store, and the thread that empties it.

Order is kept. A record that the store refuses for good (`InvalidParameterValue` and its like) is set aside
with the reason. While the store cannot be reached (`StoreUnavailable`) everything waits and is tried again,
so nothing is lost as long as the process lives.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ..entities import StoreUnavailable, TrackError
from ..store import Store
from .records import Record

__all__ = ["Outbox", "Problem"]

_log = logging.getLogger(__name__)

#: Seconds between two tries while the store cannot be reached.
RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the person should know: a store out of reach, or a record that was refused.

    ``run_id`` is None if it concerns everything that waits.
    """

    message: str
    run_id: str | None = None


class Outbox:
    """A queue of records for one store.

    Parameters
    ----------
    open_store : callable
        Returns the store; called by the draining thread, at first when there is something to write. May
        raise, and is then called again later.

    Notes
    -----
    `put` never blocks on the store and never raises because of it. All methods may be called from any
    thread.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store
        self._waiting: deque[Record] = deque()
        # How many records have been put, and how many of them are done with.
        self._put = 0
        self._done = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._retry_now = False
        self._unavailable: str | None = None
        self._problems: list[Problem] = []
        #: Runs of which a record was refused.
        self._refused: set[str] = set()

    def put(self, record: Record) -> None:
        """Add a record and return at once."""
        with self._changed:
            self._waiting.append(record)
            self._put += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._drain, name="jupyter-track-outbox", daemon=True)
                self._thread.start()
            self._changed.notify_all()

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
            self._retry_now = True
            self._changed.notify_all()
            before = self._put
            self._changed.wait_for(
                lambda: self._done >= before or self._closed or (self._unavailable is not None and not self._retry_now),
                timeout,
            )
            return self._done >= before

    def waiting(self) -> int:
        """Return how many records have not reached the store."""
        with self._changed:
            return len(self._waiting)

    def take_problems(self) -> list[Problem]:
        """Return what has gone wrong since the last call."""
        with self._changed:
            problems, self._problems = self._problems, []
        return problems

    def close(self, timeout: float) -> list[Record]:
        """Flush, end the draining thread, and return the records that could not be delivered."""
        self.flush(timeout)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return list(self._waiting)

    def _drain(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                record = self._waiting[0]
                # Whoever waits in flush() is served by the try that begins now.
                self._retry_now = False
            self._apply(record)

    def _apply(self, record: Record) -> None:
        try:
            store = self._open_store()
        except Exception as error:
            # Out of reach, or wrong (a URI of no known kind): what waits may still be sent to another place.
            self._wait_to_retry(str(error) or type(error).__name__)
            return
        try:
            record.apply(store)
        except StoreUnavailable as error:
            self._wait_to_retry(str(error))
            return
        except Exception as error:
            # A record that fails for any other reason would fail again, and must not hold up the rest.
            if not isinstance(error, TrackError):
                _log.debug("Unexpected error while writing %s", type(record).__name__, exc_info=True)
            with self._changed:
                # Later records of a run that could not be started fail for the same reason: say it once.
                if record.run_id not in self._refused:
                    self._refused.add(record.run_id)
                    self._problems.append(Problem(str(error) or type(error).__name__, record.run_id))
        with self._changed:
            self._waiting.popleft()
            self._done += 1
            self._unavailable = None
            self._changed.notify_all()

    def _wait_to_retry(self, reason: str) -> None:
        with self._changed:
            if reason != self._unavailable:
                self._unavailable = reason
                self._problems.append(Problem(reason))
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._retry_now or self._closed, RETRY_SECONDS)
