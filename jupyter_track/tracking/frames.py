"""Runs as a pandas frame, a row each, with MLflow's columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..entities import Run

__all__ = ["runs_frame"]


def runs_frame(runs: Sequence[Run]) -> Any:
    """Return a frame of runs.

    Columns are ``run_id``, ``experiment_id``, ``status``, ``artifact_uri``, ``start_time`` and ``end_time``
    (both UTC), then ``metrics.*`` (the latest value), ``params.*`` and ``tags.*``. What a run lacks is NaN among
    the metrics and None elsewhere.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    import pandas

    infos = [run.info for run in runs]
    columns: dict[str, Any] = {
        "run_id": [info.run_id for info in infos],
        "experiment_id": [info.experiment_id for info in infos],
        "status": [info.status.value for info in infos],
        "artifact_uri": [info.artifact_uri for info in infos],
        "start_time": pandas.to_datetime([info.start_time for info in infos], unit="ms", utc=True),
        "end_time": pandas.to_datetime([info.end_time for info in infos], unit="ms", utc=True),
    }
    columns |= _columns("metrics", runs, lambda run: run.data.metrics, float("nan"))
    columns |= _columns("params", runs, lambda run: run.data.params, None)
    columns |= _columns("tags", runs, lambda run: run.data.tags, None)
    return pandas.DataFrame(columns)


def _columns(prefix: str, runs: Sequence[Run], values: Callable[[Run], dict[str, Any]], missing: Any) -> dict[str, Any]:
    """Return a column for each key, filled run by run so that many keys that few runs have cost little."""
    found: dict[str, list[Any]] = {}
    count = len(runs)
    for row, run in enumerate(runs):
        for key, value in values(run).items():
            column = found.get(key)
            if column is None:
                column = found[key] = [missing] * count
            column[row] = value
    return {f"{prefix}.{key}": column for key, column in found.items()}
