"""What stretches of long histories hold, so that their curves are drawn without reading every point.

Of each 2,048 steps of a metric, called a block, the least and the greatest value are kept, and whether there is
a NaN. Nothing is kept of the first of them, from step 0 on: most histories never leave it, and what they need is
read quickly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, not_, or_, select, union_all

from . import schema
from .bulk import insert_rows
from .rows import Point

__all__ = ["STEPS_OF_A_BLOCK", "UNKEPT_BLOCK", "buckets_of_blocks", "keep_blocks", "points_of_blocks", "read_blocks"]

STEPS_OF_A_BLOCK = 2_048
UNKEPT_BLOCK = 0
#: With more blocks than these, most of a few points each, it is quicker to read the points.
MAX_BLOCKS = 50_000

_blocks = schema.metric_blocks.c
_points = schema.metrics.c


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
        nans, values = False, []
        for *_, value, is_nan in inside:
            if is_nan:
                nans = True
            else:
                values.append(value)
        # Of no values at all, nothing is the least.
        kept.append((run_key, name_id, block, min(values, default=math.inf), max(values, default=-math.inf), nans))
    if kept:
        insert_rows(connection, _keep(insert), kept)


def _block(point: Point) -> tuple[int, int, int]:
    return point[0], point[1], point[2] // STEPS_OF_A_BLOCK


@cache
def _keep(insert: Callable[..., Any]) -> Any:
    statement = insert(schema.metric_blocks)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["run_key", "name_id", "block"],
        set_={
            "least": case((new.least < _blocks.least, new.least), else_=_blocks.least),
            "greatest": case((new.greatest > _blocks.greatest, new.greatest), else_=_blocks.greatest),
            "nans": or_(_blocks.nans, new.nans),
        },
        where=or_(new.least < _blocks.least, new.greatest > _blocks.greatest, and_(new.nans, not_(_blocks.nans))),
    )


def read_blocks(connection: Connection, run_key: int, name_id: int, first: int, last: int) -> Sequence[Any] | None:
    """Return the blocks from one to another, in order; None if there are too many to be of use."""
    rows = connection.execute(
        select(_blocks.block, _blocks.least, _blocks.greatest, _blocks.nans)
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


def points_of_blocks(connection: Connection, run_key: int, name_id: int, rows: Sequence[Any]) -> Sequence[Any]:
    """Return the first, last, least and greatest point of some blocks in order, and a NaN if there is one."""
    least = min(rows, key=lambda row: row.least)
    greatest = max(rows, key=lambda row: row.greatest)
    nan = next((row.block for row in rows if row.nans), None)
    places = {
        "all": (rows[0].block, rows[-1].block),
        "least": (least.block, least.block),
        "greatest": (greatest.block, greatest.block),
        # From one to none: nothing.
        "nan": (1, 0) if nan is None else (nan, nan),
    }
    parameters: dict[str, Any] = {"run_key": run_key, "name_id": name_id}
    for name, (first, last) in places.items():
        parameters[f"{name}_from"] = first * STEPS_OF_A_BLOCK
        parameters[f"{name}_to"] = (last + 1) * STEPS_OF_A_BLOCK - 1
    return connection.execute(_found(), {**parameters, "least": least.least, "greatest": greatest.greatest}).all()


@cache
def _found() -> Any:
    order = (_points.step, _points.timestamp, _points.value, _points.is_nan)

    def inside(name: str) -> Any:
        return (
            select(*order)
            .where(
                _points.run_key == bindparam("run_key"),
                _points.name_id == bindparam("name_id"),
                _points.step.between(bindparam(f"{name}_from"), bindparam(f"{name}_to")),
            )
            .limit(1)
        )

    number = not_(_points.is_nan)
    parts = (
        inside("all").order_by(*order),
        inside("all").order_by(*(each.desc() for each in order)),
        inside("least").where(number, _points.value == bindparam("least")).order_by(*order),
        inside("greatest").where(number, _points.value == bindparam("greatest")).order_by(*order),
        inside("nan").where(_points.is_nan).order_by(*order),
    )
    return union_all(*(select(part.subquery()) for part in parts))
