"""The run that a thread logs to when it names none: begun, nested, resumed, and brought to its end.

Each thread has runs of its own, the innermost last. Inside a tracked cell the cell's run is below them: what
the cell logs without beginning a run goes there, and a run that it begins is nested in it.

A forked child goes on logging to the runs of its parent, and never ends them. Runs that are still active when the
process ends are ended then: FINISHED, FAILED if an exception ended the program or the last cell of a notebook
failed, KILLED if that was a keyboard interrupt.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Any

from ..entities import InvalidParameterValue, LifecycleStage, Run, RunStatus, StoreUnavailable
from ..outbox import ResumeRun, get_arriving_run
from . import process
from .cell_run import CellRun
from .chosen import current_experiment
from .connection import Connection
from .context import source_tags, user_name
from .open_run import OpenRun
from .recorder import Recorder
from .runs import PARENT_TAG, begin_run, end_run, open_run
from .values import as_tags

__all__ = [
    "DESCRIPTION_TAG",
    "ActiveRun",
    "begin",
    "current",
    "end_innermost",
    "enter_cell",
    "innermost",
    "is_active",
    "last",
    "own",
    "resume",
    "run_id_of_environment",
    "status_at_exit",
]

_log = logging.getLogger("jupyter_track")

DESCRIPTION_TAG = "mlflow.note.content"


class ActiveRun(Run):
    """A run that its thread logs to, to be used in a ``with`` statement.

    When the block is left, the run and those nested in it that are still active are ended: FINISHED, FAILED if
    an exception leaves it, KILLED if that is a keyboard interrupt. ``data`` is what the run began with; what
    was logged since is read with `jupyter_track.get_run`.
    """

    __slots__ = ()

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        # A run goes by its own slots, and here there are none.
        return ((field.name, getattr(self, field.name)) for field in fields(self))

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        status = _status_after(kind, error)
        runs = _here.runs
        if any(active.run.info.run_id == self.info.run_id for active in runs):
            while _end(runs.pop(), status).run.info.run_id != self.info.run_id:
                continue


@dataclass(frozen=True, slots=True)
class _Active:
    """An active run, and the process that began it."""

    run: ActiveRun
    open_run: OpenRun
    process_id: int


@dataclass(slots=True)
class _Cell:
    """A tracked cell that its thread is executing; ``run`` is what the store has of it, once it was asked for."""

    recorder: Recorder
    open_run: OpenRun
    run: ActiveRun | None = None


class _Thread(threading.local):
    def __init__(self) -> None:
        self.runs: list[_Active] = []
        self.cells: list[_Cell] = []
        self.last: OpenRun | None = None


_here = _Thread()
#: The active runs of all threads, by their ids.
_all: dict[str, _Active] = {}
#: The last run that any thread made active.
_last: OpenRun | None = None


def current() -> OpenRun:
    """Return what this thread logs to; a run is begun if there is none."""
    runs = _here.runs
    if runs:
        return runs[-1].open_run
    cell = _cell()
    if cell is not None:
        return cell.open_run
    run_id = run_id_of_environment()
    run = resume(run_id, None, {}) if run_id else begin(None, "", None, {})
    return run.open_run


def run_id_of_environment() -> str:
    """Return the run that ``MLFLOW_RUN_ID`` asks to go on with, once; empty if it names none."""
    return os.environ.pop("MLFLOW_RUN_ID", "")


def own() -> ActiveRun | None:
    """Return the innermost run that this thread began or resumed, or None."""
    return _here.runs[-1].run if _here.runs else None


def is_active(run_id: str) -> bool:
    """Return whether some thread of this process logs to a run."""
    return run_id in _all


def innermost() -> ActiveRun | None:
    """Return the run that this thread logs to, or None."""
    if _here.runs:
        return own()
    cell = _cell()
    if cell is None:
        return None
    if cell.run is None:
        recorder = cell.recorder
        cell.run = _activated(cell.open_run.connection.up_to_date_store().get_run(recorder.run_id))
    return cell.run


def last() -> OpenRun | None:
    """Return the run that this thread, or else any, made active last; None if there was none."""
    return _here.last or _last


# -- tracked cells


def enter_cell(recorder: Recorder, connection: Connection) -> None:
    """Make the run of a tracked cell the one that this thread logs to, until the recorder has ended."""
    cell = _Cell(recorder, CellRun(connection, recorder))
    _here.cells.append(cell)
    _here.last = cell.open_run


def _cell() -> _Cell | None:
    cells = _here.cells
    while cells and cells[-1].recorder.ended:
        cells.pop()
    return cells[-1] if cells else None


# -- begin


def begin(
    experiment_id: str | None, run_name: str, parent_run_id: str | None, tags: Mapping[str, Any], description: str = ""
) -> _Active:
    """Begin a run and make it the innermost one of this thread.

    Raises
    ------
    InvalidParameterValue
    ResourceDoesNotExist
        If there is no such experiment.
    """
    connection = process.connection()
    experiment = current_experiment(connection, experiment_id)
    parent = parent_run_id or _parent()
    all_tags = {
        **source_tags(),
        **({PARENT_TAG: parent} if parent else {}),
        **({DESCRIPTION_TAG: description} if description else {}),
        **{tag.key: tag.value for tag in as_tags(tags)},
    }
    name = run_name or os.environ.get("MLFLOW_RUN_NAME", "")
    user = str(all_tags.get("mlflow.user") or user_name())
    return _push(begin_run(connection, experiment, name, user, as_tags(all_tags)), connection)


def resume(run_id: str, experiment_id: str | None, tags: Mapping[str, Any]) -> _Active:
    """Make a run that is there the innermost one of this thread; it goes on.

    Raises
    ------
    ResourceDoesNotExist
        If there is no such run.
    InvalidParameterValue
        If it is deleted, or belongs to another experiment than the one that is named.
    """
    connection = process.connection()
    run = get_arriving_run(connection.up_to_date_store(), run_id)
    if run.info.lifecycle_stage is LifecycleStage.DELETED:
        raise InvalidParameterValue(f"The run {run_id} is deleted: restore it before it goes on.")
    if experiment_id is not None and str(experiment_id) != run.info.experiment_id:
        raise InvalidParameterValue(
            f"The run {run_id} belongs to experiment {run.info.experiment_id}, not to {experiment_id}."
        )
    added = as_tags(tags)
    connection.put(ResumeRun(run_id))
    active = _push(replace(run, info=replace(run.info, status=RunStatus.RUNNING, end_time=None)), connection)
    active.open_run.put_tags(added)
    return active


def _push(run: Run, connection: Connection) -> _Active:
    global _last
    run_id = run.info.run_id
    active = _Active(_activated(run), open_run(connection, run_id), os.getpid())
    _all[run_id] = active
    _here.runs.append(active)
    _here.last = _last = active.open_run
    _end_with_child()
    return active


def _activated(run: Run) -> ActiveRun:
    return ActiveRun(*(getattr(run, field.name) for field in fields(run)))


def _parent() -> str:
    if _here.runs:
        return _here.runs[-1].run.info.run_id
    cell = _cell()
    return cell.recorder.run_id if cell is not None else ""


# -- end


def end_innermost(status: RunStatus) -> None:
    """End the innermost run of this thread, if it has one; a tracked cell's run ends with the cell."""
    if _here.runs:
        _end(_here.runs.pop(), status)


def _end(active: _Active, status: RunStatus) -> _Active:
    _all.pop(active.run.info.run_id, None)
    if active.process_id != os.getpid():
        return active  # A forked child: the run is its parent's.
    connection = active.open_run.connection
    try:
        position = end_run(connection, active.run.info.run_id, status)
        if active.open_run.waits:
            connection.wait(position)
    except StoreUnavailable as error:
        # Not raised, for this may be on the way out of a block that an exception leaves.
        _log.warning("The end of run %s: %s", active.run.info.run_id, error)
    process.tell_problems(connection)
    return active


def _status_after(kind: type[BaseException] | None, error: BaseException | None) -> RunStatus:
    if kind is None or (isinstance(error, SystemExit) and not error.code):
        return RunStatus.FINISHED
    return RunStatus.KILLED if issubclass(kind, KeyboardInterrupt) else RunStatus.FAILED


@atexit.register
def end_all() -> None:
    """End every run of this process that is active in any thread."""
    status = status_at_exit()
    for active in list(_all.values()):
        _end(active, status)
    _here.runs.clear()


def status_at_exit() -> RunStatus:
    """Return the status of a run that nobody ended."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        return RunStatus.FINISHED if shell.last_execution_succeeded else RunStatus.FAILED
    # What is being raised is seen in a child of multiprocessing, what was raised in a program that it ended.
    kind, error, _ = sys.exc_info()
    return _status_after(kind or getattr(sys, "last_type", None), error or getattr(sys, "last_value", None))


#: The process of multiprocessing that was told to end its runs.
_told = 0


def _end_with_child() -> None:
    """See to it that a process of multiprocessing, which ends without what is registered at exit, ends its runs."""
    global _told
    processes = sys.modules.get("multiprocessing.process")
    if processes is None or processes.parent_process() is None or _told == os.getpid():
        return
    from multiprocessing.util import Finalize

    _told = os.getpid()
    # Before the outbox closes.
    Finalize(None, end_all, exitpriority=10)
