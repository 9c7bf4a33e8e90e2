"""Into the bin, and out of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from ...entities import LifecycleStage
from ...entities.clock import now_ms
from . import schema
from .revisions import new_revision

__all__ = ["move_runs", "moved_to"]

_runs = schema.runs.c


def moved_to(stage: LifecycleStage) -> dict[str, Any]:
    """Return what the columns of a run or an experiment are set to that is moved to a stage now."""
    return {"lifecycle_stage": stage.value, "deleted_time": now_ms() if stage is LifecycleStage.DELETED else None}


def move_runs(connection: Connection, where: ColumnElement[bool], stage: LifecycleStage) -> None:
    """Move runs to a stage; those that are in it already stay as they are, since when they have been so too."""
    connection.execute(
        update(schema.runs)
        .where(where, _runs.lifecycle_stage != stage.value)
        .values(revision=new_revision(connection.dialect.name), **moved_to(stage))
    )
