"""Experiments, runs, and what is logged to them, under MLflow's names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Generic, TypeVar

__all__ = [
    "Dataset",
    "DatasetInput",
    "Experiment",
    "ExperimentTag",
    "FileInfo",
    "InputTag",
    "LifecycleStage",
    "Metric",
    "PagedList",
    "Param",
    "Run",
    "RunData",
    "RunInfo",
    "RunInputs",
    "RunStatus",
    "RunTag",
    "ViewType",
]


class _Pairs:
    """What ``dict()`` can be made of, as of MLflow's entities."""

    __slots__: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter([(field.name, getattr(self, field.name)) for field in fields(self)])  # type: ignore[arg-type]


class _Name(str, Enum):
    """An enumeration whose members are their own names on the wire."""

    def __str__(self) -> str:
        return str(self.value)


class RunStatus(_Name):
    """The states of a run; all but the first two are final."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @staticmethod
    def is_terminated(status: str) -> bool:
        """Return whether a run in a state has ended."""
        return RunStatus(status) not in (RunStatus.RUNNING, RunStatus.SCHEDULED)

    @staticmethod
    def to_string(status: str) -> str:
        """Return the name of a state, which is the state itself; MLflow's are numbers."""
        return RunStatus(status).value

    @staticmethod
    def from_string(name: str) -> RunStatus:
        """Return the state of a name."""
        return RunStatus(name)


class LifecycleStage(_Name):
    """Whether an experiment or a run is there or in the bin."""

    ACTIVE = "active"
    DELETED = "deleted"


class ViewType(_Name):
    """Which lifecycle stages a search looks at."""

    ACTIVE_ONLY = "ACTIVE_ONLY"
    DELETED_ONLY = "DELETED_ONLY"
    ALL = "ALL"

    @property
    def stages(self) -> frozenset[LifecycleStage]:
        """The lifecycle stages in view."""
        if self is ViewType.ALL:
            return frozenset(LifecycleStage)
        return frozenset({LifecycleStage.ACTIVE if self is ViewType.ACTIVE_ONLY else LifecycleStage.DELETED})


@dataclass(frozen=True, slots=True)
class Metric(_Pairs):
    """One point of a metric.

    Parameters
    ----------
    key : str
    value : float
        NaN and the infinities are values like any other.
    timestamp : int
        Milliseconds since the epoch, UTC.
    step : int
        May be negative, may repeat, may have gaps.
    """

    key: str
    value: float
    timestamp: int
    step: int = 0

    def to_dictionary(self) -> dict[str, Any]:
        """Return the point as a dictionary."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class Param(_Pairs):
    """A parameter. Written once: another value for the same key of a run is refused."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class RunTag(_Pairs):
    """A tag of a run. The last value set is the one that is kept."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ExperimentTag(_Pairs):
    """A tag of an experiment."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Experiment(_Pairs):
    """A named group of runs; in a notebook, by default, the notebook.

    ``creation_time`` and ``last_update_time`` are milliseconds since the epoch, UTC.
    """

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: LifecycleStage
    creation_time: int
    last_update_time: int
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunInfo(_Pairs):
    """What is known of a run besides what was logged to it.

    ``start_time`` and ``end_time`` are milliseconds since the epoch, UTC; ``end_time`` is None while the
    run goes on. ``run_id`` is 32 hexadecimal digits.
    """

    run_id: str
    experiment_id: str
    run_name: str
    user_id: str
    status: RunStatus
    start_time: int
    end_time: int | None
    artifact_uri: str
    lifecycle_stage: LifecycleStage = LifecycleStage.ACTIVE


@dataclass(frozen=True, slots=True)
class RunData:
    """What was logged to a run: for each metric its latest point, every param, every tag.

    The latest point of a metric is the greatest by (step, timestamp, value), as in MLflow.
    """

    latest_metrics: tuple[Metric, ...] = ()
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {metric.key: metric.value for metric in self.latest_metrics}

    def to_dictionary(self) -> dict[str, Any]:
        """Return the latest values, the params and the tags as a dictionary of dictionaries."""
        return {"metrics": self.metrics, "params": dict(self.params), "tags": dict(self.tags)}


@dataclass(frozen=True, slots=True)
class Dataset(_Pairs):
    """Data that a run has read.

    Within an experiment, a name and a digest say which data it is; whatever else was told of it first is kept.

    Parameters
    ----------
    name : str
    digest : str
        Tells different contents apart.
    source_type : str
        What kind of place the data came from: "local", "s3", "http"...
    source : str
        The place, as JSON.
    schema, profile : str, optional
        Columns and their types, and counts or statistics, as JSON.
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None

    def to_dictionary(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class InputTag(_Pairs):
    """A tag of what a run has read; ``mlflow.data.context`` says what for ("training")."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DatasetInput(_Pairs):
    """A dataset as one run has read it."""

    dataset: Dataset
    tags: Sequence[InputTag] = ()

    def to_dictionary(self) -> dict[str, Any]:
        """Return the dataset and the tags as dictionaries."""
        return {"dataset": self.dataset.to_dictionary(), "tags": {tag.key: tag.value for tag in self.tags}}


@dataclass(frozen=True, slots=True)
class RunInputs(_Pairs):
    """What a run has read."""

    dataset_inputs: tuple[DatasetInput, ...] = ()

    def to_dictionary(self) -> dict[str, Any]:
        """Return the inputs as dictionaries."""
        return {"dataset_inputs": [each.to_dictionary() for each in self.dataset_inputs]}


@dataclass(frozen=True, slots=True)
class Run(_Pairs):
    """A run: its info, what was logged to it, and what it has read."""

    info: RunInfo
    data: RunData
    inputs: RunInputs = field(default_factory=RunInputs)

    def to_dictionary(self) -> dict[str, Any]:
        """Return everything as dictionaries."""
        return {
            "info": dict(self.info),
            "data": self.data.to_dictionary(),
            "inputs": self.inputs.to_dictionary(),
        }


@dataclass(frozen=True, slots=True)
class FileInfo(_Pairs):
    """A file or folder among a run's artifacts.

    ``path`` is relative to the run's artifact root and uses ``/``; ``file_size`` is in bytes and None for
    a folder.
    """

    path: str
    is_dir: bool
    file_size: int | None = None


_T = TypeVar("_T")


class PagedList(list[_T], Generic[_T]):
    """One page of a search, and the token that asks for the next; an empty token means the last page."""

    def __init__(self, items: Sequence[_T] = (), token: str = "") -> None:
        super().__init__(items)
        self.token = token
