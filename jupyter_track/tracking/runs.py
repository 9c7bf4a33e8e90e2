"""Runs by their ids: begun, read, searched, and brought to their end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..entities import (
    Experiment,
    InvalidParameterValue,
    LifecycleStage,
    Metric,
    PagedList,
    Run,
    RunData,
    RunInfo,
    RunStatus,
    RunTag,
    ViewType,
)
from ..entities.clock import now_ms
from ..entities.limits import MAX_RUN_NAME, check_length, check_text
from ..entities.run_names import invent_run_name
from ..outbox import EndRun, StartRun, UpdateRun
from ..store import Store
from ..store.base import RUN_NAME_TAG
from .connection import Connection
from .open_run import OpenRun
from .values import as_status, as_tags, as_view_type

__all__ = ["PARENT_TAG", "RunCalls", "begin_run", "end_run", "every_experiment", "every_run", "open_run"]

PARENT_TAG = "mlflow.parentRunId"
#: Runs that one page of a search holds at most.
MAX_PAGE = 50_000
#: Runs of others that are kept open; each costs the params it has.
MAX_OPEN = 10_000


def begin_run(
    connection: Connection,
    experiment: Experiment,
    run_name: str = "",
    user_id: str = "",
    tags: Sequence[RunTag] = (),
    start_time: int | None = None,
) -> Run:
    """Begin a run, and return it as the store will have it; the store is not asked."""
    kept = {tag.key: tag.value for tag in tags}
    name = run_name or kept.get(RUN_NAME_TAG) or invent_run_name()
    check_length("run name", name, MAX_RUN_NAME)
    check_text("run name", name)
    kept[RUN_NAME_TAG] = name
    run_id = uuid.uuid4().hex
    begun = now_ms() if start_time is None else start_time
    connection.put(StartRun(run_id, experiment.name, name, user_id, begun, tuple(tags), experiment.experiment_id))
    connection.open_runs[run_id] = OpenRun(connection, run_id, {})
    place = experiment.artifact_location
    info = RunInfo(
        run_id=run_id,
        experiment_id=experiment.experiment_id,
        run_name=name,
        user_id=user_id,
        status=RunStatus.RUNNING,
        start_time=begun,
        end_time=None,
        artifact_uri=f"{place}/{run_id}/artifacts" if place else "",
    )
    return Run(info, RunData(tags=kept))


def open_run(connection: Connection, run_id: str) -> OpenRun:
    """Return what logs to a run, whoever has begun it."""
    found = connection.open_runs.get(run_id)
    if found is None:
        if not isinstance(run_id, str) or not run_id:
            raise InvalidParameterValue(f"Invalid run id {run_id!r}: give the id of a run.")
        while len(connection.open_runs) >= MAX_OPEN:
            connection.open_runs.pop(next(iter(connection.open_runs)), None)
        found = connection.open_runs[run_id] = OpenRun(connection, run_id)
    return found


def end_run(connection: Connection, run_id: str, status: RunStatus, end_time: int | None = None) -> int:
    """End a run; what follows for it is no longer taken from memory."""
    connection.open_runs.pop(run_id, None)
    return connection.put(EndRun(run_id, status, now_ms() if end_time is None else end_time))


class RunCalls:
    """The calls of a client that are about runs as a whole."""

    _connection: Connection

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Begin a run, which is not made the active one.

        Parameters
        ----------
        experiment_id : str
        start_time : int, optional
            Milliseconds since the epoch, UTC; now, if not given.
        tags : mapping of str, optional
            ``mlflow.user`` is the run's user.
        run_name : str, optional

        Raises
        ------
        ResourceDoesNotExist
            If there is no such experiment.
        InvalidParameterValue
            If it is deleted, or a name is not allowed.
        """
        experiment = self._connection.experiment(str(experiment_id))
        if experiment.lifecycle_stage is LifecycleStage.DELETED:
            raise InvalidParameterValue(f"The experiment {experiment.name!r} is deleted: restore it, or use another.")
        kept = as_tags(tags or {})
        user = next((tag.value for tag in kept if tag.key == "mlflow.user"), "unknown")
        return begin_run(self._connection, experiment, run_name or "", user, kept, start_time)

    def get_run(self, run_id: str) -> Run:
        """Return a run.

        Raises
        ------
        ResourceDoesNotExist
        """
        return self._connection.up_to_date_store().get_run(run_id)

    def get_parent_run(self, run_id: str) -> Run | None:
        """Return the run that a run is nested in, or None.

        Raises
        ------
        ResourceDoesNotExist
        """
        parent = self.get_run(run_id).data.tags.get(PARENT_TAG)
        return self.get_run(parent) if parent else None

    def search_runs(
        self,
        experiment_ids: Sequence[str] | None = None,
        filter_string: str = "",
        run_view_type: ViewType | int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """Return one page of the runs of some experiments, or of all that are not deleted.

        Raises
        ------
        InvalidParameterValue
            If the filter, the order or the token cannot be read; the message shows where.
        """
        store = self._connection.up_to_date_store()
        if experiment_ids is None:
            experiment_ids = [each.experiment_id for each in every_experiment(self._connection)]
        elif isinstance(experiment_ids, (str, int)):
            experiment_ids = [experiment_ids]
        return store.search_runs(
            [str(each) for each in experiment_ids],
            filter_string or "",
            as_view_type(run_view_type),
            max_results,
            order_by or (),
            page_token or "",
        )

    def get_metric_history(self, run_id: str, key: str) -> PagedList[Metric]:
        """Return all points of a metric by (timestamp, step, value).

        Raises
        ------
        ResourceDoesNotExist
            If the run does not exist.
        """
        return self._connection.up_to_date_store().get_metric_history(run_id, key)

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """End a run: FINISHED and now, if nothing else is said.

        Raises
        ------
        InvalidParameterValue
            If there is no such status.
        """
        connection = self._connection
        waits = open_run(connection, run_id).waits
        position = end_run(connection, run_id, as_status(status or RunStatus.FINISHED), end_time)
        if waits:
            connection.wait(position)

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Change a run's status, its name, or both.

        Raises
        ------
        ResourceDoesNotExist
        InvalidParameterValue
            If the run is deleted, or the status or the name is not allowed.
        """
        if name is not None:
            check_length("run name", name, MAX_RUN_NAME)
            check_text("run name", name)
            self._connection.wait(self._connection.put(UpdateRun(run_id, name)))
        if status is not None:
            self._connection.up_to_date_store().update_run_info(run_id, status=as_status(status))

    def delete_run(self, run_id: str) -> None:
        """Put a run into the bin, from which `restore_run` takes it back.

        Raises
        ------
        ResourceDoesNotExist
        """
        self._connection.up_to_date_store().delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Take a run back from the bin.

        Raises
        ------
        ResourceDoesNotExist
        """
        self._connection.up_to_date_store().restore_run(run_id)


def every_run(
    store: Store,
    experiment_ids: Sequence[str],
    filter_string: str = "",
    view_type: ViewType = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    order_by: Sequence[str] = (),
) -> list[Run]:
    """Return the runs of all pages, or at most `max_results` of them."""
    found: list[Run] = []
    token = ""
    while max_results is None or len(found) < max_results:
        size = MAX_PAGE if max_results is None else min(MAX_PAGE, max_results - len(found))
        page = store.search_runs(experiment_ids, filter_string, view_type, size, order_by, token)
        found += page
        token = page.token
        if not token:
            break
    return found


def every_experiment(
    connection: Connection,
    view_type: ViewType = ViewType.ACTIVE_ONLY,
    filter_string: str = "",
    order_by: Sequence[str] = (),
) -> list[Experiment]:
    """Return the experiments of all pages."""
    store = connection.up_to_date_store()
    found: list[Experiment] = []
    token = ""
    while True:
        page = store.search_experiments(view_type, MAX_PAGE, filter_string, order_by, token)
        found += page
        token = page.token
        if not token:
            return found
