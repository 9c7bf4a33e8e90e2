"""What is read of a line, and what a layout is: a way in which some library prints its results."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["NUMBER", "Found", "Label", "Layout", "Reading", "is_number"]

#: A number as Python and people write it, without its sign.
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"[-+]?(?:{NUMBER}|nan|inf(?:inity)?)", re.IGNORECASE)


def is_number(text: str) -> bool:
    """Whether a text is one number."""
    return _NUMBER.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Label:
    """A variable that is printed; ``percent`` if a hundredfold, as ``f"{acc:.1%}"`` does.

    ``reason`` says why what is printed under the name is no metric, where the code tells that.
    """

    variable: str
    percent: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A name and a number as they were printed.

    ``reason`` says why it is no metric, where that is known; ``start`` and ``end`` where in the line the digits stand.
    """

    name: str
    digits: str
    percent: bool = False
    reason: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a layout read: numbers, and the step that it tells.

    ``heading`` says that the step holds for the lines that follow, too; ``line`` is what is shown as the source, if
    it is not the line that was read last.
    """

    rule: str
    found: tuple[Found, ...] = ()
    step: int | None = None
    heading: bool = False
    line: str = field(default="")


class Layout(Protocol):
    """Reads the lines of one library. Before others see a line, the layouts do.

    ``marks`` is a pattern without groups that is somewhere in each line with which such a text may begin; ``is_open``
    says that the layout is in the middle of one that has more lines.
    """

    marks: str
    is_open: bool

    def read(self, line: str) -> Reading | None:
        """Return what the line says, or None if it is none of the layout's."""

    def end(self) -> Iterable[Reading]:
        """Return what is known only when the text has ended: another line than the layout's, or nothing, followed."""
