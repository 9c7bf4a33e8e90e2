"""A run that this process logs to: what is checked at the call, and the records that follow."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from ..entities import InvalidParameterValue, Metric, Param, RunTag
from ..entities.clock import now_ms
from ..entities.limits import MAX_METRICS_PER_BATCH, MAX_PARAMS_PER_BATCH, MAX_TAGS_PER_BATCH
from ..outbox import LogBatch, Record, get_arriving_run
from .connection import Connection
from .values import as_number, as_param_value, as_step, as_tag, as_tags, check_name, waits_for_store

__all__ = ["OpenRun", "Pending", "chunks"]

_log = logging.getLogger("jupyter_track")

_T = TypeVar("_T")

_INT64 = 2**63


def chunks(items: Iterable[_T], size: int) -> Iterable[tuple[_T, ...]]:
    """Yield the items in order, `size` at a time."""
    iterator = iter(items)
    while chunk := tuple(islice(iterator, size)):
        yield chunk


class Pending:
    """What a log call is about to do to the store, for whoever wants to wait for it.

    Parameters
    ----------
    connection : Connection
    position : int
        What `Connection.put` returned.
    """

    def __init__(self, connection: Connection, position: int) -> None:
        self._connection = connection
        self._position = position

    def wait(self) -> None:
        """Wait until the store has it.

        Raises
        ------
        TrackError
            The one with which the store has refused it.
        StoreUnavailable
            If the store could not be reached in time. What was logged waits in the journal.
        """
        self._connection.wait(self._position)


class OpenRun:
    """Logs to one run; what was logged is safe in the journal when a call returns.

    Parameters
    ----------
    connection : Connection
    run_id : str
    params : dict of str to str or None
        The params that the run has. None for a run that others may have written to: they are then read from
        the store when the first param is logged.
    captured : mapping of str to str
        Params that were found in a tracked cell. A value that the cell itself logs for one of them is no
        mistake of the person's: it is left out with a warning, since a param is written once.

    Attributes
    ----------
    waits : bool
        Whether every call waits until the store has what it logs.
    """

    __slots__ = ("_captured", "_params", "connection", "run_id", "waits")

    def __init__(
        self,
        connection: Connection,
        run_id: str,
        params: dict[str, str] | None = None,
        captured: Mapping[str, str] | None = None,
    ) -> None:
        self.connection = connection
        self.run_id = run_id
        self.waits = waits_for_store()
        self._params = params
        self._captured = {} if captured is None else captured

    def put(self, record: Record) -> int:
        """Send a record of this run on its way."""
        return self.connection.put(record)

    def log_metric(self, key: str, value: Any, step: Any = None, timestamp: Any = None) -> int:
        """Log one point of a metric; see `jupyter_track.tracking.fluent_logging.log_metric`."""
        check_name("metric", key)
        if type(value) is not float:
            value = as_number(key, value)
        if step is None:
            step = 0
        elif type(step) is not int or not -_INT64 <= step < _INT64:
            step = as_step(key, step)
        moment = as_step(key, timestamp) if timestamp else now_ms()
        return self.connection.put(LogBatch(self.run_id, (Metric(key, value, moment, step),)))

    def log_metrics(self, metrics: Iterable[Metric]) -> int:
        """Log points, in order."""
        position = 0
        for chunk in chunks(metrics, MAX_METRICS_PER_BATCH):
            position = self.connection.put(LogBatch(self.run_id, chunk))
        return position

    def log_param(self, key: str, value: Any) -> int:
        """Log a param; see `jupyter_track.tracking.fluent_logging.log_param`."""
        check_name("param", key)
        text = as_param_value(key, value)
        if self._captured and self._was_captured(key, text):
            return 0
        params = self._params if self._params is not None else self._read_params()
        if params.setdefault(key, text) != text:
            raise self._rewritten(key, params[key], text)
        return self.connection.put(LogBatch(self.run_id, (), (Param(key, text),)))

    def log_params(self, params: Mapping[str, Any]) -> int:
        """Log params, all or, if one of them is not allowed, none."""
        new = {}
        for key, value in params.items():
            check_name("param", key)
            text = as_param_value(key, value)
            if not self._captured or not self._was_captured(key, text):
                new[key] = text
        known = self._params if self._params is not None else self._read_params()
        for key, text in new.items():
            if known.get(key, text) != text:
                raise self._rewritten(key, known[key], text)
        known.update(new)
        position = 0
        for chunk in chunks((Param(key, text) for key, text in new.items()), MAX_PARAMS_PER_BATCH):
            position = self.connection.put(LogBatch(self.run_id, (), chunk))
        return position

    def set_tag(self, key: str, value: Any) -> int:
        """Set a tag."""
        return self.put_tags([as_tag(key, value)])

    def set_tags(self, tags: Mapping[str, Any]) -> int:
        """Set tags."""
        return self.put_tags(as_tags(tags))

    def put_tags(self, tags: Sequence[RunTag]) -> int:
        """Set tags that are known to be within the limits."""
        position = 0
        for chunk in chunks(tags, MAX_TAGS_PER_BATCH):
            position = self.connection.put(LogBatch(self.run_id, (), (), chunk))
        return position

    def done(self, position: int, synchronous: bool | None) -> Pending | None:
        """Wait for the store if that is asked for, and return what a log call returns.

        Parameters
        ----------
        position : int
            Of what was logged.
        synchronous : bool or None
            True waits until the store has it; None does so if ``MLFLOW_ENABLE_ASYNC_LOGGING`` is false.
        """
        if synchronous or (self.waits and synchronous is None):
            self.connection.wait(position)
        elif synchronous is not None:
            return Pending(self.connection, position)
        return None

    def _read_params(self) -> dict[str, str]:
        params = dict(get_arriving_run(self.connection.up_to_date_store(), self.run_id).data.params)
        if self._params is None:
            self._params = params
        return self._params

    def _was_captured(self, key: str, text: str) -> bool:
        """Return whether the tracked cell has this param already; say so if it has another value."""
        captured = self._captured.get(key)
        if captured is not None and captured != text:
            _log.warning(
                "The param %r was found in the tracked cell as %.60r; %.60r was not logged. "
                "Log it under another name, or leave it out of the capture with --exclude %s.",
                key,
                captured,
                text,
                key,
            )
        return captured is not None

    def _rewritten(self, key: str, before: str, text: str) -> InvalidParameterValue:
        return InvalidParameterValue(
            f"The param {key!r} of run {self.run_id} has the value {before[:60]!r} already; it cannot become "
            f"{text[:60]!r}. Use another name, a tag, or another run."
        )
