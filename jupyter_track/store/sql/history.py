"""The points of metrics, from a database."""

from __future__ import annotations

from sqlalchemy import and_, case

from ...entities import Metric, PagedList
from ...entities.limits import check_text
from ..base import TrackingStore
from ..checks import check_page
from . import schema
from .database import Database
from .lookup import run_row
from .rows import as_metric
from .search import Page, SortKey, Target, search_page

__all__ = ["SqlHistory"]

NO_LIMIT = 2**31 - 1

_TARGET = Target(
    source=schema.metrics.join(schema.names, schema.metrics.c.name_id == schema.names.c.name_id),
    columns=tuple(schema.metrics.c),
    key=schema.metrics.c.run_key,
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
        points = schema.metrics.c
        then: list[SortKey] = [
            (key, False) for key in (points.timestamp, points.step, points.value, case((points.is_nan, 1), else_=0))
        ]
        with self._database.read() as connection:
            run = run_row(connection, run_id)
            where = and_(points.run_key == run.run_key, schema.names.c.name == key)
            rows, token = search_page(connection, _TARGET, where, page, then)
        return PagedList([as_metric(key, row) for row in rows], token)
