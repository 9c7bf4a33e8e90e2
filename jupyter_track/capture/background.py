"""Work that is done off the cell's path: one thread, one job after the other, when there is a moment of quiet."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

__all__ = ["Background"]

#: Seconds without a new job after which those that wait are done. Python runs one thread at a time: a job that
#: begins while short cells follow each other ("Run All") takes its time from them ...
QUIET_SECONDS = 0.05
#: ... but a job waits for so many seconds at most.
PATIENT_SECONDS = 3.0


class Background:
    """Runs jobs on a thread of its own, in the order in which they come.

    Parameters
    ----------
    failed : callable
        Called, on that thread, with what a job raised.

    Notes
    -----
    A job runs in the context of whoever asked for it, so that what a kernel sends meanwhile belongs to the cell
    that it is about. The end of the process waits for the jobs that are left.
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jupyter-track-background")
        self._last: Future[None] | None = None
        self._last_added = 0.0
        self._hurried = threading.Event()

    def add(self, call: Callable[..., None], *arguments: Any) -> None:
        """Do something later."""
        self._last_added = time.monotonic()
        context = contextvars.copy_context()
        self._last = self._worker.submit(context.run, self._do, self._last_added, call, arguments)

    def _do(self, added: float, call: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self._wait_for_quiet(added)
        try:
            call(*arguments)
        except Exception as error:
            self._failed(error)

    def _wait_for_quiet(self, added: float) -> None:
        while True:
            due = min(self._last_added + QUIET_SECONDS, added + PATIENT_SECONDS)
            left = due - time.monotonic()
            if left <= 0 or self._hurried.wait(left):
                return

    def settle(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, until everything is done; nothing waits for quiet meanwhile."""
        if self._last is not None:
            self._hurried.set()
            wait([self._last], timeout)
            self._hurried.clear()

    def close(self) -> None:
        """Do what is left and end the thread."""
        self._hurried.set()
        self._worker.shutdown(wait=True)
