"""Where in the database is what a filter or an order names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, func, not_, select

from ...filters import Aggregate, Key, Kind
from . import schema

__all__ = ["Named", "Target", "name_id"]


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


class Named:
    """The metrics, params or tags of one name.

    Parameters
    ----------
    target : Target
    key : Key
    alias : str
        What the table is called in the query.

    Attributes
    ----------
    table : FromClause
        Has a row for each owner that has such a value.
    owner : ColumnElement
        The owner's key.
    has_name : ColumnElement
        The condition that a row of the table is of this name.
    value : ColumnElement
        Of a metric's latest point 0 where it is NaN; of its history NULL where there is nothing but NaN.
    number : ColumnElement
        Of a param the number that it spells, or NULL.
    is_nan : ColumnElement
        Of a metric.
    of_history : bool
        Whether the value is one of a metric's whole history.
    """

    def __init__(self, target: Target, key: Key, alias: str) -> None:
        table = target.values[key.kind]
        self.table = table.alias(alias)
        self.owner: ColumnElement[Any] = self.table.c[next(iter(table.primary_key)).name]
        self.has_name = self.table.c.name_id == name_id(key.name)
        self.value: ColumnElement[Any] = self.table.c.value
        self.of_history = key.aggregate is not None
        if key.kind is Kind.PARAM:
            self.number: ColumnElement[Any] = self.table.c.number
        if key.kind is Kind.METRIC:
            self.is_nan: ColumnElement[bool] = self.table.c.is_nan
            if key.aggregate is not None:
                self.value = self._of_history(key.aggregate, alias)
                self.is_nan = self.value.is_(None)

    def _of_history(self, aggregate: Aggregate, alias: str) -> ColumnElement[Any]:
        # The points of one run's metric are one stretch of their table.
        points = schema.metrics.alias(f"{alias}_points")
        function = func.min if aggregate is Aggregate.MIN else func.max
        return (
            select(function(points.c.value))
            .where(points.c.run_key == self.owner, points.c.name_id == self.table.c.name_id, not_(points.c.is_nan))
            .correlate(self.table)
            .scalar_subquery()
        )


def name_id(name: str) -> ColumnElement[Any]:
    """Return the id of a name; NULL if there is none."""
    return select(schema.names.c.name_id).where(schema.names.c.name == name).scalar_subquery()
