"""What an outbox carries: one frozen record for each kind of write, plain data only.

Every record may be applied twice with the effect of once, because the stores' writes are such.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from ..artifacts import ArtifactRepository, open_repository
from ..entities import DatasetInput, Metric, Param, ResourceAlreadyExists, ResourceDoesNotExist, Run, RunStatus, RunTag
from ..store import Store

__all__ = [
    "DeleteTag",
    "EndRun",
    "LogBatch",
    "LogInputs",
    "Place",
    "Record",
    "ResumeRun",
    "StartRun",
    "UpdateRun",
    "WriteArtifact",
    "get_arriving_run",
]

#: Runs whose artifacts' place is remembered.
_MAX_PLACES = 1_000
#: Seconds in which a run that another process has begun must have reached the store.
ARRIVAL_SECONDS = 5.0


def get_arriving_run(store: Store, run_id: str) -> Run:
    """Return a run that another process may have begun a moment ago, and that its outbox is still to deliver.

    Raises
    ------
    ResourceDoesNotExist
        If it has not arrived in `ARRIVAL_SECONDS`.
    """
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        try:
            return store.get_run(run_id)
        except ResourceDoesNotExist:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


class Place:
    """A store, and where the artifacts of the runs in it are.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._artifact_uris: dict[str, str] = {}
        self._missing: set[str] = set()

    def remember(self, run_id: str, artifact_uri: str) -> None:
        """Keep where the artifacts of a run are, which never changes."""
        if len(self._artifact_uris) >= _MAX_PLACES:
            self._artifact_uris.clear()
        self._artifact_uris[run_id] = artifact_uri

    def has_arrived(self, run_id: str) -> bool:
        """Wait for a run that is not there, once, and return whether it is there now."""
        if run_id in self._missing:
            return False
        try:
            self.remember(run_id, get_arriving_run(self.store, run_id).info.artifact_uri)
        except ResourceDoesNotExist:
            self._missing.add(run_id)
            return False
        return True

    def forget_missing(self, run_id: str) -> None:
        """Wait for a run again, since it is known to come."""
        self._missing.discard(run_id)

    def artifacts(self, run_id: str) -> ArtifactRepository:
        """Return the artifacts of a run."""
        if run_id not in self._artifact_uris:
            self.remember(run_id, self.store.get_run(run_id).info.artifact_uri)
        return open_repository(self._artifact_uris[run_id])


@dataclass(frozen=True, slots=True)
class Record(ABC):
    """One write, about one run."""

    run_id: str

    @abstractmethod
    def apply(self, place: Place) -> None:
        """Carry the write out."""


@dataclass(frozen=True, slots=True)
class StartRun(Record):
    """The start of a run whose id its writer chose.

    It belongs to the experiment with the id, if one is given, else to that of the name, which is made if it is
    not there. ``start_time`` is in milliseconds since the epoch, UTC.
    """

    experiment_name: str
    run_name: str
    user_id: str
    start_time: int
    tags: tuple[RunTag, ...] = ()
    experiment_id: str = ""

    def apply(self, place: Place) -> None:  # noqa: D102 (the base class's docstring holds)
        run = place.store.create_run(
            self.experiment_id or self._experiment_of_the_name(place.store),
            user_id=self.user_id,
            start_time=self.start_time,
            tags=self.tags,
            run_name=self.run_name,
            run_id=self.run_id,
        )
        place.remember(self.run_id, run.info.artifact_uri)

    def _experiment_of_the_name(self, store: Store) -> str:
        experiment = store.get_experiment_by_name(self.experiment_name)
        if experiment is None:
            try:
                return store.create_experiment(self.experiment_name)
            except ResourceAlreadyExists:
                # Another kernel made it between the two calls.
                experiment = store.get_experiment_by_name(self.experiment_name)
                if experiment is None:
                    raise
        return experiment.experiment_id


@dataclass(frozen=True, slots=True)
class ResumeRun(Record):
    """A run that is there goes on."""

    def apply(self, place: Place) -> None:  # noqa: D102
        place.store.update_run_info(self.run_id, status=RunStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class UpdateRun(Record):
    """A new name for a run."""

    run_name: str

    def apply(self, place: Place) -> None:  # noqa: D102
        place.store.update_run_info(self.run_id, run_name=self.run_name)


@dataclass(frozen=True, slots=True)
class LogBatch(Record):
    """Metrics, params and tags of a run, within the limits of one batch."""

    metrics: tuple[Metric, ...] = ()
    params: tuple[Param, ...] = ()
    tags: tuple[RunTag, ...] = ()

    def apply(self, place: Place) -> None:  # noqa: D102
        place.store.log_batch(self.run_id, self.metrics, self.params, self.tags)


@dataclass(frozen=True, slots=True)
class DeleteTag(Record):
    """A tag taken off a run."""

    key: str

    def apply(self, place: Place) -> None:  # noqa: D102
        try:
            place.store.delete_tag(self.run_id, self.key)
        except ResourceDoesNotExist:
            # Taken off before, by this very record if it is applied again; a run that is missing is an error.
            place.store.get_run(self.run_id)


@dataclass(frozen=True, slots=True)
class LogInputs(Record):
    """What a run has read."""

    datasets: tuple[DatasetInput, ...]

    def apply(self, place: Place) -> None:  # noqa: D102
        place.store.log_inputs(self.run_id, self.datasets)


@dataclass(frozen=True, slots=True)
class WriteArtifact(Record):
    """One artifact file, whole. ``shared``: see `jupyter_track.artifacts.ArtifactRepository.write`."""

    path: str
    data: bytes
    shared: bool = False

    def apply(self, place: Place) -> None:  # noqa: D102
        place.artifacts(self.run_id).write(self.path, self.data, self.shared)


@dataclass(frozen=True, slots=True)
class EndRun(Record):
    """The end of a run. ``end_time`` is in milliseconds since the epoch, UTC."""

    status: RunStatus
    end_time: int

    def apply(self, place: Place) -> None:  # noqa: D102
        place.store.update_run_info(self.run_id, status=self.status, end_time=self.end_time)
