"""A text told as changes of another one, line by line.

Notebooks of two runs differ in execution counts, in what some cells printed, and seldom in anything else. The lines
that are the same are told as stretches of the other text; only new ones are kept.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Sequence
from heapq import nsmallest

__all__ = ["CUT", "apply_changes", "find_changes", "likeness", "sketch", "split_lines"]

#: A byte that no text has which is compared.
CUT = b"\0"

_SKETCHED = 24
#: Changed lines behind which a text may go on as before without a search.
_FEW = 4
#: Lines that are compared at once.
_MANY = 32


def split_lines(text: bytes) -> list[bytes]:
    r"""Return the lines of a text, which may not contain `CUT`, with their ends.

    In JSON the lines of a string end with ``\n`` in two characters: those are ends, too.
    """
    lines = text.replace(b"\n", b"\n" + CUT).replace(b"\\n", b"\\n" + CUT).split(CUT)
    return lines if lines[-1] else lines[:-1]


def find_changes(before: Sequence[bytes], after: Sequence[bytes]) -> tuple[list[int], bytes]:
    """Return how a text is made of another one's lines and of new ones.

    Parameters
    ----------
    before, after : sequence of bytes
        The lines of the other text, and those of the text itself.

    Returns
    -------
    list of int
        Three numbers for each stretch: how many new lines come first, where the old lines are that follow, and how
        many those are. The place is counted in lines from where the last stretch ended, the new lines being taken
        for changed ones: it is 0 wherever lines were changed and none came or went.
    bytes
        The new lines.
    """
    places = _Places(before)
    changes: list[int] = []
    added: list[bytes] = []
    expected = at = 0
    while at < len(after):
        start, found = at, None
        while at < len(after):
            found = places.find(after, at, expected)
            if found is not None:
                break
            at += 1
            expected += 1
        added += after[start:at]
        if found is None:
            changes += (at - start, 0, 0)
            break
        length = _same(before, found, after, at)
        changes += (at - start, found - expected, length)
        at += length
        expected = found + length
    return changes, b"".join(added)


class _Places:
    """Finds lines in a text."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines
        self._places: dict[bytes, list[int]] = {}

    def find(self, after: Sequence[bytes], at: int, expected: int) -> int | None:
        """Return where the line ``after[at]`` is, by preference at the expected place; None if it is new."""
        if _alike(self._lines, expected, after, at, 1):
            return expected
        for few in range(1, _FEW):
            # The texts go on alike behind a few changed lines: the usual case, and nothing is to be looked up.
            if _alike(self._lines, expected + few, after, at + few, 2):
                return None
        if not self._places:
            for place, each in enumerate(self._lines):
                self._places.setdefault(each, []).append(place)
        places = self._places.get(after[at])
        if places is None:
            return None
        behind = bisect_left(places, expected)
        # Lines are put in more often than they change their order, so what comes next is looked for ahead.
        return places[behind] if behind < len(places) else places[-1]


def _same(before: Sequence[bytes], place: int, after: Sequence[bytes], at: int) -> int:
    """Return for how many lines two texts go on alike, one being known to be."""
    length = 1
    while _alike(before, place + length, after, at + length, _MANY):
        length += _MANY
    while _alike(before, place + length, after, at + length, 1):
        length += 1
    return length


def _alike(before: Sequence[bytes], place: int, after: Sequence[bytes], at: int, count: int) -> bool:
    """Whether two texts have each so many lines at a place, and the same."""
    return at + count <= len(after) and before[place : place + count] == after[at : at + count]


def apply_changes(old: bytes, changes: Sequence[int], added: bytes) -> bytes:
    """Return the text of `find_changes`, given the other one.

    Raises
    ------
    ValueError
        If the changes are not those of such a text.
    """
    before, new_lines = split_lines(old), split_lines(added)
    made: list[bytes] = []
    expected = at = 0
    for new, jump, length in zip(changes[::3], changes[1::3], changes[2::3], strict=True):
        place = expected + new + jump
        if new < 0 or length < 0 or place < 0 or at + new > len(new_lines) or place + length > max(len(before), place):
            raise ValueError("the changes are not those of this text")
        made += new_lines[at : at + new]
        made += before[place : place + length]
        at += new
        expected = place + length
    if at != len(new_lines):
        raise ValueError("there are more new lines than the changes have")
    return b"".join(made)


def sketch(lines: Sequence[bytes]) -> list[int]:
    """Return a few numbers that two texts have in common to the degree in which their lines are the same."""
    return nsmallest(_SKETCHED, set(map(zlib.crc32, lines)))


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """Return which part of the lines of two texts is the same, from 0 to 1, by their sketches."""
    # The smallest numbers of both together are a sample of all lines; those in both sketches are lines of both.
    sample = sorted({*one, *other})[:_SKETCHED]
    return len({*one} & {*other} & {*sample}) / max(len(sample), 1)
