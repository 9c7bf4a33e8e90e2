"""Remembering how lines are read: those of one loop differ in their digits alone.

Reading a line takes tens of microseconds, and a loop prints the same sentence thousands of times. What was found in
the first of them, and where, holds for all that are equal but for the digits of their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .reading import Found, Reading
from .steps import Told

__all__ = ["Shape", "Shapes"]

#: Digits of a number. Those that are part of a word ("f1", "top-5") belong to the sentence.
_DIGITS = re.compile(r"(?<![A-Za-z_@])(?<![A-Za-z]-)(\d+)")
#: Sentences that are remembered.
_MAX_SHAPES = 1_000
#: Longer ones are rarely printed twice, and digits of more are no step.
_MAX_PARTS = 80
_MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number stands: the parts of the line that are joined, and the signs before and behind them."""

    before: str
    first: int
    last: int
    behind: str

    def digits(self, parts: list[str]) -> str:
        return f"{self.before}{''.join(parts[self.first : self.last])}{self.behind}"


@dataclass(frozen=True, slots=True)
class Shape:
    """What was read of a line, with the places of its numbers instead of the numbers."""

    rule: str
    found: tuple[tuple[Found, _Place], ...]
    step: int | None
    heading: int | None
    rank: int

    def reading(self, parts: list[str]) -> Reading:
        """Return what another line of that shape says."""
        found = tuple(Found(each.name, place.digits(parts), each.percent, each.reason) for each, place in self.found)
        return Reading(self.rule, found, None if self.step is None else int(parts[self.step]))


class Shapes:
    """The shapes of one kind of text."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}

    @staticmethod
    def cut(line: str) -> list[str]:
        """Return the parts of a line: what is the same in all, digits, what is the same, ..."""
        return _DIGITS.split(line)

    def get(self, parts: list[str]) -> Shape | None:
        """Return the shape of a line if it is known."""
        shape = self._shapes.get("\0".join(parts[::2]))
        if shape is not None and len(max(parts[1::2], key=len, default="")) > _MAX_DIGITS:
            return None
        return shape

    def learn(
        self, parts: list[str], rule: str, found: Iterable[Found], told: Told | None, heading: Told | None
    ) -> None:
        """Remember how a line was read, unless more than its shape decided about that."""
        # Digits between commas may be thousands or not, by their count.
        if len(parts) > _MAX_PARTS or "," in parts[2:-1:2] or len(max(parts[1::2], key=len, default="")) > _MAX_DIGITS:
            return
        starts = [0]
        for part in parts:
            starts.append(starts[-1] + len(part))
        places = []
        for each in found:
            place = _place(parts, starts, each.start, each.end)
            if place is None or any(_DIGITS.search(f" {word}") for word in each.name.split()):
                return
            places.append((each, place))
        step = _part_at(starts, told)
        head = _part_at(starts, heading)
        if (step is None) != (told is None) or (head is None) != (heading is None):
            return
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        rank = heading.rank if heading is not None else 0
        self._shapes["\0".join(parts[::2])] = Shape(rule, tuple(places), step, head, rank)


def _part_at(starts: list[int], told: Told | None) -> int | None:
    """Return the part of the line that is the number of a step."""
    if told is None:
        return None
    return next((index for index in range(1, len(starts) - 1, 2) if starts[index] == told.at), None)


def _place(parts: list[str], starts: list[int], start: int, end: int) -> _Place | None:
    """Return the place of what stands between two characters of a line."""
    runs = [index for index in range(1, len(parts), 2) if starts[index] >= start and starts[index + 1] <= end]
    if any(
        starts[index] < end and starts[index + 1] > start and index not in runs for index in range(1, len(parts), 2)
    ):
        return None
    line = "".join(parts)
    if not runs:
        return _Place(line[start:end], 0, 0, "")
    first, last = runs[0], runs[-1]
    return _Place(line[start : starts[first]], first, last + 1, line[starts[last + 1] : end])
