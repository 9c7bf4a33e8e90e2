"""Scores that are held as a sequence: a fold's each, a round's each; ``scores = cross_val_score(...)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedMetric
from ..values import as_number, is_one_of, library_type
from ..vocabulary import is_history_name, is_score_name
from .base import MISSING, Outcome

__all__ = ["NAME", "score_sequences"]

NAME = "sequence of scores"

#: Points of one sequence, sequences of one value, and how deep dicts of them may be.
MAX_POINTS = 2_000
MAX_SEQUENCES = 20
MAX_DEPTH = 3


def score_sequences(outcome: Outcome) -> list[CapturedMetric]:
    """Return the points of the sequences of scores that a cell has computed.

    Looked at are lists and arrays of numbers, dicts of them and the columns of frames, whose names are those of scores
    or of a history. What a loop of the cell fills is seen by the loop.
    """
    source = outcome.situation.source
    filled = _filled_names(source.body)
    found: list[CapturedMetric] = []
    for each in {each.name: each for each in source.assignments}.values():
        value = outcome.after.get(each.name, MISSING)
        if each.name.startswith("_") or each.name in filled or each.how in ("loop", "definition") or value is MISSING:
            continue
        if type(value) is not dict and not _tells_of_scores(each.node):
            continue
        for key, numbers in list(_sequences(each.name, value, is_history_name(each.name), 0))[:MAX_SEQUENCES]:
            try:
                check_key("metric", key)
            except InvalidParameterValue:
                continue
            found += [
                CapturedMetric(key, number, NAME, each.line, each.expression, outcome.timestamp, step)
                for step, number in enumerate(numbers)
            ]
    return found


def _sequences(name: str, value: Any, is_score: bool, depth: int) -> Iterator[tuple[str, list[float]]]:
    kind = type(value)
    if is_score:
        numbers = _numbers(value)
        if numbers is not None:
            yield name, numbers
            return
    if kind is library_type("pandas", "DataFrame") and is_score and 1 < len(value) <= MAX_POINTS:
        for column in list(value.columns)[:MAX_SEQUENCES]:
            if type(column) is str and is_score_name(column) and value[column].dtype.kind == "f":
                yield f"{name}.{column}", value[column].tolist()
    elif any(base is dict for base in type.__getattribute__(kind, "__mro__")) and depth < MAX_DEPTH and is_score:
        for key, item in list(dict.items(value))[:MAX_SEQUENCES]:
            if type(key) is str:
                yield from _sequences(f"{name}.{key}", item, True, depth + 1)


def _numbers(value: Any) -> list[float] | None:
    """Return the floats of a list or of an array with one axis; None for whole numbers, which count or index."""
    kind = type(value)
    if kind is library_type("numpy", "ndarray"):
        if value.ndim != 1 or value.dtype.kind != "f" or not 1 < value.size <= MAX_POINTS:
            return None
        return [float(each) for each in value.tolist()]
    if not is_one_of(kind, (list, tuple)) or not 1 < len(value) <= MAX_POINTS:
        return None
    numbers = [as_number(each) for each in list(value)]
    if any(number is None for number in numbers) or all(type(each) is int for each in value):
        return None
    return [number for number in numbers if number is not None]


def _tells_of_scores(node: ast.expr | None) -> bool:
    """Whether an expression calls what scores, or looks scores up: an array of errors may be data."""
    return node is not None and any(
        is_score_name(each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else _called(each))
        for each in ast.walk(node)
    )


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _filled_names(body: list[ast.stmt]) -> set[str]:
    """Return the names of lists, dicts and arrays that the cell's own code fills."""
    return {
        root.id
        for statement in body
        for node in ast.walk(statement)
        if (isinstance(node, ast.Attribute) and node.attr in ("append", "extend", "insert"))
        or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
        for root in ast.walk(node.value)
        if isinstance(root, ast.Name)
    }
