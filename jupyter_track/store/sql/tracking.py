"""Experiments, runs, and what is logged to runs."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, func, select, tuple_, update

from ...entities import (
    Experiment,
    ExperimentTag,
    InvalidParameterValue,
    LifecycleStage,
    Metric,
    PagedList,
    Param,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    Run,
    RunInfo,
    RunStatus,
    RunTag,
    ViewType,
)
from ...entities.clock import now_ms
from ...entities.limits import (
    MAX_EXPERIMENT_TAG_VALUE,
    MAX_RUN_NAME,
    MAX_USER_ID,
    check_experiment_name,
    check_integer,
    check_length,
    check_run_id,
    check_text,
)
from ...entities.run_names import invent_run_name
from ...filters import EXPERIMENTS, RUNS, Kind, parse_filter, parse_order
from ..base import TrackingStore
from ..checks import absolute_location, check_batch, check_page, check_tags
from . import schema
from .database import Database
from .rows import POINT, as_experiments, as_metric, as_point, as_run_info, as_runs, rank
from .search import Page, SortKey, Target, search_page
from .values import Names, as_number, set_tags

__all__ = ["SqlTrackingStore"]

MAX_PAGE = 50_000
NO_LIMIT = 2**31 - 1
RUN_NAME_TAG = "mlflow.runName"

_experiments = schema.experiments.c
_runs = schema.runs.c

_RUN_TARGET = Target(
    source=schema.runs,
    columns=tuple(_runs),
    key=_runs.run_key,
    attributes={
        "run_id": _runs.run_id,
        "run_name": _runs.run_name,
        "status": _runs.status,
        "user_id": _runs.user_id,
        "artifact_uri": _runs.artifact_uri,
        "start_time": _runs.start_time,
        "end_time": _runs.end_time,
    },
    values={Kind.METRIC: schema.latest_metrics, Kind.PARAM: schema.params, Kind.TAG: schema.tags},
)
_EXPERIMENT_TARGET = Target(
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
_POINT_TARGET = Target(
    source=schema.metrics.join(schema.names, schema.metrics.c.name_id == schema.names.c.name_id),
    columns=tuple(schema.metrics.c),
    key=schema.metrics.c.run_key,
)


class SqlTrackingStore(TrackingStore):
    """The tracking half of `SqlStore`.

    Parameters
    ----------
    database : Database
    names : Names
    artifact_root : str
        Below it, each new experiment has a folder.
    """

    def __init__(self, database: Database, names: Names, artifact_root: str) -> None:
        self._database = database
        self._names = names
        self._artifact_root = absolute_location(artifact_root).rstrip("/")

    # -- experiments

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
            key = _experiment_key(experiment_id)
            row = connection.execute(select(schema.experiments).where(_experiments.experiment_id == key)).first()
            if row is None:
                raise _no_experiment(experiment_id)
            return as_experiments(connection, [row])[0]

    def get_experiment_by_name(self, name: str) -> Experiment | None:  # noqa: D102
        check_text("experiment name", name)
        with self._database.read() as connection:
            row = connection.execute(select(schema.experiments).where(_experiments.name == name)).first()
            return as_experiments(connection, [row])[0] if row is not None else None

    def search_experiments(  # noqa: D102
        self,
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[Experiment]:
        check_page(max_results, MAX_PAGE)
        condition = parse_filter(filter_string, EXPERIMENTS)
        asked = parse_order(order_by, EXPERIMENTS)
        # The way in which MLflow's own servers break ties differs with the order.
        then: list[SortKey] = [(_experiments.creation_time, True), (_experiments.experiment_id, bool(asked))]
        where = _in_view(_experiments.lifecycle_stage, view_type)
        page = Page(max_results, page_token)
        with self._database.read() as connection:
            rows, token = search_page(connection, _EXPERIMENT_TARGET, where, page, then, condition, asked)
            return PagedList(as_experiments(connection, rows), token)

    # -- runs

    def create_run(  # noqa: D102
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
            experiment = connection.execute(
                select(schema.experiments)
                .where(_experiments.experiment_id == _experiment_key(experiment_id))
                .with_for_update(read=True)
            ).first()
            if experiment is None:
                raise _no_experiment(experiment_id)
            if experiment.lifecycle_stage != LifecycleStage.ACTIVE.value:
                raise InvalidParameterValue(
                    f"The experiment {experiment.name!r} is deleted: restore it, or use another one."
                )
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
                )
                .on_conflict_do_nothing()
                .returning(_runs.run_key)
            ).scalar()
            if run_key is not None:
                set_tags(connection, self._database, schema.tags, run_key, given, ids)
            row = _run_row(connection, run_id)
            if row.experiment_id != experiment.experiment_id:
                raise InvalidParameterValue(f"The run {run_id} is in experiment {row.experiment_id} already.")
            return as_runs(connection, [row])[0]

    def get_run(self, run_id: str) -> Run:  # noqa: D102
        with self._database.read() as connection:
            return as_runs(connection, [_run_row(connection, run_id)])[0]

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
            row = _active_run_row(connection, run_id)
            if changes:
                connection.execute(update(schema.runs).where(_runs.run_key == row.run_key).values(changes))
            if run_name:
                set_tags(connection, self._database, schema.tags, row.run_key, {RUN_NAME_TAG: run_name}, ids)
            return as_run_info(_run_row(connection, run_id))

    def log_batch(  # noqa: D102
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
    ) -> None:
        check_batch(metrics, params, tags)
        given = {tag.key: tag.value for tag in tags}
        check_length("run name", given.get(RUN_NAME_TAG, ""), MAX_RUN_NAME)
        names = {each.key for part in (metrics, params, tags) for each in part}
        with self._names.writing(names) as (connection, ids):
            run = _active_run_row(connection, run_id)
            self._log_params(connection, run, params, ids)
            self._log_metrics(connection, run.run_key, metrics, ids)
            set_tags(connection, self._database, schema.tags, run.run_key, given, ids)
            if RUN_NAME_TAG in given:
                connection.execute(
                    update(schema.runs).where(_runs.run_key == run.run_key).values(run_name=given[RUN_NAME_TAG])
                )

    def _log_params(
        self, connection: Connection, run: Row[Any], params: Sequence[Param], ids: Mapping[str, int]
    ) -> None:
        if not params:
            return
        table = schema.params
        connection.execute(
            self._database.insert(table).on_conflict_do_nothing(),
            [
                {
                    "run_key": run.run_key,
                    "name_id": ids[param.key],
                    "value": param.value,
                    "number": as_number(param.value),
                }
                for param in params
            ],
        )
        query = select(table.c.name_id, table.c.value).where(
            table.c.run_key == run.run_key, table.c.name_id.in_([ids[param.key] for param in params])
        )
        kept = {row.name_id: row.value for row in connection.execute(query)}
        for param in params:
            if kept[ids[param.key]] != param.value:
                raise InvalidParameterValue(
                    f"The param {param.key!r} of run {run.run_id} has the value {kept[ids[param.key]]!r} already and "
                    f"cannot be changed to {param.value!r}. Params are written once: log it under another name, or "
                    "start another run."
                )

    def _log_metrics(
        self, connection: Connection, run_key: int, metrics: Sequence[Metric], ids: Mapping[str, int]
    ) -> None:
        if not metrics:
            return
        points = [as_point(run_key, ids[metric.key], metric) for metric in metrics]
        connection.execute(self._database.insert(schema.metrics).on_conflict_do_nothing(), points)
        latest: dict[int, dict[str, Any]] = {}
        for point in points:
            before = latest.get(point["name_id"])
            if before is None or rank(point) > rank(before):
                latest[point["name_id"]] = point
        table = schema.latest_metrics
        insert = self._database.insert(table)
        new = insert.excluded
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["run_key", "name_id"],
                set_={name: new[name] for name in POINT},
                where=tuple_(*(new[name] for name in POINT)) > tuple_(*(table.c[name] for name in POINT)),
            ),
            [latest[name_id] for name_id in sorted(latest)],
        )

    def get_metric_history(  # noqa: D102
        self, run_id: str, key: str, max_results: int | None = None, page_token: str = ""
    ) -> PagedList[Metric]:
        page = Page(NO_LIMIT if max_results is None else max_results, page_token)
        check_page(page.size, NO_LIMIT)
        check_text("metric name", key)
        points = schema.metrics.c
        then: list[SortKey] = [
            (key, False) for key in (points.timestamp, points.step, points.value, case((points.is_nan, 1), else_=0))
        ]
        with self._database.read() as connection:
            run = _run_row(connection, run_id)
            where = and_(points.run_key == run.run_key, schema.names.c.name == key)
            rows, token = search_page(connection, _POINT_TARGET, where, page, then)
        return PagedList([as_metric(key, row) for row in rows], token)

    def search_runs(  # noqa: D102
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[Run]:
        check_page(max_results, MAX_PAGE)
        condition = parse_filter(filter_string, RUNS)
        order = parse_order(order_by, RUNS)
        then: list[SortKey] = [(_runs.start_time, True), (_runs.run_id, False)]
        experiments = {key for each in experiment_ids if (key := _experiment_key(each)) is not None}
        page = Page(max_results, page_token)
        with self._database.read() as connection:
            where = and_(_in_experiments(connection, experiments), _in_view(_runs.lifecycle_stage, view_type))
            rows, token = search_page(connection, _RUN_TARGET, where, page, then, condition, order)
            return PagedList(as_runs(connection, rows), token)


# -- keys, rows and conditions


def _experiment_key(experiment_id: str) -> int | None:
    """Return an experiment's key in the database; None if no experiment can have that id."""
    return (
        int(experiment_id) if experiment_id.isascii() and experiment_id.isdigit() and len(experiment_id) < 19 else None
    )


def _no_experiment(experiment_id: str) -> ResourceDoesNotExist:
    return ResourceDoesNotExist(f"No Experiment with id={experiment_id[:80]} exists")


def _in_view(column: Any, view_type: ViewType) -> Any:
    return column.in_(sorted(stage.value for stage in view_type.stages))


def _in_experiments(connection: Connection, keys: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a run is in one of some experiments."""
    column: ColumnElement[int] = _runs.experiment_id
    if connection.dialect.name == "sqlite" and len(keys) > 1:
        there = connection.execute(select(func.count()).select_from(schema.experiments)).scalar_one()
        if 2 * len(keys) > there:
            # SQLite would collect the runs of each and sort them all. Of nearly everything, the newest are found
            # sooner in the index of all runs; an expression keeps it from the other one.
            column = column + 0
    # Written out, since databases take some ten thousand parameters only; they are numbers, nothing else.
    return column.in_(bindparam("experiments", sorted(keys), expanding=True, literal_execute=True))


def _run_row(connection: Connection, run_id: str, for_update: bool = False) -> Row[Any]:
    query = select(schema.runs).where(_runs.run_id == run_id)
    row = None
    if run_id.isascii() and run_id.isalnum():
        row = connection.execute(query.with_for_update(key_share=True) if for_update else query).first()
    if row is None:
        raise ResourceDoesNotExist(f"Run with id={run_id[:80]} not found")
    return row


def _active_run_row(connection: Connection, run_id: str) -> Row[Any]:
    """Return a run's row, which nobody else changes until the transaction ends."""
    row = _run_row(connection, run_id, for_update=True)
    if row.lifecycle_stage != LifecycleStage.ACTIVE.value:
        raise InvalidParameterValue(f"The run {run_id} is deleted: restore it before anything is written to it.")
    return row
