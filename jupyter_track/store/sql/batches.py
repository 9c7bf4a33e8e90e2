"""What is logged to runs, into a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from ...entities import InvalidParameterValue, Metric, Param, ResourceDoesNotExist, RunTag
from ...entities.limits import MAX_RUN_NAME, check_length, check_text
from ..base import RUN_NAME_TAG, TrackingStore
from ..checks import check_batch
from . import schema
from .blocks import keep_blocks
from .bulk import insert_rows
from .database import Database
from .lookup import active_run_row
from .revisions import touch
from .rows import POINT, as_point
from .values import Names, as_number, delete_tag, set_tags

__all__ = ["SqlBatches"]


class SqlBatches(TrackingStore):
    """The part of `SqlTrackingStore` that logs metrics, params and tags."""

    _database: Database
    _names: Names

    def log_batch(  # noqa: D102 (the contract's docstrings hold)
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
            run = active_run_row(connection, run_id)
            self._log_params(connection, run, params, ids)
            self._log_metrics(connection, run.run_key, metrics, ids)
            set_tags(connection, self._database, schema.tags, run.run_key, given, ids)
            renamed = {"run_name": given[RUN_NAME_TAG]} if RUN_NAME_TAG in given else {}
            touch(connection, run.run_key, **renamed)

    def delete_tag(self, run_id: str, key: str) -> None:  # noqa: D102
        check_text("tag name", key)
        with self._database.write() as connection:
            run = active_run_row(connection, run_id)
            if not delete_tag(connection, schema.tags, run.run_key, key):
                raise ResourceDoesNotExist(f"No tag with name: {key[:250]} in run with id {run_id}")
            touch(connection, run.run_key)

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
        # In the order of the table, in which they are written soonest; and of each metric the latest comes last.
        points = sorted([as_point(run_key, ids[metric.key], metric) for metric in metrics])
        insert = self._database.insert
        insert_rows(connection, _keep(insert), points)
        keep_blocks(connection, insert, points)
        latest = {point[1]: point for point in points}
        insert_rows(connection, _keep_latest(insert), list(latest.values()))


# Building these statements takes longer than executing them.
@cache
def _keep(insert: Callable[..., Any]) -> Any:
    """Return the statement that keeps a point."""
    return insert(schema.metrics).on_conflict_do_nothing()


@cache
def _keep_latest(insert: Callable[..., Any]) -> Any:
    """Return the statement that keeps a point if it is a later one than that which is there."""
    table = schema.latest_metrics
    statement = insert(table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["run_key", "name_id"],
        set_={name: new[name] for name in POINT},
        where=tuple_(*(new[name] for name in POINT)) > tuple_(*(table.c[name] for name in POINT)),
    )
