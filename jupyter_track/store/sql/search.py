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

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, false, or_, select, true

from ...entities import InvalidParameterValue
from ...entities.clock import now_ms
from ...entities.limits import check_integer, check_text
from ...filters import Condition, OrderTerm
from .candidates import are_few, candidates
from .conditions import compile_condition
from .sorting import SortKey, Stage, one_stage, stages
from .target import Target

__all__ = ["Choose", "Page", "SortKey", "Target", "search_page"]

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

    def after(self, fingerprint: str, types: Sequence[type]) -> list[Any]:
        """Return the sort keys, of these types, behind which the page begins; none if it is the first.

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
            for value, expected in zip(self._last, types, strict=True):
                _check_token_value(value, expected)
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
    whole = one_stage(target, order, then, dialect)
    search = f"{condition!r} {order!r} {[(str(key), descending) for key, descending in then]}"
    fingerprint = sha256(search.encode()).hexdigest()[:12]
    after = page.after(fingerprint, [key.type.python_type for key, _ in whole.keys])
    chosen = choose(after, page.size + 1) if choose is not None else None
    if chosen is not None:
        plan: list[tuple[Stage, ColumnElement[bool]]]
        plan = [(whole, target.key.in_(bindparam("chosen", chosen, expanding=True, literal_execute=True)))]
    else:
        plan = _plan(connection, target, where, condition, whole, stages(target, order, then, dialect))
    rows: list[Row[Any]] = []
    last: list[Any] = []
    for stage, fitting in plan:
        room = page.size - len(rows)
        found = list(connection.execute(_query(target, stage, fitting, after, room + 1)))
        if found[:room]:
            rows += found[:room]
            last = [*stage.first, *rows[-1][-len(stage.keys) :]]
        if len(found) > room:
            return rows, page.next_token(fingerprint, last)
    return rows, ""


def _plan(
    connection: Connection,
    target: Target,
    where: ColumnElement[bool],
    condition: Condition | None,
    whole: Stage,
    parts: Sequence[Stage],
) -> list[tuple[Stage, ColumnElement[bool]]]:
    """Return the stages in which to search, and what is to be found in each."""
    dialect = connection.dialect.name
    is_sqlite = dialect == "sqlite"
    fits: ColumnElement[bool] = true()
    if condition is not None:
        fits = compile_condition(condition, target, dialect, probing=is_sqlite)
        few = candidates(connection, target, condition)
        if few is not None:
            fits = and_(target.key.in_(few), fits)
            return [(whole, and_(_without_index(where) if is_sqlite else where, fits))]
    walked = where
    if is_sqlite and any(stage.by_index for stage in parts) and not are_few(connection, target.source, where):
        walked = _without_index(where)
    return [(stage, and_(walked if stage.by_index else where, fits)) for stage in parts]


def _without_index(where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that SQLite checks row by row: it takes every index for a good one."""
    return case((where, 1), else_=0) == 1


def _query(target: Target, stage: Stage, where: ColumnElement[bool], after: Sequence[Any], limit: int) -> Select[Any]:
    fixed = len(stage.first)
    where = and_(stage.where, where)
    if after and (not fixed or after[0] == stage.first[0]):
        where = and_(where, _after(stage.keys, after[fixed:]))
    elif after and after[0] > stage.first[0]:
        where = false()
    return (
        select(*target.columns, *(key.label(f"sort_{position}") for position, (key, _) in enumerate(stage.keys)))
        .select_from(stage.source)
        .where(where)
        .order_by(*(key.desc() if descending else key.asc() for key, descending in stage.keys))
        .limit(limit)
    )


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
