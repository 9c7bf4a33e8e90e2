"""Reads what a cell prints, as it is printed, so that a curve grows while the cell runs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ....entities import InvalidParameterValue
from ....entities.limits import check_key
from ...captured import CapturedMetric, Skipped
from .layouts import Layouts
from .layouts.bars import TqdmBar
from .logs import logged_message
from .pairs import clean_name, find_pairs
from .reading import Found, Label, Reading
from .reasons import why_no_score
from .screen import MAX_LINE, Screen
from .shapes import Shapes
from .steps import Curves, coarsest, finest, tell_steps

__all__ = ["PrintedReader"]

NAME = "printed"

#: A line without any of these holds no number.
_DIGIT = re.compile(r"\d|\b(?:nan|inf)", re.IGNORECASE)
#: What %time and %%time print, warnings, and the lines of a traceback.
_NO_RESULTS = re.compile(
    r"CPU times:|Wall time:|\s*File \"|\[LightGBM\]|\[[\d:]+\] (?:WARNING|INFO): "
    r"|\W*(?:WARNING|ERROR|CRITICAL)\b"
)
_DISPLAYED = re.compile(r"Out\[\d+\]:\s*(?P<value>.*)")
_BEHIND_A_NUMBER = re.compile(r".* \d+ (?P<name>[^\d]+)")
_WARNING = re.compile(r"(?:\w|^\W*)Warning: (?![\d.]+\s*$)")
#: Names that are remembered with what they mean; a cell that prints more kinds prints data.
_MAX_NAMES = 2_000
#: Characters of a line that are shown as the source of a number.
_MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a printed name stands for, and why a number under it is no metric, a whole one and any other.

    ``param`` holds the params of that name.
    """

    name: str
    key: str
    label: Label | None
    reason: str
    whole_reason: str
    param: Mapping[str, float]


class PrintedReader:
    """Reads the text that one cell prints, piece by piece.

    Parameters
    ----------
    labels : mapping of str to Label, optional
        Printed names that are known to stand for a variable (`printed_labels`).
    params : callable, optional
        Returns the run's params and their texts. A number under the name of a param (or of the last part of its
        dotted name) that is its value is the param, which was printed; another one is a metric: a learning rate that
        decays. Asked once for each name, when it is printed first.

    Attributes
    ----------
    decimals : dict of str to int
        How many digits after the point each name was last printed with.
    skipped : dict of str to Skipped
        Numbers that were printed like metrics and are none.
    stepless : set of str
        Names that were printed once, on a line without a step, or with one that others had reached before, as a summary
        of all epochs tells the last: no curve so far.
    """

    def __init__(
        self, labels: Mapping[str, Label] | None = None, params: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._labels = labels or {}
        self._params = params
        self._stdout, self._stderr = _Stream(), _Stream()
        self._curves = Curves()
        self._shapes = Shapes()
        self._meanings: dict[tuple[str, bool], _Meaning] = {}
        self._ends: dict[str, tuple[float, int]] = {}
        self._furthest = -1
        self.decimals: dict[str, int] = {}
        self.skipped: dict[str, Skipped] = {}
        self.stepless: set[str] = set()

    def feed(self, text: str, timestamp: int) -> list[CapturedMetric]:
        """Read more of stdout and return the metric points of the lines that it completes."""
        return [point for line in self._stdout.screen.feed(text) for point in self._line(line, timestamp)]

    def feed_stderr(self, text: str, timestamp: int) -> list[CapturedMetric]:
        """Read more of stderr: progress bars and what is logged there; whatever else it says is no result."""
        return [point for line in self._stderr.screen.feed(text) for point in self._stderr_line(line, timestamp)]

    def close(self, timestamp: int) -> list[CapturedMetric]:
        """Read what stands after the last line end, of both streams."""
        points = [point for line in self._stdout.screen.close() for point in self._line(line, timestamp)]
        points += [point for line in self._stderr.screen.close() for point in self._stderr_line(line, timestamp)]
        for stream in (self._stdout, self._stderr):
            for reading in stream.layouts.end():
                points += self._points(reading, "", timestamp)
        return points

    def _line(self, line: str, timestamp: int) -> Iterator[CapturedMetric]:
        if len(line) > MAX_LINE or self._stdout.is_displayed(line):
            return
        layouts = self._stdout.layouts
        parts = self._shapes.cut(line)
        if layouts.is_idle:
            shape = self._shapes.get(parts)
            if shape is not None:
                if shape.heading is not None:
                    self._curves.head(int(parts[shape.heading]), shape.rank)
                if shape.found:
                    yield from self._points(shape.reading(parts), line, timestamp)
                return
        for reading in layouts.read(line):
            yield from self._points(reading, line, timestamp)
        if not layouts.claimed:
            yield from self._plain(line, parts, timestamp)

    def _stderr_line(self, line: str, timestamp: int) -> Iterator[CapturedMetric]:
        if len(line) > MAX_LINE:
            return
        for reading in self._stderr.layouts.read(line):
            yield from self._points(reading, line, timestamp)
        if not self._stderr.layouts.claimed:
            message = logged_message(line)
            if message:
                yield from self._plain(message, self._shapes.cut(message), timestamp)

    def _plain(self, line: str, parts: list[str], timestamp: int) -> Iterator[CapturedMetric]:
        """Read a line that no layout knows."""
        if not _DIGIT.search(line) or _NO_RESULTS.match(line) or ("Warning: " in line and _WARNING.search(line)):
            self._shapes.learn(parts, NAME, (), None, None)
            return
        steps = tell_steps(line)
        told, outer = finest(steps), coarsest(steps)
        found = tuple(find_pairs(line, [(each.start, each.end) for each in steps], self._labels))
        if outer is not None and not found and line[outer.start : outer.end].lstrip().startswith("["):
            outer = None  # "[1] Standard errors assume": a footnote heads nothing.
        self._shapes.learn(parts, NAME, found, told, outer)
        if outer is not None:
            # The heading of those that follow: of "Epoch 3, batch 100" they belong to the epoch.
            self._curves.head(outer.number, outer.rank)
        if found:
            reading = Reading(NAME, found, told.number if told is not None else None)
            yield from self._points(reading, line, timestamp)

    def _points(self, reading: Reading, line: str, timestamp: int) -> Iterator[CapturedMetric]:
        if reading.heading and reading.step is not None:
            self._curves.head(reading.step)
        goes_on = reading.step is not None and reading.step > self._furthest
        if reading.step is not None and reading.found:
            self._furthest = max(self._furthest, reading.step)
        for found in reading.found:
            point = self._point(found, reading, line, timestamp, goes_on)
            if point is not None:
                yield point

    def _point(self, found: Found, reading: Reading, line: str, timestamp: int, goes_on: bool) -> CapturedMetric | None:
        # The code says what its own lines mean, and not what a library prints.
        own = reading.rule in (NAME, TqdmBar.rule)
        meaning = self._meanings.get((found.name, own)) or self._look_up(found.name, own)
        digits = found.digits.replace(",", "")
        reason = found.reason or (meaning.whole_reason if digits.lstrip("+-").isdigit() else meaning.reason)
        key = meaning.key
        if not reason and meaning.param and float(digits) in meaning.param.values():
            reason = f"it is the param {next(name for name, value in meaning.param.items() if value == float(digits))}"
        if reason:
            if key and len(self.skipped) < _MAX_NAMES:
                self.skipped[key] = Skipped(key, reading.rule, 0, reason)
            return None
        hundredfold = found.percent and meaning.label is not None and meaning.label.percent
        value = float(digits) / 100 if hundredfold else float(digits)
        decimals = self.decimals[key] = _decimals(digits) + 2 * hundredfold
        told = reading.step
        if not goes_on and not self._curves.has(meaning.name):
            self.stepless.add(key)
        else:
            self.stepless.discard(key)
        before = self._ends.get(meaning.name)
        if told is None and before is not None and _is_in_full(value, decimals, *before):
            step = self._curves.end(meaning.name)
        else:
            step = self._curves.next_step(meaning.name, told)
        if told is not None:
            self._ends[meaning.name] = value, decimals
        shown = (reading.line or line).strip()[:_MAX_SHOWN]
        return CapturedMetric(key, value, reading.rule, 0, shown, timestamp, step)

    def _look_up(self, printed: str, own: bool) -> _Meaning:
        name = clean_name(printed)
        label = self._labels.get(name) if own else None
        if own and label is None and (within := _BEHIND_A_NUMBER.fullmatch(name)):
            # "Accuracy on the 10000 test images": to the code the number is a value, and the name begins behind it.
            label = self._labels.get(within["name"])
        key = label.variable if label is not None else name
        reason = _not_allowed(key)
        if not reason and label is not None:
            reason = label.reason
        whole_reason = reason or why_no_score(name, True)
        reason = reason or why_no_score(name, False)
        meaning = _Meaning(name, key, label, reason, whole_reason, _params_named(key, self._params()))
        if len(self._meanings) >= _MAX_NAMES:
            self._meanings.clear()
        self._meanings[printed, own] = meaning
        return meaning


class _Stream:
    """What is remembered of one stream between two lines."""

    def __init__(self) -> None:
        self.screen = Screen()
        self.layouts = Layouts()
        self._in_value = False

    def is_displayed(self, line: str) -> bool:
        """Whether a line is of a last value, which a shell without a front end prints itself; other rules read it."""
        if line.startswith("Out[") and (shown := _DISPLAYED.match(line)):
            self._in_value = not shown["value"]  # A value of several lines begins on the next one.
            return True
        self._in_value = self._in_value and bool(line.strip())
        return self._in_value


def _params_named(key: str, params: Mapping[str, str]) -> dict[str, float]:
    """Return the params that a printed name may mean, and their numbers."""
    name = key.replace(" ", "_").replace("-", "_")
    found = {}
    for param, text in params.items():
        if param == key or param.rpartition(".")[2] in (key, name):
            with contextlib.suppress(ValueError):
                found[param] = float(text)
    return found


def _not_allowed(key: str) -> str:
    try:
        check_key("metric", key)
    except InvalidParameterValue as error:
        return str(error)
    return ""


def _is_in_full(value: float, decimals: int, before: float, decimals_before: int) -> bool:
    """Whether a number says with more digits what a curve's last step has said: a summary below the epochs does."""
    return decimals > decimals_before and abs(value - before) <= 0.5000001 * 10.0**-decimals_before


def _decimals(digits: str) -> int:
    return 15 if "e" in digits.lower() else len(digits.partition(".")[2])
