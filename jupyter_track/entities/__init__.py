"""The ground floor: what exists, and what can go wrong. Standard library only."""

from .errors import (
    InvalidParameterValue,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    SchemaMismatch,
    StoreUnavailable,
    TrackError,
)
from .registry import ModelVersion, RegisteredModel
from .tracking import (
    Experiment,
    ExperimentTag,
    FileInfo,
    LifecycleStage,
    Metric,
    PagedList,
    Param,
    Run,
    RunData,
    RunInfo,
    RunStatus,
    RunTag,
    ViewType,
)

__all__ = [
    "Experiment",
    "ExperimentTag",
    "FileInfo",
    "InvalidParameterValue",
    "LifecycleStage",
    "Metric",
    "ModelVersion",
    "PagedList",
    "Param",
    "RegisteredModel",
    "ResourceAlreadyExists",
    "ResourceDoesNotExist",
    "Run",
    "RunData",
    "RunInfo",
    "RunStatus",
    "RunTag",
    "SchemaMismatch",
    "StoreUnavailable",
    "TrackError",
    "ViewType",
]
