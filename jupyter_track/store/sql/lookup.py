"""Finding the row of an experiment or a run, and telling what is wrong if there is none."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ...entities import InvalidParameterValue, LifecycleStage, ResourceDoesNotExist, ViewType
from . import schema

__all__ = [
    "Lock",
    "active_experiment_row",
    "active_run_row",
    "experiment_key",
    "experiment_row",
    "in_view",
    "run_row",
]

_experiments = schema.experiments.c
_runs = schema.runs.c

_RUN = select(schema.runs).where(_runs.run_id == bindparam("asked"))
_RUN_TO_CHANGE = _RUN.with_for_update(key_share=True)


class Lock(Enum):
    """What a row is locked for until the transaction ends."""

    #: Any number may want the row to stay as it is.
    TO_KEEP = auto()
    TO_CHANGE = auto()


def experiment_key(experiment_id: str) -> int | None:
    """Return an experiment's key in the database; None if no experiment can have that id."""
    return (
        int(experiment_id) if experiment_id.isascii() and experiment_id.isdigit() and len(experiment_id) < 19 else None
    )


def experiment_row(connection: Connection, experiment_id: str, lock: Lock | None = None) -> Row[Any]:
    """Return an experiment's row.

    Raises
    ------
    ResourceDoesNotExist
    """
    query = select(schema.experiments).where(_experiments.experiment_id == experiment_key(experiment_id))
    if lock is not None:
        query = query.with_for_update(read=lock is Lock.TO_KEEP, key_share=lock is Lock.TO_CHANGE)
    row = connection.execute(query).first()
    if row is None:
        raise ResourceDoesNotExist(f"No Experiment with id={experiment_id[:80]} exists")
    return row


def active_experiment_row(connection: Connection, experiment_id: str, lock: Lock = Lock.TO_CHANGE) -> Row[Any]:
    """Return the row of an experiment that is not in the bin.

    Raises
    ------
    InvalidParameterValue
        If the experiment is deleted.
    ResourceDoesNotExist
    """
    row = experiment_row(connection, experiment_id, lock)
    if row.lifecycle_stage != LifecycleStage.ACTIVE.value:
        raise InvalidParameterValue(f"The experiment {row.name!r} is deleted: restore it, or use another one.")
    return row


def run_row(connection: Connection, run_id: str, to_change: bool = False) -> Row[Any]:
    """Return a run's row; `to_change`: nobody else changes it until the transaction ends.

    Raises
    ------
    ResourceDoesNotExist
    """
    row = None
    if run_id.isascii() and run_id.isalnum():
        row = connection.execute(_RUN_TO_CHANGE if to_change else _RUN, {"asked": run_id}).first()
    if row is None:
        raise ResourceDoesNotExist(f"Run with id={run_id[:80]} not found")
    return row


def active_run_row(connection: Connection, run_id: str) -> Row[Any]:
    """Return the row of a run that may be written to; nobody else changes it until the transaction ends.

    Raises
    ------
    InvalidParameterValue
        If the run is deleted.
    ResourceDoesNotExist
    """
    row = run_row(connection, run_id, to_change=True)
    if row.lifecycle_stage != LifecycleStage.ACTIVE.value:
        raise InvalidParameterValue(f"The run {run_id} is deleted: restore it before anything is written to it.")
    return row


def in_view(column: Any, view_type: ViewType) -> Any:
    """Return the condition that a lifecycle stage is one of those in view."""
    return column.in_(sorted(stage.value for stage in view_type.stages))
