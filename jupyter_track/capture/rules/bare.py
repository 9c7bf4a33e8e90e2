"""Scores that are printed without a word: ``print(accuracy_score(y, p))``, named after the expression."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...analysis.source import CellSource
from ..captured import CapturedMetric
from ..vocabulary import is_score
from .metrics import name_of

__all__ = ["NAME", "bare_prints"]

NAME = "printed without a name"

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")
#: Characters of output beyond which nothing is looked for.
MAX_TEXT = 200_000


def bare_prints(source: CellSource, printed: str, timestamp: int) -> list[CapturedMetric]:
    """Return the scores that a cell prints as a number alone, each on a line of its own.

    Which line belongs to which expression is told by their order, so nothing is returned if there are not equally many.

    Parameters
    ----------
    source : CellSource
    printed : str
        What the cell has printed.
    timestamp : int
        Milliseconds since the epoch, UTC.
    """
    if len(printed) > MAX_TEXT:
        return []
    numbers = [found[1] for line in printed.splitlines() if (found := _NUMBER.fullmatch(line))]
    expressions = list(_scores_alone(source))
    if len(numbers) != len(expressions):
        return []
    return [
        CapturedMetric(name_of(node), float(number), NAME, source.line(node), source.expression(node), timestamp)
        for node, number in zip(expressions, numbers, strict=True)
    ]


def _scores_alone(source: CellSource) -> Iterator[ast.expr]:
    for statement in source.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "print"
            and len(call.args) == 1
            and not call.keywords
            and isinstance(call.args[0], (ast.Call, ast.Attribute, ast.Subscript))
            and is_score(name_of(call.args[0]))
        ):
            yield call.args[0]
