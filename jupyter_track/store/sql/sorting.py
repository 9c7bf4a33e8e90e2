"""From an order to the sort keys of a query, and to the stages in which an index gives rows in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, exists, func, not_, select, true

from ...filters import Kind, OrderTerm
from .target import Named, Target

__all__ = ["SortKey", "Stage", "one_stage", "stages"]

#: A column that is never NULL, and whether it goes down.
SortKey = tuple[ColumnElement[Any], bool]


@dataclass(frozen=True)
class Stage:
    """Rows that come one after the other in an order, before or behind the rows of another stage.

    Parameters
    ----------
    source : FromClause
    where : ColumnElement
        What is of this stage.
    first : tuple
        The values of the first sort keys, which all rows of the stage have.
    keys : sequence of SortKey
        The other sort keys.
    by_index : bool
        Whether the first of them is in an index of its own.
    """

    source: FromClause
    where: ColumnElement[bool]
    first: tuple[Any, ...]
    keys: Sequence[SortKey]
    by_index: bool = False


def one_stage(target: Target, order: Sequence[OrderTerm], then: Sequence[SortKey], dialect: str) -> Stage:
    """Return the stage that has all rows."""
    source, keys = _joined(target.source, target, order, then, dialect)
    return Stage(source, true(), (), keys)


def stages(target: Target, order: Sequence[OrderTerm], then: Sequence[SortKey], dialect: str) -> list[Stage]:
    """Return stages of which each has its rows in the order of an index if the order begins with one's values.

    A query that says at once where the rows come which lack the value has to sort them all.
    """
    if not order or not _in_index(order[0]):
        return [one_stage(target, order, then, dialect)]
    term = order[0]
    named = Named(target, term.key, "first")
    is_one = and_(named.owner == target.key, named.has_name)
    source, rest = _joined(target.source, target, order[1:], then, dialect)
    joined = source.join(named.table, is_one)
    if term.as_number:
        value, there, lacking = named.number, named.number.is_not(None), 1
        absent = not_(exists(select(named.owner).where(is_one, there)))
        return [
            Stage(joined, there, (0,), [(value, term.descending), *rest], by_index=True),
            Stage(source, absent, (lacking, 0.0), rest),
        ]
    absent = not_(exists(select(named.owner).where(is_one)))
    return [
        Stage(joined, not_(named.is_nan), (0,), [(named.value, term.descending), *rest], by_index=True),
        # NaN is kept as 0, where the index has it.
        Stage(joined, and_(named.is_nan, named.value == 0), (1, 0.0), rest),
        Stage(source, absent, (2, 0.0), rest),
    ]


def _in_index(term: OrderTerm) -> bool:
    return term.as_number or (term.key.kind is Kind.METRIC and term.key.aggregate is None)


def _joined(
    source: FromClause, target: Target, order: Sequence[OrderTerm], then: Sequence[SortKey], dialect: str
) -> tuple[FromClause, list[SortKey]]:
    """Return the source joined to what an order sorts by, and the sort keys."""
    keys: list[SortKey] = []
    for position, term in enumerate(order):
        source, more = _sort_keys(source, target, term, position, dialect)
        keys += more
    return source, [*keys, *then]


def _sort_keys(
    source: FromClause, target: Target, term: OrderTerm, position: int, dialect: str
) -> tuple[FromClause, list[SortKey]]:
    """Return the source joined to what the term sorts by, and the sort keys: absent last, then the value."""
    if term.key.kind is Kind.ATTRIBUTE:
        column = target.attributes[term.key.name]
        if not getattr(column, "nullable", False):
            return source, [(_sortable(column, dialect), term.descending)]
        empty: Any = 0 if _is_number(column) else ""
        absent = case((column.is_(None), 1), else_=0)
        return source, [(absent, False), (_sortable(func.coalesce(column, empty), dialect), term.descending)]
    named = Named(target, term.key, f"order_{position}")
    source = source.outerjoin(named.table, and_(named.owner == target.key, named.has_name))
    if term.key.kind is Kind.METRIC:
        absent = case((named.owner.is_(None), 2), (named.is_nan, 1), else_=0)
        return source, [(absent, False), (func.coalesce(named.value, 0.0), term.descending)]
    value, empty = (named.number, 0.0) if term.as_number else (named.value, "")
    absent = case((value.is_(None), 1), else_=0)
    return source, [(absent, False), (_sortable(func.coalesce(value, empty), dialect), term.descending)]


def _is_number(column: ColumnElement[Any]) -> bool:
    return column.type.python_type in (int, float)


def _sortable(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    # Character by character in every database, whatever language the server was set up for.
    return column if dialect == "sqlite" or _is_number(column) else column.collate("C")
