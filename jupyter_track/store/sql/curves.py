"""Curves short enough to draw, out of histories however long.

A stretch of steps is cut into buckets of equal width, and of each bucket its first, last, least and greatest
point are kept: drawn as lines, with a bucket no wider than a pixel, they cover the same pixels as all points do.

References
----------
Jugel, Jerzak, Hackenbroich, Markl: "M4: A Visualization-Oriented Time Series Data Aggregation", PVLDB 7(10), 2014.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Row,
    Select,
    bindparam,
    cast,
    func,
    literal,
    not_,
    select,
    true,
    union_all,
)

from . import schema
from .blocks import STEPS_OF_A_BLOCK, UNKEPT_BLOCK, buckets_of_blocks, points_of_blocks, read_blocks

__all__ = ["Point", "drawn_points"]

#: Step, timestamp, value and whether it is NaN, which is the order of points too.
Point = tuple[int, int, float, bool]

#: First, last, least, greatest.
KEPT_OF_A_BUCKET = 4

_points = schema.metrics.c
_POINT = (_points.step, _points.timestamp, _points.value, _points.is_nan)
_OF_THE_METRIC = (_points.run_key == bindparam("run_key"), _points.name_id == bindparam("name_id"))
_STEPS = (*_OF_THE_METRIC, _points.step.between(bindparam("low"), bindparam("high")))
# Whoever gives no steps draws over time.
_TIMES = (
    *_OF_THE_METRIC,
    _points.step == bindparam("step"),
    _points.timestamp.between(bindparam("low"), bindparam("high")),
)


def drawn_points(
    connection: Connection, run_key: int, name_id: int, steps: tuple[int, int], max_results: int
) -> list[Point]:
    """Return the points to draw of a metric of a run, by step, timestamp and value.

    Parameters
    ----------
    steps : tuple of int
        The first and the last step to draw.
    max_results : int
        If there are no more points, all are returned. Else about so many: four of each bucket, and one that is
        NaN where there is one.
    """
    of_the_metric = {"run_key": run_key, "name_id": name_id}
    parameters = {**of_the_metric, "low": steps[0], "high": steps[1]}
    few = connection.execute(_in_order(_STEPS).limit(max_results + 1), parameters).all()
    if len(few) <= max_results:
        return [_as_point(row) for row in few]
    last = connection.execute(_in_order(_STEPS, backwards=True).limit(1), parameters).one()
    first = few[0]
    over_time = first.step == last.step
    if over_time:
        parameters = {**of_the_metric, "step": first.step}
    low, high = (first.timestamp, last.timestamp) if over_time else (first.step, last.step)
    count = max(1, max_results // KEPT_OF_A_BUCKET)
    width = (high - low) // count + 1
    found: list[Point] | None = None
    if not over_time and width >= STEPS_OF_A_BLOCK:
        found = _buckets_of_blocks(connection, parameters, low, high, count)
    if found is None:
        found = _buckets(connection, over_time, parameters, low, high, width)
    return sorted(set(found))


def _buckets_of_blocks(
    connection: Connection, parameters: Mapping[str, int], low: int, high: int, count: int
) -> list[Point] | None:
    """Return the points of buckets that are made of whole blocks; None if the blocks are too many.

    Parameters
    ----------
    parameters : mapping
        The metric, and which steps were asked for.
    low, high : int
        The first and the last step that there is of them.
    """
    run_key, name_id = parameters["run_key"], parameters["name_id"]
    first, last = low // STEPS_OF_A_BLOCK, high // STEPS_OF_A_BLOCK
    blocks = read_blocks(connection, run_key, name_id, first, last)
    if blocks is None:
        return None
    # Of what is not kept, and of what is not asked for as a whole, the points are read.
    alone = {UNKEPT_BLOCK}
    if parameters["low"] % STEPS_OF_A_BLOCK:
        alone.add(first)
    if (parameters["high"] + 1) % STEPS_OF_A_BLOCK:
        alone.add(last)
    # Each of them is a bucket, and parts another in two.
    size = (last - first) // max(1, count - 2 * len(alone)) + 1
    numbers = [row.block for row in blocks]
    found: list[Point] = []
    whole = []
    for begin, end in buckets_of_blocks(first, last, size, alone):
        if begin in alone:
            start = begin * STEPS_OF_A_BLOCK
            stop = min(start + STEPS_OF_A_BLOCK - 1, high)
            found += _buckets(connection, False, parameters, max(start, low), stop, STEPS_OF_A_BLOCK)
        elif rows := blocks[bisect_left(numbers, begin) : bisect_right(numbers, end)]:
            whole.append(rows)
    found += points_of_blocks(connection, run_key, name_id, whole)
    return found


def _buckets(
    connection: Connection, over_time: bool, parameters: Mapping[str, int], low: int, high: int, width: int
) -> list[Point]:
    """Return the points of buckets, from reading all points."""
    rows: Iterable[Row[Any]]
    if connection.dialect.name == "sqlite":
        rows = _buckets_one_by_one(connection, over_time, parameters, low, high, width)
    else:
        rows = connection.execute(_all_buckets(over_time), {**parameters, "low": low, "high": high, "width": width})
    return [_as_point(row) for row in rows]


def _as_point(row: Row[Any]) -> Point:
    return row.step, row.timestamp, row.value, row.is_nan


def _in_order(where: Sequence[ColumnElement[bool]], backwards: bool = False) -> Select[Any]:
    return select(*_POINT).where(*where).order_by(*(each.desc() if backwards else each for each in _POINT))


# -- SQLite, which would sort all points to group them, and is quick to find a stretch of them


def _buckets_one_by_one(
    connection: Connection, over_time: bool, parameters: Mapping[str, int], low: int, high: int, width: int
) -> Iterator[Row[Any]]:
    for begin in range(low, high + 1, width):
        bucket = {**parameters, "low": begin, "high": min(begin + width - 1, high)}
        rows = connection.execute(_bucket(over_time), bucket).all()
        if any(row.nans for row in rows):
            rows = connection.execute(_bucket_with_nans(over_time), bucket).all()
        yield from (row for row in rows if row.step is not None)


@cache
def _bucket(over_time: bool) -> Any:
    """Return the statement for the first, last, least and greatest point of a bucket, as if none were NaN.

    Of a minimum or a maximum, SQLite gives the other columns of the row that has it.
    """
    where = _TIMES if over_time else _STEPS
    none = literal(0).label("nans")
    return _together(
        _in_order(where).add_columns(none).limit(1),
        _in_order(where, backwards=True).add_columns(none).limit(1),
        select(_points.step, _points.timestamp, func.min(_points.value), _points.is_nan, none).where(*where),
        select(
            _points.step,
            _points.timestamp,
            func.max(_points.value),
            _points.is_nan,
            func.sum(_points.is_nan).label("nans"),
        ).where(*where),
    )


@cache
def _bucket_with_nans(over_time: bool) -> Any:
    where = _TIMES if over_time else _STEPS
    number = not_(_points.is_nan)
    return _together(
        _in_order(where).limit(1),
        _in_order(where, backwards=True).limit(1),
        select(_points.step, _points.timestamp, func.min(_points.value), _points.is_nan).where(*where, number),
        select(_points.step, _points.timestamp, func.max(_points.value), _points.is_nan).where(*where, number),
        _in_order((*where, _points.is_nan)).limit(1),
    )


def _together(*parts: Select[Any]) -> Any:
    return union_all(*(select(part.subquery()) for part in parts))


# -- PostgreSQL, which is quick to group, and slow to be asked often


@cache
def _all_buckets(over_time: bool) -> Any:
    """Return the statement for the points of all buckets."""
    axis = _points.timestamp if over_time else _points.step
    where = _TIMES if over_time else _STEPS
    number = not_(_points.is_nan)
    # Of doubles, since the difference of two integers of 64 bits may have no place in 64 bits.
    distance = cast(axis, Double) - cast(bindparam("low"), Double)
    bucket = (
        select(
            func.min(axis).label("first"),
            func.max(axis).label("last"),
            func.min(_points.value).filter(number).label("least"),
            func.max(_points.value).filter(number).label("greatest"),
            func.bool_or(_points.is_nan).label("nans"),
        )
        .where(*where)
        .group_by(func.floor(distance / cast(bindparam("width"), Double)))
        .subquery()
        .c
    )
    points = schema.metrics.alias()
    inside = [
        points.c.run_key == bindparam("run_key"),
        points.c.name_id == bindparam("name_id"),
        (points.c.timestamp if over_time else points.c.step).between(bucket.first, bucket.last),
    ]
    if over_time:
        inside.append(points.c.step == bindparam("step"))
    columns = [points.c[column.name] for column in _POINT]
    one = select(*columns).where(*inside).limit(1)
    kept = union_all(
        one.order_by(*columns),
        one.order_by(*(column.desc() for column in columns)),
        one.where(points.c.value == bucket.least, not_(points.c.is_nan)),
        one.where(points.c.value == bucket.greatest, not_(points.c.is_nan)),
        one.where(bucket.nans, points.c.is_nan),
    ).lateral()
    return select(kept).select_from(bucket.first.table.join(kept, true()))
