"""Small things to show: a note, a table, numbers and times in words. HTML for front ends, text for terminals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

__all__ = ["Note", "Table", "ago", "duration", "number"]


def number(value: float) -> str:
    """Return a metric's value to read at a glance: six significant digits."""
    return f"{value:.6g}"


def duration(milliseconds: int) -> str:
    """Return a span of time in words."""
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def ago(milliseconds: int) -> str:
    """Return a moment (milliseconds since the epoch, UTC) as seen from now."""
    seconds = max(0, time.time() - milliseconds / 1000)
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


class Note:
    """A few lines of text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Table:
    """Rows under a header; nothing in them is taken for HTML.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
    foot : str
        A line below.
    empty : str
        What to say if there are no rows.
    """

    def __init__(self, header: Sequence[str], rows: Sequence[Sequence[str]], foot: str = "", empty: str = "") -> None:
        self.header = list(header)
        self.rows = [list(row) for row in rows]
        self._foot = foot
        self._empty = empty

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        if not self.rows:
            return self._empty
        lines = [self.header, *self.rows] if any(self.header) else self.rows
        widths = [max(len(row[column]) for row in lines) for column in range(len(self.header))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in lines]
        return "\n".join([*text, *([self._foot] if self._foot else [])])

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{escape(self._empty)}</p>"
        cell = 'style="text-align:left"'
        head = "".join(f"<th {cell}>{escape(name)}</th>" for name in self.header)
        body = "".join(
            "<tr>" + "".join(f"<td {cell}>{escape(value)}</td>" for value in row) + "</tr>" for row in self.rows
        )
        foot = f"<p>{escape(self._foot)}</p>" if self._foot else ""
        thead = f"<thead><tr>{head}</tr></thead>" if any(self.header) else ""
        return f"<table>{thead}<tbody>{body}</tbody></table>{foot}"
