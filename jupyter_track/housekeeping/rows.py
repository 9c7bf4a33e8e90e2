"""Whether rows refer to rows that are there, and whether what is kept twice is the same."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKeyConstraint, Table, and_, exists, func, literal, or_, select

from ..entities import LifecycleStage, RunStatus
from ..store.base import RUN_NAME_TAG
from ..store.sql import schema
from .findings import Finding

__all__ = ["row_findings"]

#: Findings of one kind that are told one by one.
MOST = 50
_RESTORE = "Restore a backup; or remove these rows, if nobody misses them."

_runs = schema.runs.c


def row_findings(connection: Connection) -> Iterator[Finding]:
    """Yield what is wrong with rows, besides latest metrics; each check is one pass over a table."""
    for table in schema.metadata.sorted_tables:
        for constraint in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
            yield from _without_owner(connection, table, constraint)
    yield from _points_without_name(connection)
    yield from _without_experiment_zero(connection)
    yield from _unknown_states(connection)
    yield from _run_names(connection)


def _without_owner(connection: Connection, table: Table, constraint: ForeignKeyConstraint) -> Iterator[Finding]:
    columns = list(constraint.columns)
    parent = constraint.referred_table.alias()
    fits = and_(
        *(column == parent.c[key.column.name] for column, key in zip(columns, constraint.elements, strict=True))
    )
    query = (
        select(*columns, func.count())
        .where(~exists().where(fits), *(column.is_not(None) for column in columns))
        .group_by(*columns)
        .limit(MOST)
    )
    for *values, count in connection.execute(query):
        key = ", ".join(f"{column.name} {value}" for column, value in zip(columns, values, strict=True))
        yield Finding(f"Table {table.name}", f"{count} rows belong to {key}, which is not there", _RESTORE)


def _points_without_name(connection: Connection) -> Iterator[Finding]:
    # The one reference without a foreign key.
    named = select(schema.metrics.c.run_key, schema.metrics.c.name_id).distinct().subquery()
    query = (
        select(named.c.name_id, func.count())
        .where(~exists().where(schema.names.c.name_id == named.c.name_id))
        .group_by(named.c.name_id)
        .limit(MOST)
    )
    for name_id, count in connection.execute(query):
        yield Finding(
            "Table metrics", f"points of {count} runs have the name_id {name_id}, which is not there", _RESTORE
        )


def _without_experiment_zero(connection: Connection) -> Iterator[Finding]:
    experiment = schema.experiments.c
    if connection.execute(select(experiment.name).where(experiment.experiment_id == 0)).first() is None:
        yield Finding("Experiment 0", "it is not there", "It is made at the next use: jupyter-track runs")


def _unknown_states(connection: Connection) -> Iterator[Finding]:
    stages = [stage.value for stage in LifecycleStage]
    statuses = [status.value for status in RunStatus]
    strange = or_(_runs.lifecycle_stage.not_in(stages), _runs.status.not_in(statuses))
    query = select(_runs.run_id, _runs.status, _runs.lifecycle_stage).where(strange).limit(MOST)
    for run_id, status, stage in connection.execute(query):
        yield Finding(f"Run {run_id}", f"its status {status!r} or its stage {stage!r} is none", "Correct its row.")


def _run_names(connection: Connection) -> Iterator[Finding]:
    tags, names = schema.tags.c, schema.names.c
    same = exists().where(
        tags.run_key == _runs.run_key,
        tags.name_id == select(names.name_id).where(names.name == literal(RUN_NAME_TAG)).scalar_subquery(),
        tags.value == _runs.run_name,
    )
    query = select(_runs.run_id, _runs.run_name).where(~same).limit(MOST)
    for run_id, name in connection.execute(query):
        yield Finding(
            f"Run {run_id}",
            f"its name is {name!r} and its tag {RUN_NAME_TAG} says another",
            "Rename the run, which sets both.",
        )
