"""What an outbox carries: one frozen record for each kind of write, plain data only.

Every record may be applied twice with the effect of once, because the stores' writes are such.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from ..artifacts import open_repository
from ..entities import Metric, Param, ResourceAlreadyExists, RunStatus, RunTag
from ..store import Store

__all__ = ["EndRun", "LogBatch", "Record", "StartRun", "WriteArtifact"]


@dataclass(frozen=True, slots=True)
class Record(ABC):
    """One write, about one run."""

    run_id: str

    @abstractmethod
    def apply(self, store: Store) -> None:
        """Carry the write out."""


@dataclass(frozen=True, slots=True)
class StartRun(Record):
    """The start of a run whose id its writer chose; the experiment is made if it is not there."""

    experiment_name: str
    run_name: str
    user_id: str
    start_time: int
    tags: tuple[RunTag, ...] = ()

    def apply(self, store: Store) -> None:  # noqa: D102 (the base class's docstring holds)
        experiment = store.get_experiment_by_name(self.experiment_name)
        if experiment is not None:
            experiment_id = experiment.experiment_id
        else:
            try:
                experiment_id = store.create_experiment(self.experiment_name)
            except ResourceAlreadyExists:
                # Another kernel made it between the two calls.
                experiment = store.get_experiment_by_name(self.experiment_name)
                if experiment is None:
                    raise
                experiment_id = experiment.experiment_id
        store.create_run(
            experiment_id,
            user_id=self.user_id,
            start_time=self.start_time,
            tags=self.tags,
            run_name=self.run_name,
            run_id=self.run_id,
        )


@dataclass(frozen=True, slots=True)
class LogBatch(Record):
    """Metrics, params and tags of a run, within the limits of one batch."""

    metrics: tuple[Metric, ...] = ()
    params: tuple[Param, ...] = ()
    tags: tuple[RunTag, ...] = ()

    def apply(self, store: Store) -> None:  # noqa: D102
        store.log_batch(self.run_id, self.metrics, self.params, self.tags)


@dataclass(frozen=True, slots=True)
class WriteArtifact(Record):
    """One artifact file, whole."""

    path: str
    data: bytes

    def apply(self, store: Store) -> None:  # noqa: D102
        open_repository(store.get_run(self.run_id).info.artifact_uri).write(self.path, self.data)


@dataclass(frozen=True, slots=True)
class EndRun(Record):
    """The end of a run. ``end_time`` is in milliseconds since the epoch, UTC."""

    status: RunStatus
    end_time: int

    def apply(self, store: Store) -> None:  # noqa: D102
        store.update_run_info(self.run_id, status=self.status, end_time=self.end_time)
