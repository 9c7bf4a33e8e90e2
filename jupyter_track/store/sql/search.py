"""From a filter's tree and an order to one page of rows.

Whatever comes from outside goes into a query as a bound parameter.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import operator as op
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Row,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from ...entities import InvalidParameterValue
from ...entities.limits import check_integer, check_text
from ...filters import And, Comparison, Condition, Kind, Not, Or, OrderTerm
from . import schema

__all__ = ["Choose", "Page", "SortKey", "Target", "search_page"]

#: A column that is never NULL, and whether it goes down.
SortKey = tuple[ColumnElement[Any], bool]

#: From the sort keys behind which a page begins (none: the first page) and a number of rows to the keys of at
#: least so many rows that come next, in any order and perhaps some more; None if the database shall find them.
Choose = Callable[[Sequence[Any], int], Sequence[int] | None]


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
    choose: Choose | None = None,
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
    choose : Choose, optional
        Who may know more quickly than the database which rows come next.

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
    source = target.source
    keys: list[SortKey] = []
    for position, term in enumerate(order):
        source, more = _sort_keys(source, target, term, position, dialect)
        keys += more
    keys += then
    search = f"{condition!r} {[(str(key), descending) for key, descending in keys]}"
    fingerprint = sha256(search.encode()).hexdigest()[:12]
    after = _read_token(page.token, fingerprint, keys) if page.token else []
    chosen = choose(after, page.size + 1) if choose is not None else None
    if chosen is not None:
        where = target.key.in_(bindparam("chosen", chosen, expanding=True, literal_execute=True))
    elif condition is not None:
        where = and_(where, _compile(condition, target, dialect))
    if after:
        where = and_(where, _after(keys, after))
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


def _read_token(token: str, fingerprint: str, keys: Sequence[SortKey]) -> list[Any]:
    try:
        found, values = json.loads(base64.urlsafe_b64decode(token.encode()))
        if found != fingerprint or len(values) != len(keys):
            raise ValueError(found)
        for value, (key, _) in zip(values, keys, strict=True):
            _check_token_value(value, key.type.python_type)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise InvalidParameterValue(
            f"Invalid page token {token[:80]!r}: it is not one that this search, with this filter and order, has given."
        ) from error
    return list(values)


def _check_token_value(value: Any, expected: type) -> None:
    if type(value) is not expected:
        raise TypeError(value)
    if isinstance(value, str):
        check_text("page token", value)
    elif isinstance(value, int):
        check_integer("page token", value)


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition of standing behind the row with these sort keys."""
    behind: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (key, descending), value in zip(keys, values, strict=True):
        behind.append(and_(*same, key < value if descending else key > value))
        same.append(key == value)
    # Follows from the rest, but databases do not see it, and would read an index from its beginning.
    (first, descending), value = keys[0], values[0]
    return and_(first <= value if descending else first >= value, or_(*behind))


# -- order


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
    if isinstance(column.type, Integer) and isinstance(_first(comparison.value), str):
        column = cast(column, String)  # An id, which is a text to whoever searches.
    compared = _compare(column, comparison, dialect)
    # Absent: false, and not "unknown", which stays unknown under NOT.
    return and_(column.is_not(None), compared) if getattr(column, "nullable", False) else compared


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
    if isinstance(_first(comparison.value), str):
        return _compare(table.c.value, comparison, dialect)
    # A value that is no number can be compared with none: false, whatever the operator.
    return and_(table.c.number.is_not(None), _compare(table.c.number, comparison, dialect))


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


def _name_id(name: str) -> ColumnElement[Any]:
    return select(schema.names.c.name_id).where(schema.names.c.name == name).scalar_subquery()


def _compare(column: ColumnElement[Any], comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    compared = _compare_plainly(column, comparison.operator, comparison.value, dialect)
    return not_(compared) if comparison.negated else compared


def _compare_plainly(column: ColumnElement[Any], operator: str, value: Any, dialect: str) -> ColumnElement[bool]:
    if isinstance(column.type, Integer):
        return _compare_integers(column, operator, value)
    if column.type.python_type is float:
        value = tuple(map(float, value)) if isinstance(value, tuple) else float(value)
    if operator == "IN":
        return column.in_(value)
    if operator == "BETWEEN":
        return column.between(*value)
    if operator in ("LIKE", "ILIKE"):
        pattern: ColumnElement[Any] = literal(value, String)
        if operator == "ILIKE":
            column, pattern = _lower(column, dialect), _lower(pattern, dialect)
        # No sign escapes another, as in MLflow; PostgreSQL would take the backslash for such a sign.
        return column.like(pattern) if dialect == "sqlite" else column.like(pattern, escape="")
    return _OPERATORS[operator](column, value)


_OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}


def _lower(text: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    # By the rules of Unicode, which Python (in SQLite) knows too, whatever language the server was set up for.
    return func.lower(text if dialect == "sqlite" else text.collate("und-x-icu"))


def _compare_integers(column: ColumnElement[Any], operator: str, value: Any) -> ColumnElement[bool]:
    """Compare a column of integers with any numbers.

    Exactly, where a database might round or refuse a number that is no integer or has no place in the column.
    """
    if operator == "!=":
        return not_(_compare_integers(column, "=", value))
    if operator == "IN":
        return or_(*(_compare_integers(column, "=", each) for each in value))
    low, high = value if operator == "BETWEEN" else (value, value)
    bits = 63 if isinstance(column.type, BigInteger) else 31
    least, greatest = -(2**bits), 2**bits - 1
    # A little further than any integer of the column: infinity has no floor.
    low, high = (max(least - 1, min(greatest + 1, each)) for each in (low, high))
    begin = {"<": least, "<=": least, ">": math.floor(low) + 1}.get(operator, math.ceil(low))
    end = {">": greatest, ">=": greatest, "<": math.ceil(high) - 1}.get(operator, math.floor(high))
    begin, end = max(begin, least), min(end, greatest)
    if begin > end:
        return false()
    return column.between(begin, end)
