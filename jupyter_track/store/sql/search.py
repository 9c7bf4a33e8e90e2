"""From a filter's tree and an order to one page of rows.

Whatever comes from outside goes into a query as a bound parameter.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, bindparam, case, func, or_, select

from ...entities import InvalidParameterValue
from ...entities.clock import now_ms
from ...entities.limits import check_integer, check_text
from ...filters import Condition, Kind, OrderTerm
from .conditions import compile_condition
from .target import Named, Target

__all__ = ["Choose", "Page", "SortKey", "Target", "search_page"]

#: A column that is never NULL, and whether it goes down.
SortKey = tuple[ColumnElement[Any], bool]

#: From the sort keys behind which a page begins (none: the first page) and a number of rows to the keys of at
#: least so many rows that come next, in any order and perhaps some more; None if the database shall find them.
Choose = Callable[[Sequence[Any], int], Sequence[int] | None]


class Page:
    """Which page of a search is asked for.

    Parameters
    ----------
    size : int
    token : str
        Of the page before; empty for the first.

    Attributes
    ----------
    now : int
        When the first page was asked for, in milliseconds since the epoch, UTC. On every page, ``'7d ago'`` in a
        filter counts from there; else pages could repeat or skip.

    Raises
    ------
    InvalidParameterValue
        If the token is none.
    """

    def __init__(self, size: int, token: str = "") -> None:
        self.size = size
        self.now = now_ms()
        self._token = token
        self._fingerprint = ""
        self._last: list[Any] = []
        if token:
            try:
                self._fingerprint, self.now, *self._last = json.loads(base64.urlsafe_b64decode(token.encode()))
                _check_token_value(self.now, int)
            except (ValueError, TypeError, binascii.Error, RecursionError) as error:
                raise self._wrong_token() from error

    def after(self, fingerprint: str, keys: Sequence[SortKey]) -> list[Any]:
        """Return the sort keys behind which the page begins; none if it is the first.

        Raises
        ------
        InvalidParameterValue
            If the token is one of another search.
        """
        if not self._token:
            return []
        try:
            if self._fingerprint != fingerprint:
                raise ValueError(self._fingerprint)
            for value, (key, _) in zip(self._last, keys, strict=True):
                _check_token_value(value, key.type.python_type)
        except (ValueError, TypeError) as error:
            raise self._wrong_token() from error
        return self._last

    def next_token(self, fingerprint: str, last: Sequence[Any]) -> str:
        """Return the token of the page behind the row with these sort keys."""
        return base64.urlsafe_b64encode(json.dumps([fingerprint, self.now, *last]).encode()).decode()

    def _wrong_token(self) -> InvalidParameterValue:
        return InvalidParameterValue(
            f"Invalid page token {self._token[:80]!r}: it is not one that this search, with this filter and order, "
            "has given."
        )


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
    search = f"{condition!r} {order!r} {[(str(key), descending) for key, descending in then]}"
    fingerprint = sha256(search.encode()).hexdigest()[:12]
    after = page.after(fingerprint, keys)
    chosen = choose(after, page.size + 1) if choose is not None else None
    if chosen is not None:
        where = target.key.in_(bindparam("chosen", chosen, expanding=True, literal_execute=True))
    elif condition is not None:
        where = and_(where, compile_condition(condition, target, dialect))
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
    return rows[: page.size], page.next_token(fingerprint, rows[page.size - 1][-len(keys) :])


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
