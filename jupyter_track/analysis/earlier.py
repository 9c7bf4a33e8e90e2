"""What earlier cells of the notebook say of the names that they leave behind."""

from __future__ import annotations

import ast
import threading
from functools import lru_cache

from .constants import NOT_CONSTANT, constant_value
from .parsing import python_of
from .source import Assignment, CellSource

__all__ = ["EarlierNames"]


class EarlierNames:
    """The names that cells have set so far, and whether by choice."""

    def __init__(self) -> None:
        self._chosen: dict[str, bool] = {}
        self._computed: frozenset[str] | None = frozenset()
        self._lock = threading.Lock()

    def add(self, text: str) -> None:
        """Read one more cell, as it was written."""
        names = _names_set_by(text)
        with self._lock:
            if not names.items() <= self._chosen.items():
                self._chosen.update(names)
                self._computed = None

    @property
    def computed(self) -> frozenset[str]:
        """The names that were computed, not chosen: ``n_classes = len(set(y))``."""
        with self._lock:
            if self._computed is None:
                self._computed = frozenset(name for name, is_chosen in self._chosen.items() if not is_chosen)
            return self._computed


@lru_cache(maxsize=2_000)
def _names_set_by(text: str) -> dict[str, bool]:
    """Return the names that a cell sets, and whether it sets them to constants."""
    try:
        source = CellSource(python_of(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # No Python, or nested too deep to be walked through.
        return {}
    return {each.name: _is_chosen(each) for each in source.assignments}


def _is_chosen(assignment: Assignment) -> bool:
    node = assignment.node
    if isinstance(node, ast.IfExp):
        return all(constant_value(each) is not NOT_CONSTANT for each in (node.body, node.orelse))
    return assignment.how == "constant"
