"""From records to a store's calls: as few as the order of each run's records allows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from ..entities import Metric, Param, ResourceDoesNotExist, RunTag, StoreUnavailable, TrackError
from ..entities.limits import MAX_METRICS_PER_BATCH, MAX_PARAMS_PER_BATCH, MAX_TAGS_PER_BATCH
from .records import LogBatch, Place, Record, StartRun

__all__ = ["Refusal", "deliver"]

_log = logging.getLogger(__name__)

#: A record that a store does not take, and why.
Refusal = tuple[Record, Exception]


def deliver(
    place: Place,
    records: Iterable[Record],
    begins_elsewhere: Callable[[str], bool] = lambda run_id: False,
    between: Callable[[], None] = lambda: None,
) -> list[Refusal]:
    """Bring records to a store, those of one run in their order, and return what was refused for good.

    Parameters
    ----------
    place : Place
    records : iterable of Record
    begins_elsewhere : callable, optional
        Tells of a run that the store does not have whether its start waits in the journal of another process.
    between : callable, optional
        Called between two calls of the store.

    Raises
    ------
    StoreUnavailable
        If the store cannot be reached, or a run has to arrive from another process first. Some records may have
        arrived, and may be sent again.
    """
    by_run: dict[str, list[Record]] = {}
    for record in records:
        by_run.setdefault(record.run_id, []).append(record)
    refusals: list[Refusal] = []
    for of_run in by_run.values():
        for together in _mergeable(of_run):
            between()
            refused = _apply(place, together)
            if any(_finds_no_run(*refusal) for refusal in refused) and begins_elsewhere(together[0].run_id):
                place.forget_missing(together[0].run_id)
                raise StoreUnavailable(f"Run {together[0].run_id} of another process has not reached the store yet.")
            refusals += refused
    return refusals


def _finds_no_run(record: Record, error: Exception) -> bool:
    return isinstance(error, ResourceDoesNotExist) and not isinstance(record, StartRun)


def _mergeable(records: Sequence[Record]) -> list[list[Record]]:
    """Return the records of one run in groups, each of which is one call: batches that fit into one."""
    groups: list[list[Record]] = []
    sizes = [0, 0, 0]
    for record in records:
        more = [0, 0, 0]
        if isinstance(record, LogBatch):
            more = [len(record.metrics), len(record.params), len(record.tags)]
            together = [size + added for size, added in zip(sizes, more, strict=True)]
            if groups and isinstance(groups[-1][-1], LogBatch) and all(map(int.__le__, together, _LIMITS)):
                groups[-1].append(record)
                sizes = together
                continue
        groups.append([record])
        sizes = more
    return groups


_LIMITS = (MAX_METRICS_PER_BATCH, MAX_PARAMS_PER_BATCH, MAX_TAGS_PER_BATCH)


def _apply(place: Place, together: Sequence[Record]) -> list[Refusal]:
    first = together[0]
    try:
        try:
            _merged(together).apply(place)
        except ResourceDoesNotExist:
            # Another process has begun the run, perhaps, and has not delivered that yet.
            if isinstance(first, StartRun) or not place.has_arrived(first.run_id):
                raise
            _merged(together).apply(place)
    except StoreUnavailable:
        raise
    except Exception as error:
        if len(together) > 1:
            # One of them is at fault, and must not take the others with it.
            return [refusal for record in together for refusal in _apply(place, [record])]
        # A record that fails for any other reason would fail again, and must not hold up the rest.
        if not isinstance(error, TrackError):
            _log.debug("Unexpected error while writing %s", type(first).__name__, exc_info=True)
        return [(first, error)]
    return []


def _merged(together: Sequence[Record]) -> Record:
    first = together[0]
    if len(together) == 1:
        return first
    metrics: list[Metric] = []
    params: list[Param] = []
    tags: list[RunTag] = []
    for record in together:
        assert isinstance(record, LogBatch)
        metrics += record.metrics
        params += record.params
        tags += record.tags
    return LogBatch(first.run_id, tuple(metrics), tuple(params), tuple(tags))
