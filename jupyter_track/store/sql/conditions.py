"""From a filter's tree to the condition of a query.

Whatever comes from outside goes into a query as a bound parameter.
"""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from ...filters import And, Comparison, Condition, Kind, Not, Or
from . import schema
from .target import Named, Target, name_id
from .values import as_number

__all__ = ["compile_condition", "fitting_owners", "has_index"]

_NARROWING = frozenset({"=", "<", "<=", ">", ">=", "IN", "BETWEEN"})

#: The tag of a run's input that says what the dataset was read for.
CONTEXT_TAG = "mlflow.data.context"


def compile_condition(condition: Condition, target: Target, dialect: str, probing: bool = False) -> ColumnElement[bool]:
    """Return the condition of a query that finds what a filter fits; it is never NULL.

    Parameters
    ----------
    probing : bool
        Ask of each row whether there is a value that fits, which is quick if few rows are asked; else leave it to
        the database how to bring together the rows and the values that fit.
    """
    if isinstance(condition, And):
        return and_(*(compile_condition(part, target, dialect, probing) for part in condition.parts))
    if isinstance(condition, Or):
        return or_(*(compile_condition(part, target, dialect, probing) for part in condition.parts))
    if isinstance(condition, Not):
        return not_(compile_condition(condition.part, target, dialect, probing))
    if condition.key.kind is Kind.ATTRIBUTE:
        return _compile_attribute(condition, target.attributes[condition.key.name], dialect)
    owners = fitting_owners(condition, target, dialect)
    if probing:
        fits: ColumnElement[bool] = exists(owners.where(owners.selected_columns[0] == target.key))
    else:
        fits = target.key.in_(owners)
    return not_(fits) if condition.operator == "IS NULL" and not condition.negated else fits


def fitting_owners(comparison: Comparison, target: Target, dialect: str, by_index: bool = False) -> Select[Any]:
    """Return the query of the keys of all whose named value, or dataset, fits; of ``IS NULL``, who have one.

    ``by_index`` says in the query what shows that the index has them all of which `has_index` tells.
    """
    key = comparison.key
    if key.kind is Kind.DATASET:
        owners, value = _datasets(key.name)
        return owners if comparison.operator == "IS NULL" else owners.where(_compare(value, comparison, dialect))
    named = Named(target, key, "named")
    owners = select(named.owner).where(named.has_name)
    if by_index and isinstance(_first(comparison.value), str):
        owners = owners.where(_is_in_index(named, comparison))
    return owners if comparison.operator == "IS NULL" else owners.where(_compare_value(named, comparison, dialect))


def _compile_attribute(comparison: Comparison, column: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    if comparison.operator == "IS NULL":
        return column.is_not(None) if comparison.negated else column.is_(None)
    if isinstance(column.type, Integer) and isinstance(_first(comparison.value), str):
        column = cast(column, String)  # An id, which is a text to whoever searches.
    compared = _compare(column, comparison, dialect)
    # Absent: false, and not "unknown", which stays unknown under NOT.
    return and_(column.is_not(None), compared) if getattr(column, "nullable", False) else compared


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
        if named.of_history:
            return func.coalesce(compared, true() if negative else false())
        return or_(compared, named.is_nan) if negative else and_(compared, not_(named.is_nan))
    if isinstance(_first(comparison.value), str):
        return _compare(named.value, comparison, dialect)
    # A value that is no number can be compared with none: false, whatever the operator.
    return and_(named.number.is_not(None), _compare(named.number, comparison, dialect))


def has_index(comparison: Comparison) -> bool:
    """Return whether an index leads to the named values or datasets that fit, and to no others."""
    kind, operator, value = comparison.key.kind, comparison.operator, comparison.value
    if kind is Kind.ATTRIBUTE or comparison.key.aggregate is not None:
        return False
    if comparison.negated or operator not in _NARROWING:
        return False
    if kind is Kind.DATASET or not isinstance(_first(value), str):
        return True
    texts = _texts(value)
    spelling = [as_number(each) is not None for each in texts]
    return max(map(len, texts)) <= schema.MAX_INDEXED and (kind is Kind.TAG or all(spelling) or not any(spelling))


def _is_in_index(named: Named, comparison: Comparison) -> ColumnElement[bool]:
    """Return what holds besides of whatever is equal to short texts: that an index has it."""
    if comparison.key.kind is Kind.PARAM:
        numbers = [number for each in _texts(comparison.value) if (number := as_number(each)) is not None]
        if numbers:
            return named.number.in_(numbers)
    short = func.length(named.value) <= literal_column(str(schema.MAX_INDEXED))
    return and_(short, named.number.is_(None)) if comparison.key.kind is Kind.PARAM else short


def _texts(value: Any) -> Sequence[str]:
    return value if isinstance(value, tuple) else (value,)


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
