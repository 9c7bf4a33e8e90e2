"""From a text to tokens that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..entities import InvalidParameterValue
from ..entities.limits import check_length, check_text

__all__ = ["KEYWORDS", "Token", "tokens", "wrong"]

KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "IS", "NULL", "BETWEEN"})

#: Filters longer than this are no search that a person or program means.
MAX_LENGTH = 100_000

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
  | (?P<name>[^\W\d]\w*(?:[.\-/:]\w+)*\.?)
  | '(?P<single>(?:[^']|'')*)'
  | "(?P<double>(?:[^"]|"")*)"
  | `(?P<backtick>[^`]+)`
  | (?P<operator>!=|<=|>=|==|<>|[=<>])
  | (?P<mark>[(),.])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text.

    ``kind`` is "name", "keyword", "number", "text" (in single quotes), "quoted" (in double quotes: a text, or
    a part of a name), "backtick", "operator", "mark" or "end". ``value`` is what it says, without quotes.
    """

    kind: str
    value: str
    start: int
    end: int


def wrong(text: str, start: int, end: int, message: str) -> InvalidParameterValue:
    """Return the error that shows where a filter is wrong."""
    # One line of at most 76 characters around the place, so that the sign below it stands right.
    flat = re.sub(r"\s", " ", text)
    begin = max(0, min(start - 40, len(flat) - 76))
    shown = flat[begin : begin + 76]
    width = max(1, min(end - start, 76 - (start - begin)))
    return InvalidParameterValue(
        f"Cannot read the filter: {message}\n  {shown}\n  {' ' * (start - begin)}{'^' * width}"
    )


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a filter, the last of kind "end".

    Raises
    ------
    InvalidParameterValue
        At what is no token.
    """
    check_length("filter", text, MAX_LENGTH)
    check_text("filter", text)
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            if text[place] in "'\"`":
                raise wrong(text, place, place + 1, "this quotation mark is not closed, or nothing stands in it.")
            raise wrong(text, place, place + 1, f"unexpected {text[place]!r}.")
        place = found.end()
        kind = found.lastgroup or ""
        value = found[kind]
        if kind == "space":
            continue
        if kind == "name" and value.upper() in KEYWORDS:
            kind, value = "keyword", value.upper()
        elif kind == "single":
            kind, value = "text", value.replace("''", "'")
        elif kind == "double":
            kind, value = "quoted", value.replace('""', '"')
        yield Token(kind, value, found.start(), found.end())
    yield Token("end", "", len(text), len(text))
