"""Whether what is kept of stretches of long histories, to draw their curves, is what the histories say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    ScalarSelect,
    Select,
    and_,
    case,
    cast,
    delete,
    except_,
    func,
    insert,
    literal_column,
    not_,
    select,
    true,
    union,
)

from ..store.sql import schema
from ..store.sql.blocks import STEPS_OF_A_BLOCK, UNKEPT_BLOCK
from ..store.sql.database import Database
from .findings import Finding

__all__ = ["block_findings", "repair_blocks", "wrong_blocks"]

_points = schema.metrics.c
_blocks = schema.metric_blocks.c


def wrong_blocks(connection: Connection) -> list[Row[Any]]:
    """Return the metrics with a block kept wrongly, as ``run_key``, ``name_id``, ``run_id`` and ``name``.

    A pass over all points, and some more over those of long histories, of which only these are sorted.
    """
    # As common table expressions: each is read twice, and found out once.
    told, kept = select(_of_histories(true()).cte("told")), select(*_blocks)
    one_sided = [except_(told, kept).subquery(), except_(kept, told).subquery()]
    differ = union(*(select(each.c.run_key, each.c.name_id) for each in one_sided)).subquery()
    query: Select[Any] = (
        select(differ.c.run_key, differ.c.name_id, schema.runs.c.run_id, schema.names.c.name)
        .join_from(differ, schema.runs, schema.runs.c.run_key == differ.c.run_key)
        .join(schema.names, schema.names.c.name_id == differ.c.name_id)
        .order_by(differ.c.run_key, differ.c.name_id)
    )
    return list(connection.execute(query))


def _of_histories(where: ColumnElement[bool]) -> Select[Any]:
    """Return what the blocks of some histories should be."""
    # Shifted, because the databases round a division towards zero; written out, to be the same in GROUP BY.
    block = _points.step.op(">>")(literal_column(str(STEPS_OF_A_BLOCK.bit_length() - 1)))
    is_nan = cast(_points.is_nan, Integer)
    number = case((is_nan == 0, _points.value))
    found = (
        select(
            _points.run_key,
            _points.name_id,
            block.label("block"),
            func.min(number).label("least"),
            func.max(number).label("greatest"),
            func.max(is_nan).label("nans"),
        )
        .where(where, block != UNKEPT_BLOCK)
        .group_by(_points.run_key, _points.name_id, block)
        .subquery()
        .c
    )
    inside = schema.metrics.alias().c
    start = found.block * STEPS_OF_A_BLOCK
    first = (
        select(inside.step, inside.timestamp)
        .where(
            inside.run_key == found.run_key,
            inside.name_id == found.name_id,
            inside.step.between(start, start + (STEPS_OF_A_BLOCK - 1)),
        )
        .order_by(inside.step, inside.timestamp)
        .limit(1)
        .correlate(found.block.table)
    )

    def place(*where: ColumnElement[bool]) -> list[ScalarSelect[Any]]:
        # Each column by itself: SQLite has no LATERAL.
        return [
            first.where(*where).with_only_columns(each).scalar_subquery() for each in (inside.step, inside.timestamp)
        ]

    return select(
        found.run_key,
        found.name_id,
        found.block,
        found.least,
        *place(not_(inside.is_nan), inside.value == found.least),
        found.greatest,
        *place(not_(inside.is_nan), inside.value == found.greatest),
        *place(inside.is_nan, found.nans == 1),
    )


def block_findings(wrong: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Yield a finding for each of `wrong_blocks`."""
    for each in wrong:
        what = f"the curve of {each.name!r} would not show what its history says"
        yield Finding(f"Run {each.run_id}", what, "Run: jupyter-track fsck --repair")


def repair_blocks(database: Database, wrong: Sequence[Row[Any]]) -> None:
    """Keep again what the histories say; one transaction for each."""
    for each in wrong:
        with database.write() as connection:
            mine = (_blocks.run_key == each.run_key, _blocks.name_id == each.name_id)
            connection.execute(delete(schema.metric_blocks).where(*mine))
            history = _of_histories(and_(_points.run_key == each.run_key, _points.name_id == each.name_id))
            connection.execute(insert(schema.metric_blocks).from_select([column.name for column in _blocks], history))
