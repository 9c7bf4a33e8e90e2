"""The rule that reads metrics from what a cell prints: ``loss: 0.31``, ``epoch 3/10 - acc=93.1%``.

Lines are read as they come, so that a curve grows while the cell runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedMetric, Skipped
from .labels import Label, clean_name

__all__ = ["PrintedReader"]

NAME = "printed"
EXPLANATION = "a number printed as 'name: value' or 'name=value', with the step that the line tells"

#: Lines longer than this are data.
_MAX_LINE = 1_000

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?)\b"
_WORD = r"[^\W\d_][\w@%/\-]*"

#: A name of a few words (in a longer sentence also numbers: "Accuracy on the 10000 test images"), a sign, a
#: number, and nothing that makes the number part of something else (a time 10:30, a date 2024-01-15, a version
#: 1.2.3, a ratio 3/10, a file 5.txt).
_PAIR = re.compile(
    rf"""
    (?<!\w)
    (?P<name>
        [^\W\d][\w@%/.\-]*
        (?:(?:[ ]{_WORD}){{3}}(?:[ ](?:{_WORD}|\d+(?=[ ][^\W\d]))){{1,8}} | (?:[ ]{_WORD}){{0,3}})
        (?:[ ]?\([^()\d]{{1,20}}\))?
    )
    \s*[:=]\s*
    (?P<value>{_NUMBER})
    (?P<percent>\s?%(?!\|))?
    (?![%\w:/\\@]|[-.,]\d|\.\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: What a line must have to be looked at more closely.
_SIGN = re.compile(r"[:=]\s*[-+]?[.\dni]", re.IGNORECASE)

_STEP_WORDS = "epoch|step|iteration|iter|round|fold|trial|episode|batch"
#: "Epochs: 10" and "best epoch: 7" are not steps at which something is printed.
_STEP = re.compile(
    rf"""
    (?P<before>\b(?:best|max|of|per|total)[ ])?
    (?<!\w)
    (?:{_STEP_WORDS})
    \s*[:=\#]?\s*\[?\s*
    (?P<number>\d+)(?![.\w%])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BRACKETED = re.compile(r"^\s*\[(?P<number>\d+)(?:/\d+)?\]")
_STEP_NAME = re.compile(rf"(?:{_STEP_WORDS})s?")

#: What %time and %%time print.
_TIMINGS = ("CPU times:", "Wall time:")

_COLOR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FILE = re.compile(r"\.[A-Za-z]\w{0,4}$")

#: Last words of names whose numbers say where, when or what, but not how good.
_NOT_SCORES = frozenset(
    {
        "port", "pid", "version", "date", "line", "seed", "id", "warning", "status", "code", "shape", "device",
        "year", "month", "day", "hour", "http", "https", "localhost", "host", "exit", "cell",
    }
)  # fmt: skip
#: "Error: 404" and "rank: 0" are none either, but "Mean squared error: 3.2" is.
_NO_WHOLE_SCORES = frozenset({"error", "gpu", "index", "rank"})


class PrintedReader:
    """Reads one stream of printed text, piece by piece.

    A point has the step that its line tells; else that of the last line that told one, as long as the curve has
    not come that far; else the one after its curve's last.

    Parameters
    ----------
    labels : mapping of str to Label, optional
        Printed names that are known to stand for a variable (`printed_labels`).

    Attributes
    ----------
    decimals : dict of str to int
        How many digits after the point each name was last printed with.
    skipped : dict of str to Skipped
        Numbers that were printed like metrics and are none.
    stepless : set of str
        Names that were printed once, on a line without a step: no curve so far.
    """

    def __init__(self, labels: Mapping[str, Label] | None = None) -> None:
        self._labels = labels or {}
        self._rest = ""
        self._step: int | None = None
        self._last_steps: dict[str, int] = {}
        self.decimals: dict[str, int] = {}
        self.skipped: dict[str, Skipped] = {}
        self.stepless: set[str] = set()

    def feed(self, text: str, timestamp: int) -> list[CapturedMetric]:
        """Read more text and return the metric points of the lines that it completes."""
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > 10 * _MAX_LINE:
            # A progress bar that never ends its line, or data: no more is kept than tells that it is too long.
            shown = self._rest.rstrip("\r")
            end = "\r" if len(shown) < len(self._rest) else ""
            self._rest = shown.rpartition("\r")[2][: _MAX_LINE + 1] + end
        return [metric for line in lines for metric in self._line(line, timestamp)]

    def close(self, timestamp: int) -> list[CapturedMetric]:
        """Read what stands after the last line end."""
        rest, self._rest = self._rest, ""
        return list(self._line(rest, timestamp))

    def _line(self, line: str, timestamp: int) -> Iterator[CapturedMetric]:
        # A terminal shows only what comes after the last carriage return.
        line = line.rstrip("\r").rpartition("\r")[2]
        if not line or len(line) > _MAX_LINE or line.startswith(_TIMINGS):
            return
        line = _COLOR.sub("", line)
        told = _find_step(line)
        if told is not None:
            # A line that tells a step alone is the heading of those that follow.
            self._step = int(told["number"])
        if not _SIGN.search(line):
            return
        for pair in _PAIR.finditer(line):
            if told is not None and told.end("number") == pair.end("value"):
                continue
            name = clean_name(pair["name"])
            label = self._labels.get(name, Label(name))
            key, digits = label.variable, pair["value"].replace(",", "")
            reason = _why_not(name, digits) or _not_allowed(key)
            if reason:
                self.skipped[key] = Skipped(key, NAME, 0, reason)
                continue
            is_hundredfold = label.percent and pair["percent"] is not None
            self.decimals[key] = _decimals(digits) + 2 * is_hundredfold
            yield CapturedMetric(
                key,
                float(digits) / 100 if is_hundredfold else float(digits),
                NAME,
                0,
                line.strip()[:200],
                timestamp,
                self._next_step(name, key, told),
            )

    def _next_step(self, name: str, key: str, told: re.Match[str] | None) -> int:
        last = self._last_steps.get(name)
        if told is None and last is None:
            self.stepless.add(key)
        else:
            self.stepless.discard(key)
        if self._step is not None and (told is not None or last is None or last < self._step):
            step = self._step
        else:
            step = 0 if last is None else last + 1
        self._last_steps[name] = step
        return step


def _find_step(line: str) -> re.Match[str] | None:
    bracketed = _BRACKETED.search(line)
    matches = [bracketed] if bracketed else [each for each in _STEP.finditer(line) if not each["before"]]
    return matches[0] if matches and len(matches[0]["number"]) < 16 else None


def _why_not(name: str, digits: str) -> str:
    """Say why a printed number is no metric; empty if it may be one."""
    words = name.lower().replace("_", " ").replace("-", " ").split()
    if not words:
        return "it has no name"
    if _FILE.search(name):
        return "it follows the name of a file"
    is_whole = digits.lstrip("+-").isdigit()
    if words[-1] in _NOT_SCORES or _STEP_NAME.fullmatch(words[-1]) or (is_whole and words[-1] in _NO_WHOLE_SCORES):
        return f"'{words[-1]}' names no score"
    return ""


def _not_allowed(key: str) -> str:
    try:
        check_key("metric", key)
    except InvalidParameterValue as error:
        return str(error)
    return ""


def _decimals(digits: str) -> int:
    return 15 if "e" in digits.lower() else len(digits.partition(".")[2])
