"""Whether two outputs say the same: times, memory addresses and ids are another in every run, and mean nothing."""

from __future__ import annotations

import difflib
import re
from itertools import zip_longest

__all__ = ["DEFAULT_TOLERANCE", "apart", "first_difference", "normalized", "same_number", "unified"]

#: The relative difference of two metrics that is none: what another order of additions may make.
DEFAULT_TOLERANCE = 1e-6

_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_UNITS = "ns|[µμu]s|ms|s|secs?|seconds?|min|minutes?|hours?|h"
#: What varies, and what stands in its place; the order matters.
_VARYING = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        (r"^[ \t]*(?:CPU times:|Wall time:).*$", "‹times›"),
        (r"^.* ± .* per loop.*$", "‹times›"),
        (r"\b0x[0-9a-fA-F]{4,}\b", "‹address›"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", "‹id›"),
        (r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b", "‹time›"),
        (r"\b\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\b", "‹time›"),
        (r"(?<![\w.])\d[\d.,]*\s?(?:[a-zA-Z]+/s|s/[a-zA-Z]+)\b", "‹rate›"),
        (rf"(?<![\w.])\d[\d.,]*(?:e[+-]?\d+)?\s?(?:{_UNITS})\b(?!/)", "‹time›"),
        (r"(?<=[(\s'\"])/tmp/[^\s'\")]+", "‹file›"),
    )
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w])")

#: Characters of a text that are looked at.
MAX_TEXT = 2_000_000


def normalized(text: str) -> str:
    """Return an output as a terminal would show it in the end, without what varies from run to run."""
    text = _TERMINAL.sub("", text[:MAX_TEXT]).replace("\r\n", "\n")
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n"))
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return text.strip("\n")


def first_difference(before: str, after: str, tolerance: float) -> tuple[str, str] | None:
    """Return the first lines that differ, each as it was printed, or None if both texts say the same.

    Parameters
    ----------
    before, after : str
    tolerance : float
        The relative difference of numbers that is none.
    """
    lines = zip_longest(normalized(before).split("\n"), normalized(after).split("\n"), fillvalue="")
    return next(((one, other) for one, other in lines if not _same_line(one, other, tolerance)), None)


def _same_line(before: str, after: str, tolerance: float) -> bool:
    if before == after:
        return True
    if _NUMBER.sub("", before) != _NUMBER.sub("", after):
        return False
    pairs = zip(_NUMBER.findall(before), _NUMBER.findall(after), strict=True)
    return all(same_number(float(one), float(other), tolerance) for one, other in pairs)


def same_number(before: float, after: float, tolerance: float) -> bool:
    """Whether two numbers differ by no more than a part of the greater one; not-a-number is itself."""
    if before == after or (before != before and after != after):
        return True
    return abs(before - after) <= tolerance * max(abs(before), abs(after)) < float("inf")


def apart(before: float, after: float) -> tuple[str, str]:
    """Return two numbers with as few digits as tell them apart, and at least four."""
    texts = ((f"{before:.{digits}g}", f"{after:.{digits}g}") for digits in (4, 6, 9, 12))
    return next((pair for pair in texts if pair[0] != pair[1]), (repr(before), repr(after)))


def unified(before: str, after: str, context: int = 2) -> list[str]:
    """Return the lines of a unified diff, without its two lines of heading; empty if the texts are the same."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=context)
    return list(lines)[2:]
