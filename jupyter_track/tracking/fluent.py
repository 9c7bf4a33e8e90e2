"""MLflow's fluent calls for runs and experiments: what they are about is the active run of the thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..entities import Experiment, InvalidParameterValue, LifecycleStage, Run, ViewType
from . import active, process
from .active import ActiveRun
from .chosen import choose_experiment, current_experiment
from .client import default_client
from .runs import every_run
from .values import as_status, as_view_type

__all__ = [
    "active_run",
    "create_experiment",
    "delete_experiment",
    "delete_run",
    "end_run",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_parent_run",
    "get_run",
    "last_active_run",
    "search_experiments",
    "search_runs",
    "set_experiment",
    "set_experiment_tag",
    "set_experiment_tags",
    "start_run",
]

_log = logging.getLogger("jupyter_track")

#: Runs that a search returns at most if nothing else is asked.
MAX_RUNS = 100_000

# -- runs


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Begin a run, or go on with one, and make it the active run of this thread.

    The store is not waited for: if it is out of reach, the run waits in the journal with all that is logged to it.
    Inside a tracked cell the run is nested in the cell's.

    Parameters
    ----------
    run_id : str, optional
        A run that is there, to go on with; else ``MLFLOW_RUN_ID``, and without it a new run is begun.
    experiment_id : str, optional
        The experiment of a new run. If not given: what `set_experiment` says, else
        ``MLFLOW_EXPERIMENT_NAME`` or ``MLFLOW_EXPERIMENT_ID``, else the experiment "Default".
    run_name : str, optional
        Else ``MLFLOW_RUN_NAME``, and without it a name is invented.
    nested : bool
        Whether the run may begin while another one is active; it is then its child.
    parent_run_id : str, optional
        The run that this one is a child of, if not the active one.
    tags : mapping of str, optional
    description : str, optional
    log_system_metrics : bool, optional
        Taken for the sake of code that was written for MLflow. Nothing is sampled: a thread that measures the machine
        disturbs what runs on it.

    Returns
    -------
    ActiveRun
        To be used in a ``with`` statement, which ends the run, or with `end_run`.

    Raises
    ------
    InvalidParameterValue
        If a run is active and `nested` is false, if the run or the experiment is deleted, or a name is not allowed.
    ResourceDoesNotExist
        If there is no such run, experiment or parent.
    """
    running = active.own()
    if running is not None and not nested:
        raise InvalidParameterValue(
            f"The run {running.info.run_name!r} ({running.info.run_id}) is active. End it with end_run(), "
            "or begin a run inside it with start_run(nested=True)."
        )
    if log_system_metrics:
        _log.warning("log_system_metrics: the machine is not measured; log what you need with log_metric.")
    run_id = run_id or active.run_id_of_environment()
    if run_id:
        noted = {active.DESCRIPTION_TAG: description} if description else {}
        return active.resume(run_id, experiment_id, {**(tags or {}), **noted}).run
    if parent_run_id and not active.is_active(parent_run_id):
        parent = default_client().get_run(parent_run_id)
        if parent.info.lifecycle_stage is LifecycleStage.DELETED:
            raise InvalidParameterValue(f"The parent run {parent_run_id} is deleted: restore it, or name another.")
    return active.begin(experiment_id, run_name or "", parent_run_id, tags or {}, description or "").run


def end_run(status: str = "FINISHED") -> None:
    """End the active run of this thread, if it has one.

    The run of a tracked cell is not ended by this; it ends with the cell.

    Raises
    ------
    InvalidParameterValue
        If there is no such status.
    """
    active.end_innermost(as_status(status))


def active_run() -> ActiveRun | None:
    """Return the active run of this thread, or None. Inside a tracked cell that is at least the cell's run."""
    return active.innermost()


def last_active_run() -> Run | None:
    """Return the run that this thread, or else any, made active last, as it is now; None if there was none."""
    last = active.last()
    return last.connection.up_to_date_store().get_run(last.run_id) if last is not None else None


def get_run(run_id: str) -> Run:
    """Return a run.

    Raises
    ------
    ResourceDoesNotExist
    """
    return default_client().get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """Return the run that a run is nested in, or None.

    Raises
    ------
    ResourceDoesNotExist
    """
    return default_client().get_parent_run(run_id)


def delete_run(run_id: str) -> None:
    """Put a run into the bin.

    Raises
    ------
    ResourceDoesNotExist
    """
    default_client().delete_run(run_id)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return where the artifacts of the active run are, or one of them; a run is begun if none is active."""
    run = active.current()
    known = active.innermost()
    uri = known.info.artifact_uri if known is not None else ""
    if not uri:  # Begun while the store was out of reach.
        uri = run.connection.up_to_date_store().get_run(run.run_id).info.artifact_uri
    return f"{uri.rstrip('/')}/{artifact_path}" if artifact_path else uri


def search_runs(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: ViewType | int = ViewType.ACTIVE_ONLY,
    max_results: int = MAX_RUNS,
    order_by: Sequence[str] | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
) -> Any:
    """Return runs, by default of the experiment of new runs, the newest first.

    Parameters
    ----------
    experiment_ids, experiment_names : sequence of str, optional
        Of the experiments to search: one of the two.
    filter_string : str
        ``metrics.accuracy > 0.9 and params.model = 'tree'``; see `jupyter_track.filters`.
    run_view_type : ViewType
    max_results : int
    order_by : sequence of str, optional
        ``["metrics.accuracy DESC"]``.
    output_format : {"pandas", "list"}
        A frame (see `jupyter_track.tracking.frames`) if pandas is installed, or a list of `Run`.
    search_all_experiments : bool
        Whether to search all experiments if none is named.

    Returns
    -------
    pandas.DataFrame or list of Run

    Raises
    ------
    InvalidParameterValue
        If both ids and names are given, or the filter or the order cannot be read; the message shows where.
    """
    if output_format not in ("pandas", "list"):
        raise InvalidParameterValue(f"Invalid output format {output_format!r}: it is 'pandas' or 'list'.")
    if experiment_ids and experiment_names:
        raise InvalidParameterValue("Give experiment_ids or experiment_names, not both.")
    client = default_client()
    store = process.connection().up_to_date_store()
    if experiment_ids:
        ids = [str(each) for each in experiment_ids]
    elif experiment_names:
        found = [store.get_experiment_by_name(name) for name in experiment_names]
        ids = [each.experiment_id for each in found if each is not None]
    elif search_all_experiments:
        ids = [each.experiment_id for each in client.search_experiments(max_results=None)]
    else:
        ids = [current_experiment(process.connection()).experiment_id]
    runs = every_run(store, ids, filter_string or "", as_view_type(run_view_type), max_results, order_by or ())
    if output_format == "list":
        return runs
    try:
        from .frames import runs_frame

        return runs_frame(runs)
    except ImportError:
        return runs


# -- experiments


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Say to which experiment runs belong that are begun from now on.

    Parameters
    ----------
    experiment_name : str, optional
        It is made if it is not there.
    experiment_id : str, optional
        Of one that is there. One of the two is given.

    Returns
    -------
    Experiment
        If the store is out of reach, only its name is known.

    Raises
    ------
    InvalidParameterValue
        If both or none are given, or the experiment is deleted.
    ResourceDoesNotExist
        If no experiment has the id.
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidParameterValue("Give experiment_name or experiment_id, one of the two.")
    if experiment_name is not None and not isinstance(experiment_name, str):
        raise InvalidParameterValue(f"Invalid experiment name {experiment_name!r}: it must be a string.")
    return choose_experiment(process.connection(), str(experiment_id or ""), experiment_name or "")


def get_experiment(experiment_id: str) -> Experiment:
    """Return an experiment, deleted ones included.

    Raises
    ------
    ResourceDoesNotExist
    """
    return default_client().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """Return the experiment of that name, deleted ones included, or None."""
    return default_client().get_experiment_by_name(name)


def search_experiments(
    view_type: ViewType | int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Sequence[str] | None = None,
) -> list[Experiment]:
    """Return experiments, all if no number is given; by default the newest first."""
    return list(default_client().search_experiments(view_type, max_results, filter_string, order_by))


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None) -> str:
    """Create an experiment and return its id.

    Raises
    ------
    ResourceAlreadyExists
        If an experiment, deleted ones included, has the name.
    """
    return default_client().create_experiment(name, artifact_location, tags)


def delete_experiment(experiment_id: str) -> None:
    """Put an experiment and its runs into the bin.

    Raises
    ------
    ResourceDoesNotExist
    """
    default_client().delete_experiment(experiment_id)


def set_experiment_tag(key: str, value: Any) -> None:
    """Set a tag of the experiment of new runs."""
    set_experiment_tags({key: value})


def set_experiment_tags(tags: Mapping[str, Any]) -> None:
    """Set tags of the experiment of new runs."""
    experiment = current_experiment(process.connection())
    client = default_client()
    for key, value in tags.items():
        client.set_experiment_tag(experiment.experiment_id, key, value)
