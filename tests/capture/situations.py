"""A cell and the earlier cells of its notebook, run without a shell: for tests of rules that need no kernel."""

from __future__ import annotations

from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.captured import CapturedParam
from jupyter_track.capture.rules.base import MISSING, Outcome, Situation


def namespace_after(*cells: str) -> dict[str, Any]:
    """Return the namespace that cells leave behind."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        exec(cell, namespace)
    return namespace


def situation(cell: str, *earlier: str, namespace: dict[str, Any] | None = None) -> Situation:
    """Return the situation in which a cell begins."""
    names = namespace_after(*earlier) if namespace is None else namespace
    source = CellSource(TransformerManager().transform_cell(cell))
    needed = set(source.reads) | {each.name for each in source.assignments}
    return Situation(source, {name: names[name] for name in needed if name in names})


def outcome(cell: str, *earlier: str, known: frozenset[str] = frozenset(), value: Any = MISSING) -> Outcome:
    """Run a cell and return what came of it."""
    names = namespace_after(*earlier)
    begun = situation(cell, namespace=names)
    exec(cell, names)
    return Outcome(begun, names, value, False, 0, known)


def values(params: dict[str, CapturedParam]) -> dict[str, str]:
    """Return the values of params."""
    return {key: param.value for key, param in params.items()}
