"""Texts that anybody may have written, as they can be shown in a terminal."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str, kept: str = "") -> str:
    """Return a text in which nothing speaks to the terminal: no line end, no escape sequence, no change of direction.

    Parameters
    ----------
    text : str
    kept : str
        The signs that stay although they are no letters to see, such as line ends.
    """
    return "".join(each if each.isprintable() or each in kept else " " for each in text)
