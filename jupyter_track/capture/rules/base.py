"""What a rule is, and what it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...analysis.source import CellSource
from ..captured import CapturedMetric, CapturedParam, Skipped

__all__ = ["MISSING", "MetricRule", "Outcome", "ParamRule", "Situation"]

#: Stands for a name that the namespace does not have.
MISSING = object()


@dataclass(frozen=True, slots=True)
class Situation:
    """The cell and the namespace as they were when it began.

    ``before`` holds, of the names that the cell reads or sets, those that were there.
    """

    source: CellSource
    before: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The situation and what came of it.

    ``after`` is the namespace, ``value`` the last value or `MISSING`, ``failed`` whether the cell raised,
    ``timestamp`` the time of its end in milliseconds since the epoch, UTC. ``no_curves`` are names that loops compute
    and that are no results, with the reason.
    """

    situation: Situation
    after: Mapping[str, Any]
    value: Any
    failed: bool
    timestamp: int
    param_keys: frozenset[str] = field(default=frozenset())
    no_curves: Mapping[str, str] = field(default_factory=dict)


class ParamRule(Protocol):
    """Finds params. An object with a name, a line that explains it, and one method."""

    name: str
    explanation: str

    def find(self, situation: Situation) -> Iterable[CapturedParam | Skipped]:
        """Yield what the rule sees when the cell begins."""


class MetricRule(Protocol):
    """Finds metrics. An object with a name, a line that explains it, and one method."""

    name: str
    explanation: str

    def find(self, outcome: Outcome) -> Iterable[CapturedMetric | Skipped]:
        """Yield what the rule sees when the cell has ended."""
