"""The numbers that a cell prints, told apart from those that its loops have computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .captured import CapturedMetric, Skipped
from .findings import agrees
from .loops.curves import RULE
from .rules.labels import Label, same_quantity
from .rules.printed import PrintedReader

__all__ = ["PrintedNumbers"]

#: Points of a curve, of each look, that a printed number is compared with.
MAX_RECENT = 1_000


class PrintedNumbers:
    """Reads what a cell prints, look by look.

    A number that a loop has computed is the loop's: it has all digits there. A single number without a step is held,
    since it may turn out to be a variable; a curve is told at once.

    Parameters
    ----------
    labels : mapping of str to Label
        See `PrintedReader`.
    param_values : callable
        Returns the values of the params by their names.

    Attributes
    ----------
    curves : set of str
        The names of what loops have computed.
    """

    def __init__(self, labels: Mapping[str, Label], param_values: Callable[[], Mapping[str, str]]) -> None:
        self._reader = PrintedReader(labels, param_values)
        self._held: dict[str, CapturedMetric] = {}
        #: Of each curve the points that the last look has brought.
        self._recent: dict[str, list[CapturedMetric]] = {}
        self._same: set[str] = set()
        self.curves: set[str] = set()

    @property
    def decimals(self) -> dict[str, int]:
        """How many decimals each name was printed with."""
        return self._reader.decimals

    @property
    def held(self) -> dict[str, CapturedMetric]:
        """The numbers that may be variables, by their printed names."""
        return self._held

    @property
    def skipped(self) -> list[Skipped]:
        """What was printed and is no metric."""
        return list(self._reader.skipped.values())

    def feed(
        self, text: str, error_text: str, computed: Sequence[CapturedMetric], timestamp: int
    ) -> list[CapturedMetric]:
        """Return the points in what was printed since the last look.

        Parameters
        ----------
        text, error_text : str
            What has come on stdout and stderr.
        computed : sequence of CapturedMetric
            What loops have told since then.
        timestamp : int
            Milliseconds since the epoch, UTC.
        """
        self._note(computed)
        found: list[CapturedMetric] = []
        for point in [*self._reader.feed(text, timestamp), *self._reader.feed_stderr(error_text, timestamp)]:
            first = self._held.pop(point.key, None)
            if self._is_computed(point):
                continue
            if point.key in self._reader.stepless:
                self._held[point.key] = point
            elif first is None:
                found.append(point)
            elif not self._is_computed(first):  # Else it was printed before the loop told of it.
                found += [first, point]
        return found

    def close(self, timestamp: int) -> dict[str, CapturedMetric]:
        """Return the numbers that may be variables, with those of a last line that has no end."""
        return self._held | {point.key: point for point in self._reader.close(timestamp)}

    def printed_as_well(self, sequences: Sequence[CapturedMetric], points: Sequence[CapturedMetric]) -> set[str]:
        """Return the names of sequences of which several numbers were printed under a name that means the same.

        Parameters
        ----------
        sequences : sequence of CapturedMetric
        points : sequence of CapturedMetric
            What was found so far.
        """
        printed = _by_name([point for point in points if point.rule != RULE])
        found = set()
        for name, values in _by_name(sequences).items():
            for key, told in printed.items():
                if same_quantity(key, name) and sum(self._agrees(each, values) for each in told[:MAX_RECENT]) > 1:
                    found.add(name)
        return found

    def _note(self, computed: Sequence[CapturedMetric]) -> None:
        recent = {key: each[-MAX_RECENT:] for key, each in _by_name(computed).items()}
        self.curves.update(recent)
        self._recent.update(recent)

    def _is_computed(self, point: CapturedMetric) -> bool:
        """Whether a printed number is one that a loop has computed; then all under its name are."""
        if point.key not in self._same and (
            any(point.key.lower() == key.lower() for key in self.curves)
            or any(same_quantity(point.key, key) and self._agrees(point, some) for key, some in self._recent.items())
        ):
            self._same.add(point.key)
        return point.key in self._same

    def _agrees(self, point: CapturedMetric, others: Sequence[CapturedMetric]) -> bool:
        return any(agrees(point, each, self._reader.decimals) for each in others[:MAX_RECENT])


def _by_name(points: Sequence[CapturedMetric]) -> dict[str, list[CapturedMetric]]:
    found: dict[str, list[CapturedMetric]] = {}
    for point in points:
        found.setdefault(point.key, []).append(point)
    return found
