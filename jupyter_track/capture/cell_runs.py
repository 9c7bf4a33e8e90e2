"""Which run a cell is recorded in: one of its own, one that several cells share, or one that goes on."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..entities import InvalidParameterValue, LifecycleStage, RunStatus, TrackError
from ..entities.run_names import invent_run_name
from ..tracking import CellPart, Recorder, TrackClient
from ..tracking.active import status_at_exit
from ..tracking.context import user_name
from ..tracking.recorder import CELLS_TAG
from .options import TrackOptions

__all__ = ["CellRuns"]

DEFAULT_EXPERIMENT = "Default"
PARENT_TAG = "mlflow.parentRunId"

#: What a run that is executed again tells the kernel that executes it: the tags of the new run, by variable.
_TAGS_OF_ENVIRONMENT = {"JUPYTER_TRACK_RERUN_OF": "jupyter_track.rerun_of"}


class CellRuns:
    """The runs of one notebook.

    Parameters
    ----------
    client : callable
        Returns the client in force.
    notebook_path : callable
        Returns the path of the notebook as far as it is known, else an empty text.

    Attributes
    ----------
    default_experiment : str
        The experiment of runs that name none; the notebook's name if empty.
    """

    def __init__(self, client: Callable[[], TrackClient], notebook_path: Callable[[], str]) -> None:
        self._client = client
        self._notebook_path = notebook_path
        self._open: list[Recorder] = []
        self.default_experiment = ""

    @property
    def open(self) -> Recorder | None:
        """The run that the following cells share, or None."""
        return self._open[-1] if self._open else None

    def start(self, name: str, experiment: str, tags: Mapping[str, str]) -> Recorder:
        """Begin a run that the following cells share; inside another one it is nested."""
        parent = {PARENT_TAG: self._open[-1].run_id} if self._open else {}
        recorder = self._record(name, experiment, {CELLS_TAG: "0", **parent, **tags})
        if not self._open:
            # Now, and not before: what is registered last is called first, and the outbox must still take the end.
            atexit.register(self._end_at_exit)
        self._open.append(recorder)
        return recorder

    def end(self, status: RunStatus = RunStatus.FINISHED) -> Recorder:
        """End the run that was begun last.

        Raises
        ------
        InvalidParameterValue
            If none is open.
        """
        if not self._open:
            raise InvalidParameterValue("No run is open: '%track start NAME' begins one that several cells share.")
        recorder = self._open.pop()
        recorder.end(status)
        if not self._open:
            atexit.unregister(self._end_at_exit)
        return recorder

    def _end_at_exit(self) -> None:
        self.end_all(status_at_exit())

    def end_all(self, status: RunStatus) -> None:
        """End every run that is open."""
        while self._open:
            self.end(status)

    def of_cell(
        self, options: TrackOptions, info: Any, outer: Recorder | None, say: Callable[[str], None]
    ) -> tuple[Recorder, bool]:
        """Return what records a cell, and whether that begins a run.

        Parameters
        ----------
        options : TrackOptions
        info : IPython.core.interactiveshell.ExecutionInfo or None
        outer : Recorder or None
            Of the tracked cell that this one runs inside of.
        say : callable
            Called with what the person should know: an option that could not be followed.
        """
        shared = self.open
        if options.resume:
            resumed = self._resume(options, say)
            if resumed is not None:
                return resumed, False
        elif options.shares_run and shared is not None:
            return CellPart(shared), False
        elif options.same_run:
            say("--same-run: no run is open ('%track start NAME' begins one), so this cell has a run of its own.")
        tags = dict(options.tags)
        cell_id = getattr(info, "cell_id", None)
        if cell_id:
            tags["jupyter_track.cell_id"] = str(cell_id)
        parent = outer or shared
        if parent is not None:
            tags[PARENT_TAG] = parent.run_id
        return self._record(options.name, options.experiment, tags), True

    def _resume(self, options: TrackOptions, say: Callable[[str], None]) -> Recorder | None:
        client = self._client()
        try:
            run = client.find_run(options.resume)
            if run.info.lifecycle_stage is LifecycleStage.DELETED:
                raise InvalidParameterValue(f"the run {run.info.run_name!r} is deleted.")
            experiment = client.get_experiment(run.info.experiment_id).name
        except TrackError as error:
            # The results of a long cell must not be lost over a mistyped name.
            say(f"--resume: {error} This cell has a run of its own.")
            return None
        for recorder in self._open:
            if recorder.run_id == run.info.run_id:
                return CellPart(recorder)
        resumed = CellPart(Recorder.resumed(client, run, experiment), ends_run=True)
        resumed.set_tags(options.tags)
        return resumed

    def _record(self, name: str, experiment: str, tags: Mapping[str, str]) -> Recorder:
        path = self._notebook_path()
        experiment = experiment or self.default_experiment or Path(path).stem or DEFAULT_EXPERIMENT
        user = user_name()
        of_environment = {tag: os.environ[name] for name, tag in _TAGS_OF_ENVIRONMENT.items() if name in os.environ}
        all_tags = {
            "mlflow.user": user,
            "mlflow.source.type": "NOTEBOOK",
            **({"mlflow.source.name": path} if path else {}),
            **of_environment,
            **tags,
        }
        return self._client().record(experiment, name or invent_run_name(), user, all_tags)
