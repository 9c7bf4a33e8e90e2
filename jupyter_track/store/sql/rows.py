"""From rows to experiments and runs, and from points of metrics to rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from ...entities import Experiment, LifecycleStage, Metric, Run, RunData, RunInfo, RunInputs, RunStatus
from . import schema
from .inputs import read_inputs
from .values import read_named, read_values

__all__ = ["POINT", "Point", "as_experiments", "as_metric", "as_point", "as_run_info", "as_runs"]

#: A point as its table has it: run, name, and `POINT`. Of two points of a metric the later is the greater.
Point = tuple[int, int, int, int, float, bool]

#: What makes a point; of two points of a metric the latest is the greater in this order.
POINT = ("step", "timestamp", "value", "is_nan")

NO_INPUTS = RunInputs()


def as_experiments(connection: Connection, rows: Sequence[Row[Any]]) -> list[Experiment]:
    """Return the experiments of some rows."""
    found = read_named(connection, schema.experiment_tags, [row.experiment_id for row in rows])
    return [
        Experiment(
            experiment_id=str(row.experiment_id),
            name=row.name,
            artifact_location=row.artifact_location,
            lifecycle_stage=LifecycleStage(row.lifecycle_stage),
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            tags={tag.name: tag.value for tag in found[row.experiment_id]},
        )
        for row in rows
    ]


def as_run_info(row: Row[Any]) -> RunInfo:
    """Return what is known of a run besides what was logged to it."""
    return RunInfo(
        run_id=row.run_id,
        experiment_id=str(row.experiment_id),
        run_name=row.run_name,
        user_id=row.user_id,
        status=RunStatus(row.status),
        start_time=row.start_time,
        end_time=row.end_time,
        artifact_uri=row.artifact_uri,
        lifecycle_stage=LifecycleStage(row.lifecycle_stage),
    )


def as_runs(connection: Connection, rows: Sequence[Row[Any]]) -> list[Run]:
    """Return the runs of some rows, with all that was logged to them."""
    keys = [row.run_key for row in rows]
    metrics: dict[int, list[Metric]] = {key: [] for key in keys}
    values, names = read_values(connection, schema.latest_metrics, POINT, keys)
    for key, name_id, step, timestamp, value, is_nan in values:
        metrics[key].append(Metric(names[name_id], math.nan if is_nan else value, timestamp, step))
    params: dict[int, dict[str, str]] = {key: {} for key in keys}
    tags: dict[int, dict[str, str]] = {key: {} for key in keys}
    for table, found in ((schema.params, params), (schema.tags, tags)):
        values, names = read_values(connection, table, ["value"], keys)
        for key, name_id, value in values:
            found[key][names[name_id]] = value
    inputs = read_inputs(connection, keys)
    return [
        Run(
            as_run_info(row),
            RunData(tuple(metrics[row.run_key]), params[row.run_key], tags[row.run_key]),
            inputs.get(row.run_key, NO_INPUTS),
        )
        for row in rows
    ]


def as_metric(key: str, row: Row[Any]) -> Metric:
    """Return the point in a row."""
    return Metric(key, math.nan if row.is_nan else row.value, row.timestamp, row.step)


def as_point(run_key: int, name_id: int, metric: Metric) -> Point:
    """Return the row of a point."""
    is_nan = math.isnan(metric.value)
    # No store tells the zeros apart, so none keeps the sign of one.
    value = 0.0 if is_nan else float(metric.value) + 0.0
    return run_key, name_id, int(metric.step), int(metric.timestamp), value, is_nan
