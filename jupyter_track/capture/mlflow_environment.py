"""What code finds in a tracked cell that logs with the real ``mlflow`` package: the store and the run of the cell.

Nothing here imports MLflow. Where the person has imported it, what it remembers is looked at.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ..config import CELL_RUN_VARIABLE, MLFLOW_SCHEME, resolve_tracking_uri
from ..entities import RunStatus
from ..tracking import Recorder, process
from ..tracking.cell_run import CellRun

__all__ = ["MlflowEnvironment", "entered"]

_log = logging.getLogger("jupyter_track")

_TRACKING_URI = "MLFLOW_TRACKING_URI"
_EXPERIMENT_ID = "MLFLOW_EXPERIMENT_ID"
_EXPERIMENT_NAME = "MLFLOW_EXPERIMENT_NAME"
_RUN_ID = "MLFLOW_RUN_ID"

#: The tracked cells that run now, by the ids of their runs.
entered: dict[str, MlflowEnvironment] = {}


class MlflowEnvironment:
    """The surroundings of one tracked cell.

    Between `enter` and `leave` the environment says to MLflow where our store is (see `jupyter_track.mlflow_plugin`)
    and which run the cell has, for programs too that the cell starts. That is left out if the person has told MLflow
    of another place, or has a run of MLflow's active.

    Parameters
    ----------
    recorder : Recorder
        Of the cell's run.

    Attributes
    ----------
    run : CellRun
        Takes what MLflow logs to the cell's run.
    begun : set of str
        The runs that MLflow has begun or gone on with in the cell.
    """

    run: CellRun

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.begun: set[str] = set()
        self._entered = False
        self._moved = False
        self._outer: MlflowEnvironment | None = None
        self._before: dict[str, str | None] = {}
        self._meanwhile: dict[str, str | None] = {}
        self._experiment: str | None = None

    def enter(self) -> None:
        """Change the environment; costs a few microseconds."""
        connection = process.connection()
        chosen, said = _tracking_uri_of_mlflow(), os.environ.get(_TRACKING_URI, "")
        ours = (chosen or said).startswith(MLFLOW_SCHEME)
        if chosen is not None and not ours:
            return
        if said and resolve_tracking_uri(chosen or said) != connection.tracking_uri:
            return
        if not ours and any(_active_runs()):
            return
        self._entered = True
        self._outer = entered.get(self.recorder.run_id)
        self.run = CellRun(connection, self.recorder)
        entered[self.recorder.run_id] = self
        self._set(CELL_RUN_VARIABLE, self.recorder.run_id)
        if not ours:
            self._moved = True
            self._set(_TRACKING_URI, f"{MLFLOW_SCHEME}+{connection.tracking_uri}")
            # The ids of an experiment and of a run mean others, or none, in another store.
            self._set(_EXPERIMENT_ID, None)
            self._set(_RUN_ID, None)
            self._experiment = _choose_experiment(None)
            process.keep_in_force()

    def leave(self, status: RunStatus) -> None:
        """Leave nothing of ours behind; what the cell has changed itself stays as it is.

        Parameters
        ----------
        status : RunStatus
            With which the runs are ended that MLflow still has active.
        """
        if not self._entered:
            return
        self._entered = False
        if self.begun:
            _guarded(self._end_runs, status)
        if self._moved:
            _guarded(self._give_back_experiment)
        same_place = process.connection() is self.run.connection
        for name, value in self._meanwhile.items():
            if os.environ.get(name) == value:
                _put(name, self._before[name])
        if same_place and self._moved:
            process.keep_in_force()
        entered.pop(self.recorder.run_id, None)
        if self._outer is not None:
            entered[self.recorder.run_id] = self._outer

    def _set(self, name: str, value: str | None) -> None:
        self._before[name] = os.environ.get(name)
        self._meanwhile[name] = value
        _put(name, value)

    def _end_runs(self, status: RunStatus) -> None:
        mlflow: Any = sys.modules["mlflow"]
        while (run := mlflow.active_run()) is not None and run.info.run_id in self.begun:
            mlflow.end_run(status.value)

    def _give_back_experiment(self) -> None:
        """Choose again what was chosen before, or by its name what the cell has chosen by its id in our store."""
        chosen = _choose_experiment(self._experiment)
        if chosen is None:
            return
        if os.environ.get(_TRACKING_URI) != self._meanwhile[_TRACKING_URI]:
            _choose_experiment(chosen)
            return
        name = self.run.connection.store().get_experiment(chosen).name
        _choose_experiment(None)
        if os.environ.get(_EXPERIMENT_ID) == chosen:
            _put(_EXPERIMENT_ID, None)
            self._before[_EXPERIMENT_ID] = None
        os.environ[_EXPERIMENT_NAME] = name


def _guarded(step: Callable[..., None], *arguments: Any) -> None:
    try:
        step(*arguments)
    except Exception as error:
        _log.warning("What mlflow did in this cell was not brought to its end: %s", error)


def _put(name: str, value: str | None) -> None:
    if value is not None:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


# -- what MLflow remembers, if it is loaded


def _tracking_uri_of_mlflow() -> str | None:
    """Return the tracking URI that was chosen by a call of MLflow's."""
    chosen = getattr(sys.modules.get("mlflow.tracking._tracking_service.utils"), "_tracking_uri", None)
    return None if chosen is None else str(chosen)


def _active_runs() -> Iterator[Any]:
    """Yield the runs that are active in any thread."""
    stacks = getattr(sys.modules.get("mlflow.tracking.fluent"), "_active_run_stack", None)
    for stack in getattr(stacks, "get_all_thread_values", dict)().values():
        yield from stack


def _choose_experiment(experiment_id: str | None) -> str | None:
    """Have MLflow choose an experiment, or none, and return the one that was chosen.

    There is a call for the former only, and that asks the store.
    """
    fluent: Any = sys.modules.get("mlflow.tracking.fluent")
    if fluent is None:
        return None
    chosen: str | None = getattr(fluent, "_active_experiment_id", None)
    fluent._active_experiment_id = experiment_id
    return chosen
