"""Work that is done off the cell's path: one thread, one job after the other."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

__all__ = ["Background"]


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
        self._jobs: list[Future[None]] = []

    def add(self, call: Callable[..., None], *arguments: Any) -> None:
        """Do something later."""
        self._jobs = [job for job in self._jobs if not job.done()]
        context = contextvars.copy_context()
        self._jobs.append(self._worker.submit(context.run, self._do, call, arguments))

    def _do(self, call: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            call(*arguments)
        except Exception as error:
            self._failed(error)

    def settle(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, until everything is done."""
        wait(self._jobs, timeout)

    def close(self) -> None:
        """Do what is left and end the thread."""
        self._worker.shutdown(wait=True)
