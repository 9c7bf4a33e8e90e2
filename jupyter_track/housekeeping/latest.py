"""Whether the latest point that is kept of each metric is the latest of its history, and making it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, select, tuple_, union_all

from ..store.sql import schema
from ..store.sql.database import Database
from ..store.sql.revisions import touch
from ..store.sql.rows import POINT
from ..store.sql.values import chunks
from .findings import Finding

__all__ = ["latest_findings", "repair_latest", "wrong_latest"]

_points = schema.metrics.c
_latest = schema.latest_metrics.c
_SAME_METRIC = and_(_points.run_key == _latest.run_key, _points.name_id == _latest.name_id)


def _rank(columns: Any) -> ColumnElement[Any]:
    return tuple_(*(columns[name] for name in POINT))


def wrong_latest(connection: Connection) -> list[Row[Any]]:
    """Return the metrics whose latest point is kept wrongly, as ``run_key``, ``name_id``, ``run_id`` and ``name``.

    A pass over all latest points, with two look-ups in the histories for each, and one over the histories.
    """
    there = exists().where(_SAME_METRIC, *(_points[name] == _latest[name] for name in POINT))
    later = exists().where(_SAME_METRIC, _rank(_points) > _rank(_latest))
    wrong = select(_latest.run_key, _latest.name_id).where(~there | later)
    histories = select(_points.run_key, _points.name_id).distinct().subquery()
    kept = exists().where(_latest.run_key == histories.c.run_key, _latest.name_id == histories.c.name_id)
    missing = select(histories.c.run_key, histories.c.name_id).where(~kept)
    found = union_all(wrong, missing).subquery()
    query: Select[Any] = (
        select(found.c.run_key, found.c.name_id, schema.runs.c.run_id, schema.names.c.name)
        .join_from(found, schema.runs, schema.runs.c.run_key == found.c.run_key)
        .join(schema.names, schema.names.c.name_id == found.c.name_id)
        .order_by(found.c.run_key, found.c.name_id)
    )
    return list(connection.execute(query))


def latest_findings(wrong: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Yield a finding for each of `wrong_latest`."""
    for each in wrong:
        what = f"the latest value of {each.name!r} is not that of its history"
        yield Finding(f"Run {each.run_id}", what, "Run: jupyter-track fsck --repair")


def repair_latest(database: Database, wrong: Sequence[Row[Any]]) -> None:
    """Keep again what the histories say; they are the truth."""
    for some in chunks(wrong, 100):
        with database.write() as connection:
            for each in some:
                _repair(connection, database, each.run_key, each.name_id)


def _repair(connection: Connection, database: Database, run_key: int, name_id: int) -> None:
    mine = and_(_points.run_key == run_key, _points.name_id == name_id)
    descending = [_points[name].desc() for name in POINT]
    connection.execute(delete(schema.latest_metrics).where(_latest.run_key == run_key, _latest.name_id == name_id))
    greatest = connection.execute(select(schema.metrics).where(mine).order_by(*descending).limit(1)).first()
    if greatest is not None:
        connection.execute(database.insert(schema.latest_metrics).values(dict(greatest._mapping)))
    touch(connection, run_key)
