"""What was captured from one cell, collected from all rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .captured import CapturedMetric, CapturedParam, Skipped
from .rules.printed import same_quantity

__all__ = ["Findings"]

#: Points of one cell that are recorded with their provenance; more are recorded without.
MAX_PROVENANCE = 1_000


@dataclass
class Findings:
    """Params, metric points and what was left out, in the order they were found."""

    exclude: frozenset[str] = frozenset()
    params: dict[str, CapturedParam] = field(default_factory=dict)
    points: list[CapturedMetric] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def add_params(self, params: Iterable[CapturedParam]) -> dict[str, str]:
        """Take params and return those that are new, as they are logged."""
        new: dict[str, str] = {}
        for param in params:
            if param.key in self.exclude:
                self.skipped.append(Skipped(param.key, param.rule, param.line, "excluded"))
            elif param.key not in self.params:
                self.params[param.key] = param
                new[param.key] = param.value
        return new

    def add_points(self, points: Iterable[CapturedMetric]) -> list[CapturedMetric]:
        """Take metric points and return those that are kept."""
        kept = []
        for point in points:
            if point.key in self.exclude:
                self.skipped.append(Skipped(point.key, point.rule, point.line, "excluded"))
            elif point.key in self.params:
                continue  # A param that is printed is still a param.
            else:
                kept.append(point)
        self.points += kept
        return kept

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
        tolerance = 0.5000001 * 10.0 ** -min(decimals.get(key, 0), 15)
        for name, metric in named.items():
            if same_quantity(key, name) and any(
                abs(value - point.value) <= tolerance for value in (metric.value, 100 * metric.value)
            ):
                merged[key] = name
                break
    return merged
