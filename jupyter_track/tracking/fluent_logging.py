"""MLflow's fluent calls that log to the active run of the thread; a run is begun if none is active.

What was logged is safe in a journal when a call returns, and in the store a little later. ``synchronous=True`` waits
until the store has it, as every call does if ``MLFLOW_ENABLE_ASYNC_LOGGING`` is false. ``synchronous=False`` returns an
object whose ``wait()`` does so later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ..entities import DatasetInput, InputTag, InvalidParameterValue, Metric
from ..entities.clock import now_ms
from . import process
from .active import current
from .chosen import current_experiment
from .client import default_client
from .connection import WAIT_SECONDS
from .files import FileLog
from .log_calls import as_dataset
from .log_calls import delete_tag as delete_tag_of
from .log_calls import log_inputs as log_inputs_of
from .open_run import OpenRun, Pending
from .pictures import encode_figure
from .runs import open_run
from .values import as_number, as_step, as_tags, check_name

__all__ = [
    "delete_tag",
    "flush_async_logging",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_inputs",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_table",
    "log_text",
    "set_tag",
    "set_tags",
]

#: The tag of a dataset that tells what it was used for.
CONTEXT_TAG = "mlflow.data.context"


def _run(run_id: str | None) -> OpenRun:
    return current() if run_id is None else open_run(process.connection(), run_id)


# -- metrics, params and tags


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> Pending | None:
    """Log one point of a metric.

    Parameters
    ----------
    key : str
    value : float
        Or whatever holds just one number: an array or a tensor of one element.
    step : int, optional
        0, if not given.
    synchronous : bool, optional
        See the module.
    timestamp : int, optional
        Milliseconds since the epoch, UTC; now, if not given.
    run_id : str, optional
        Another run than the active one.
    model_id, dataset : optional
        Taken for the sake of code that was written for MLflow; they are not kept.

    Raises
    ------
    InvalidParameterValue
        If the name or a number is not allowed.
    StoreUnavailable
        If neither the journal nor the store can take it, or the store is waited for and out of reach.
    """
    run = current() if run_id is None else open_run(process.connection(), run_id)
    position = run.log_metric(key, value, step, timestamp)
    if synchronous is None and not run.waits:
        return None
    return run.done(position, synchronous)


def log_metrics(
    metrics: Mapping[str, float],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> Pending | None:
    """Log one point each of several metrics, all or, if one is not allowed, none; see `log_metric`."""
    run = _run(run_id)
    points = []
    for key, value in metrics.items():
        check_name("metric", key)
        moment = as_step(key, timestamp) if timestamp else now_ms()
        points.append(Metric(key, as_number(key, value), moment, as_step(key, step or 0)))
    return run.done(run.log_metrics(points), synchronous)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log a param: the text of a value, which is kept as it was first logged.

    Returns
    -------
    object
        The value.

    Raises
    ------
    InvalidParameterValue
        If the run has the param already with another value, or the name or value is not allowed.
    """
    run = current()
    position = run.log_param(key, value)
    if synchronous is None and not run.waits:
        return value
    pending = run.done(position, synchronous)
    return value if pending is None else pending


def log_params(params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None) -> Pending | None:
    """Log params, all or, if one is not allowed, none; see `log_param`."""
    run = _run(run_id)
    return run.done(run.log_params(params), synchronous)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> Pending | None:
    """Set a tag, in place of what it was."""
    run = current()
    return run.done(run.set_tag(key, value), synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> Pending | None:
    """Set tags, in place of what they were."""
    run = current()
    return run.done(run.set_tags(tags), synchronous)


def delete_tag(key: str) -> None:
    """Take a tag off the active run.

    Raises
    ------
    ResourceDoesNotExist
        If it has no such tag.
    """
    delete_tag_of(current(), key)


def flush_async_logging() -> None:
    """Wait until the store has all that was logged, or is found to be out of reach."""
    process.connection().outbox.flush(WAIT_SECONDS)


# -- datasets


def log_input(
    dataset: Any = None, context: str | None = None, tags: Mapping[str, str] | None = None, model: None = None
) -> None:
    """Log that the active run has read a dataset.

    Parameters
    ----------
    dataset : jupyter_track.data.Dataset
        Or one of ``mlflow.data``, or an entity.
    context : str, optional
        What it was used for: "training", "evaluation".
    tags : mapping of str, optional
    model : None
        Taken for the sake of code that was written for MLflow; logged models are not kept.

    Raises
    ------
    InvalidParameterValue
        If it is no dataset.
    """
    log_inputs([dataset], [context], [tags])


def log_inputs(
    datasets: Sequence[Any] | None = None,
    contexts: Sequence[str | None] | None = None,
    tags_list: Sequence[Mapping[str, str] | None] | None = None,
    models: None = None,
) -> None:
    """Log that the active run has read several datasets; see `log_input`.

    Raises
    ------
    InvalidParameterValue
        If the lists differ in length, or one holds no dataset.
    """
    given = list(datasets or [])
    used_for = list(contexts or [None] * len(given))
    tags_of = list(tags_list or [None] * len(given))
    if not len(given) == len(used_for) == len(tags_of):
        raise InvalidParameterValue(
            f"The lists must have one length: {len(given)} datasets, {len(used_for)} contexts, {len(tags_of)} tags."
        )
    inputs = []
    for dataset, context, tags in zip(given, used_for, tags_of, strict=True):
        if dataset is not None:
            noted = {**(tags or {}), **({CONTEXT_TAG: context} if context else {})}
            kept = tuple(InputTag(tag.key, tag.value) for tag in as_tags(noted))
            inputs.append(DatasetInput(as_dataset(dataset), kept))
    log_inputs_of(current(), inputs)


# -- artifacts


def log_artifact(
    local_path: str | os.PathLike[str], artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Copy a file, or a folder with all in it, into the folder `artifact_path` of the artifacts.

    Raises
    ------
    OSError
        If the file cannot be read.
    InvalidParameterValue
        If the artifact path is not allowed.
    """
    FileLog(_run(run_id)).file(local_path, artifact_path)


def log_artifacts(
    local_dir: str | os.PathLike[str], artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Copy all that is in a folder into the folder `artifact_path` of the artifacts."""
    FileLog(_run(run_id)).folder(local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Write a text to a file."""
    FileLog(_run(run_id)).text(artifact_file, text)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Write a dictionary or list to a file: YAML if its name ends so, else JSON."""
    FileLog(_run(run_id)).dictionary(artifact_file, dictionary)


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None) -> None:
    """Write a figure of matplotlib or plotly to a file, in the format that its name ends with.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or plotly.graph_objects.Figure
    artifact_file : str
    save_kwargs : mapping, optional
        For ``savefig``, ``to_html`` or ``to_image``.
    """
    FileLog(current()).data(artifact_file, encode_figure(figure, artifact_file, save_kwargs or {}))


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> Pending | None:
    """Write an image to a file, or as one of a series with a key and steps.

    Parameters
    ----------
    image : numpy.ndarray or PIL.Image.Image
        See `jupyter_track.tracking.pictures.encode_image`.
    artifact_file : str, optional
    key : str, optional
        One of the two is given.
    step : int, optional
    timestamp : int, optional
        Milliseconds since the epoch, UTC.
    synchronous : bool, optional
        True waits until the store has it.
    """
    return FileLog(current()).image(image, artifact_file, key, step, timestamp, synchronous or None)


def log_table(data: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Write a table (a dictionary of columns or a pandas frame) to a JSON file, below what it has already."""
    FileLog(_run(run_id)).table(artifact_file, data)


def load_table(
    artifact_file: str, run_ids: Sequence[str] | None = None, extra_columns: Sequence[str] | None = None
) -> Any:
    """Return the tables of that name in runs, or in all of the experiment of new runs, as one pandas frame.

    Parameters
    ----------
    artifact_file : str
    run_ids : sequence of str, optional
    extra_columns : sequence of str, optional
        Attributes of a run that become columns, such as ``run_id``.

    Raises
    ------
    ResourceDoesNotExist
        If no run has such a table.
    """
    experiment = current_experiment(process.connection())
    return default_client().load_table(experiment.experiment_id, artifact_file, run_ids, extra_columns)
