"""Tables of two columns, a name and a number: what Lightning and stable-baselines print, and tabulate."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import Found, Reading, is_number

__all__ = ["BoxTable", "LightningTable"]

_RULE = re.compile(r"\s*[-=+|:─-╿\s]{4,}$")
#: Names of rows that tell the step of the others.
_STEPS = ("total_timesteps", "total timesteps", "timesteps", "step", "epoch", "iterations", "iteration")
_MAX_ROWS = 100


class BoxTable:
    """Rows such as ``| loss | 0.31 |``; a name that ends with a slash is the beginning of those below."""

    marks = r"^\s*[|│┃][^|│┃]+[|│┃][^|│┃]*[|│┃]\s*$"
    rule = "printed table"

    def __init__(self) -> None:
        self.is_open = False
        self._section = ""
        self._rows: list[Found] = []

    def read(self, line: str) -> Reading | None:
        """Read a row or a rule; the rule below the rows ends the table."""
        if self.is_open and _RULE.match(line):
            if not self._rows:
                return Reading(self.rule)
            return self._whole()
        cells = [cell.strip() for cell in re.split(r"[|│┃]", line.strip())[1:-1]]
        if len(cells) != 2 or not cells[0]:
            return None
        name, value = cells
        if value and not is_number(value.rstrip("% ")) and re.search(r"[:=]", name + value):
            return None
        self.is_open = True
        if name.endswith("/") and not value:
            self._section = name
        elif is_number(value.rstrip("% ")) and len(self._rows) < _MAX_ROWS:
            self._rows.append(Found(self._section + name, value.rstrip("% "), value.endswith("%")))
        return Reading(self.rule)

    def _whole(self) -> Reading:
        rows, self._rows, self._section, self.is_open = self._rows, [], "", False
        by_name = {row.name.rpartition("/")[2]: row.digits for row in rows}
        steps = [by_name[name] for name in _STEPS if by_name.get(name, "").isdigit() and len(by_name[name]) < 16]
        found = tuple(row for row in rows if row.name.rpartition("/")[2] not in _STEPS)
        return Reading(self.rule, found, int(steps[0]) if steps else None)

    def end(self) -> Iterable[Reading]:
        """Return the rows, if no rule was below them."""
        return (self._whole(),)


class LightningTable:
    """``Test metric   DataLoader 0`` between rules, and rows of a name and a number below."""

    marks = r"^\s*(?:Test|Validate|Validation|Predict) metric\s+DataLoader \d"
    rule = "printed by Lightning"
    _header = re.compile(r"\s*(?:Test|Validate|Validation|Predict) metric\s+DataLoader \d+\s*$")
    _row = re.compile(r"\s*(?P<name>\S{1,200})\s+(?P<digits>\S+)\s*$")

    def __init__(self) -> None:
        self.is_open = False

    def read(self, line: str) -> Reading | None:
        """Read the heading, a row or a rule."""
        if not self.is_open:
            self.is_open = self._header.match(line) is not None
            return Reading(self.rule) if self.is_open else None
        if _RULE.match(line):
            return Reading(self.rule)
        row = self._row.match(line)
        self.is_open = row is not None and is_number(row["digits"])
        if row is None or not self.is_open:
            return None
        return Reading(self.rule, (Found(row["name"], row["digits"]),))

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        self.is_open = False
        return ()
