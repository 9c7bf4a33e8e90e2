"""What stretches of long histories hold, so that their curves are drawn without reading every point.

Of each 2,048 steps of a metric, called a block, the least and the greatest point are kept, and a NaN if there is
one. Of several with the same value it is the first by step and timestamp, in whatever order they were logged.
Nothing is kept of the first block, from step 0 on: most histories never leave it, and what they need is read
quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, or_, select, tuple_

from . import schema
from .bulk import insert_rows
from .rows import Point
from .values import chunks

__all__ = ["STEPS_OF_A_BLOCK", "UNKEPT_BLOCK", "buckets_of_blocks", "keep_blocks", "points_of_blocks", "read_blocks"]

STEPS_OF_A_BLOCK = 2_048
UNKEPT_BLOCK = 0
#: With more blocks than these, most of a few points each, it is quicker to read the points.
MAX_BLOCKS = 50_000

_blocks = schema.metric_blocks.c
_points = schema.metrics.c
#: What is kept of a point: value, step and timestamp.
_kept = itemgetter(4, 2, 3)
_NO_NUMBERS = (None,) * 6
_NO_NAN = (None,) * 2


def keep_blocks(connection: Connection, insert: Callable[..., Any], points: Sequence[Point]) -> None:
    """Keep what new points of a run add to the blocks that they are in.

    Parameters
    ----------
    points : sequence of Point
        In order.
    """
    kept = []
    for (run_key, name_id, block), inside in groupby(points, _block):
        if block == UNKEPT_BLOCK:
            continue
        least = greatest = nan = None
        # In order, so of equals the first stays.
        for point in inside:
            if point[5]:
                nan = nan or point
            elif least is None or greatest is None:
                least = greatest = point
            elif point[4] < least[4]:
                least = point
            elif point[4] > greatest[4]:
                greatest = point
        numbers = (*_kept(least), *_kept(greatest)) if least and greatest else _NO_NUMBERS
        kept.append((run_key, name_id, block, *numbers, *(nan[2:4] if nan else _NO_NAN)))
    if kept:
        insert_rows(connection, _keep(insert), kept)


def _block(point: Point) -> tuple[int, int, int]:
    return point[0], point[1], point[2] // STEPS_OF_A_BLOCK


@cache
def _keep(insert: Callable[..., Any]) -> Any:
    statement = insert(schema.metric_blocks)
    new = statement.excluded

    def earlier(name: str) -> ColumnElement[bool]:
        step, timestamp = f"{name}_step", f"{name}_timestamp"
        return tuple_(new[step], new[timestamp]) < tuple_(_blocks[step], _blocks[timestamp])

    least = or_(new.least < _blocks.least, and_(new.least == _blocks.least, earlier("least")))
    greatest = or_(new.greatest > _blocks.greatest, and_(new.greatest == _blocks.greatest, earlier("greatest")))
    better = {
        "least": and_(new.least.is_not(None), or_(_blocks.least.is_(None), least)),
        "greatest": and_(new.greatest.is_not(None), or_(_blocks.greatest.is_(None), greatest)),
        "nan": and_(new.nan_step.is_not(None), or_(_blocks.nan_step.is_(None), earlier("nan"))),
    }
    return statement.on_conflict_do_update(
        index_elements=["run_key", "name_id", "block"],
        set_={
            column.name: case((better[column.name.split("_")[0]], new[column.name]), else_=column)
            for column in _blocks
            if not column.primary_key
        },
        where=or_(*better.values()),
    )


def read_blocks(connection: Connection, run_key: int, name_id: int, first: int, last: int) -> Sequence[Any] | None:
    """Return the blocks from one to another, in order; None if there are too many to be of use."""
    rows = connection.execute(
        select(schema.metric_blocks)
        .where(_blocks.run_key == run_key, _blocks.name_id == name_id, _blocks.block.between(first, last))
        .order_by(_blocks.block)
        .limit(MAX_BLOCKS + 1)
    ).all()
    return rows if len(rows) <= MAX_BLOCKS else None


def buckets_of_blocks(first: int, last: int, size: int, alone: Collection[int]) -> Iterator[tuple[int, int]]:
    """Cut a range of blocks into buckets of at most `size`, of which those in `alone` hold one block each."""
    while first <= last:
        end = first if first in alone else min(first + size - 1, last, *(each - 1 for each in alone if each > first))
        yield first, end
        first = end + 1


def points_of_blocks(
    connection: Connection, run_key: int, name_id: int, buckets: Sequence[Sequence[Row[Any]]]
) -> Iterator[tuple[int, int, float, bool]]:
    """Yield the first, last, least and greatest point of each bucket, and a NaN if there is one.

    Parameters
    ----------
    buckets : sequence of sequence of Row
        The blocks of each, in order.
    """
    for rows in buckets:
        numbers = [row for row in rows if row.least is not None]
        if numbers:
            least, greatest = min(numbers, key=attrgetter("least")), max(numbers, key=attrgetter("greatest"))
            yield least.least_step, least.least_timestamp, least.least, False
            yield greatest.greatest_step, greatest.greatest_timestamp, greatest.greatest, False
        nan = next((row for row in rows if row.nan_step is not None), None)
        if nan is not None:
            yield nan.nan_step, nan.nan_timestamp, 0.0, True
    for backwards, position in ((False, 0), (True, -1)):
        for some in chunks(rows[position].block for rows in buckets):
            parameters = {"run_key": run_key, "name_id": name_id, "blocks": some}
            for row in connection.execute(_ends(backwards), parameters):
                yield row.step, row.timestamp, row.value, row.is_nan


@cache
def _ends(backwards: bool) -> Any:
    """Return the statement for the first or, backwards, the last point of each of some blocks."""
    order = (_points.step, _points.timestamp, _points.value, _points.is_nan)
    start = _blocks.block * STEPS_OF_A_BLOCK
    end = (
        select(*order)
        .where(
            _points.run_key == _blocks.run_key,
            _points.name_id == _blocks.name_id,
            _points.step.between(start, start + (STEPS_OF_A_BLOCK - 1)),
        )
        .order_by(*(column.desc() if backwards else column for column in order))
        .limit(1)
        .correlate(schema.metric_blocks)
    )
    # Each column by itself: SQLite has no LATERAL.
    columns = (end.with_only_columns(column).scalar_subquery().label(column.name) for column in order)
    return select(*columns).where(
        _blocks.run_key == bindparam("run_key"),
        _blocks.name_id == bindparam("name_id"),
        _blocks.block.in_(bindparam("blocks", expanding=True)),
    )
