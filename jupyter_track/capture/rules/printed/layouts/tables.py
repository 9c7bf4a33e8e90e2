"""Tables with a heading: one row for each epoch, or a frame of one row."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ....vocabulary import is_score
from ..reading import Found, Reading, is_number

__all__ = ["CurveTable", "OneRowFrame"]

_STEP = r"(?:epoch|iter|iteration|step|round|fold|trial|episode|batch|generation|gen)s?\s?(?:\#|no\.?|number)?"
_RULE = re.compile(r"[-=+|:─-╿\s]*$")
_SEPARATOR = re.compile(r"[|│┃]")
_COLUMN = re.compile(r"[^\W\d][^:=]*")
_MAX_COLUMNS = 40


def _cells(line: str, count: int = 0) -> list[str]:
    """Return the fields of a row, as many as there are columns if the row can be cut so."""
    if _SEPARATOR.search(line):
        return [cell.strip() for cell in _SEPARATOR.split(line.strip().strip("|│┃"))]
    words = line.split()
    if count and len(words) == count:
        return words
    wide = re.split(r"\s{2,}|\t", line.strip())
    return wide if len(wide) > 1 else words


class CurveTable:
    """``epoch  train_loss  valid_loss`` and a row for each epoch, as fastai and scikit-learn print them."""

    marks = rf"^[\s|│┃#]*(?i:{_STEP})[\s|│┃]+[^\W\d][^:=]*$"
    rule = "printed table"
    _first = re.compile(_STEP, re.IGNORECASE)

    def __init__(self) -> None:
        self.is_open = False
        self._columns: list[str] = []

    def read(self, line: str) -> Reading | None:
        """Read the heading or a row."""
        if not self.is_open:
            columns = _cells(line)
            if not 1 < len(columns) <= _MAX_COLUMNS or not self._first.fullmatch(columns[0]):
                return None
            if not all(_COLUMN.fullmatch(column) for column in columns):
                return None
            self._columns, self.is_open = columns, True
            return Reading(self.rule)
        if _RULE.fullmatch(line):
            return Reading(self.rule)
        cells = _cells(line, len(self._columns))
        step = cells[0].partition("/")[0].strip() if cells else ""
        if not step.isdigit() or len(step) > 15 or len(cells) > len(self._columns):
            self.is_open = False
            return None
        found = tuple(
            Found(name, cell.rstrip("% "), cell.endswith("%"))
            for name, cell in zip(self._columns[1:], cells[1:], strict=False)
            if is_number(cell.rstrip("% "))
        )
        return Reading(self.rule, found, int(step))

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        self.is_open = False
        return ()


class OneRowFrame:
    """A frame of one row, of whose columns one is a score: several rows are data."""

    marks = r"^\s+[^\W\d][^:=]*$"
    rule = "printed frame"

    def __init__(self) -> None:
        self.is_open = False
        self._columns: list[str] = []
        self._rows = 0
        self._row: tuple[Found, ...] = ()
        self._line = ""

    def read(self, line: str) -> Reading | None:
        """Read the heading or a row."""
        if not self.is_open:
            columns = line.split()
            if len(columns) > _MAX_COLUMNS or not any(is_score(column) for column in columns):
                return None
            if not all(_COLUMN.fullmatch(column) for column in columns):
                return None
            self._columns, self._rows, self._row, self.is_open = columns, 0, (), True
            return Reading(self.rule)
        cells = line.split()
        surplus = len(cells) - len(self._columns)
        if surplus not in (0, 1) or not any(is_number(cell) for cell in cells[surplus:]):
            return None
        self._rows += 1
        pairs = zip(self._columns, cells[surplus:], strict=True)
        self._row = tuple(Found(name, cell) for name, cell in pairs if is_number(cell))
        self._line = line
        return Reading(self.rule)

    def end(self) -> Iterable[Reading]:
        """Return the row, if there was no other."""
        self.is_open = False
        return (Reading(self.rule, self._row, line=self._line),) if self._rows == 1 else ()
