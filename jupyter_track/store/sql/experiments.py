"""Experiments in a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from ...entities import (
    Experiment,
    ExperimentTag,
    LifecycleStage,
    PagedList,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    ViewType,
)
from ...entities.clock import now_ms
from ...entities.limits import MAX_EXPERIMENT_TAG_VALUE, check_experiment_name, check_text
from ...filters import EXPERIMENTS, Kind, parse_filter, parse_order
from ..base import TrackingStore
from ..checks import MAX_PAGE, absolute_location, check_page, check_tags
from . import schema
from .database import Database
from .lifecycle import move_runs, moved_to
from .lookup import Lock, active_experiment_row, experiment_row, in_view
from .rows import as_experiments
from .search import Page, SortKey, Target, search_page
from .values import Names, delete_tag, set_tags

__all__ = ["SqlExperiments"]

_experiments = schema.experiments.c

_TARGET = Target(
    source=schema.experiments,
    columns=tuple(_experiments),
    key=_experiments.experiment_id,
    attributes={
        "name": _experiments.name,
        "experiment_id": _experiments.experiment_id,
        "creation_time": _experiments.creation_time,
        "last_update_time": _experiments.last_update_time,
    },
    values={Kind.TAG: schema.experiment_tags},
)


class SqlExperiments(TrackingStore):
    """The part of `SqlTrackingStore` that keeps experiments."""

    _database: Database
    _names: Names
    _artifact_root: str

    def create_experiment(  # noqa: D102 (the contract's docstrings hold)
        self, name: str, artifact_location: str | None = None, tags: Sequence[ExperimentTag] = ()
    ) -> str:
        check_experiment_name(name)
        check_text("artifact location", artifact_location or "")
        given = {tag.key: tag.value for tag in tags}
        check_tags(given, MAX_EXPERIMENT_TAG_VALUE)
        now = now_ms()
        with self._names.writing(given) as (connection, ids):
            experiment_id = connection.execute(
                self._database.insert(schema.experiments)
                .values(
                    name=name,
                    artifact_location=absolute_location(artifact_location) if artifact_location else "",
                    lifecycle_stage=LifecycleStage.ACTIVE.value,
                    creation_time=now,
                    last_update_time=now,
                )
                .on_conflict_do_nothing()
                .returning(_experiments.experiment_id)
            ).scalar()
            if experiment_id is None:
                raise ResourceAlreadyExists(f"Experiment(name={name}) already exists.")
            if not artifact_location:
                connection.execute(
                    update(schema.experiments)
                    .where(_experiments.experiment_id == experiment_id)
                    .values(artifact_location=self._location(experiment_id))
                )
            set_tags(connection, self._database, schema.experiment_tags, experiment_id, given, ids)
        return str(experiment_id)

    def create_default_experiment(self) -> None:
        """Make experiment "0", which is always there."""
        with self._database.read() as connection:
            if connection.execute(select(_experiments.name).where(_experiments.experiment_id == 0)).first():
                return
        now = now_ms()
        with self._database.write() as connection:
            connection.execute(
                self._database.insert(schema.experiments)
                .values(
                    experiment_id=0,
                    name="Default",
                    artifact_location=self._location(0),
                    lifecycle_stage=LifecycleStage.ACTIVE.value,
                    creation_time=now,
                    last_update_time=now,
                )
                .on_conflict_do_nothing()
            )

    def _location(self, experiment_id: int) -> str:
        return f"{self._artifact_root}/{experiment_id}"

    def get_experiment(self, experiment_id: str) -> Experiment:  # noqa: D102
        with self._database.read() as connection:
            return as_experiments(connection, [experiment_row(connection, experiment_id)])[0]

    def get_experiment_by_name(self, name: str) -> Experiment | None:  # noqa: D102
        check_text("experiment name", name)
        with self._database.read() as connection:
            row = connection.execute(select(schema.experiments).where(_experiments.name == name)).first()
            return as_experiments(connection, [row])[0] if row is not None else None

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:  # noqa: D102
        check_experiment_name(new_name)
        with self._database.write() as connection:
            row = active_experiment_row(connection, experiment_id)
            if row.name == new_name:
                return
            try:
                _change(connection, row.experiment_id, name=new_name)
            except IntegrityError as error:
                raise ResourceAlreadyExists(f"Experiment(name={new_name}) already exists.") from error

    def delete_experiment(self, experiment_id: str) -> None:  # noqa: D102
        self._move(experiment_id, LifecycleStage.DELETED)

    def restore_experiment(self, experiment_id: str) -> None:  # noqa: D102
        self._move(experiment_id, LifecycleStage.ACTIVE)

    def _move(self, experiment_id: str, stage: LifecycleStage) -> None:
        """Put an experiment and all its runs into the bin, or take them out of it."""
        with self._database.write() as connection:
            row = experiment_row(connection, experiment_id, Lock.TO_CHANGE)
            if row.lifecycle_stage != stage.value:
                _change(connection, row.experiment_id, **moved_to(stage))
                move_runs(connection, schema.runs.c.experiment_id == row.experiment_id, stage)

    def set_experiment_tag(self, experiment_id: str, tag: ExperimentTag) -> None:  # noqa: D102
        check_tags({tag.key: tag.value}, MAX_EXPERIMENT_TAG_VALUE)
        with self._names.writing([tag.key]) as (connection, ids):
            row = active_experiment_row(connection, experiment_id)
            given = {tag.key: tag.value}
            set_tags(connection, self._database, schema.experiment_tags, row.experiment_id, given, ids)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:  # noqa: D102
        check_text("tag name", key)
        with self._database.write() as connection:
            row = active_experiment_row(connection, experiment_id)
            if not delete_tag(connection, schema.experiment_tags, row.experiment_id, key):
                raise ResourceDoesNotExist(f"No tag with name: {key[:250]} in experiment with id {experiment_id}")

    def search_experiments(  # noqa: D102
        self,
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[Experiment]:
        check_page(max_results, MAX_PAGE)
        page = Page(max_results, page_token)
        condition = parse_filter(filter_string, EXPERIMENTS, page.now)
        asked = parse_order(order_by, EXPERIMENTS)
        # The way in which MLflow's own servers break ties differs with the order.
        then: list[SortKey] = [(_experiments.creation_time, True), (_experiments.experiment_id, bool(asked))]
        where = in_view(_experiments.lifecycle_stage, view_type)
        with self._database.read() as connection:
            rows, token = search_page(connection, _TARGET, where, page, then, condition, asked)
            return PagedList(as_experiments(connection, rows), token)


def _change(connection: Connection, experiment_id: int, **changes: Any) -> None:
    connection.execute(
        update(schema.experiments)
        .where(_experiments.experiment_id == experiment_id)
        .values(last_update_time=now_ms(), **changes)
    )
