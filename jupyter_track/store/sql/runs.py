"""Runs in a database: what is known of them besides what was logged to them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from ...entities import InvalidParameterValue, LifecycleStage, Run, RunInfo, RunStatus, RunTag
from ...entities.clock import now_ms
from ...entities.limits import (
    MAX_RUN_NAME,
    MAX_USER_ID,
    check_integer,
    check_length,
    check_run_id,
    check_text,
)
from ...entities.run_names import invent_run_name
from ..base import RUN_NAME_TAG, TrackingStore
from ..checks import check_tags
from . import schema
from .database import Database
from .lifecycle import move_runs
from .lookup import Lock, active_experiment_row, active_run_row, run_row
from .revisions import new_revision, touch
from .rows import as_run_info, as_runs
from .values import Names, set_tags

__all__ = ["SqlRuns"]

_runs = schema.runs.c


class SqlRuns(TrackingStore):
    """The part of `SqlTrackingStore` that starts runs and changes what is known of them."""

    _database: Database
    _names: Names

    def create_run(  # noqa: D102 (the contract's docstrings hold)
        self,
        experiment_id: str,
        user_id: str = "",
        start_time: int | None = None,
        tags: Sequence[RunTag] = (),
        run_name: str = "",
        run_id: str | None = None,
    ) -> Run:
        given = {tag.key: tag.value for tag in tags}
        name = run_name or given.get(RUN_NAME_TAG, "") or invent_run_name()
        given[RUN_NAME_TAG] = name
        if run_id is None:
            run_id = uuid.uuid4().hex
        check_run_id(run_id)
        check_length("run name", name, MAX_RUN_NAME)
        check_length("user id", user_id, MAX_USER_ID)
        check_text("user id", user_id)
        check_tags(given)
        start = now_ms() if start_time is None else start_time
        check_integer("start time", start)
        with self._names.writing(given) as (connection, ids):
            experiment = active_experiment_row(connection, experiment_id, Lock.TO_KEEP)
            run_key = connection.execute(
                self._database.insert(schema.runs)
                .values(
                    run_id=run_id,
                    experiment_id=experiment.experiment_id,
                    run_name=name,
                    user_id=user_id,
                    status=RunStatus.RUNNING.value,
                    lifecycle_stage=LifecycleStage.ACTIVE.value,
                    start_time=start,
                    artifact_uri=f"{experiment.artifact_location}/{run_id}/artifacts",
                    revision=new_revision(connection.dialect.name),
                )
                .on_conflict_do_nothing()
                .returning(_runs.run_key)
            ).scalar()
            if run_key is not None:
                set_tags(connection, self._database, schema.tags, run_key, given, ids)
            row = run_row(connection, run_id)
            if row.experiment_id != experiment.experiment_id:
                raise InvalidParameterValue(f"The run {run_id} is in experiment {row.experiment_id} already.")
            return as_runs(connection, [row])[0]

    def get_run(self, run_id: str) -> Run:  # noqa: D102
        with self._database.read() as connection:
            return as_runs(connection, [run_row(connection, run_id)])[0]

    def update_run_info(  # noqa: D102
        self,
        run_id: str,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        changes: dict[str, Any] = {}
        if status is not None:
            changes["status"] = status.value
        if end_time is not None:
            check_integer("end time", end_time)
            changes["end_time"] = end_time
        if run_name:
            check_length("run name", run_name, MAX_RUN_NAME)
            check_text("run name", run_name)
            changes["run_name"] = run_name
        with self._names.writing([RUN_NAME_TAG] if run_name else []) as (connection, ids):
            row = active_run_row(connection, run_id)
            if changes:
                touch(connection, row.run_key, **changes)
            if run_name:
                set_tags(connection, self._database, schema.tags, row.run_key, {RUN_NAME_TAG: run_name}, ids)
            return as_run_info(run_row(connection, run_id))

    def delete_run(self, run_id: str) -> None:  # noqa: D102
        self._move_run(run_id, LifecycleStage.DELETED)

    def restore_run(self, run_id: str) -> None:  # noqa: D102
        self._move_run(run_id, LifecycleStage.ACTIVE)

    def _move_run(self, run_id: str, stage: LifecycleStage) -> None:
        with self._database.write() as connection:
            move_runs(connection, _runs.run_key == run_row(connection, run_id).run_key, stage)
