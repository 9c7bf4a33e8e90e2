"""Names that the cell sets to constants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ....analysis.source import Assignment
from ...captured import CapturedParam, Skipped
from ...values import as_param
from ..base import Situation
from .checked import checked
from .presentation import names_only_shown

__all__ = ["AssignedConstant", "starts_accumulator"]

#: What a name is set to as long as there is nothing in it; `best = 1e9` before a search for the least is alike.
_NOTHING_YET = (0, -1, None, "", False)
_BEYOND_ANY_SCORE = 1e6

#: A name with one of these words holds what a search came to so far.
_BEST = frozenset({"best", "prev", "previous", "current", "running", "last"})

IN_BRANCHES = "set to several constants in branches; which one ran is not known"


def starts_accumulator(name: str, assignments: Iterable[Assignment]) -> bool:
    """Whether a name is the state of a loop: it begins as "nothing yet" or counts, and is set again later.

    "Nothing yet" are 0, None, False, an empty text and a huge number.
    """
    first, *later = [each for each in assignments if each.name == name]
    value = first.value
    says_state = not _BEST.isdisjoint(name.lower().split("_"))
    if says_state and (later or value in _NOTHING_YET):
        return True
    again = [each for each in later if each.how in ("computed", "updated")]
    if value in _NOTHING_YET or (type(value) in (int, float) and abs(value) >= _BEYOND_ANY_SCORE):
        # A flag is lowered before the loop and raised in it.
        return bool(again) or any(each.how == "constant" and each.conditional for each in later)
    return type(value) is int and any(each.how == "updated" and each.expression.isdecimal() for each in again)


class AssignedConstant:
    """``lr = 0.01``: a name that the cell sets to a constant."""

    name = "assigned constant"
    explanation = "a name that the cell sets to a constant"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each such name, with the first value that is used; what it is set to later is kept too."""
        assignments = [*situation.source.assignments, *situation.source.inner_assignments]
        by_name: dict[str, list[Assignment]] = {}
        for each in assignments:
            if not each.name.startswith("_") and not each.unread:
                by_name.setdefault(each.name, []).append(each)
        only_shown = names_only_shown(situation)
        for name, mine in by_name.items():
            start = next((i for i, each in enumerate(mine) if each.how == "constant"), None)
            if start is None or (start and mine[start].conditional):
                continue
            mine = mine[start:]
            first = mine[0]
            if starts_accumulator(name, mine):
                continue  # `total = 0` before a loop is a beginning, not a choice.
            if name in only_shown:
                yield Skipped(name, self.name, first.line, "used for drawing alone")
                continue
            later = _set_later(mine)
            if later and first.conditional:
                yield Skipped(name, self.name, first.line, IN_BRANCHES)
                continue
            for found in checked(name, first.value, self.name, first.line, first.expression):
                if isinstance(found, CapturedParam) and found.key == name:
                    found = replace(found, later=later)
                yield found


def _set_later(mine: list[Assignment]) -> tuple[tuple[int, str], ...]:
    """Return the lines in which a name is set to another constant than before, and what to."""
    later = []
    last: Any = mine[0].value
    for each in mine[1:]:
        text = as_param(each.value) if each.how == "constant" else None
        if text is not None and (type(each.value) is not type(last) or each.value != last):
            later.append((each.line, text))
            last = each.value
    return tuple(later)
