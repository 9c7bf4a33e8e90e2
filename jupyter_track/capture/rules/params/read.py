"""Values of earlier cells that the cell uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ...captured import CapturedParam, Skipped
from ...values import as_param, is_one_of
from ..base import MISSING, Situation
from .checked import checked
from .presentation import names_only_shown
from .reached import Reached, reached_names

__all__ = ["COMPUTED_BEFORE", "ReadFromOutside"]

COMPUTED_BEFORE = "computed in an earlier cell: no choice"
#: Nobody writes a number with more digits than this by hand.
MAX_DIGITS = 9


class ReadFromOutside:
    """``LR`` set in an earlier cell and used in this one, or in a function of the notebook that this one uses."""

    name = "read from an earlier cell"
    explanation = (
        "a simple value or settings from an earlier cell that the cell uses, itself or through functions of the "
        "notebook, as it was when the cell began"
    )

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each such name."""
        direct = situation.source.reads
        behind: dict[str, list[Reached]] = {}
        changed: set[str] = set()
        for read in direct.values():
            if read.name not in situation.hidden:
                behind[read.name], sets = reached_names(situation.before.get(read.name), situation.source)
                changed |= sets
        only_shown = names_only_shown(situation)
        for name, reached in behind.items():
            read = direct[name]
            value = situation.before.get(name, MISSING)
            if value is not MISSING and name not in changed | only_shown and not _is_made(name, value, situation):
                yield from self._param(name, value, read.line, name)
            set_before = {each.name for each in situation.source.assignments[: read.position]}
            for each in reached:
                if each.name not in direct and each.name not in set_before | changed | situation.hidden:
                    yield from self._param(each.name, each.value, read.line, f"{each.name}, in {each.within}()")

    def _param(self, name: str, value: Any, line: int, expression: str) -> Iterator[CapturedParam | Skipped]:
        if name.startswith("_"):
            return
        if was_computed(value):
            yield Skipped(name, self.name, line, COMPUTED_BEFORE)
            return
        yield from checked(name, value, self.name, line, expression)


def _is_made(name: str, value: Any, situation: Situation) -> bool:
    """Whether a value is a class of which the cell makes objects: then it is those that hold settings."""
    return issubclass(type(value), type) and any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for part in situation.source.body
        for node in ast.walk(part)
    )


def was_computed(value: Any) -> bool:
    """Whether a number cannot have been written by hand: it has too many digits, or is a library's."""
    kind = type(value)
    if not is_one_of(kind, (bool, int, float, complex, str, type(None), Decimal)):
        return as_param(value) is not None and not is_one_of(kind, (list, tuple, set, frozenset))
    if kind is float:
        return len(repr(value).partition("e")[0].strip("-").replace(".", "").strip("0")) > MAX_DIGITS
    return False
