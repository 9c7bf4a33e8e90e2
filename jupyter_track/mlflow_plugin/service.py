"""The service as a person's own code asks it: with the person's rights, and in a tracked cell for the cell's run."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from ..api import Service
from ..artifacts import open_repository
from ..capture.mlflow_environment import MlflowEnvironment, entered
from ..config import CELL_RUN_VARIABLE
from ..entities import Metric, ModelVersion, Param, ResourceDoesNotExist, Run, RunInfo, RunStatus
from ..outbox import get_arriving_run
from ..store.checks import check_batch
from ..tracking.connection import Connection
from ..tracking.runs import PARENT_TAG
from ..tracking.values import as_tags
from ..wire import Endpoint
from .files import for_mlflow, plain_uri

__all__ = ["OwnService"]

_log = logging.getLogger("jupyter_track")

#: What a tracked cell's run takes without waiting for the store.
_LOGGING = frozenset({"log_batch", "log_metric", "log_parameter", "set_tag"})
#: What MLflow tells of each run that it begins, and what a tracked cell's run knows better.
_OF_BEGINNING = ("mlflow.user", "mlflow.source.")
#: Runs of tracked cells in which this process, which a cell has started, went on.
_resumed: set[str] = set()


class OwnService(Service):
    """Answers MLflow in the process that runs the person's code.

    In a tracked cell, and in a program that one has started, the first run that MLflow begins is the cell's, and
    those that follow are nested in it. What MLflow says of the end of the cell's run is not taken: it ends with the
    cell.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.store(), open_repository)
        self._connection = connection

    def call(self, endpoint: Endpoint, arguments: Mapping[str, Any]) -> Any:  # noqa: D102
        if endpoint.name not in _LOGGING or arguments["run_id"] not in entered:
            # What was logged by other ways than to the store itself may still be on its way to it.
            self._connection.up_to_date_store()
        return for_mlflow(super().call(endpoint, arguments))

    def _check_location(self, location: str) -> None:
        """Take any place: a person may write where the person may write."""

    def create_model_version(  # noqa: D102
        self, name: str, source: str, run_id: str, tags: dict[str, str], run_link: str, description: str
    ) -> ModelVersion:
        # Whoever asks has the same rights as who loads the model: there is nothing to check.
        return self._store.create_model_version(name, plain_uri(source), run_id, tags, run_link, description)

    def create_run(  # noqa: D102 (the table of endpoints says what each of these is)
        self, experiment_id: str, user_id: str, run_name: str, start_time: int, tags: dict[str, str]
    ) -> Run:
        cell = os.environ.get(CELL_RUN_VARIABLE, "")
        environment = entered.get(cell)
        if cell and PARENT_TAG not in tags and self._has_arrived(cell):
            resumed = _resumed if environment is None else environment.begun
            if cell not in resumed:
                resumed.add(cell)
                return self._resume(cell, environment, tags)
            tags = {**tags, PARENT_TAG: cell}
        run = super().create_run(experiment_id, user_id, run_name, start_time, tags)
        if environment is not None:
            environment.begun.add(run.info.run_id)
        return run

    def _has_arrived(self, cell: str) -> bool:
        """Return whether the run of a cell is in this store, where it may be about to arrive from the kernel."""
        try:
            get_arriving_run(self._store, cell)
        except ResourceDoesNotExist:
            return False
        return True

    def _resume(self, cell: str, environment: MlflowEnvironment | None, tags: dict[str, str]) -> Run:
        told = {key: value for key, value in tags.items() if not key.startswith(_OF_BEGINNING)}
        if told:
            super().log_batch(cell, [], [], told)
        run = self._store.get_run(cell)
        if environment is not None:
            environment.recorder.run_name = run.info.run_name
        return run

    def update_run(  # noqa: D102
        self, run_id: str, status: RunStatus | None, end_time: int | None, run_name: str
    ) -> RunInfo:
        if run_id == os.environ.get(CELL_RUN_VARIABLE):
            status = end_time = None
        return super().update_run(run_id, status, end_time, run_name)

    def log_batch(  # noqa: D102
        self, run_id: str, metrics: list[Metric], params: list[Param], tags: dict[str, str]
    ) -> None:
        environment = entered.get(run_id)
        if environment is not None:
            check_batch(metrics, params, kept := as_tags(tags))
            # As the cell's other log calls, so that its card knows, and what was captured is no contradiction.
            run = environment.run
            run.log_params({param.key: param.value for param in params})
            run.log_metrics(metrics)
            run.put_tags(kept)
            return
        if run_id == os.environ.get(CELL_RUN_VARIABLE) and params:
            params = self._without_contradictions(run_id, params)
        super().log_batch(run_id, metrics, params, tags)

    def _without_contradictions(self, run_id: str, params: list[Param]) -> list[Param]:
        """Leave out, with a warning, the params that the tracked cell has found with another value."""
        found = self._store.get_run(run_id).data.params
        kept = [param for param in params if found.get(param.key, param.value) == param.value]
        for param in params:
            if param not in kept:
                _log.warning(
                    "The param %r of the tracked cell's run is %.60r; %.60r was not logged.",
                    param.key,
                    found[param.key],
                    param.value,
                )
        return kept
