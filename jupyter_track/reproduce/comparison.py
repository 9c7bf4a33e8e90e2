"""Whether two runs of the same code came to the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..entities import Metric, Run
from ..tracking import TrackClient
from .recorded import RecordedCell, RecordedRun
from .texts import DEFAULT_TOLERANCE, apart, first_difference, same_number

__all__ = ["Comparison", "Difference", "changed_versions", "compare_runs"]

#: Points of a curve that are compared.
MAX_POINTS = 200_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes
    ----------
    kind : str
        "param", "metric", "curve", "output", "package".
    name : str
    before, after : str
        As they are written; empty where one run has nothing of that name.
    change : float or None
        By which part of the greater number the two differ, of metrics and curves.
    """

    kind: str
    name: str
    before: str
    after: str
    change: float | None = None

    def in_words(self) -> str:
        """Say what differs, in one line."""
        before, after = self.before or "nothing", self.after or "nothing"
        if self.kind == "metric" and self.before and self.after:
            before, after = apart(float(before), float(after))
        return f"{self.kind} {self.name} {before} → {after}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs of the same code came to.

    Attributes
    ----------
    differences : tuple of Difference
        Of params, metrics, curves and outputs: what a person would call another result.
    versions : tuple of Difference
        Packages of other versions. They may explain a difference and are none.
    params, metrics, outputs : int
        How many of each were compared.
    tolerance : float
    """

    differences: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    params: int
    metrics: int
    outputs: int
    tolerance: float


def compare_runs(
    client: TrackClient, before: RecordedRun, after: RecordedRun, tolerance: float = DEFAULT_TOLERANCE
) -> Comparison:
    """Compare a run with another of the same code.

    Params are the same if their texts are. Metrics and the numbers in outputs may differ by `tolerance`. Curves are
    compared at the steps that both have, and by their last steps: how many points lie between may be a matter of
    time, where a fast loop is sampled.
    """
    first, second = before.run, after.run
    metrics = sorted({*first.data.metrics, *second.data.metrics})
    outputs, compared = _outputs(before, after, tolerance)
    return Comparison(
        differences=(
            *_texts("param", first.data.params, second.data.params),
            *(found for key in metrics for found in _metric(client, first, second, key, tolerance)),
            *outputs,
        ),
        versions=tuple(changed_versions(before, after)),
        params=len({*first.data.params, *second.data.params}),
        metrics=len(metrics),
        outputs=compared,
        tolerance=tolerance,
    )


def changed_versions(before: RecordedRun, after: RecordedRun) -> list[Difference]:
    """Return the packages whose versions differ; none if one run has not kept its own."""
    if not before.versions or not after.versions:
        return []
    return _texts("package", before.versions, after.versions)


def _texts(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(kind, key, before.get(key, ""), after.get(key, ""))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def _metric(client: TrackClient, before: Run, after: Run, key: str, tolerance: float) -> list[Difference]:
    one, other = before.data.metrics.get(key), after.data.metrics.get(key)
    if one is None or other is None:
        return [Difference("metric", key, _number(one), _number(other))]
    found = []
    if not same_number(one, other, tolerance):
        found.append(Difference("metric", key, _number(one), _number(other), _change(one, other)))
    first, second = (_curve(client, run, key) for run in (before, after))
    if len(first) < 2 and len(second) < 2:
        return found
    if max(first) != max(second):
        found.append(Difference("curve", key, f"ends at step {max(first)}", f"ends at step {max(second)}"))
    elif not found:
        common = sorted(first.keys() & second.keys())
        changes = {
            step: _change(first[step], second[step])
            for step in common
            if not same_number(first[step], second[step], tolerance)
        }
        if changes:
            step = next(iter(changes))
            found.append(
                Difference(
                    "curve",
                    key,
                    f"{_number(first[step])} at step {step}",
                    f"{_number(second[step])} at step {step}",
                    max(changes.values()),
                )
            )
    return found


def _curve(client: TrackClient, run: Run, key: str) -> dict[int, float]:
    """Return the value at each step; of several at one step the last."""
    history: list[Metric] = list(client.get_metric_history(run.info.run_id, key))[:MAX_POINTS]
    return {point.step: point.value for point in history}


def _change(before: float, after: float) -> float:
    greatest = max(abs(before), abs(after))
    return abs(before - after) / greatest if greatest else 0.0


def _number(value: float | None) -> str:
    # The shortest text that gives the number back: two that differ look different.
    return "" if value is None else repr(value)


def _outputs(before: RecordedRun, after: RecordedRun, tolerance: float) -> tuple[list[Difference], int]:
    found, count = [], 0
    for place, (one, other) in enumerate(_pairs(before.cells, after.cells), 1):
        cell = f" of cell {place}" if len(before.cells) > 1 else ""
        for name in ("stdout", "result", "error"):
            first, second = (_compared(each.outputs.get(name, ""), name) for each in (one, other))
            count += bool(first or second)
            lines = first_difference(first, second, tolerance)
            if lines is not None:
                found.append(Difference("output", f"{name}{cell}", _quoted(lines[0]), _quoted(lines[1])))
    return found, count


def _pairs(
    before: Sequence[RecordedCell], after: Sequence[RecordedCell]
) -> Iterator[tuple[RecordedCell, RecordedCell]]:
    """Yield the cells of two runs that belong together: those of one text, and what is left in its order.

    Cells that share a run may have run in another order than they stand in the notebook.
    """
    left = list(enumerate(after))
    partners: list[RecordedCell | None] = []
    for cell in before:
        same = next((each for each in left if each[1].body == cell.body), None)
        if same is not None:
            left.remove(same)
        partners.append(same[1] if same is not None else None)
    others = (each for _, each in left)
    for cell, partner in zip(before, partners, strict=True):
        partner = partner or next(others, None)
        if partner is not None:
            yield cell, partner


def _compared(text: str, name: str) -> str:
    """Return what is compared of an output: of a traceback the error, for the lines above it tell of the machinery."""
    lines = text.strip().splitlines()
    return (lines[-1] if lines else "") if name == "error" else text


def _quoted(line: str) -> str:
    line = line if len(line) <= 100 else line[:99] + "…"
    return f'"{line}"' if line else ""
