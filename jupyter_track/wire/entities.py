"""Entities as MLflow's JSON.

Ids and versions are strings, times and steps are numbers. What is empty is left out, except where MLflow's
server sends it all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..entities import DatasetInput, Experiment, FileInfo, Metric, ModelVersion, RegisteredModel, Run, RunInfo

__all__ = ["ArtifactListing", "Curves", "Response", "encode_response"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ArtifactListing:
    """The files in one folder of a run's artifacts, and where the root of the artifacts is."""

    root_uri: str
    files: list[FileInfo]


@dataclass(frozen=True, slots=True)
class Curves:
    """Points of one metric by the id of their run."""

    points: dict[str, list[Metric]]


@dataclass(frozen=True, slots=True)
class Response:
    """What an endpoint answers.

    Parameters
    ----------
    key : str
        Under which the entity stands; empty if the entity is the whole answer.
    entity : type, optional
        None for ``{}``.
    paged : bool
        A list under `key` (left out if empty), and ``next_page_token`` unless it is the last page.
    """

    key: str = ""
    entity: type | None = None
    paged: bool = False


def encode_response(response: Response, result: Any) -> Json:
    """Return the JSON object that answers a request.

    Parameters
    ----------
    response : Response
        The shape, from the table of endpoints.
    result : object
        What the service's function returned: an entity, a `PagedList` of them if the response is paged,
        None if it has no entity.
    """
    if response.entity is None:
        return {}
    encode = _ENCODERS[response.entity]
    if response.paged:
        answer: Json = {response.key: [encode(each) for each in result]} if result else {}
        if result.token:
            answer["next_page_token"] = result.token
        return answer
    return {response.key: encode(result)} if response.key else encode(result)


def _number(value: float) -> float | str:
    # JSON has no such numbers; these are the names that protobuf's JSON gives them.
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _pairs(mapping: Mapping[str, str]) -> list[Json]:
    return [{"key": key, "value": value} for key, value in mapping.items()]


def _filled(**fields: Any) -> Json:
    """Return the fields that are not empty; zero is not empty."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}


def _experiment(experiment: Experiment) -> Json:
    return {
        "experiment_id": experiment.experiment_id,
        "name": experiment.name,
        "artifact_location": experiment.artifact_location,
        "lifecycle_stage": experiment.lifecycle_stage.value,
        "creation_time": experiment.creation_time,
        "last_update_time": experiment.last_update_time,
        **_filled(tags=_pairs(experiment.tags)),
    }


def _metric(metric: Metric) -> Json:
    return {
        "key": metric.key,
        "value": _number(metric.value),
        "timestamp": metric.timestamp,
        "step": metric.step,
    }


def _run_info(info: RunInfo) -> Json:
    return {
        "run_id": info.run_id,
        # The name of the field before MLflow 1.0, which old clients still read.
        "run_uuid": info.run_id,
        "run_name": info.run_name,
        "experiment_id": info.experiment_id,
        "user_id": info.user_id,
        "status": info.status.value,
        "start_time": info.start_time,
        "artifact_uri": info.artifact_uri,
        "lifecycle_stage": info.lifecycle_stage.value,
        **_filled(end_time=info.end_time),
    }


def _run(run: Run) -> Json:
    return {
        "info": _run_info(run.info),
        "data": _filled(
            metrics=[_metric(metric) for metric in run.data.latest_metrics],
            params=_pairs(run.data.params),
            tags=_pairs(run.data.tags),
        ),
        # MLflow's clients read both without asking whether they are there.
        "inputs": _filled(dataset_inputs=[_dataset_input(each) for each in run.inputs.dataset_inputs]),
        "outputs": {},
    }


def _dataset_input(given: DatasetInput) -> Json:
    dataset = given.dataset
    return {
        **_filled(tags=[{"key": tag.key, "value": tag.value} for tag in given.tags]),
        "dataset": {
            "name": dataset.name,
            "digest": dataset.digest,
            "source_type": dataset.source_type,
            "source": dataset.source,
            **_filled(schema=dataset.schema, profile=dataset.profile),
        },
    }


def _file(file: FileInfo) -> Json:
    return {"path": file.path, "is_dir": file.is_dir, **_filled(file_size=file.file_size)}


def _listing(listing: ArtifactListing) -> Json:
    return {"root_uri": listing.root_uri, **_filled(files=[_file(file) for file in listing.files])}


def _curves(curves: Curves) -> Json:
    return _filled(
        metrics=[{**_metric(point), "run_id": run_id} for run_id, points in curves.points.items() for point in points]
    )


def _model_version(version: ModelVersion) -> Json:
    return {
        "name": version.name,
        "version": str(version.version),
        "creation_timestamp": version.creation_timestamp,
        "last_updated_timestamp": version.last_updated_timestamp,
        "current_stage": version.current_stage,
        "description": version.description,
        "source": version.source,
        "run_id": version.run_id,
        "status": version.status,
        "run_link": version.run_link,
        **_filled(
            user_id=version.user_id,
            status_message=version.status_message,
            tags=_pairs(version.tags),
            aliases=list(version.aliases),
        ),
    }


def _registered_model(model: RegisteredModel) -> Json:
    return {
        "name": model.name,
        "creation_timestamp": model.creation_timestamp,
        "last_updated_timestamp": model.last_updated_timestamp,
        **_filled(
            description=model.description,
            latest_versions=[_model_version(version) for version in model.latest_versions],
            tags=_pairs(model.tags),
            aliases=[{"alias": alias, "version": str(version)} for alias, version in model.aliases.items()],
        ),
    }


_ENCODERS: dict[type, Callable[[Any], Any]] = {
    ArtifactListing: _listing,
    Curves: _curves,
    Experiment: _experiment,
    Metric: _metric,
    ModelVersion: _model_version,
    RegisteredModel: _registered_model,
    Run: _run,
    RunInfo: _run_info,
    str: str,
}
