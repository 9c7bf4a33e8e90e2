"""From a filter's tree and an order to one page of rows.

Whatever comes from outside goes into a query as a bound parameter.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from ...entities import InvalidParameterValue
from ...filters import And, Comparison, Condition, Kind, Not, Or, OrderTerm
from . import schema

__all__ = ["Page", "SortKey", "Target", "search_page"]

#: A column that is never NULL, and whether it goes down.
SortKey = tuple[ColumnElement[Any], bool]


@dataclass(frozen=True)
class Target:
    """Where in the database the things of one vocabulary are.

    Parameters
    ----------
    source : FromClause
        The table, or the join, that has a row for each.
    columns : sequence of ColumnElement
        What is read of a row.
    key : ColumnElement
        The integer to which tables of named values refer.
    attributes : mapping of str to ColumnElement
    values : mapping of Kind to Table
        Tables of named values, whose first column is the owner's key.
    """

    source: FromClause
    columns: Sequence[ColumnElement[Any]]
    key: ColumnElement[Any]
    attributes: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    values: Mapping[Kind, Table] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Which page of a search is asked for: its size, and the token of the one before (empty: the first)."""

    size: int
    token: str = ""


def search_page(
    connection: Connection,
    target: Target,
    where: ColumnElement[bool],
    page: Page,
    then: Sequence[SortKey],
    condition: Condition | None = None,
    order: Sequence[OrderTerm] = (),
) -> tuple[list[Row[Any]], str]:
    """Return one page of rows, and the token of the next page (empty on the last).

    Parameters
    ----------
    where : ColumnElement
        What is searched at all.
    then : sequence of SortKey
        What makes the order total.
    condition : Condition, optional
        What a person's filter asks for.
    order : sequence of OrderTerm
        As asked for.

    Notes
    -----
    A token holds the sort keys of the page's last row, so that the next page begins right behind it whatever
    has been added or removed meanwhile.

    Raises
    ------
    InvalidParameterValue
        If the token is not one of this search.
    """
    dialect = connection.dialect.name
    if condition is not None:
        where = and_(where, _compile(condition, target, dialect))
    source = target.source
    keys: list[SortKey] = []
    for position, term in enumerate(order):
        source, more = _sort_keys(source, target, term, position, dialect)
        keys += more
    keys += then
    search = f"{condition!r} {[(str(key), descending) for key, descending in keys]}"
    fingerprint = sha256(search.encode()).hexdigest()[:12]
    if page.token:
        where = and_(where, _after(keys, _read_token(page.token, fingerprint, len(keys))))
    query = (
        select(*target.columns, *(key.label(f"sort_{position}") for position, (key, _) in enumerate(keys)))
        .select_from(source)
        .where(where)
        .order_by(*(key.desc() if descending else key.asc() for key, descending in keys))
        .limit(page.size + 1)
    )
    rows = list(connection.execute(query))
    if len(rows) <= page.size:
        return rows, ""
    last = rows[page.size - 1]
    token = json.dumps([fingerprint, [last[position - len(keys)] for position in range(len(keys))]])
    return rows[: page.size], base64.urlsafe_b64encode(token.encode()).decode()


def _read_token(token: str, fingerprint: str, count: int) -> list[Any]:
    try:
        found, values = json.loads(base64.urlsafe_b64decode(token.encode()))
        fits = found == fingerprint and len(values) == count
        fits = fits and all(type(value) in (int, float, str) for value in values)
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError):
        fits = False
    if not fits:
        raise InvalidParameterValue(
            f"Invalid page token {token[:80]!r}: it is not one that this search, with this filter and order, has given."
        )
    return list(values)


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition of standing behind the row with these sort keys."""
    behind: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (key, descending), value in zip(keys, values, strict=True):
        behind.append(and_(*same, key < value if descending else key > value))
        same.append(key == value)
    return or_(*behind)


# -- order


def _sort_keys(
    source: FromClause, target: Target, term: OrderTerm, position: int, dialect: str
) -> tuple[FromClause, list[SortKey]]:
    """Return the source joined to what the term sorts by, and the sort keys: absent last, then the value."""
    if term.key.kind is Kind.ATTRIBUTE:
        column = target.attributes[term.key.name]
        empty: Any = 0 if _is_number(column) else ""
        absent = case((column.is_(None), 1), else_=0)
        return source, [(absent, False), (_sortable(func.coalesce(column, empty), dialect), term.descending)]
    table = target.values[term.key.kind].alias(f"order_{position}")
    owner = next(iter(table.primary_key))
    source = source.outerjoin(table, and_(owner == target.key, table.c.name_id == _name_id(term.key.name)))
    if term.key.kind is Kind.METRIC:
        absent = case((table.c.value.is_(None), 2), (table.c.is_nan, 1), else_=0)
        return source, [(absent, False), (func.coalesce(table.c.value, 0.0), term.descending)]
    absent = case((table.c.value.is_(None), 1), else_=0)
    return source, [(absent, False), (_sortable(func.coalesce(table.c.value, ""), dialect), term.descending)]


def _is_number(column: ColumnElement[Any]) -> bool:
    return column.type.python_type in (int, float)


def _sortable(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    # Character by character in every database, whatever language the server was set up for.
    return column if dialect == "sqlite" or _is_number(column) else column.collate("C")


# -- conditions


def _compile(condition: Condition, target: Target, dialect: str) -> ColumnElement[bool]:
    if isinstance(condition, And):
        return and_(*(_compile(part, target, dialect) for part in condition.parts))
    if isinstance(condition, Or):
        return or_(*(_compile(part, target, dialect) for part in condition.parts))
    if isinstance(condition, Not):
        return not_(_compile(condition.part, target, dialect))
    if condition.key.kind is Kind.ATTRIBUTE:
        return _compile_attribute(condition, target.attributes[condition.key.name], dialect)
    return _compile_named(condition, target, dialect)


def _compile_attribute(comparison: Comparison, column: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    if comparison.operator == "IS NULL":
        return column.is_not(None) if comparison.negated else column.is_(None)
    compared = _compare(column, comparison, dialect)
    if not getattr(column, "nullable", False):
        return compared
    # Absent: false, and not "unknown", which stays unknown under NOT.
    return func.coalesce(compared, false())


def _compile_named(comparison: Comparison, target: Target, dialect: str) -> ColumnElement[bool]:
    table = target.values[comparison.key.kind]
    owner = next(iter(table.primary_key))
    fitting = select(owner).where(table.c.name_id == _name_id(comparison.key.name))
    if comparison.operator == "IS NULL":
        return target.key.in_(fitting) if comparison.negated else target.key.not_in(fitting)
    return target.key.in_(fitting.where(_compare_named(table, comparison, dialect)))


def _compare_named(table: Table, comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    if comparison.key.kind is Kind.METRIC:
        compared = _compare(table.c.value, comparison, dialect)
        # NaN is unlike every number, so it fits what is negated and nothing else.
        negative = comparison.negated or comparison.operator == "!="
        return or_(compared, table.c.is_nan) if negative else and_(compared, not_(table.c.is_nan))
    value = comparison.value
    first = value[0] if isinstance(value, tuple) else value
    if isinstance(first, float):
        # A value that is no number can be compared with none: false, whatever the operator.
        return func.coalesce(_compare(table.c.number, comparison, dialect), false())
    return _compare(table.c.value, comparison, dialect)


def _name_id(name: str) -> ColumnElement[Any]:
    return select(schema.names.c.name_id).where(schema.names.c.name == name).scalar_subquery()


def _compare(column: ColumnElement[Any], comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    compared = _compare_plainly(column, comparison.operator, comparison.value, dialect)
    return not_(compared) if comparison.negated else compared


def _compare_plainly(column: ColumnElement[Any], operator: str, value: Any, dialect: str) -> ColumnElement[bool]:
    if operator == "IN":
        return column.in_(value)
    if operator == "BETWEEN":
        return column.between(*value)
    if operator == "LIKE":
        return _like(column, literal(value), dialect)
    if operator == "ILIKE":
        return _like(func.lower(column), literal(value.lower()), dialect)
    comparisons: dict[str, ColumnElement[bool]] = {
        "=": column == value,
        "!=": column != value,
        "<": column < value,
        "<=": column <= value,
        ">": column > value,
        ">=": column >= value,
    }
    return comparisons[operator]


def _like(column: ColumnElement[Any], pattern: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    # No sign escapes another, as in MLflow; PostgreSQL would take the backslash for such a sign.
    return column.like(pattern) if dialect == "sqlite" else column.like(pattern, escape="")
