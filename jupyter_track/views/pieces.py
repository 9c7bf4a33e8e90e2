"""Small things to show: a note, a table, numbers and times in words. HTML for front ends, text for terminals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from ..printable import printable

__all__ = ["Note", "Table", "ago", "duration", "number", "short"]

MAX_SHORT = 40


def number(value: float) -> str:
    """Return a metric's value to read at a glance: six significant digits, a whole number in full."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"


def short(text: str, size: int = MAX_SHORT) -> str:
    """Return a text in one line of at most `size` characters."""
    text = " ".join(text.split())
    return text if len(text) <= size else text[: size - 1] + "…"


def duration(milliseconds: int) -> str:
    """Return a span of time in words."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:  # What would be rounded to 60.0 s is a minute.
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
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
    """A few lines of text, in which nothing speaks to the terminal."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return printable(self.text, "\n")


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
            return printable(self._empty, "\n")
        lines = [self.header, *self.rows] if any(self.header) else self.rows
        # A line end in a value would break the columns.
        lines = [[printable(cell) for cell in row] for row in lines]
        widths = [max(len(row[column]) for row in lines) for column in range(len(self.header))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in lines]
        return "\n".join([*text, *([printable(self._foot, "\n")] if self._foot else [])])

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
