"""Whether what is kept of stretches of long histories, to draw their curves, is what the histories say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Integer,
    Row,
    Select,
    and_,
    case,
    cast,
    delete,
    except_,
    func,
    insert,
    literal,
    literal_column,
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

    A pass over all points; only those of long histories are sorted.
    """
    told, kept = _of_histories(true()), select(*_blocks)
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
    return (
        select(
            _points.run_key,
            _points.name_id,
            block.label("block"),
            func.min(case((is_nan == 1, literal(math.inf, Double())), else_=_points.value)).label("least"),
            func.max(case((is_nan == 1, literal(-math.inf, Double())), else_=_points.value)).label("greatest"),
            (func.max(is_nan) == 1).label("nans"),
        )
        .where(where, block != UNKEPT_BLOCK)
        .group_by(_points.run_key, _points.name_id, block)
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
