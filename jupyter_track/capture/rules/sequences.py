"""Scores that are held as a sequence: a fold's each, a round's each; ``scores = cross_val_score(...)``."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...analysis.source import Assignment
from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedMetric
from ..loops.evidence import names_shown
from ..loops.expressions import names_in
from ..values import as_number, is_one_of, library_type
from ..vocabulary import is_history_name, is_score_name, is_score_word, words_of
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
    found: list[CapturedMetric] = []
    for each, sequences in _candidates(outcome):
        for key, numbers in list(sequences)[:MAX_SEQUENCES]:
            try:
                check_key("metric", key)
            except InvalidParameterValue:
                continue
            found += [
                CapturedMetric(key, number, NAME, each.line, each.expression, outcome.timestamp, step)
                for step, number in enumerate(numbers)
            ]
    return found


def _candidates(outcome: Outcome) -> Iterator[tuple[Assignment, Iterator[tuple[str, list[float]]]]]:
    """Yield what may hold sequences of scores, and those that it holds."""
    source = outcome.situation.source
    filled = _filled_names(source.body)
    assigned = {each.name: each for each in source.assignments if each.how not in ("loop", "definition")}
    together = Counter(id(each.node) for each in assigned.values())
    for name, each in assigned.items():
        value = outcome.after.get(name, MISSING)
        if name.startswith("_") or value is MISSING or (each.how == "constant" and each.value):
            continue  # Also if it was written down: then it is data.
        if name not in filled and (type(value) is dict or _tells_of_scores(each.node) or _is_frame(value)):
            # Of `precision, recall, thresholds = precision_recall_curve(...)` the call names none, and what a loop
            # computes again and again is not what it came to.
            is_named_by_call = together[id(each.node)] == 1 and not each.conditional and _is_scoring(each.node)
            if is_history_name(name) or is_named_by_call:
                yield each, _sequences(name, value, 0)


def _sequences(name: str, value: Any, depth: int) -> Iterator[tuple[str, list[float]]]:
    numbers = _numbers(value)
    if numbers is not None:
        yield name, numbers
    elif _is_frame(value) and 1 < len(value) <= MAX_POINTS:
        yield from _columns(name, value)
    elif any(base is dict for base in type.__getattribute__(type(value), "__mro__")) and depth < MAX_DEPTH:
        entries = list(dict.items(value))
        if is_score_name(name) and all(is_one_of(type(key), (int, float)) for key, _ in entries):
            # By what was tried: `final_losses[lr]`.
            numbers = _numbers([item for _, item in entries])
            if numbers is not None:
                yield name, numbers
            return
        for key, item in entries[:MAX_SEQUENCES]:
            if type(key) is str:
                yield from _sequences(f"{name}.{key}", item, depth + 1)


def _is_frame(value: Any) -> bool:
    return type(value) is library_type("pandas", "DataFrame")


def _columns(name: str, frame: Any) -> Iterator[tuple[str, list[float]]]:
    """Yield the columns of a frame of scores: with one that is none, such as a setting, its rows are no steps."""
    if not frame.columns.is_unique:
        return
    columns = [each for each in list(frame.columns) if type(each) is str and frame[each].dtype.kind == "f"]
    if all(is_score_name(column) for column in columns):
        for column in columns[:MAX_SEQUENCES]:
            yield f"{name}.{column}", frame[column].tolist()


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


def _is_scoring(node: ast.expr | None) -> bool:
    """Whether an expression is a call of what returns scores, and no samples, curve or thresholds of them."""
    words = words_of(_called(node)) if node is not None else []
    return bool(words) and is_score_word(words[-1])


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _filled_names(body: list[ast.stmt]) -> set[str]:
    """Return the names of lists, dicts and arrays that the cell's own code fills, and whose scores loops see."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    filled = {
        name
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr in ("append", "extend", "insert")
        for name in names_in(node.value)
    }
    # `final_losses[lr] = loss.item()` behind the loop that computes the loss: that loop has another curve.
    behind = {id(each) for loop in nodes if isinstance(loop, ast.For) for each in _sums_up(loop)}
    return filled | {
        name
        for node in nodes
        if isinstance(node, ast.Assign) and id(node) not in behind
        for target in node.targets
        if isinstance(target, ast.Subscript)
        for name in names_in(target.value)
    }


def _sums_up(loop: ast.For) -> Iterator[ast.Assign]:
    """Yield the statements of a loop that keep, by what was tried, what the loop itself does not compute by name."""
    tried = names_in(loop.target)
    own = {
        name
        for statement in loop.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        for name in names_in(target)
    }
    for statement in loop.body:
        if isinstance(statement, ast.Assign) and own.isdisjoint(names_shown(statement.value)):
            for target in statement.targets:
                if (
                    isinstance(target, ast.Subscript)
                    and isinstance(target.slice, ast.Name)
                    and target.slice.id in tried
                ):
                    yield statement
