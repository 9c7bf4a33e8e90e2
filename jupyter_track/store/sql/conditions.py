"""From a filter's tree to the condition of a query.

Whatever comes from outside goes into a query as a bound parameter.
"""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)

from ...filters import And, Comparison, Condition, Kind, Not, Or
from . import schema
from .target import Named, Target, name_id

__all__ = ["compile_condition"]

#: The tag of a run's input that says what the dataset was read for.
CONTEXT_TAG = "mlflow.data.context"


def compile_condition(condition: Condition, target: Target, dialect: str) -> ColumnElement[bool]:
    """Return the condition of a query that finds what a filter fits; it is never NULL."""
    if isinstance(condition, And):
        return and_(*(compile_condition(part, target, dialect) for part in condition.parts))
    if isinstance(condition, Or):
        return or_(*(compile_condition(part, target, dialect) for part in condition.parts))
    if isinstance(condition, Not):
        return not_(compile_condition(condition.part, target, dialect))
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
    key = comparison.key
    named = None if key.kind is Kind.DATASET else Named(target, key, "named")
    if named is None:
        there, value = _datasets(key.name)
    else:
        there, value = select(named.owner).where(named.has_name), named.value
    if comparison.operator == "IS NULL":
        return target.key.in_(there) if comparison.negated else target.key.not_in(there)
    fits = _compare_value(named, comparison, dialect) if named is not None else _compare(value, comparison, dialect)
    return target.key.in_(there.where(fits))


def _datasets(name: str) -> tuple[Select[Any], ColumnElement[Any]]:
    """Return the runs that have read data of which something is known, and what that is."""
    inputs = schema.inputs
    if name == "context":
        tags = schema.input_tags
        named = and_(tags.c.input_key == inputs.c.input_key, tags.c.name_id == name_id(CONTEXT_TAG))
        return select(inputs.c.run_key).join_from(inputs, tags, named), tags.c.value
    return select(inputs.c.run_key).join_from(inputs, schema.datasets), schema.datasets.c[name]


def _compare_value(named: Named, comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    if comparison.key.kind is Kind.METRIC:
        compared = _compare(named.value, comparison, dialect)
        # NaN is unlike every number, so it fits what is negated and nothing else.
        negative = comparison.negated or comparison.operator == "!="
        return or_(compared, named.is_nan) if negative else and_(compared, not_(named.is_nan))
    if isinstance(_first(comparison.value), str):
        return _compare(named.value, comparison, dialect)
    # A value that is no number can be compared with none: false, whatever the operator.
    return and_(named.number.is_not(None), _compare(named.number, comparison, dialect))


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


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
