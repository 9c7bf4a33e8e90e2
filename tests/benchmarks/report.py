"""The table: what was measured beside what was aimed at."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Row", "at_least", "at_most", "grows", "heading", "line", "ratio_of_sizes", "summary"]

Sample = Sequence[float]

_COLUMNS = "{:<72}{:>11}{:>11}{:>10}{:>10}{:>12}  {}"


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Parameters
    ----------
    work : str
    ours, theirs : str
        Medians, with their units; ``theirs`` is empty where MLflow is not measured.
    ratio, cpu_ratio : str
        How many times as much MLflow needs, of time (or bytes) and of processor time.
    goal : str
        Empty for a line that only explains another one.
    met : bool
    """

    work: str
    ours: str
    theirs: str
    ratio: str
    cpu_ratio: str
    goal: str
    met: bool


def shown(seconds: float) -> str:
    """Return a time with a unit that fits it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def at_least(
    work: str, ours: Sample, theirs: Sample, ratio: float | None, cpu: tuple[Sample, Sample] | None = None
) -> Row:
    """Return the line of what should be so many times as quick as MLflow; no goal if `ratio` is None."""
    mine, its = statistics.median(ours), statistics.median(theirs)
    cpu_ratio = f"{statistics.median(cpu[1]) / statistics.median(cpu[0]):,.0f} x" if cpu is not None else ""
    return Row(
        work,
        shown(mine),
        shown(its),
        _times(its / mine),
        cpu_ratio,
        f">= {ratio:g} x" if ratio is not None else "",
        ratio is None or its / mine >= ratio,
    )


def at_most(work: str, ours: Sample, seconds: float) -> Row:
    """Return the line of what should take no longer than so many seconds."""
    median = statistics.median(ours)
    return Row(work, shown(median), "", "", "", f"< {shown(seconds)}", median < seconds)


def grows(work: str, from_: Sample, to: Sample, ratio: float) -> Row:
    """Return the line of what should not become `ratio` times as slow."""
    grown = statistics.median(to) / statistics.median(from_)
    return Row(work, f"{grown:.2f} x", "", "", "", f"< {ratio:g} x", grown < ratio)


def ratio_of_sizes(work: str, ours: float, theirs: float, ratio: float | None) -> Row:
    """Return the line of what should be so many times as small as MLflow's; no goal if `ratio` is None."""
    goal = f"1/{ratio:g}" if ratio is not None else ""
    return Row(
        work, f"{ours:,.0f}", f"{theirs:,.0f}", _times(theirs / ours), "", goal, ratio is None or theirs / ours >= ratio
    )


def summary(samples: Mapping[str, tuple[Sample, Sample]]) -> str:
    """Return a table of all samples: of the time, and of the processor time where it was taken."""
    columns = "{:<72}{:>8}{:>10}{:>10}{:>10}{:>10}"
    lines = [columns.format("samples", "number", "least", "median", "95 %", "CPU")]
    for name, (seconds, cpu) in samples.items():
        ordered = sorted(seconds)
        late = ordered[int(0.95 * (len(ordered) - 1))]
        numbers = (shown(number) for number in (ordered[0], statistics.median(ordered), late))
        lines.append(columns.format(name, len(ordered), *numbers, shown(statistics.median(cpu)) if cpu else ""))
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} x" if ratio >= 10 else f"{ratio:.1f} x"


def heading() -> str:
    """Return what stands above the lines."""
    return _COLUMNS.format("median of", "ours", "MLflow", "ratio", "by CPU", "goal", "")


def line(row: Row) -> str:
    """Return a row as a line of text."""
    verdict = ("met" if row.met else "MISSED") if row.goal else ""
    return _COLUMNS.format(row.work, row.ours, row.theirs, row.ratio, row.cpu_ratio, row.goal, verdict).rstrip()
