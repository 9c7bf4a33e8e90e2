"""What earlier cells of the notebook say of the names that they leave behind."""

from __future__ import annotations

import ast
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

from .constants import NOT_CONSTANT, constant_value
from .source import Assignment, CellSource

__all__ = ["EarlierNames"]


class EarlierNames:
    """The names that cells have set so far, and whether by choice."""

    def __init__(self) -> None:
        self._chosen: dict[str, bool] = {}

    def add(self, text: str) -> None:
        """Read one more cell, as it was written."""
        self._chosen.update(_names_set_by(text))

    @property
    def computed(self) -> frozenset[str]:
        """The names that were computed, not chosen: ``n_classes = len(set(y))``."""
        return frozenset(name for name, is_chosen in list(self._chosen.items()) if not is_chosen)


@lru_cache(maxsize=2_000)
def _names_set_by(text: str) -> dict[str, bool]:
    """Return the names that a cell sets, and whether it sets them to constants."""
    try:
        source = CellSource(TransformerManager().transform_cell(text))
    except SyntaxError:
        return {}
    return {each.name: _is_chosen(each) for each in source.assignments}


def _is_chosen(assignment: Assignment) -> bool:
    node = assignment.node
    if isinstance(node, ast.IfExp):
        return all(constant_value(each) is not NOT_CONSTANT for each in (node.body, node.orelse))
    return assignment.how == "constant"
