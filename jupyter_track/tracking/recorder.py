"""The run of tracked cells while it is being recorded: of one cell, or of several that share it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ..entities import DatasetInput, Metric, Param, Run, RunStatus, RunTag
from ..entities.clock import now_ms
from ..entities.limits import MAX_METRICS_PER_BATCH, MAX_PARAMS_PER_BATCH, MAX_TAG_VALUE, MAX_TAGS_PER_BATCH
from ..outbox import EndRun, LogBatch, LogInputs, Record, ResumeRun, StartRun, WriteArtifact
from .open_run import chunks

__all__ = ["CELLS_TAG", "CellPart", "Recorder"]

#: How many cells were recorded in a run that cells share.
CELLS_TAG = "jupyter_track.cells"
#: Where the tracker keeps what it captures, which is much the same from run to run. All else (a model, say) other
#: programs may look for as a file at its place.
SHARED = frozenset({"notebook.ipynb", "output", "track", "error"})


class Destination(Protocol):
    """Where a recorder sends its records: an outbox, or a client that has one."""

    def put(self, record: Record) -> int:
        """Take a record and return at once."""


class Recorder:
    """Writes one run through an outbox; no call waits for the store.

    The run starts with the object.

    Parameters
    ----------
    outbox : Destination
    experiment_name : str
        The experiment; made if it is not there.
    run_name : str
    user_id : str
    tags : mapping of str to str

    Attributes
    ----------
    run_id : str
        32 hexadecimal digits, known before the store has heard of the run.
    start_time : int
        Milliseconds since the epoch, UTC.
    tags : dict of str to str
        Those that the run started with.
    params : dict of str to str
        All that were logged.
    last_steps : dict of str to int
        The last step of each metric that was logged.
    logged_metrics : dict of str to float
    logged_params : dict of str to str
        The last value of what a cell has logged by calls of its own.
    ended : bool
    """

    def __init__(
        self,
        outbox: Destination,
        experiment_name: str,
        run_name: str,
        user_id: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self._outbox = outbox
        self.run_id = uuid.uuid4().hex
        self.run_name = run_name
        self.experiment_name = experiment_name
        self.user_id = user_id
        self.start_time = now_ms()
        self.tags = {tag.key: tag.value for tag in _tags(tags or {})}
        self.params: dict[str, str] = {}
        self.last_steps: dict[str, int] = {}
        self._begin_part()
        outbox.put(StartRun(self.run_id, experiment_name, run_name, user_id, self.start_time, tuple(_tags(self.tags))))

    @classmethod
    def resumed(cls, outbox: Destination, run: Run, experiment_name: str) -> Recorder:
        """Return a recorder that goes on with a run that is there."""
        recorder = cls.__new__(cls)
        recorder._outbox = outbox
        recorder.run_id = run.info.run_id
        recorder.run_name = run.info.run_name
        recorder.experiment_name = experiment_name
        recorder.user_id = run.info.user_id
        recorder.start_time = run.info.start_time
        recorder.tags = dict(run.data.tags)
        recorder.params = dict(run.data.params)
        recorder.last_steps = {metric.key: metric.step for metric in run.data.latest_metrics}
        recorder._begin_part()
        outbox.put(ResumeRun(recorder.run_id))
        return recorder

    def _begin_part(self) -> None:
        self.ended = False
        self.logged_metrics: dict[str, float] = {}
        self.logged_params: dict[str, str] = {}

    def log_params(self, params: Mapping[str, str]) -> dict[str, str]:
        """Log params, whose names and values are within the limits.

        Returns
        -------
        dict of str to str
            What the run has already, with another value, and keeps: a param is written once.
        """
        kept = {key: self.params[key] for key, value in params.items() if self.params.get(key, value) != value}
        new = {key: value for key, value in params.items() if key not in self.params}
        self.params.update(new)
        for chunk in chunks([Param(key, value) for key, value in new.items()], MAX_PARAMS_PER_BATCH):
            self._outbox.put(LogBatch(self.run_id, params=chunk))
        return kept

    def log_metrics(self, metrics: Sequence[Metric]) -> None:
        """Log metric points, in order."""
        for metric in metrics:
            self.last_steps[metric.key] = max(metric.step, self.last_steps.get(metric.key, metric.step))
        for chunk in chunks(metrics, MAX_METRICS_PER_BATCH):
            self._outbox.put(LogBatch(self.run_id, metrics=chunk))

    def log_inputs(self, datasets: Sequence[DatasetInput]) -> None:
        """Log the data that was used."""
        if datasets:
            self._outbox.put(LogInputs(self.run_id, tuple(datasets)))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags; a value over the limit is cut there, as MLflow's client does."""
        for chunk in chunks(_tags(tags), MAX_TAGS_PER_BATCH):
            self._outbox.put(LogBatch(self.run_id, tags=chunk))

    def log_artifact(self, path: str, data: bytes) -> None:
        """Write one artifact file. What one run and the next have in common may be kept once (see `SHARED`)."""
        self._outbox.put(WriteArtifact(self.run_id, path, data, shared=path.partition("/")[0] in SHARED))

    def log_text(self, path: str, text: str) -> None:
        """Write one artifact file in UTF-8; what has no encoding there (a lone surrogate) is escaped."""
        self.log_artifact(path, text.encode("utf-8", "backslashreplace"))

    def end(self, status: RunStatus, end_time: int | None = None) -> None:
        """End the run: now, or at a time before, in milliseconds since the epoch, UTC."""
        self.ended = True
        self._outbox.put(EndRun(self.run_id, status, now_ms() if end_time is None else end_time))


class CellPart(Recorder):
    """Records one cell in a run that it shares with others.

    Its files have a folder of their own, and its metrics go on where those of the cells before it ended. What the
    cell ends is its part; the run goes on.

    Parameters
    ----------
    run : Recorder
        Of the run.
    ends_run : bool
        Whether the run ends with this cell.
    """

    def __init__(self, run: Recorder, ends_run: bool = False) -> None:
        self._run = run
        self._ends_run = ends_run
        self._outbox = run._outbox
        self.run_id = run.run_id
        self.run_name = run.run_name
        self.experiment_name = run.experiment_name
        self.user_id = run.user_id
        self.start_time = now_ms()
        self.tags = run.tags
        self.params = run.params
        self.last_steps = run.last_steps
        self._begin_part()
        self._first_steps = {key: step + 1 for key, step in run.last_steps.items()}
        # A run that was not begun to be shared has one cell, which knows of no others.
        self.position = int(run.tags.get(CELLS_TAG, "1")) + 1
        run.tags[CELLS_TAG] = str(self.position)
        self.set_tags({CELLS_TAG: str(self.position)})

    def log_metrics(self, metrics: Sequence[Metric]) -> None:
        """Log metric points, in order; their steps are counted from where the cells before have ended."""
        super().log_metrics(
            [replace(metric, step=metric.step + self._first_steps.get(metric.key, 0)) for metric in metrics]
        )

    def log_artifact(self, path: str, data: bytes) -> None:
        """Write one artifact file; the notebook is that of the run, everything else the cell's."""
        shared = path.partition("/")[0] in SHARED
        place = path if path == "notebook.ipynb" else f"cells/{self.position}/{path}"
        self._outbox.put(WriteArtifact(self.run_id, place, data, shared))

    def end(self, status: RunStatus, end_time: int | None = None) -> None:
        """End the part of this cell, and the run if it ends with it."""
        self.ended = True
        if self._ends_run:
            self._run.end(status, end_time)


def _tags(tags: Mapping[str, str]) -> list[RunTag]:
    return [RunTag(key, value[:MAX_TAG_VALUE]) for key, value in tags.items()]
