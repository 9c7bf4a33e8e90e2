"""Searching runs in a database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from ...entities import PagedList, Run, ViewType
from ...filters import RUNS, Kind, parse_filter, parse_order
from ..base import TrackingStore
from ..checks import MAX_PAGE, check_page
from . import schema
from .columns import ColumnCache, Question
from .database import Database
from .lookup import experiment_key, in_view
from .rows import as_runs
from .search import Page, SortKey, Target, search_page

__all__ = ["SqlRunSearch"]

_runs = schema.runs.c

_TARGET = Target(
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


class SqlRunSearch(TrackingStore):
    """The part of `SqlTrackingStore` that searches runs."""

    _database: Database
    _columns: ColumnCache

    def search_runs(  # noqa: D102 (the contract's docstrings hold)
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[Run]:
        check_page(max_results, MAX_PAGE)
        page = Page(max_results, page_token)
        condition = parse_filter(filter_string, RUNS, page.now)
        order = parse_order(order_by, RUNS)
        then: list[SortKey] = [(_runs.start_time, True), (_runs.run_id, False)]
        experiments = {key for each in experiment_ids if (key := experiment_key(each)) is not None}
        question = Question(condition, order, experiments, view_type)
        with self._columns.turn(question, self._database.read) as turn, self._database.read() as connection:
            where = and_(_in_experiments(connection, experiments), in_view(_runs.lifecycle_stage, view_type))
            choose = partial(turn.choose, connection)
            rows, token = search_page(connection, _TARGET, where, page, then, condition, order, choose)
            return PagedList(as_runs(connection, rows), token)


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
