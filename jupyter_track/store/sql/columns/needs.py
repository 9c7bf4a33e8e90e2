"""Which columns a search needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ....filters import And, Comparison, Condition, Key, Kind, Not, Or, OrderTerm

__all__ = ["ColumnName", "Of", "column_of_comparison", "column_of_term", "columns_needed"]


class Of(Enum):
    """What a column holds, and in which form."""

    METRIC = "latest values of a metric"
    NUMBER = "numbers that the values of a param spell"
    PARAM = "values of a param, as texts"
    TAG = "values of a tag"
    TEXT = "texts of an attribute"
    TIME = "times of an attribute"

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self in (Of.PARAM, Of.TAG, Of.TEXT)


class ColumnName(NamedTuple):
    """A column: what it holds, and the name of the metric, param, tag or attribute."""

    of: Of
    name: str


_ATTRIBUTES = {
    "run_name": Of.TEXT,
    "status": Of.TEXT,
    "user_id": Of.TEXT,
    "start_time": Of.TIME,
    "end_time": Of.TIME,
}


def columns_needed(condition: Condition | None, order: Sequence[OrderTerm]) -> frozenset[ColumnName] | None:
    """Return the columns by which a search can be answered; None if it asks for what no column holds.

    That is the whole history of a metric, datasets, and attributes of which every run has another: a run that
    is looked for by its id is found by the database at once.
    """
    needed = [column_of_comparison(each) for each in _comparisons(condition)] if condition is not None else []
    needed += [column_of_term(term) for term in order]
    names = frozenset(name for name in needed if name is not None)
    return names if None not in needed else None


def column_of_comparison(comparison: Comparison) -> ColumnName | None:
    """Return the column that a comparison looks at; None if there is none."""
    value = comparison.value[0] if isinstance(comparison.value, tuple) else comparison.value
    return _column(comparison.key, isinstance(value, float | int))


def column_of_term(term: OrderTerm) -> ColumnName | None:
    """Return the column that a term of an order sorts by; None if there is none."""
    return _column(term.key, term.as_number)


def _column(key: Key, as_number: bool) -> ColumnName | None:
    of: Of | None = None
    if key.kind is Kind.METRIC:
        of = Of.METRIC if key.aggregate is None else None
    elif key.kind is Kind.PARAM:
        of = Of.NUMBER if as_number else Of.PARAM
    elif key.kind is Kind.TAG:
        of = Of.TAG
    elif key.kind is Kind.ATTRIBUTE:
        of = _ATTRIBUTES.get(key.name)
    return ColumnName(of, key.name) if of is not None else None


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, And | Or):
        for part in condition.parts:
            yield from _comparisons(part)
    elif isinstance(condition, Not):
        yield from _comparisons(condition.part)
    else:
        yield condition
