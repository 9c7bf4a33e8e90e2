"""Few rows among which is all that a filter fits, found by an index.

SQLite plans a query without knowing how many rows an index leads to, and PostgreSQL guesses badly how many short
texts are equal to one. Counting them, up to a bound, takes a fraction of a millisecond and tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, SelectBase, func, select, union_all

from ...filters import And, Comparison, Condition, Or
from .conditions import fitting_owners, has_index
from .target import Target

__all__ = ["are_few", "candidates"]

#: Rows that are soon looked at one by one and sorted.
FEW = 2_000


def candidates(connection: Connection, target: Target, condition: Condition) -> SelectBase | None:
    """Return a query of at most some thousand keys, all of whatever fits among them; None if there is no such."""
    found = _least(connection, target, condition)
    if found is None:
        return None
    queries = found[1]
    return queries[0] if len(queries) == 1 else union_all(*queries)


def are_few(connection: Connection, source: FromClause, where: ColumnElement[bool]) -> bool:
    """Return whether only some thousand rows of a table fit."""
    return _count(connection, select(1).select_from(source).where(where)) < FEW


def _least(connection: Connection, target: Target, condition: Condition) -> tuple[int, Sequence[Select[Any]]] | None:
    """Return how many keys the queries have that lead to the fewest."""
    if isinstance(condition, And):
        parts = [_least(connection, target, part) for part in condition.parts]
        return min((part for part in parts if part is not None), key=lambda part: part[0], default=None)
    if isinstance(condition, Or):
        count, queries = 0, list[Select[Any]]()
        for part in condition.parts:
            found = _least(connection, target, part)
            if found is None:
                return None
            count += found[0]
            queries += found[1]
        return (count, queries) if count < FEW else None
    if not isinstance(condition, Comparison) or not has_index(condition):
        return None
    query = fitting_owners(condition, target, connection.dialect.name, by_index=True)
    count = _count(connection, query)
    return (count, [query]) if count < FEW else None


def _count(connection: Connection, query: Select[Any]) -> int:
    return connection.execute(select(func.count()).select_from(query.limit(FEW).subquery())).scalar_one()
