"""``%track slice``: the executed cells that a run, or one of its metrics, came from."""

from __future__ import annotations

from dataclasses import replace

from ..entities import InvalidParameterValue, ResourceDoesNotExist, Run
from ..history.document import HistoryDocument
from ..history.slicing import names_in, slice_for
from ..tracking import TrackClient
from .recorded import RecordedRun

__all__ = ["slice_of_run"]


def slice_of_run(client: TrackClient, run: Run, metric: str = "") -> HistoryDocument:
    """Return the history of a run with its slice, or with the smaller one of a metric.

    Parameters
    ----------
    client : TrackClient
    run : Run
    metric : str, optional
        The name of one of its metrics. The tracked cell is always in the slice, even where it computes more.

    Raises
    ------
    ResourceDoesNotExist
        If the run has no history of executed cells, or no such metric.
    InvalidParameterValue
        If the history is damaged, or nothing tells what the metric was computed from.
    """
    recorded = RecordedRun(client, run)
    history = recorded.history
    if history is None:
        raise ResourceDoesNotExist(f"The run {recorded} has no history of executed cells (track/history.json).")
    if not metric:
        return history
    if metric not in run.data.metrics:
        known = ", ".join(sorted(run.data.metrics)[:20]) or "none"
        raise ResourceDoesNotExist(f"The run {recorded} has no metric {metric!r}. It has: {known}.")
    names: set[str] = set()
    for cell in recorded.cells:
        provenance = cell.metrics.get(metric)
        if provenance is not None:
            original = next((old for old, new in cell.renamed.items() if new == metric), metric)
            # What a name was computed from is found from the name itself.
            names |= {original} if original.isidentifier() else names_in(provenance.expression)
    if not names:
        raise InvalidParameterValue(
            f"Nothing tells which names the metric {metric!r} was computed from: it was printed, or logged by hand. "
            "The slice of the whole run holds what it came from."
        )
    found = slice_for(history.cells, history.tracked, names)
    kept = tuple(position for position in found.positions if position > history.forgotten)
    return replace(history, slice=kept, reasons={each: why for each, why in found.reasons.items() if each in kept})
