"""The rules that find metrics in the namespace and in the last value; printed ones are in `printed`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ...analysis.constants import NOT_CONSTANT, constant_value
from ...analysis.source import Assignment
from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedMetric, Skipped
from ..loops.expressions import is_size, last_name
from ..results import named_entries
from ..values import as_number
from ..vocabulary import is_best_name, is_counter_name, is_score_name
from .base import MISSING, MetricRule, Outcome
from .fates import Fates
from .labels import long_names
from .merging import first_finds
from .printed.reasons import why_no_score

__all__ = ["METRIC_RULES", "ComputedName", "LastValue", "find_metrics", "name_of"]

_CLOCKS = frozenset({"time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "process_time", "timestamp"})


class ComputedName:
    """``accuracy = model.score(X, y)``: a number that the cell computes and names."""

    name = "computed name"
    explanation = "a name that the cell computes and that holds one number"

    def find(self, outcome: Outcome) -> Iterator[CapturedMetric | Skipped]:
        """Yield a metric for each such name, with the value it has at the end."""
        latest: dict[str, Assignment] = {}
        loop_targets: set[str] = set()
        for each in outcome.situation.source.assignments:
            latest[each.name] = each
            if each.how == "loop":
                loop_targets.add(each.name)
        try:
            fates = Fates(outcome.situation.source.body)
        except RecursionError:
            fates = Fates(())  # Nested too deep to be gone through.
        longer = long_names(outcome.situation.source)
        for name, each in latest.items():
            if each.how not in ("computed", "updated") or name.startswith("_") or name in loop_targets:
                continue
            value = outcome.after.get(name, MISSING)
            if value is MISSING:
                yield Skipped(name, self.name, each.line, "the cell removed it, or did not come that far")
                continue
            number = as_number(value)
            if number is None:
                continue
            reason = self._why_not(each, value, number, outcome)
            if not reason and fates.is_intermediate(name) and not is_score_name(name):
                reason = "it goes into other values, and is neither shown nor named like a score"
            key = longer.get(name, name)
            if not reason and key != name:
                reason = why_no_score(key, number.is_integer())
            if not reason and name in outcome.no_curves:
                reason = outcome.no_curves[name]
            if reason:
                yield Skipped(name, self.name, each.line, reason)
                continue
            yield CapturedMetric(key, number, self.name, each.line, each.expression, outcome.timestamp)

    @staticmethod
    def _why_not(each: Assignment, value: object, number: float, outcome: Outcome) -> str:
        source = outcome.situation.source
        if each.conditional or outcome.failed:
            if outcome.situation.before.get(each.name, MISSING) is value:
                return "it is still the value from an earlier cell"
            if each.name in outcome.param_keys and any(
                other.name == each.name and as_number(other.value) == number for other in source.assignments
            ):
                return "it is still the constant that it was set to"
        if each.how == "computed" and each.node is not None:
            key = _param_key(each.node)
            if key in outcome.param_keys and key not in source.computed:
                return f"it is the param {key}"
        node = each.node
        if node is not None and is_size(node):
            return "a size, not a score"
        if node is not None and any(
            isinstance(part, ast.Call) and last_name(part.func) in _CLOCKS for part in ast.walk(node)
        ):
            return "a clock reading, not a score"
        if each.how == "updated" and isinstance(each.node, ast.Constant) and each.node.value == 1:
            return "a counter, not a score"
        if each.conditional and is_counter_name(each.name) and not is_best_name(each.name):
            return "by its name a counter, not a score"
        return ""


#: Calls that only dress a value: the name is that of what they are given.
_DRESSING = frozenset({"round", "float", "int", "item", "abs"})
#: The metric of a last value that has no name: `hits / total`.
UNNAMED = "result"
#: ``monthly / yearly`` may be a name; what a longer expression or one with calls means is not seen at a glance.
MAX_EXPRESSION = 40
_NAMES_AND_SIGNS = re.compile(r"[A-Za-z_][\w.]*(?: [/-] [A-Za-z_][\w.]*)+")


def _param_key(node: ast.expr) -> str:
    """Return the key that a param has which an expression only looks up: ``config["lr"]`` is config.lr."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return f"{_param_key(node.value)}.{node.slice.value}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _DRESSING and node.args:
        return _param_key(node.args[0])
    return ""


class LastValue:
    """``accuracy_score(y, p)`` on the last line: the value that the cell displays."""

    name = "last value"
    explanation = "the value that the cell displays, when it is a number or a few numbers with names"

    def find(self, outcome: Outcome) -> Iterator[CapturedMetric | Skipped]:
        """Yield one metric for a number, one for each of a dict, tuple, series or row of numbers."""
        source = outcome.situation.source
        node = source.last_expression
        if node is None or outcome.value is MISSING or outcome.value is None:
            return
        line, expression = source.line(node), source.expression(node)
        for key, part, number in _numbers_in(node, outcome.value):
            if part is not None and constant_value(part) is not NOT_CONSTANT:
                continue
            if key in outcome.param_keys or (part is not None and _param_key(part) in outcome.param_keys):
                continue
            yield CapturedMetric(key, number, self.name, line, expression, outcome.timestamp)


def _numbers_in(node: ast.expr, value: Any) -> Iterator[tuple[str, ast.expr | None, float]]:
    """Yield name, expression (where a part has one) and number of all that a displayed value holds."""
    if type(value) is tuple and isinstance(node, ast.Tuple) and len(value) == len(node.elts):
        for part, item in zip(node.elts, value, strict=True):
            number = as_number(item)
            if number is not None and name_of(part):
                yield name_of(part), part, number
        return
    entries = named_entries(value)
    if entries is not None:
        for key, item in entries:
            number = as_number(item)
            if number is not None and not why_no_score(key, number.is_integer()):
                yield key, None, number
        return
    number = as_number(value)
    if number is not None and not is_size(node):
        yield name_of(node) or UNNAMED, node, number


def name_of(node: ast.expr) -> str:
    """Return what a person would call the value of an expression; empty if it has no name.

    ``acc`` is acc, ``round(acc, 3)`` too; ``accuracy_score(y, p)`` is accuracy_score; ``model.score(X, y)``
    is score; ``scores.mean()`` is scores.mean; ``report["f1"]`` is f1.
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant) and type(node.slice.value) is str:
            return node.slice.value
        return name_of(node.value)
    if isinstance(node, ast.Await):
        return name_of(node.value)
    if isinstance(node, ast.BinOp):
        text = ast.unparse(node)
        return text if len(text) <= MAX_EXPRESSION and _NAMES_AND_SIGNS.fullmatch(text) else ""
    if isinstance(node, ast.Call):
        last = last_name(node.func)
        if last in _DRESSING:
            dressed = node.args[0] if node.args else getattr(node.func, "value", None)
            return name_of(dressed) if dressed is not None else last
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            owner = name_of(node.func.value)
            return f"{owner}.{last}" if owner else last
        return last
    return ""


METRIC_RULES: tuple[MetricRule, ...] = (ComputedName(), LastValue())


def find_metrics(
    outcome: Outcome, rules: Iterable[MetricRule] = METRIC_RULES
) -> tuple[dict[str, CapturedMetric], list[Skipped]]:
    """Apply the rules in order; the first that finds a name has it.

    Returns
    -------
    metrics : dict of str to CapturedMetric
        By key.
    skipped : list of Skipped
    """
    return first_finds(_storable(each) for rule in rules for each in rule.find(outcome))


def _storable(found: CapturedMetric | Skipped) -> CapturedMetric | Skipped:
    if isinstance(found, CapturedMetric):
        try:
            check_key("metric", found.key)
        except InvalidParameterValue as error:
            return Skipped(found.key, found.rule, found.line, str(error))
    return found
