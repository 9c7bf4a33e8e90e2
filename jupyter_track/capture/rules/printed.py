"""The rule that reads metrics from what a cell prints: ``loss: 0.31``, ``epoch 3/10 - acc=93.1%``.

Lines are read as they come, so that a curve grows while the cell runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedMetric, Skipped
from .metrics import name_of

__all__ = ["PrintedReader", "printed_labels", "same_quantity"]

NAME = "printed"
EXPLANATION = "a number printed as 'name: value' or 'name=value', with the step that the line tells"

#: Lines longer than this are data.
_MAX_LINE = 1_000

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?)\b"

#: A name of one to four words, a sign, a number, and nothing that makes the number part of something else
#: (a time 10:30, a date 2024-01-15, a version 1.2.3, a ratio 3/10, a file 5.txt).
_PAIR = re.compile(
    rf"""
    (?P<name>[^\W\d][\w@%/.\-]*(?:[ ][^\W\d_][\w@%/\-]*){{0,3}}(?:[ ]?\([^()\d]{{1,20}}\))?)
    \s*(?P<sign>[:=])\s*
    (?P<value>{_NUMBER})
    (?P<percent>\s?%(?!\|))?
    (?![%\w:/\\@]|[-.,]\d|\.\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)

_STEP = re.compile(
    r"""
    (?:^|[^\w])
    (?P<word>epoch|step|iteration|iter|round|fold|trial|episode|batch)s?
    \s*[:=\#]?\s*\[?\s*
    (?P<number>\d+)
    (?:\s*(?:/|of)\s*\d+)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BRACKETED = re.compile(r"^\s*\[(?P<number>\d+)(?:/\d+)?\]")

#: What %time and %%time print.
_TIMINGS = ("CPU times:", "Wall time:")

_FILE = re.compile(r"\.[A-Za-z]\w{0,4}$")

_STEP_WORDS = frozenset({"epoch", "step", "iteration", "iter", "round", "fold", "trial", "episode", "batch"})

#: Last words of names whose numbers say where, when or what, but not how good.
_NOT_SCORES = frozenset(
    {
        "port", "pid", "version", "date", "line", "seed", "id", "index", "warning", "error", "status", "code", "shape",
        "device", "rank", "year", "month", "day", "hour", "http", "https", "localhost", "host", "exit", "cell",
    }
)  # fmt: skip


class PrintedReader:
    """Reads one stream of printed text, piece by piece.

    Repeated metrics that no step was printed with are numbered in the order they come.

    Parameters
    ----------
    labels : mapping of str to str, optional
        Printed names that are known to stand for a variable (`printed_labels`), and the variable.

    Attributes
    ----------
    decimals : dict of str to int
        How many digits after the point each name was last printed with.
    skipped : dict of str to Skipped
        Numbers that were printed like metrics and are none.
    stepless : set of str
        Names that were printed once and without a step: no curve so far.
    """

    def __init__(self, labels: Mapping[str, str] | None = None) -> None:
        self._labels = labels or {}
        self._rest = ""
        self._step: int | None = None
        self._seen: dict[str, int] = {}
        self.decimals: dict[str, int] = {}
        self.skipped: dict[str, Skipped] = {}
        self.stepless: set[str] = set()

    def feed(self, text: str, timestamp: int) -> list[CapturedMetric]:
        """Read more text and return the metric points of the lines that it completes."""
        *lines, self._rest = (self._rest + text).split("\n")
        if len(self._rest) > 10 * _MAX_LINE:
            # A progress bar that never ends its line: what stands before the last \r is not seen any more.
            self._rest = self._rest[-_MAX_LINE:]
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
        step = self._find_step(line)
        pairs = [pair for pair in _PAIR.finditer(line) if not self._is_step(pair)]
        if step is not None:
            # A line that tells a step alone is the heading of those that follow.
            self._step = step
        for pair in pairs:
            key = _clean_name(pair["name"])
            key = self._labels.get(key, key)
            if _FILE.search(key):
                continue
            words = key.lower().replace("_", " ").replace("-", " ").split()
            if not words:
                continue
            if words[-1] in _NOT_SCORES:
                self.skipped[key] = Skipped(key, NAME, 0, f"'{words[-1]}' names no score")
                continue
            try:
                check_key("metric", key)
            except InvalidParameterValue as error:
                self.skipped[key] = Skipped(key, NAME, 0, str(error))
                continue
            number = pair["value"].replace(",", "")
            count = self._seen.get(key, 0)
            self._seen[key] = count + 1
            if count == 0 and self._step is None:
                self.stepless.add(key)
            else:
                self.stepless.discard(key)
            self.decimals[key] = len(number.partition(".")[2]) if "e" not in number.lower() else 15
            yield CapturedMetric(
                key,
                float(number),
                NAME,
                0,
                line.strip()[:200],
                timestamp,
                self._step if self._step is not None else count,
            )

    @staticmethod
    def _find_step(line: str) -> int | None:
        found = _BRACKETED.search(line) or _STEP.search(line)
        return int(found["number"]) if found and len(found["number"]) < 16 else None

    @staticmethod
    def _is_step(pair: re.Match[str]) -> bool:
        words = pair["name"].lower().split()
        return bool(words) and words[-1].rstrip("s") in _STEP_WORDS


def _clean_name(name: str) -> str:
    """Return a printed name as a metric name: the words that belong to the step before it cut off."""
    words = name.replace("(", " ").replace(")", " ").replace("@", "_at_").replace("%", " ").split()
    while words and words[0].lower().rstrip("s") in _STEP_WORDS | {"-", "|"}:
        words.pop(0)
    return " ".join(words).strip(" -./")


def same_quantity(printed: str, named: str) -> bool:
    """Whether a printed name and a variable's name mean the same: ``Test accuracy`` and ``acc``."""
    said = re.findall(r"[^\W_]+", printed.lower())
    name = re.findall(r"[^\W_]+", named.lower())
    if not said or not name:
        return False
    short, long = sorted((said, name), key=len)
    return all(any(_abbreviates(word, other) for other in long) for word in short)


def _abbreviates(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return word == other or (len(shorter) >= 3 and longer.startswith(shorter))


_LABEL = re.compile(r"(?P<name>[^\W\d][\w@%/. \-()]*?)\s*[:=]\s*$")


def printed_labels(body: list[ast.stmt]) -> dict[str, str]:
    """Read from the code which printed names stand for which variables.

    ``print(f"Test loss: {loss:.3f}")`` and ``print("Test loss:", loss)`` say that "Test loss" is ``loss``.

    Parameters
    ----------
    body : list of ast.stmt
        The statements of the cell.

    Returns
    -------
    dict of str to str
    """
    labels: dict[str, str] = {}

    def pair(text: ast.expr, value: ast.expr) -> None:
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            # Of "epoch 3, loss: " the part after the last comma or dash belongs to the value.
            found = _LABEL.search(re.split(r"[,;|]|\s-\s", text.value)[-1])
            name = name_of(value.value if isinstance(value, ast.FormattedValue) else value)
            if found and name.isidentifier():
                labels[_clean_name(found["name"])] = name

    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, ast.JoinedStr):
            for text, value in pairwise(node.values):
                if isinstance(value, ast.FormattedValue):
                    pair(text, value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            for text, value in pairwise(node.args):
                pair(text, value)
    return labels
