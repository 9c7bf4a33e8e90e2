"""What was captured from one cell, collected from all rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .captured import CapturedMetric, CapturedParam, Skipped
from .rules.labels import same_quantity

__all__ = ["Findings", "end_of_curves", "merge_printed"]

#: Points of one cell that are recorded with their provenance; more are recorded without.
MAX_PROVENANCE = 1_000


@dataclass
class Findings:
    """Params, metric points and what was left out, in the order they were found.

    ``exclude`` are the names that the person leaves out, with the parts of such a dict of settings;
    ``computed`` those that the cell itself computes, which may be params and metrics both: a learning rate is set,
    goes in, and decays.
    """

    exclude: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    params: dict[str, CapturedParam] = field(default_factory=dict)
    points: list[CapturedMetric] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def add_params(self, params: Iterable[CapturedParam], redact: Callable[[str], str]) -> dict[str, str]:
        """Take params and return those that are new, as they are logged.

        One in which `redact` finds a secret is left out: its name need not tell what it holds.
        """
        new: dict[str, str] = {}
        for param in params:
            if self._is_excluded(param.key):
                self.skipped.append(Skipped(param.key, param.rule, param.line, "excluded"))
            elif redact(param.value) != param.value:
                self.skipped.append(Skipped(param.key, param.rule, param.line, "looks like a secret"))
            elif param.key not in self.params:
                self.params[param.key] = param
                new[param.key] = param.value
        return new

    def add_points(self, points: Iterable[CapturedMetric]) -> list[CapturedMetric]:
        """Take metric points and return those that are kept."""
        kept = []
        for point in points:
            if self._is_excluded(point.key):
                self.skipped.append(Skipped(point.key, point.rule, point.line, "excluded"))
            elif point.key in self.params and point.key not in self.computed:
                continue  # A param that is printed is still a param.
            else:
                kept.append(point)
        self.points += kept
        return kept

    def _is_excluded(self, key: str) -> bool:
        return key in self.exclude or any(key.startswith(f"{name}.") for name in self.exclude)

    def latest(self) -> dict[str, CapturedMetric]:
        """Return the latest point of each metric."""
        found: dict[str, CapturedMetric] = {}
        for point in self.points:
            if point.key not in found or point.step >= found[point.key].step:
                found[point.key] = point
        return found

    def in_words(self) -> dict[str, Any]:
        """Return everything with its provenance, as it is stored with the run."""
        return {
            "params": [asdict(param) for param in self.params.values()],
            "metrics": [asdict(point) for point in self.points[:MAX_PROVENANCE]],
            "metrics_not_listed": max(0, len(self.points) - MAX_PROVENANCE),
            "skipped": [asdict(each) for each in self.skipped],
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
            if same_quantity(key, name) and (_agree(point, metric, decimals) or _agree(point, metric, decimals, 100)):
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
        elif _agree(end, metric, decimals):
            # The printed point at full precision; it has the later time, so it is the one that counts.
            points.append(replace(metric, step=end.step))
        elif not _agree(end, metric, decimals, 100):
            # It has changed since it was last printed.
            points.append(replace(metric, step=end.step + 1))
    return points


def _agree(printed: CapturedMetric, metric: CapturedMetric, decimals: Mapping[str, int], factor: int = 1) -> bool:
    """Whether a printed number is a value (or its hundredfold), as precisely as it was printed."""
    value = factor * metric.value
    if value == printed.value or (math.isnan(value) and math.isnan(printed.value)):
        return True
    return abs(value - printed.value) <= 0.5000001 * 10.0 ** -min(decimals.get(printed.key, 0), 15)
