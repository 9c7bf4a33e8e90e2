"""What a filter and an order mean, worked out run by run in memory: the answer that a database must give, too."""

import math
import re

from jupyter_track.filters import RUNS, And, Comparison, Kind, Not, Or, parse_filter, parse_order


def search(runs, filter_string="", order_by=()):
    """Return the runs that a filter fits, in order."""
    condition = parse_filter(filter_string, RUNS)
    found = [run for run in runs if condition is None or fits(condition, run)]
    found.sort(key=lambda run: (-run.info.start_time, run.info.run_id))
    # Sorting is stable: the first key, sorted by last, decides.
    for term in reversed(parse_order(order_by, RUNS)):
        found = in_order(found, term)
    return found


def in_order(runs, term):
    values = [(value_of(term.key, run), run) for run in runs]
    missing = [run for value, run in values if value is None]
    nan = [run for value, run in values if is_nan(value)]
    there = [(value, run) for value, run in values if value is not None and not is_nan(value)]
    there.sort(key=lambda pair: pair[0], reverse=term.descending)
    return [run for _, run in there] + nan + missing


def fits(condition, run):
    match condition:
        case And(parts):
            return all(fits(part, run) for part in parts)
        case Or(parts):
            return any(fits(part, run) for part in parts)
        case Not(part):
            return not fits(part, run)
        case Comparison(key, operator, value, negated):
            found = value_of(key, run)
            if operator == "IS NULL":
                return (found is None) != negated
            if key.kind is not Kind.ATTRIBUTE and not isinstance(first(value), str):
                found = as_number(found)
                value = tuple(map(float, value)) if isinstance(value, tuple) else float(value)
            if key.kind is Kind.METRIC and found is None and key.name in run.data.metrics:
                return negated or operator == "!="  # NaN is unlike every number.
            return found is not None and compare(found, operator, value) != negated
    raise AssertionError(condition)


def value_of(key, run):
    if key.kind is Kind.METRIC:
        return run.data.metrics.get(key.name)
    if key.kind is Kind.PARAM:
        return run.data.params.get(key.name)
    if key.kind is Kind.TAG:
        return run.data.tags.get(key.name)
    value = getattr(run.info, key.name)
    return value.value if key.name == "status" else value


def compare(found, operator, value):
    if operator == "IN":
        return found in value
    if operator == "BETWEEN":
        return value[0] <= found <= value[1]
    if operator == "LIKE":
        return like(found, value)
    if operator == "ILIKE":
        return like(found.lower(), value.lower())
    return {
        "=": found == value,
        "!=": found != value,
        "<": found < value if not isinstance(value, str) else None,
        "<=": found <= value if not isinstance(value, str) else None,
        ">": found > value if not isinstance(value, str) else None,
        ">=": found >= value if not isinstance(value, str) else None,
    }[operator]


def like(text, pattern):
    wild = {"%": ".*", "_": "."}
    return re.fullmatch("".join(wild.get(sign) or re.escape(sign) for sign in pattern), text, re.DOTALL) is not None


def as_number(value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if is_nan(number) else number


def first(value):
    return value[0] if isinstance(value, tuple) else value


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)
