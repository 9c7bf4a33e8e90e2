"""scikit-learn's classification report."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import Found, Reading

__all__ = ["ClassificationReport"]

#: With more classes than this their rows are more than a person would write down.
_MAX_CLASSES = 5

_HEADER = re.compile(r"\s*precision\s+recall\s+f1-score\s+support\s*$")
_ROW = re.compile(r"\s*(?P<label>\S.*?)\s+(?P<numbers>(?:\d+\.\d+\s+){1,3})(?P<support>[\d.]+)\s*$")
_COLUMNS = ("precision", "recall", "f1-score")
_OVERALL = ("accuracy", "micro avg", "macro avg", "weighted avg", "samples avg")


class ClassificationReport:
    """``accuracy``, ``macro avg.f1-score`` and so on; of a class its f1-score."""

    marks = r"^\s*precision\s+recall\s+f1-score\s+support"
    rule = "printed classification report"

    def __init__(self) -> None:
        self.is_open = False
        self._classes: list[Found] = []

    def read(self, line: str) -> Reading | None:
        """Read the heading or a row."""
        if not self.is_open:
            self.is_open = _HEADER.match(line) is not None
            self._classes = []
            return Reading(self.rule) if self.is_open else None
        row = _ROW.match(line)
        if row is None:
            self.is_open = not line.strip()
            return Reading(self.rule) if self.is_open else None
        label, numbers = row["label"], row["numbers"].split()
        if label == "accuracy" and len(numbers) == 1:
            return Reading(self.rule, (*self._take_classes(), Found(label, numbers[0])))
        if len(numbers) != len(_COLUMNS):
            return Reading(self.rule)
        if label in _OVERALL:
            each = (Found(f"{label}.{column}", number) for column, number in zip(_COLUMNS, numbers, strict=True))
            return Reading(self.rule, (*self._take_classes(), *each))
        self._classes.append(Found(f"{label}.f1-score", numbers[-1]))
        return Reading(self.rule)

    def _take_classes(self) -> list[Found]:
        classes, self._classes = self._classes, []
        return classes if len(classes) <= _MAX_CLASSES else []

    def end(self) -> Iterable[Reading]:
        """Return the classes, if no row for all of them came."""
        self.is_open = False
        return (Reading(self.rule, tuple(self._take_classes())),)
