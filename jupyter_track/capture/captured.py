"""What a rule hands over: a value that knows where it came from, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CapturedMetric", "CapturedParam", "Skipped"]


@dataclass(frozen=True, slots=True)
class CapturedParam:
    """A param and its provenance.

    ``line`` is the line of the cell, counted from 1, as the person sees it (0: not from a line of it);
    ``expression`` the text there that the value came from. ``later`` are the lines in which the cell sets the name to
    another constant, and what to.
    """

    key: str
    value: str
    rule: str
    line: int
    expression: str
    later: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CapturedMetric:
    """One point of a metric and its provenance; ``timestamp`` is in milliseconds since the epoch, UTC."""

    key: str
    value: float
    rule: str
    line: int
    expression: str
    timestamp: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that looks like a param or metric and was left out, and why."""

    key: str
    rule: str
    line: int
    reason: str
