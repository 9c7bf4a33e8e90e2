"""The points of metrics, from a database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter

from sqlalchemy import Connection, and_, case, select

from ...entities import InvalidParameterValue, Metric, PagedList
from ...entities.limits import check_integer, check_text
from ..base import TrackingStore
from ..checks import check_page
from . import schema
from .curves import drawn_points
from .database import Database
from .lookup import run_row
from .rows import POINT, as_metric
from .search import Page, SortKey, Target, search_page
from .values import chunks

__all__ = ["SqlHistory"]

NO_LIMIT = 2**31 - 1
MAX_DRAWN = 25_000
#: Rows that are on their way at a time.
STREAMED = 10_000
INT64 = 2**63

_points = schema.metrics.c
_TARGET = Target(
    source=schema.metrics.join(schema.names, _points.name_id == schema.names.c.name_id),
    columns=tuple(_points),
    key=_points.run_key,
)


class SqlHistory(TrackingStore):
    """The part of `SqlTrackingStore` that reads the points of metrics."""

    _database: Database

    def get_metric_history(  # noqa: D102 (the contract's docstrings hold)
        self, run_id: str, key: str, max_results: int | None = None, page_token: str = ""
    ) -> PagedList[Metric]:
        page = Page(NO_LIMIT if max_results is None else max_results, page_token)
        check_page(page.size, NO_LIMIT)
        check_text("metric name", key)
        with self._database.read() as connection:
            run = run_row(connection, run_id)
            if max_results is None and not page_token:
                return PagedList(_whole_history(connection, run.run_key, _name_id(connection, key), key))
            then: list[SortKey] = [
                (each, False)
                for each in (_points.timestamp, _points.step, _points.value, case((_points.is_nan, 1), else_=0))
            ]
            where = and_(_points.run_key == run.run_key, schema.names.c.name == key)
            rows, token = search_page(connection, _TARGET, where, page, then)
        return PagedList([as_metric(key, row) for row in rows], token)

    def get_metric_history_bulk(  # noqa: D102
        self, run_ids: Sequence[str], metric_key: str, max_results: int | None = None
    ) -> dict[str, list[Metric]]:
        left = NO_LIMIT if max_results is None else max_results
        check_page(left, NO_LIMIT)
        check_text("metric name", metric_key)
        histories: dict[str, list[Metric]] = {run_id: [] for run_id in run_ids}
        with self._database.read() as connection:
            name_id = _name_id(connection, metric_key)
            keys = _run_keys(connection, run_ids)
            for run_id in histories:
                if left and run_id in keys:
                    histories[run_id] = _whole_history(connection, keys[run_id], name_id, metric_key)[:left]
                    left -= len(histories[run_id])
        return histories

    def get_metric_history_bulk_interval(  # noqa: D102
        self,
        run_ids: Sequence[str],
        metric_key: str,
        max_results: int = 1_000,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> dict[str, list[Metric]]:
        check_page(max_results, MAX_DRAWN)
        check_text("metric name", metric_key)
        start = -INT64 if start_step is None else start_step
        end = INT64 - 1 if end_step is None else end_step
        check_integer("start step", start)
        check_integer("end step", end)
        if start > end:
            raise InvalidParameterValue(f"Nothing is between the start step {start} and the end step {end}: swap them.")
        curves: dict[str, list[Metric]] = {run_id: [] for run_id in run_ids}
        with self._database.read() as connection:
            name_id = _name_id(connection, metric_key)
            for run_id, run_key in _run_keys(connection, run_ids).items():
                drawn = drawn_points(connection, run_key, name_id, (int(start), int(end)), max_results)
                curves[run_id] = [
                    Metric(metric_key, math.nan if is_nan else value, timestamp, step)
                    for step, timestamp, value, is_nan in drawn
                ]
        return curves


def _name_id(connection: Connection, name: str) -> int:
    """Return the id of a name; if there is none, one that no name has."""
    found = connection.execute(select(schema.names.c.name_id).where(schema.names.c.name == name)).scalar()
    return -1 if found is None else found


def _run_keys(connection: Connection, run_ids: Sequence[str]) -> dict[str, int]:
    """Return the keys of those runs that are there."""
    runs = schema.runs.c
    possible = [run_id for run_id in run_ids if run_id.isascii() and run_id.isalnum()]
    return {
        row.run_id: row.run_key
        for some in chunks(possible)
        for row in connection.execute(select(runs.run_id, runs.run_key).where(runs.run_id.in_(some)))
    }


def _whole_history(connection: Connection, run_key: int, name_id: int, key: str) -> list[Metric]:
    """Return all points of a metric of a run, of which there may be more than fit into memory twice."""
    query = (
        select(_points.value, _points.timestamp, _points.step, _points.is_nan)
        .where(_points.run_key == run_key, _points.name_id == name_id)
        .order_by(*(_points[name] for name in POINT))
    )
    rows = connection.execute(query, execution_options={"yield_per": STREAMED})
    points = [Metric(key, math.nan if is_nan else value, timestamp, step) for value, timestamp, step, is_nan in rows]
    # They lie by step, timestamp and value. Sorting is stable, and quick when, as mostly, time goes with the steps.
    points.sort(key=attrgetter("timestamp"))
    return points
