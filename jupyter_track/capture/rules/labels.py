"""What printed names mean: which of them stand for variables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ...analysis.source import CellSource

__all__ = ["Label", "clean_name", "printed_labels", "same_quantity"]

_LABEL = re.compile(r"(?P<name>[^\W\d][\w@%/. \-()]*?)\s*[:=]\s*$")

#: What a logger puts before its message.
_LEVELS = frozenset({"debug", "info"})

#: Calls that give back what they are given, only shorter or of another type.
_ROUNDING = frozenset({"round", "float", "item"})


@dataclass(frozen=True, slots=True)
class Label:
    """A variable that is printed; ``percent`` if a hundredfold, as ``f"{acc:.1%}"`` does."""

    variable: str
    percent: bool = False


def clean_name(name: str) -> str:
    """Return a printed name as a metric name."""
    words = name.replace("(", " ").replace(")", " ").replace("@", "_at_").replace("%", " ").split()
    if len(words) > 1 and words[0].lower() in _LEVELS:
        words.pop(0)
    return " ".join(words).strip(" -./")


def same_quantity(printed: str, named: str) -> bool:
    """Whether a printed name and a variable's name mean the same: ``Test accuracy`` and ``acc``."""
    said = re.findall(r"[^\W_]+", printed.lower())
    name = re.findall(r"[^\W_]+", named.lower())
    if not said or not name:
        return False
    short, long = sorted((said, name), key=len)
    return all(any(_abbreviates(word, other) for other in long) for word in short)


def _abbreviates(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return word == other or (len(shorter) >= 3 and longer.startswith(shorter))


def printed_labels(source: CellSource) -> dict[str, Label]:
    """Read from the code which printed names stand for which params and metrics of the cell.

    ``print(f"Test loss: {loss:.3f}")`` and ``print("Test loss:", loss)`` say that "Test loss" is ``loss``. A name
    that is printed for several variables stands for none, and neither does one that is printed for something that
    has no name of its own outside that print: the target of a loop, or what a function calls it.

    Returns
    -------
    dict of str to Label
    """
    found: dict[str, set[Label | None]] = {}
    for node in (each for statement in source.body for each in ast.walk(statement)):
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            parts = node.values
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            parts = node.args
        for name, label in _labels_in(parts):
            found.setdefault(name, set()).add(label)
    known = _known_names(source)
    labels = {name: next(iter(meanings)) for name, meanings in found.items() if len(meanings) == 1}
    return {name: label for name, label in labels.items() if label is not None and label.variable in known}


def _known_names(source: CellSource) -> set[str]:
    # What is printed says more of a metric than a name of one letter.
    computed = {name for name in source.computed if len(name) > 1 and not name.startswith("_")}
    constant = {each.name for each in source.assignments if each.how == "constant"}
    targets = {each.name for each in source.assignments if each.how == "loop"}
    return (computed | (constant - source.computed) | set(source.reads)) - targets


def _labels_in(parts: list[ast.expr]) -> Iterator[tuple[str, Label | None]]:
    """Yield the name that each text ends with and the variable after it, None for any other value."""
    for text, value in pairwise(parts):
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
            continue
        # Of "epoch 3, loss: " the part after the last comma or dash belongs to the value.
        name = _LABEL.search(re.split(r"[,;|\n]|\s-\s", text.value[-300:])[-1])
        if name is not None:
            yield clean_name(name["name"]), _label_of(value)


def _label_of(value: ast.expr) -> Label | None:
    percent = False
    if isinstance(value, ast.FormattedValue):
        percent = value.format_spec is not None and ast.unparse(value.format_spec).rstrip("'\"").endswith("%")
        value = value.value
    while isinstance(value, ast.Call):
        if isinstance(value.func, ast.Name) and value.func.id in _ROUNDING and value.args:
            value = value.args[0]
        elif isinstance(value.func, ast.Attribute) and value.func.attr in _ROUNDING:
            value = value.func.value
        else:
            break
    return Label(value.id, percent) if isinstance(value, ast.Name) else None
