"""Experiments, runs, and what is logged to them, under MLflow's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

__all__ = [
    "Experiment",
    "ExperimentTag",
    "FileInfo",
    "LifecycleStage",
    "Metric",
    "PagedList",
    "Param",
    "Run",
    "RunData",
    "RunInfo",
    "RunStatus",
    "RunTag",
    "ViewType",
]


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

    @property
    def is_terminated(self) -> bool:
        """Whether a run in this state has ended."""
        return self not in (RunStatus.RUNNING, RunStatus.SCHEDULED)


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
class Metric:
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


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter. Written once: another value for the same key of a run is refused."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class RunTag:
    """A tag of a run. The last value set is the one that is kept."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ExperimentTag:
    """A tag of an experiment."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Experiment:
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
class RunInfo:
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


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its info and its data."""

    info: RunInfo
    data: RunData


@dataclass(frozen=True, slots=True)
class FileInfo:
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
