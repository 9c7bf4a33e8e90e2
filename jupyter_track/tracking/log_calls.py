"""Metrics, params, tags and datasets of a run that is named by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..entities import Dataset, DatasetInput, InvalidParameterValue, Metric, Param, RunTag, StoreUnavailable
from ..entities.limits import is_int64
from ..outbox import DeleteTag, LogInputs
from .connection import READ_YOUR_WRITES_SECONDS, Connection
from .open_run import OpenRun, Pending
from .runs import open_run
from .values import as_number, as_step, check_name

__all__ = ["LoggingCalls", "as_dataset", "delete_tag", "log_inputs", "points"]


def points(metrics: Sequence[Metric]) -> list[Metric]:
    """Return metric points whose names and numbers are checked.

    Raises
    ------
    InvalidParameterValue
    """
    for key in dict.fromkeys([metric.key for metric in metrics]):
        check_name("metric", key)
    return [metric if _is_plain(metric) else _as_plain(metric) for metric in metrics]


def _is_plain(metric: Metric) -> bool:
    """Return whether the numbers of a point are Python's own."""
    return type(metric.value) is float and is_int64(metric.timestamp) and is_int64(metric.step)


def _as_plain(metric: Metric) -> Metric:
    return Metric(
        metric.key,
        as_number(metric.key, metric.value),
        as_step(metric.key, metric.timestamp),
        as_step(metric.key, metric.step or 0),
    )


def delete_tag(run: OpenRun, key: str) -> None:
    """Take a tag off a run; see `LoggingCalls.delete_tag`."""
    connection = run.connection
    try:
        if connection.outbox.flush(READ_YOUR_WRITES_SECONDS):
            # Straight to the store, which knows whether there is such a tag.
            connection.store().delete_tag(run.run_id, key)
            return
    except StoreUnavailable:
        pass
    run.put(DeleteTag(run.run_id, key))


def as_dataset(dataset: Any) -> Dataset:
    """Return the entity of a dataset: an entity itself, or what describes itself with ``to_dict()`` as MLflow's do.

    Raises
    ------
    InvalidParameterValue
    """
    if isinstance(dataset, Dataset):
        return dataset
    describe = getattr(dataset, "to_dict", None)
    told = describe() if callable(describe) else None
    if not isinstance(told, dict) or not {"name", "digest", "source", "source_type"} <= set(told):
        raise InvalidParameterValue(
            f"A {type(dataset).__name__} is no dataset: make one with jupyter_track.data.from_pandas or from_numpy."
        )
    return Dataset(
        name=told["name"],
        digest=told["digest"],
        source_type=told["source_type"],
        source=told["source"],
        schema=told.get("schema"),
        profile=told.get("profile"),
    )


def log_inputs(run: OpenRun, datasets: Sequence[DatasetInput]) -> None:
    """Log what a run has read."""
    if datasets:
        run.done(run.put(LogInputs(run.run_id, tuple(datasets))), None)


class LoggingCalls:
    """The calls of a client that log to a run.

    What was logged is safe in the journal when a call returns, and in the store a little later.
    ``synchronous=True`` waits until the store has it, as every call does if ``MLFLOW_ENABLE_ASYNC_LOGGING``
    is false. ``synchronous=False`` returns an object whose ``wait()`` does so later.
    """

    _connection: Connection

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> Pending | None:
        """Log one point of a metric.

        Parameters
        ----------
        run_id, key : str
        value : float
            Or whatever holds just one number.
        timestamp : int, optional
            Milliseconds since the epoch, UTC; now, if not given.
        step : int, optional
            0, if not given.
        synchronous : bool, optional
            See the class.
        dataset_name, dataset_digest, model_id : str, optional
            Taken for the sake of code that was written for MLflow; they are not kept.

        Raises
        ------
        InvalidParameterValue
            If the name or a number is not allowed.
        """
        run = open_run(self._connection, run_id)
        return run.done(run.log_metric(key, value, step, timestamp), synchronous)

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """Log a param and return its value.

        Raises
        ------
        InvalidParameterValue
            If the run has the param already with another value, or the name or value is not allowed.
        """
        run = open_run(self._connection, run_id)
        pending = run.done(run.log_param(key, value), synchronous)
        return value if pending is None else pending

    def set_tag(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Pending | None:
        """Set a tag, in place of what it was.

        Raises
        ------
        InvalidParameterValue
            If the name is not allowed.
        """
        run = open_run(self._connection, run_id)
        return run.done(run.set_tag(key, value), synchronous)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag off a run.

        Raises
        ------
        ResourceDoesNotExist
            If the run has no such tag.
        """
        delete_tag(open_run(self._connection, run_id), key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
        synchronous: bool | None = None,
    ) -> Pending | None:
        """Log any number of metric points, params and tags.

        Raises
        ------
        InvalidParameterValue
            If one of them is not allowed; then nothing is logged.
        """
        run = open_run(self._connection, run_id)
        checked = points(metrics)
        position = run.log_params({param.key: param.value for param in params})
        position = max(position, run.set_tags({tag.key: tag.value for tag in tags}))
        return run.done(max(position, run.log_metrics(checked)), synchronous)

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] | None = None, models: None = None) -> None:
        """Log which datasets a run has read.

        Parameters
        ----------
        run_id : str
        datasets : sequence of DatasetInput, optional
        models : None
            Taken for the sake of code that was written for MLflow; logged models are not kept.
        """
        log_inputs(open_run(self._connection, run_id), datasets or ())
