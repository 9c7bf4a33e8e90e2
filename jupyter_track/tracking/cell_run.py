"""The run of a tracked cell as the cell's own log calls see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..entities import Metric
from .connection import Connection
from .open_run import OpenRun
from .recorder import Recorder
from .values import as_number

__all__ = ["CellRun"]


class CellRun(OpenRun):
    """Logs to the run of a tracked cell, and lets its recorder know what the cell has logged itself."""

    __slots__ = ("_recorder",)

    def __init__(self, connection: Connection, recorder: Recorder) -> None:
        super().__init__(connection, recorder.run_id, {}, recorder.params)
        self._recorder = recorder

    def log_metric(self, key: str, value: Any, step: Any = None, timestamp: Any = None) -> int:
        """Log one point of a metric."""
        position = super().log_metric(key, value, step, timestamp)
        self._recorder.logged_metrics[key] = as_number(key, value)
        return position

    def log_metrics(self, metrics: Iterable[Metric]) -> int:
        """Log points, in order."""
        points = list(metrics)
        position = super().log_metrics(points)
        self._recorder.logged_metrics.update((metric.key, metric.value) for metric in points)
        return position

    def log_param(self, key: str, value: Any) -> int:
        """Log a param."""
        position = super().log_param(key, value)
        if key not in self._recorder.params:  # Else it was captured, and the value that was found first stays.
            self._recorder.logged_params.setdefault(key, str(value))
        return position

    def log_params(self, params: Mapping[str, Any]) -> int:
        """Log params, all or, if one of them is not allowed, none."""
        position = super().log_params(params)
        for key, value in params.items():
            if key not in self._recorder.params:
                self._recorder.logged_params.setdefault(key, str(value))
        return position
