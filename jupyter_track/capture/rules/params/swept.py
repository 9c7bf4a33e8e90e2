"""Values that a loop tries one after the other."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from ....analysis.constants import constant_value
from ....analysis.source import CellSource, Sweep
from ...captured import CapturedParam, Skipped
from ...values import MAX_ITEMS
from ..base import Situation
from .checked import checked

__all__ = ["SpacedConstant", "SweptConstant", "spaced_values"]


class SweptConstant:
    """``for lr in [0.1, 0.01]``: what was tried is the list."""

    name = "swept values"
    explanation = "a name that a loop of the cell sets to one constant after the other; the value is all of them"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each such name."""
        for each in situation.source.sweeps:
            if each.name.startswith("_"):
                continue
            values = _values(each)
            if values is None:
                continue
            if all(type(value) is str for value in values) and _is_only_a_key(each.name, situation.source):
                yield Skipped(each.name, self.name, each.line, "a column or key that the loop looks up, no choice")
                continue
            yield from checked(each.name, values, self.name, each.line, f"for {each.name} in {each.expression}", True)


class SpacedConstant:
    """``alphas = np.logspace(-3, 0, 4)``: a few numbers that a library makes from constants."""

    name = "spaced values"
    explanation = "a name that the cell sets to a few evenly spaced numbers, made from constants"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each such name."""
        for each in situation.source.assignments:
            if each.how == "computed" and isinstance(each.node, ast.Call) and not each.name.startswith("_"):
                values = spaced_values(each.node)
                if values is not None:
                    yield from checked(each.name, values, self.name, each.line, each.expression)


def _values(sweep: Sweep) -> list[Any] | None:
    return spaced_values(sweep.values) if isinstance(sweep.values, ast.Call) else sweep.values


def spaced_values(call: ast.Call) -> list[Any] | None:
    """Return the numbers that ``np.logspace(-3, 0, 4)`` makes, rounded to what a person would write, or None.

    Worked out by NumPy, if it is there already, from the constants in the text; None also if they are too many.
    """
    function = call.func
    numpy = sys.modules.get("numpy")
    if not isinstance(function, ast.Attribute) or type(numpy) is not ModuleType:
        return None
    if not isinstance(function.value, ast.Name) or function.value.id not in ("np", "numpy"):
        return None
    places = [constant_value(each) for each in call.args]
    names = {each.arg: constant_value(each.value) for each in call.keywords if each.arg is not None}
    if not all(type(each) in (int, float) and abs(each) < 1e9 for each in (*places, *names.values())):
        return None
    if not _is_short(function.attr, places, names):
        return None
    try:
        made = numpy.__dict__[function.attr](*places, **names).tolist()
    except (TypeError, ValueError, ArithmeticError, KeyError):
        return None
    return [float(f"{each:.10g}") if type(each) is float else each for each in made]


def _is_short(function: str, places: list[Any], names: Mapping[str, Any]) -> bool:
    if function in ("linspace", "logspace", "geomspace"):
        count = names.get("num", places[2] if len(places) > 2 else 50)
        return bool(0 < count <= MAX_ITEMS)
    if function != "arange" or not places or names:
        return False
    start, stop = (0, places[0]) if len(places) == 1 else places[:2]
    step = places[2] if len(places) > 2 else 1
    # From 0 in steps of 1 it counts.
    return step != 0 and 0 < (stop - start) / step <= MAX_ITEMS and (start, step) != (0, 1)


def _is_only_a_key(name: str, source: CellSource) -> bool:
    """Whether a name is used to look something up: ``frame[column]`` reads a column."""
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node.slice))
        for part in source.body
        for node in ast.walk(part)
    )
