"""From a filter to the runs that it fits."""

from __future__ import annotations

import math
import operator as op
import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from ....filters import And, Comparison, Condition, Not, Or
from .column import ABSENT, IS_NAN, THERE, Array, Texts, Values
from .needs import ColumnName, Of, column_of_comparison

__all__ = ["Columns", "matcher", "runs_that_fit"]

Columns = Mapping[ColumnName, Values | Texts]

_LEAST, _GREATEST = -(2**63), 2**63 - 1


def runs_that_fit(condition: Condition, columns: Columns) -> Array:
    """Return for each run whether a filter fits it: the same answer as the compiled query's."""
    if isinstance(condition, And):
        return np.asarray(np.logical_and.reduce([runs_that_fit(part, columns) for part in condition.parts]))
    if isinstance(condition, Or):
        return np.asarray(np.logical_or.reduce([runs_that_fit(part, columns) for part in condition.parts]))
    if isinstance(condition, Not):
        return np.asarray(np.logical_not(runs_that_fit(condition.part, columns)))
    name = column_of_comparison(condition)
    assert name is not None  # Else nobody would have asked for columns.
    column = columns[name]
    if isinstance(column, Texts):
        return _of_texts(condition, column)
    values, states = column.values.now, column.states.now
    if condition.operator == "IS NULL":
        return np.asarray((states != ABSENT) if condition.negated else (states == ABSENT))
    fits = _of_times(condition, values) if name.of is Of.TIME else _of_numbers(condition, values)
    if condition.negated:
        fits = ~fits
    fits &= states == THERE
    if condition.negated or condition.operator == "!=":
        fits |= states == IS_NAN  # Unlike every number.
    return fits


def _of_texts(comparison: Comparison, column: Texts) -> Array:
    codes, value = column.codes.now, comparison.value
    if comparison.operator == "IS NULL":
        return (codes >= 0) if comparison.negated else (codes < 0)
    if comparison.operator in ("LIKE", "ILIKE"):
        fits_word = matcher(str(value), comparison.operator == "ILIKE")
        # The last one is for number -1, of what is absent.
        fits = np.array([*map(fits_word, column.words), comparison.negated])[codes]
    else:
        words = value if isinstance(value, tuple) else (value,)
        numbers = [number for word in words if (number := column.number(str(word))) is not None]
        fits = np.isin(codes, numbers) if len(numbers) > 1 else codes == (numbers[0] if numbers else -2)
    if comparison.negated or comparison.operator == "!=":
        fits = ~fits & (codes >= 0)
    return fits


def matcher(pattern: str, fold: bool) -> Callable[[str], bool]:
    """Return the function that says whether a text fits a LIKE pattern.

    Parameters
    ----------
    pattern : str
        ``%`` is any text, ``_`` any one character; no sign escapes them.
    fold : bool
        Whether the case makes no difference, as of ILIKE.
    """
    if fold:
        pattern = pattern.lower()
    first, *rest = (
        re.compile("".join("." if sign == "_" else re.escape(sign) for sign in part), re.DOTALL)
        for part in pattern.split("%")
    )
    # The last part has to stand at the end; its length is that of its signs.
    tail = len(pattern) - pattern.rfind("%") - 1

    def fits(text: str) -> bool:
        if fold:
            text = text.lower()
        if not rest:
            return first.fullmatch(text) is not None
        found = first.match(text)
        # What comes first is taken where it comes first: whatever comes later has the most room then. A single
        # expression would try all other places, too, which takes very long for some patterns.
        for part in rest[:-1]:
            if found is None:
                return False
            found = part.search(text, found.end())
        return (
            found is not None
            and len(text) - tail >= found.end()
            and rest[-1].fullmatch(text, len(text) - tail) is not None
        )

    return fits


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}


def _of_numbers(comparison: Comparison, values: Array) -> Array:
    asked: Any = comparison.value
    if comparison.operator == "IN":
        return np.isin(values, [float(each) for each in asked])
    if comparison.operator == "BETWEEN":
        return np.asarray((values >= float(asked[0])) & (values <= float(asked[1])))
    return np.asarray(_OPERATORS[comparison.operator](values, float(asked)))


def _of_times(comparison: Comparison, values: Array) -> Array:
    """Compare integers with any numbers, exactly."""
    asked: Any = comparison.value
    if comparison.operator == "IN":
        return reduce(op.or_, (_equal(values, each) for each in asked))
    if comparison.operator in ("=", "!="):
        fits = _equal(values, asked)
        return ~fits if comparison.operator == "!=" else fits
    low, high = asked if comparison.operator == "BETWEEN" else (asked, asked)
    # A little further than any integer of the column: infinity has no floor.
    low, high = (max(_LEAST - 1, min(_GREATEST + 1, each)) for each in (low, high))
    match comparison.operator:
        case "<":
            return _between(values, _LEAST, math.ceil(high) - 1)
        case "<=":
            return _between(values, _LEAST, math.floor(high))
        case ">":
            return _between(values, math.floor(low) + 1, _GREATEST)
        case ">=":
            return _between(values, math.ceil(low), _GREATEST)
        case _:
            return _between(values, math.ceil(low), math.floor(high))


def _equal(values: Array, asked: float) -> Array:
    if not _LEAST <= asked <= _GREATEST or asked != math.floor(asked):
        return np.zeros(len(values), bool)
    return _between(values, math.floor(asked), math.floor(asked))


def _between(values: Array, begin: int, end: int) -> Array:
    begin, end = max(begin, _LEAST), min(end, _GREATEST)
    if begin > end:
        return np.zeros(len(values), bool)
    return np.asarray((values >= begin) & (values <= end))
