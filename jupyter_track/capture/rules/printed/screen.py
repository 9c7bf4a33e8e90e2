"""From what is written to a stream to the lines that a terminal would show in the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .layouts.bars import is_interrupted, is_left_behind, is_same_epoch

__all__ = ["MAX_LINE", "Screen"]

#: Lines longer than this are data.
MAX_LINE = 1_000
#: The same of what is written for a line, colors and moves of the cursor included.
_MAX_WRITTEN = 10 * MAX_LINE
#: Rows above the cursor to which it may come back, as nested progress bars do.
_ROWS = 20

#: What ends a stretch of text: the end of a line, a return to its beginning, the way to the rows above.
_MOVE = re.compile(r"([\n\r]|\x1b\[\d{0,3}A)")
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07]*\x07)")
#: Longer than any escape sequence that is looked for.
_TAIL = 8


class _Row:
    """A row that is written more than once: what it shows, and what of it was read already."""

    def __init__(self) -> None:
        self.shown = ""
        self._read = ""
        self._interrupted = ""

    def write(self, text: str) -> Iterator[str]:
        """Write over the row, and yield what it showed if that was the last of something."""
        text = _visible(text)
        if not text.strip():
            return  # Erased: what stood there was still the last.
        if self.shown and is_interrupted(self.shown, text):
            # A bar of the validation takes the place of the epoch's, which comes back with more numbers.
            self._interrupted = self.shown
        elif self._interrupted and is_same_epoch(self._interrupted, text):
            self._interrupted = ""
        elif self.shown and is_left_behind(self.shown, text):
            yield from self.leave()
        self.shown = text

    def leave(self) -> Iterator[str]:
        """Yield what the row shows, unless it has been read."""
        if self._interrupted:
            yield self._interrupted
            self._interrupted = ""
        if self.shown != self._read:
            self._read = self.shown
            yield self.shown


class Screen:
    """Yields each line when nothing more is written to it, whatever the pieces in which the text comes.

    Of a line that is written over and over (a progress bar) only the last state counts; where it is one line for
    several epochs, the last state of each.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._at = 0
        self._rows: dict[int, _Row] = {}

    def feed(self, text: str) -> Iterator[str]:
        """Take more text and yield the lines that it completes."""
        text = self._rest + text
        if "\r" in text or "\x1b[" in text or self._rows:
            yield from self._moves(text)
        else:
            *lines, self._rest = text.split("\n")
            self._at += len(lines)
            for line in lines:
                if line:
                    yield line if "\b" not in line else _visible(line)
        if len(self._rest) > _MAX_WRITTEN:
            # Data without line ends: no more is kept than tells that it is too long.
            self._rest = "x" * (_MAX_WRITTEN + 1) + self._rest[-_TAIL:]

    def close(self) -> Iterator[str]:
        """Yield what stands after the last line end."""
        rest, self._rest = self._rest, ""
        yield from self._write(rest)
        if self._at in self._rows:
            yield from self._rows[self._at].leave()

    def _moves(self, text: str) -> Iterator[str]:
        parts = _MOVE.split(text)
        self._rest = parts.pop()
        for stretch, move in zip(parts[::2], parts[1::2], strict=True):
            if move == "\n":
                row = self._rows.get(self._at)
                if row is None:
                    if stretch:
                        yield _visible(stretch)
                else:
                    yield from row.write(stretch)
                    yield from row.leave()
                self._at += 1
                self._rows.pop(self._at - _ROWS, None)
            else:
                yield from self._write(stretch)
                if move != "\r":
                    self._at = max(0, self._at - int(move[2:-1] or 1))

    def _write(self, text: str) -> Iterator[str]:
        if not text and self._at not in self._rows:
            return
        if self._at not in self._rows:
            self._rows[self._at] = _Row()
        yield from self._rows[self._at].write(text)


def _visible(text: str) -> str:
    if len(text) > _MAX_WRITTEN:
        return text
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    if "\b" in text:
        kept: list[str] = []
        for piece in re.split("(\b+)", text):
            if piece.startswith("\b"):
                left = "".join(kept)
                kept = [left[: max(0, len(left) - len(piece))]]
            else:
                kept.append(piece)
        text = "".join(kept)
    return text
