"""Dicts that are printed: by a Trainer for each log, by ``print(metrics)``, by pprint and json over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ....vocabulary import is_score
from ..reading import NUMBER, Found, Reading, is_number

__all__ = ["PrintedDict"]

#: Lines of one dict; what is longer is data.
_MAX_LINES = 200
_MAX_DEPTH = 8

_TOKEN = re.compile(
    rf"""
      (?P<open>[{{\[(])
    | (?P<close>[}}\])])
    | (?P<key>'(?:[^'\\]|\\.){{0,120}}'|"(?:[^"\\]|\\.){{0,120}}")\s*:
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<number>(?<![\w.])[-+]?(?:{NUMBER}|nan|inf(?:inity)?)(?![\w.]))
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<comma>,)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BEGIN = re.compile(r"""(?P<before>[^{'"]{0,120}?)\{(?=\s*(?:['"]|$))""")
_SETTINGS = re.compile(r"param|config|setting|argument|args|option|grid|space", re.IGNORECASE)
#: A line that belongs to a dict over several lines.
_INSIDE = re.compile(r"""\s*(?:['"][^'"]{0,120}['"]\s*:|[}\])]|[-+\d'"\[({]|(?:np|array|tensor)\b)""")


class PrintedDict:
    """``{'loss': 0.31, 'epoch': 1.0}``: all numbers of a dict in which there is a score."""

    marks = r"""\{\s*(?:['"]|$)"""
    rule = "printed dict"

    def __init__(self) -> None:
        self.is_open = False
        self._lines: list[str] = []
        self._depth = 0

    def read(self, line: str) -> Reading | None:
        """Read a line; the dict counts when its last bracket is closed."""
        if not self.is_open:
            begin = _BEGIN.match(line)
            if begin is None or _SETTINGS.search(begin["before"]):
                return None
            self._lines, self._depth = [], 0
            line = line[begin.end() - 1 :]
        elif len(self._lines) >= _MAX_LINES or not _INSIDE.match(line):
            self.is_open = False
            return None
        self._lines.append(line)
        self._depth += sum({"open": 1, "close": -1}.get(token.lastgroup or "", 0) for token in _TOKEN.finditer(line))
        self.is_open = self._depth > 0
        if self.is_open:
            return Reading(self.rule)
        return self._whole(" ".join(self._lines))

    def _whole(self, text: str) -> Reading:
        entries = dict(_entries(text))
        if not any(is_score(name) for name in entries):
            return Reading("")
        step = None
        for name in ("epoch", "step", "iteration", "episode"):
            digits = entries.get(name)
            if digits is not None and step is None and re.fullmatch(r"\d{1,15}(?:\.0*)?", digits):
                step = int(digits.partition(".")[0])
        found = tuple(Found(name, digits) for name, digits in entries.items() if name != "total_flos")
        return Reading(self.rule, found, step, line=text)

    def end(self) -> Iterable[Reading]:
        """A dict that does not end is none."""
        self.is_open = False
        return ()


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and digits of a dict's numbers, those of dicts in it with dots."""
    path: list[str] = []
    opened: list[str] = []
    key = last = ""
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or ""
        if kind == "open":
            opened.append("call" if token[0] == "(" and last == "word" else token[0])
            if token[0] == "{":
                if len(path) >= _MAX_DEPTH:
                    return
                path.append(key)
                key = ""
        elif kind == "close":
            if opened and opened.pop() == "{":
                path.pop()
            if not path:
                return
        elif kind == "key":
            key = token["key"][1:-1]
        elif key and kind in ("number", "text"):
            # In a list or tuple it is one of many.
            if opened[-1] in ("{", "call") and is_number(token[0].strip("'\"")):
                yield ".".join([*filter(None, path), key]), token[0].strip("'\"")
            key = ""
        last = kind
