"""What a filter and an order mean, worked out run by run in memory: the answer that a database must give, too."""

import math
import re

from jupyter_track.filters import RUNS, Aggregate, And, Comparison, Kind, Not, Or, parse_filter, parse_order


def search(runs, filter_string="", order_by=(), histories=None):
    """Return the runs that a filter fits, in order.

    ``histories`` has, by run id and name, all values of a metric; without, the latest are all there are.
    """
    histories = histories or {}
    condition = parse_filter(filter_string, RUNS)
    found = [run for run in runs if condition is None or fits(condition, run, histories.get(run.info.run_id))]
    found.sort(key=lambda run: (-run.info.start_time, run.info.run_id))
    # Sorting is stable: the first key, sorted by last, decides.
    for term in reversed(parse_order(order_by, RUNS)):
        found = in_order(found, term, histories)
    return found


def in_order(runs, term, histories):
    values = [(value_of(term.key, run, histories.get(run.info.run_id)), run) for run in runs]
    if term.as_number:
        values = [(as_number(value), run) for value, run in values]
    missing = [run for value, run in values if value is None]
    nan = [run for value, run in values if is_nan(value)]
    there = [(value, run) for value, run in values if value is not None and not is_nan(value)]
    there.sort(key=lambda pair: pair[0], reverse=term.descending)
    return [run for _, run in there] + nan + missing


def fits(condition, run, history=None):
    match condition:
        case And(parts):
            return all(fits(part, run, history) for part in parts)
        case Or(parts):
            return any(fits(part, run, history) for part in parts)
        case Not(part):
            return not fits(part, run, history)
        case Comparison(key, operator, value, negated) if key.kind is Kind.DATASET:
            found = dataset_values(key.name, run)
            if operator == "IS NULL":
                return (not found) != negated
            return any(compare(each, operator, value) != negated for each in found)
        case Comparison(key, operator, value, negated):
            found = value_of(key, run, history)
            if operator == "IS NULL":
                return (found is None) != negated
            if key.kind is not Kind.ATTRIBUTE and not isinstance(first(value), str):
                found = as_number(found)
                value = tuple(map(float, value)) if isinstance(value, tuple) else float(value)
            if key.kind is Kind.METRIC and found is None and key.name in run.data.metrics:
                return negated or operator == "!="  # NaN is unlike every number.
            return found is not None and compare(found, operator, value) != negated
    raise AssertionError(condition)


def value_of(key, run, history=None):
    if key.kind is Kind.METRIC:
        latest = run.data.metrics.get(key.name)
        if key.aggregate is None or latest is None or history is None:
            return latest
        values = [value for value in history[key.name] if not is_nan(value)]
        return {Aggregate.MIN: min, Aggregate.MAX: max}[key.aggregate](values, default=math.nan)
    if key.kind is Kind.PARAM:
        return run.data.params.get(key.name)
    if key.kind is Kind.TAG:
        return run.data.tags.get(key.name)
    value = getattr(run.info, key.name)
    return value.value if key.name == "status" else value


def dataset_values(name, run):
    if name == "context":
        tags = [tag for each in run.inputs.dataset_inputs for tag in each.tags]
        return [tag.value for tag in tags if tag.key == "mlflow.data.context"]
    return [getattr(each.dataset, name) for each in run.inputs.dataset_inputs]


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
