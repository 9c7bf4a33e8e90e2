"""Executing cells in a fresh kernel, through nbclient."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
import tempfile
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ..entities import InvalidParameterValue
from .program import ProgramCell

__all__ = ["NO_LIMITS", "Executed", "Failure", "Limits", "execute", "require_nbclient", "working_folder"]

_log = logging.getLogger(__name__)

#: Seconds that a kernel has to deliver what was recorded: as long as it itself waits for that, and a little more.
SETTLE_SECONDS = 15.0

JOIN_SECONDS = 1.0

_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that one cell and all of them may take; None for as long as they want."""

    cell: float | None = None
    total: float | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that did not come to its end: its place in what was executed (from 0), its name, and why."""

    place: int
    cell: str
    reason: str

    def in_words(self) -> str:
        """Say what failed, in one line."""
        return f"{self.cell}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Executed:
    """What came of executing cells: the failure, if there was one, and what a person should know of the kernel."""

    failure: Failure | None
    notes: tuple[str, ...] = ()


def require_nbclient() -> None:
    """Find out whether cells can be executed here, before anything is begun.

    Raises
    ------
    InvalidParameterValue
        If nbclient is not installed, with what to do.
    """
    try:
        import nbclient  # noqa: F401
    except ImportError:
        raise InvalidParameterValue(
            "Executing a run again needs nbclient and ipykernel: pip install 'jupyter-track[reproduce]'."
        ) from None


def working_folder(notebook: str, stack: ExitStack) -> tuple[str, str]:
    """Return where cells are executed, and what there is to say about it.

    That is the notebook's folder; where the notebook is not known, the present folder; and where its folder is
    gone, an empty one that is removed when the stack is left.
    """
    if not os.path.isabs(notebook):
        return os.getcwd(), ""
    folder = os.path.dirname(notebook)
    if os.path.isdir(folder):
        return folder, ""
    empty = stack.enter_context(tempfile.TemporaryDirectory(prefix="jupyter-track-", ignore_cleanup_errors=True))
    return empty, f"the notebook's folder {folder} is not there, so the cells are executed in an empty one"


def execute(
    setup: str,
    cells: Sequence[ProgramCell],
    kernel: str,
    folder: str,
    environment: Mapping[str, str],
    limits: Limits = NO_LIMITS,
    ends: tuple[str, str] = ("", ""),
) -> Executed:
    """Execute cells one after the other in a kernel of their own, up to the first that fails.

    Parameters
    ----------
    setup : str
        A cell that is executed before them.
    cells : sequence of ProgramCell
    kernel : str
        The name of the kernel; where there is no such kernel here, Python's own is taken.
    folder : str
    environment : mapping of str to str
        Of the kernel's process, which takes nothing else from this one's.
    limits : Limits
    ends : tuple of str
        What is executed after them: if all came to their end, and if one failed.

    Raises
    ------
    InvalidParameterValue
        If no kernel can be started, or it cannot load this package.
    """
    name, note = _installed_kernel(kernel)
    failure = _in_a_thread(_execute(setup, cells, name, folder, dict(environment), limits, ends))
    return Executed(failure, (note,) if note else ())


def _installed_kernel(wanted: str) -> tuple[str, str]:
    from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager

    installed = KernelSpecManager().find_kernel_specs()
    if wanted in installed or not wanted:
        return wanted or NATIVE_KERNEL_NAME, ""
    if NATIVE_KERNEL_NAME not in installed:
        raise InvalidParameterValue(f"There is neither a kernel {wanted!r} here nor one of Python: install ipykernel.")
    return NATIVE_KERNEL_NAME, f"there is no kernel {wanted!r} here, so {NATIVE_KERNEL_NAME!r} executes the cells"


def _in_a_thread(work: Coroutine[Any, Any, Failure | None]) -> Failure | None:
    """Run a coroutine in a thread of its own: whoever asks may run an event loop already, as every kernel does."""
    outcome: list[Any] = []
    loop = asyncio.new_event_loop()
    # What nbclient was still waiting for when a kernel died is nothing to tell of.
    loop.set_exception_handler(lambda loop, context: _log.debug("%s", context.get("message")))
    task = loop.create_task(work)

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            outcome.append(loop.run_until_complete(task))
        except BaseException as error:
            outcome.append(error)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            asyncio.set_event_loop(None)
            loop.close()

    thread = threading.Thread(target=run, name="jupyter-track-rerun", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(JOIN_SECONDS)  # Without an end, Windows lets nobody interrupt it.
    except KeyboardInterrupt:
        # The person does not want to wait: the kernel goes, and with it what it is doing.
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise
    (found,) = outcome
    if isinstance(found, BaseException):
        raise found
    assert found is None or isinstance(found, Failure)
    return found


async def _execute(
    setup: str,
    cells: Sequence[ProgramCell],
    kernel: str,
    folder: str,
    environment: dict[str, str],
    limits: Limits,
    ends: tuple[str, str],
) -> Failure | None:
    from nbclient import NotebookClient
    from nbformat.v4 import new_notebook

    client = NotebookClient(
        new_notebook(),  # type: ignore[no-untyped-call]
        kernel_name=kernel,
        store_widget_state=False,
    )
    deadline = math.inf if limits.total is None else time.monotonic() + limits.total
    # What the kernel's process says of itself is for the log of a server, and here is none.
    with tempfile.TemporaryFile() as said:
        try:
            async with client.async_setup_kernel(cwd=folder, env=environment, stderr=said):
                problem = await _failure_of(client, setup, is_ours=True)
                if problem is not None:
                    raise InvalidParameterValue(f"The kernel {kernel!r} cannot load jupyter_track: {problem}")
                failure = await _first_failure(client, cells, deadline, limits.cell)
                # At last it waits until everything that was recorded has been delivered.
                for source in filter(None, (ends[failure is not None], "%track")):
                    if await _is_alive(client):
                        await _failure_of(client, source, SETTLE_SECONDS, is_ours=True)
                return failure
        except RuntimeError as error:  # Of a kernel that ended before it was ready.
            said.seek(0)
            last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise InvalidParameterValue(f"The kernel {kernel!r} cannot be started: {last or error}") from None


async def _is_alive(client: Any) -> bool:
    return bool(await client.km.is_alive())


async def _first_failure(
    client: Any, cells: Sequence[ProgramCell], deadline: float, seconds: float | None
) -> Failure | None:
    for place, cell in enumerate(cells):
        if cell.before:
            await _failure_of(client, cell.before, is_ours=True)
        left = min(deadline - time.monotonic(), seconds or math.inf)
        reason = await _failure_of(client, cell.source, left, cell.may_fail)
        if reason is not None:
            return Failure(place, cell.name, reason)
    return None


async def _failure_of(
    client: Any, source: str, seconds: float | None = None, may_fail: bool = False, is_ours: bool = False
) -> str | None:
    """Execute a cell and return why it did not come to its end, or None if it did, or need not.

    One that is ours, and not the notebook's, is no part of what the kernel says that it has executed.
    """
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_code_cell

    limited = seconds is not None and math.isfinite(seconds)
    client.timeout = max(1, math.ceil(seconds)) if limited and seconds is not None else None
    cell = new_code_cell(source, metadata={"tags": ["raises-exception"]} if may_fail else {})  # type: ignore[no-untyped-call]
    client.nb.cells.append(cell)
    try:
        await client.async_execute_cell(cell, len(client.nb.cells) - 1, store_history=not is_ours)
    except CellExecutionError as error:
        said = _TERMINAL.sub("", f"{error.ename}: {error.evalue}").strip().splitlines()
        return said[-1] if said and error.ename == "SyntaxError" else " ".join(said)[:500]
    except CellTimeoutError:
        await client.km.interrupt_kernel()
        return f"it took longer than {client.timeout} seconds"
    except DeadKernelError:
        if await _is_alive(client):
            # So nbclient calls it as well when it is itself told to stop.
            client.shutdown_kernel = "immediate"
            raise asyncio.CancelledError from None
        return "the kernel died"
    return None
