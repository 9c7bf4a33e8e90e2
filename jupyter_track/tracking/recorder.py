"""One tracked cell's run while it is being recorded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Protocol

from ..entities import Metric, Param, RunStatus, RunTag
from ..entities.clock import now_ms
from ..entities.limits import MAX_METRICS_PER_BATCH, MAX_PARAMS_PER_BATCH, MAX_TAG_VALUE, MAX_TAGS_PER_BATCH
from ..outbox import EndRun, LogBatch, Record, StartRun, WriteArtifact
from .open_run import chunks

__all__ = ["Recorder"]


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
        self.ended = False
        outbox.put(StartRun(self.run_id, experiment_name, run_name, user_id, self.start_time, tuple(_tags(self.tags))))

    def log_params(self, params: Mapping[str, str]) -> None:
        """Log params, whose names and values are within the limits."""
        self.params.update(params)
        for chunk in chunks([Param(key, value) for key, value in params.items()], MAX_PARAMS_PER_BATCH):
            self._outbox.put(LogBatch(self.run_id, params=chunk))

    def log_metrics(self, metrics: Sequence[Metric]) -> None:
        """Log metric points, in order."""
        for chunk in chunks(metrics, MAX_METRICS_PER_BATCH):
            self._outbox.put(LogBatch(self.run_id, metrics=chunk))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags; a value over the limit is cut there, as MLflow's client does."""
        for chunk in chunks(_tags(tags), MAX_TAGS_PER_BATCH):
            self._outbox.put(LogBatch(self.run_id, tags=chunk))

    def log_artifact(self, path: str, data: bytes) -> None:
        """Write one artifact file."""
        self._outbox.put(WriteArtifact(self.run_id, path, data))

    def log_text(self, path: str, text: str) -> None:
        """Write one artifact file in UTF-8; what has no encoding there (a lone surrogate) is escaped."""
        self.log_artifact(path, text.encode("utf-8", "backslashreplace"))

    def end(self, status: RunStatus, end_time: int | None = None) -> None:
        """End the run: now, or at a time before, in milliseconds since the epoch, UTC."""
        self.ended = True
        self._outbox.put(EndRun(self.run_id, status, now_ms() if end_time is None else end_time))


def _tags(tags: Mapping[str, str]) -> list[RunTag]:
    return [RunTag(key, value[:MAX_TAG_VALUE]) for key, value in tags.items()]
