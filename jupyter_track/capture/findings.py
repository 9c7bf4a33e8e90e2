"""What was captured from one cell, collected from all rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..entities.clock import now_ms
from .captured import CapturedMetric, CapturedParam, Skipped
from .rules.labels import same_quantity

__all__ = ["Findings", "agrees", "end_of_curves", "logged_by_hand", "merge_printed"]

#: Metrics, and things left out, of one cell that are recorded with their provenance.
MAX_PROVENANCE = 1_000


@dataclass
class Findings:
    """Params, metric points and what was left out, in the order they were found.

    ``exclude`` are the names that the person leaves out, with the parts of such a dict of settings; ``rename`` the
    names under which others are recorded; ``computed`` those that the cell itself computes, which may be params and
    metrics both: a learning rate is set, goes in, and decays.
    """

    exclude: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)
    params: dict[str, CapturedParam] = field(default_factory=dict)
    points: list[CapturedMetric] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _param_times: dict[str, int] = field(default_factory=dict)

    def add_params(self, params: Iterable[CapturedParam], redact: Callable[[str], str]) -> dict[str, str]:
        """Take params and return those that are new, as they are logged.

        One in which `redact` finds a secret is left out: its name need not tell what it holds.
        """
        new: dict[str, str] = {}
        for found in params:
            param = replace(found, key=self._recorded_name(found.key))
            if self._is_excluded(found.key, param.key):
                self.skipped.append(Skipped(param.key, param.rule, param.line, "excluded"))
            elif redact(param.value) != param.value:
                self.skipped.append(Skipped(param.key, param.rule, param.line, "looks like a secret"))
            elif param.key not in self.params:
                self.params[param.key] = param
                self._param_times[param.key] = now_ms()
                new[param.key] = param.value
        return new

    def add_points(self, points: Iterable[CapturedMetric]) -> list[CapturedMetric]:
        """Take metric points and return those that are kept."""
        kept = []
        for found in points:
            point = replace(found, key=self._recorded_name(found.key)) if self.rename else found
            if self._is_excluded(found.key, point.key):
                skipped = Skipped(point.key, point.rule, point.line, "excluded")
                if skipped not in self.skipped:  # Of a curve, once.
                    self.skipped.append(skipped)
            elif found.key not in self.computed and self._is_param(found):
                continue  # A param that is printed is still a param.
            else:
                kept.append(point)
        self.points += kept
        return kept

    def _is_excluded(self, *keys: str) -> bool:
        return any(key == name or key.startswith(f"{name}.") for key in keys for name in self.exclude)

    def _recorded_name(self, key: str) -> str:
        """Return the name under which something is recorded; the parts of a renamed dict of settings go with it."""
        if key in self.rename:
            return self.rename[key]
        for old, new in self.rename.items():
            if key.startswith(f"{old}."):
                return new + key[len(old) :]
        return key

    def _is_param(self, point: CapturedMetric) -> bool:
        """Whether a number is a param of that name, which was printed; Keras' ``loss="mse"`` is not its loss."""
        for key, param in self.params.items():
            if key == point.key or key.endswith(f".{point.key}"):
                try:
                    if float(param.value) == point.value:
                        return True
                except ValueError:
                    continue
        return False

    def latest(self) -> dict[str, CapturedMetric]:
        """Return the latest point of each metric."""
        found: dict[str, CapturedMetric] = {}
        for point in self.points:
            if point.key not in found or point.step >= found[point.key].step:
                found[point.key] = point
        return found

    def in_words(self) -> dict[str, Any]:
        """Return everything with its provenance, as it is stored with the run; of a curve one entry for all points."""
        curves: dict[str, list[CapturedMetric]] = {}
        for point in self.points:
            curves.setdefault(point.key, []).append(point)
        latest = self.latest()
        return {
            "format": 1,
            "params": [{**asdict(param), "timestamp": self._param_times[param.key]} for param in self.params.values()],
            "metrics": [_curve_in_words(latest[key], points) for key, points in list(curves.items())[:MAX_PROVENANCE]],
            "skipped": [asdict(each) for each in self.skipped[:MAX_PROVENANCE]],
            "excluded": sorted(self.exclude),
            "renamed": dict(self.rename),
        }


def _curve_in_words(latest: CapturedMetric, points: list[CapturedMetric]) -> dict[str, Any]:
    return {
        "key": latest.key,
        # JSON has no others.
        "value": latest.value if math.isfinite(latest.value) else str(latest.value),
        "points": len({point.step for point in points}),
        "rules": list(dict.fromkeys(point.rule for point in points)),
        "rule": latest.rule,
        "line": latest.line,
        "expression": latest.expression,
        "first_timestamp": points[0].timestamp,
        "last_timestamp": points[-1].timestamp,
    }


def merge_printed(
    named: Mapping[str, CapturedMetric], printed: Mapping[str, CapturedMetric], decimals: Mapping[str, int]
) -> dict[str, str]:
    """Tell which printed names are variables that were printed.

    Parameters
    ----------
    named : mapping of str to CapturedMetric
        The metrics found in the namespace and last value.
    printed : mapping of str to CapturedMetric
        The latest printed point of each name.
    decimals : mapping of str to int
        How many digits after the point each was printed with.

    Returns
    -------
    dict of str to str
        By printed name, the variable that has that value (as precisely as it was printed) and a name that
        means the same.
    """
    merged: dict[str, str] = {}
    for key, point in printed.items():
        for name, metric in named.items():
            if same_quantity(key, name) and (agrees(point, metric, decimals) or agrees(point, metric, decimals, 100)):
                merged[key] = name
                break
    return merged


def end_of_curves(
    named: Mapping[str, CapturedMetric], curves: Mapping[str, CapturedMetric], decimals: Mapping[str, int]
) -> list[CapturedMetric]:
    """Put what the namespace holds when the cell has ended at the end of the curves that were printed.

    Parameters
    ----------
    named : mapping of str to CapturedMetric
        The metrics found in the namespace and last value.
    curves : mapping of str to CapturedMetric
        The latest point of each curve.
    decimals : mapping of str to int
        How many digits after the point each was printed with.

    Returns
    -------
    list of CapturedMetric
        Every named metric that the curves do not have already.
    """
    points = []
    for key, metric in named.items():
        end = curves.get(key)
        if end is None:
            points.append(metric)
        elif agrees(end, metric, decimals):
            # The printed point at full precision; it has the later time, so it is the one that counts.
            points.append(replace(metric, step=end.step))
        elif not agrees(end, metric, decimals, 100):
            # It has changed since it was last printed.
            points.append(replace(metric, step=end.step + 1))
    return points


def logged_by_hand(named: Mapping[str, CapturedMetric], logged: Mapping[str, float]) -> dict[str, str]:
    """Tell which variables the cell has logged itself.

    Parameters
    ----------
    named : mapping of str to CapturedMetric
        The metrics found in the namespace and last value.
    logged : mapping of str to float
        The last value of each metric that the cell has logged.

    Returns
    -------
    dict of str to str
        By variable, the name under which that very value was logged, if the names mean the same.
    """
    return {
        key: by_hand
        for key, metric in named.items()
        for by_hand, value in logged.items()
        if same_quantity(by_hand, key) and (value == metric.value or (math.isnan(value) and math.isnan(metric.value)))
    }


def agrees(printed: CapturedMetric, metric: CapturedMetric, decimals: Mapping[str, int], factor: int = 1) -> bool:
    """Whether a printed number is a value (or its hundredfold), as precisely as it was printed."""
    value = factor * metric.value
    if value == printed.value or (math.isnan(value) and math.isnan(printed.value)):
        return True
    return abs(value - printed.value) <= 0.5000001 * 10.0 ** -min(decimals.get(printed.key, 0), 15)
