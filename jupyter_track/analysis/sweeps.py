"""Loops over values that are written out: ``for lr in [0.1, 0.01]``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .constants import NOT_CONSTANT, constant_value

__all__ = ["swept_values"]

#: Calls that pass on the values of what they are given.
_PASSING_ON = frozenset({"tqdm", "trange", "list", "tuple", "iter", "sorted", "reversed", "set", "track"})
#: Library calls that make a few numbers from constants.
_SPACED = frozenset({"logspace", "linspace", "geomspace", "arange"})
_COUNTING = frozenset({"epoch", "fold", "i", "it", "iteration", "j", "repeat", "round", "run", "step", "trial"})
#: More values than this are data.
MAX_VALUES = 50


def swept_values(target: ast.expr, iterable: ast.expr) -> Iterator[tuple[ast.Name, list[Any] | ast.Call, ast.expr]]:
    """Yield the names that ``for target in iterable`` sets to constants, their values, and where those are written.

    ``for lr, wd in [(0.1, 0), (0.01, 1e-4)]`` sweeps two names; ``enumerate``, ``zip``, ``itertools.product`` and
    progress bars are seen through. A counter (``range``, the integers from 0 on) sweeps nothing.
    """
    if isinstance(iterable, ast.Call):
        yield from _through_call(target, iterable)
        return
    if not isinstance(iterable, (ast.List, ast.Tuple, ast.Set)):
        return
    values = constant_value(iterable)
    if values is NOT_CONSTANT or not 0 < len(values) <= MAX_VALUES:
        return
    in_order = sorted(values, key=repr) if isinstance(values, set) else list(values)
    if not _is_counter(target, in_order):
        yield from _unpacked(target, in_order, iterable)


def _through_call(target: ast.expr, call: ast.Call) -> Iterator[tuple[ast.Name, list[Any] | ast.Call, ast.expr]]:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
    if called in _PASSING_ON and call.args:
        yield from swept_values(target, call.args[0])
    elif called == "enumerate" and call.args and len(parts) == 2:
        yield from swept_values(parts[1], call.args[0])
    elif called in ("zip", "product") and len(parts) == len(call.args):
        for part, argument in zip(parts, call.args, strict=True):
            yield from swept_values(part, argument)
    elif called in _SPACED and isinstance(target, ast.Name):
        constants = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg)]
        if len(constants) == len(call.args) + len(call.keywords) and all(
            constant_value(each) is not NOT_CONSTANT for each in constants
        ):
            yield target, call, call


def _unpacked(target: ast.expr, values: list[Any], written: ast.expr) -> Iterator[tuple[ast.Name, list[Any], ast.expr]]:
    if isinstance(target, ast.Name):
        yield target, values, written
    elif isinstance(target, (ast.Tuple, ast.List)):
        rows = [each for each in values if type(each) in (tuple, list) and len(each) == len(target.elts)]
        if len(rows) == len(values):
            for index, part in enumerate(target.elts):
                yield from _unpacked(part, [row[index] for row in rows], written)


def _is_counter(target: ast.expr, values: list[Any]) -> bool:
    """Whether the values are 0, 1, 2..., or follow each other under a name that counts: ``for epoch in (1, 2)``."""
    if any(type(value) is not int for value in values):
        return False
    start = values[0] if isinstance(target, ast.Name) and target.id.lower() in _COUNTING else 0
    return values == list(range(start, start + len(values)))
