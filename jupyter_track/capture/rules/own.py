"""Rules that a person adds, with a decorator in a notebook or by an entry point of a package.

::

    @jupyter_track.metric_rule("dice of a confusion matrix")
    def dice(outcome):
        yield "dice", outcome.after["dice_of"](outcome.after["matrix"])

    @jupyter_track.line_rule("our trainer's log")
    def our_log(line):
        if line.startswith("@@"):
            yield "loss", float(line.split()[1])

A package offers its rules under the entry point group ``jupyter_track.rules``: each entry names a decorated function,
or a module that decorates some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedMetric, CapturedParam, Skipped
from ..values import as_number, as_param
from .base import Outcome, Situation

__all__ = ["GROUP", "OwnLines", "OwnRule", "line_rule", "metric_rule", "own_metrics", "own_params", "param_rule"]

GROUP = "jupyter_track.rules"

_Function = TypeVar("_Function", bound=Callable[[Any], Iterable[Any]])


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule that was added: its name, which is recorded with what it finds, and the function."""

    name: str
    find: Callable[[Any], Iterable[Any]]


@dataclass
class _Rules:
    """The rules of one kind, by the names of their functions: a cell that is run again replaces its rule."""

    by_function: dict[str, OwnRule] = field(default_factory=dict)

    def add(self, name: str) -> Callable[[_Function], _Function]:
        def decorate(function: _Function) -> _Function:
            said = name or (function.__doc__ or "").strip().partition("\n")[0].rstrip(".") or function.__name__
            self.by_function[f"{function.__module__}.{function.__qualname__}"] = OwnRule(said, function)
            return function

        return decorate


_params, _metrics, _lines = _Rules(), _Rules(), _Rules()
_loaded = False


def param_rule(name: str = "") -> Callable[[_Function], _Function]:
    """Decorate a function that finds params when a tracked cell begins.

    It is called with a `Situation` (``source``, what the cell's text says, and ``before``, the values that it reads)
    and yields pairs of a name and a simple value.

    Parameters
    ----------
    name : str
        What people are shown as the rule; by default the first line of the function's docstring, or its name.
    """
    return _params.add(name)


def metric_rule(name: str = "") -> Callable[[_Function], _Function]:
    """Decorate a function that finds metrics when a tracked cell has ended.

    It is called with an `Outcome` (``after``, the namespace, and ``value``, the last value) and yields pairs of a name
    and a number.

    Parameters
    ----------
    name : str
        As for `param_rule`.
    """
    return _metrics.add(name)


def line_rule(name: str = "") -> Callable[[_Function], _Function]:
    """Decorate a function that finds metrics in what a tracked cell prints.

    It is called with each line and yields a name, a number and, if the line tells one, the step.

    Parameters
    ----------
    name : str
        As for `param_rule`.
    """
    return _lines.add(name)


def _rules(kind: _Rules) -> list[OwnRule]:
    global _loaded
    if not _loaded:
        _loaded = True
        # Not before a cell is tracked: it takes some milliseconds, and whatever the packages import.
        from importlib.metadata import entry_points

        for entry in entry_points(group=GROUP):
            entry.load()
    return list(kind.by_function.values())


def own_params(situation: Situation, failed: Callable[[str], None]) -> list[CapturedParam | Skipped]:
    """Return what the rules that were added find when a cell begins."""
    found: list[CapturedParam | Skipped] = []
    for rule, key, values in _pairs(_params, situation, failed):
        text = as_param(values[0]) if values else None
        if text is None:
            found.append(Skipped(key, rule.name, 0, "not a simple value"))
        else:
            found.append(CapturedParam(key, text, rule.name, 0, rule.find.__name__))
    return found


def own_metrics(outcome: Outcome, failed: Callable[[str], None]) -> list[CapturedMetric | Skipped]:
    """Return what the rules that were added find when a cell has ended."""
    return [
        _point(rule, key, values, outcome.timestamp, rule.find.__name__)
        for rule, key, values in _pairs(_metrics, outcome, failed)
    ]


class OwnLines:
    """Reads what a cell prints by the rules that were added.

    Parameters
    ----------
    failed : callable
        Called with what is to be said of a rule that raised; it is not asked again in this cell.
    """

    def __init__(self, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self._rest = ""
        self._steps: dict[str, int] = {}
        self._broken: set[str] = set()

    def feed(self, text: str, timestamp: int) -> list[CapturedMetric]:
        """Read more text and return the points of the lines that it completes."""
        if not _rules(_lines):
            return []
        *lines, self._rest = (self._rest + text).split("\n")
        return [point for line in lines for point in self._line(line, timestamp)]

    def close(self, timestamp: int) -> list[CapturedMetric]:
        """Read what stands after the last line end."""
        rest, self._rest = self._rest, ""
        return list(self._line(rest, timestamp)) if rest else []

    def _line(self, line: str, timestamp: int) -> Iterator[CapturedMetric]:
        line = line.rstrip("\r").rpartition("\r")[2]
        for rule, key, values in _pairs(_lines, line, self._failed, self._broken):
            point = _point(rule, key, values, timestamp, line.strip()[:200], self._steps.get(key, -1) + 1)
            if isinstance(point, CapturedMetric):
                self._steps[key] = point.step
                yield point


def _point(
    rule: OwnRule, key: str, values: tuple[Any, ...], timestamp: int, expression: str, next_step: int = 0
) -> CapturedMetric | Skipped:
    number = as_number(values[0]) if values else None
    if number is None:
        return Skipped(key, rule.name, 0, "not one number")
    step = values[1] if len(values) > 1 and type(values[1]) is int else next_step
    return CapturedMetric(key, number, rule.name, 0, expression, timestamp, step)


def _pairs(
    kind: _Rules, shown: Any, failed: Callable[[str], None], broken: set[str] | None = None
) -> Iterator[tuple[OwnRule, str, tuple[Any, ...]]]:
    """Yield what each rule yields: a name and values; a rule that raises is told of, and the others go on."""
    broken = set() if broken is None else broken
    try:
        rules = _rules(kind)
    except Exception as error:  # Whatever a package raises when it is imported.
        failed(f"The rules of a package could not be loaded: {type(error).__name__}: {error}")
        return
    for rule in rules:
        if rule.name in broken:
            continue
        try:
            for key, *values in rule.find(shown):
                check_key("metric", key)
                yield rule, key, tuple(values)
        except InvalidParameterValue as error:
            failed(f"The rule {rule.name!r}: {error}")
        except Exception as error:
            broken.add(rule.name)
            failed(f"The rule {rule.name!r} raised {type(error).__name__}: {error}")
