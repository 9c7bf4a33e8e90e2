"""The functions behind the endpoints: one for each line of the wire's table, under the same name.

Their arguments are the fields of the request, under the wire's names; what they return is what the table
says the answer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from ..artifacts import ArtifactRepository
from ..entities import (
    Experiment,
    InvalidParameterValue,
    Metric,
    ModelVersion,
    PagedList,
    RegisteredModel,
    ResourceDoesNotExist,
    Run,
    ViewType,
)
from ..store import Store
from ..wire import ArtifactListing, Curves, Endpoint
from .sources import check_source

__all__ = ["Artifact", "Service"]


#: Runs whose curves are asked for together; as many as MLflow's server takes.
MAX_CURVES = 100


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact opened for reading."""

    path: str
    file: BinaryIO


class Service:
    """The endpoints as functions over a store.

    Parameters
    ----------
    store : Store
    open_repository : callable
        Opens the artifacts at a run's ``artifact_uri``.
    """

    def __init__(self, store: Store, open_repository: Callable[[str], ArtifactRepository]) -> None:
        self._store = store
        self._open_repository = open_repository

    def call(self, endpoint: Endpoint, arguments: Mapping[str, Any]) -> Any:
        """Call the function of an endpoint with its decoded request."""
        return getattr(self, endpoint.name)(**arguments)

    def search_experiments(
        self, max_results: int, page_token: str, filter: str, order_by: list[str], view_type: ViewType
    ) -> PagedList[Experiment]:
        """Return one page of experiments."""
        return self._store.search_experiments(view_type, max_results, filter, order_by, page_token)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment, deleted ones included."""
        return self._store.get_experiment(experiment_id)

    def get_experiment_by_name(self, experiment_name: str) -> Experiment:
        """Return the experiment of that name, deleted ones included."""
        experiment = self._store.get_experiment_by_name(experiment_name)
        if experiment is None:
            # Clients create the experiment when they see this error.
            raise ResourceDoesNotExist(f"Could not find experiment with name '{experiment_name[:500]}'")
        return experiment

    def search_runs(
        self,
        experiment_ids: list[str],
        filter: str,
        run_view_type: ViewType,
        max_results: int,
        order_by: list[str],
        page_token: str,
    ) -> PagedList[Run]:
        """Return one page of the runs of those experiments."""
        return self._store.search_runs(experiment_ids, filter, run_view_type, max_results, order_by, page_token)

    def get_run(self, run_id: str) -> Run:
        """Return a run, deleted ones included."""
        return self._store.get_run(run_id)

    def get_metric_history(
        self, run_id: str, metric_key: str, page_token: str, max_results: int | None
    ) -> PagedList[Metric]:
        """Return one page of the points of a metric; none if the run or the metric is absent."""
        try:
            return self._store.get_metric_history(run_id, metric_key, max_results, page_token)
        except ResourceDoesNotExist:
            return PagedList()

    def get_metric_history_bulk_interval(
        self, run_ids: list[str], metric_key: str, start_step: int | None, end_step: int | None, max_results: int
    ) -> Curves:
        """Return curves to draw, at most of a hundred runs; a run that is absent has no points."""
        if len(run_ids) > MAX_CURVES:
            raise InvalidParameterValue(f"{len(run_ids)} run_ids were given; at most {MAX_CURVES} are drawn at once.")
        return Curves(
            self._store.get_metric_history_bulk_interval(run_ids, metric_key, max_results, start_step, end_step)
        )

    def list_artifacts(self, run_id: str, path: str) -> ArtifactListing:
        """List one folder of a run's artifacts."""
        root = self._store.get_run(run_id).info.artifact_uri
        return ArtifactListing(root, self._open_repository(root).list(path))

    def get_artifact(self, run_id: str, path: str) -> Artifact:
        """Open one artifact of a run; the caller closes it."""
        root = self._store.get_run(run_id).info.artifact_uri
        return Artifact(path, self._open_repository(root).open(path))

    def create_registered_model(self, name: str, tags: dict[str, str], description: str) -> RegisteredModel:
        """Register a name."""
        return self._store.create_registered_model(name, tags, description)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a registered model."""
        return self._store.get_registered_model(name)

    def search_registered_models(
        self, filter: str, max_results: int, order_by: list[str], page_token: str
    ) -> PagedList[RegisteredModel]:
        """Return one page of registered models."""
        return self._store.search_registered_models(filter, max_results, order_by, page_token)

    def set_registered_model_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias at a version."""
        self._store.set_registered_model_alias(name, alias, version)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias points to."""
        return self._store.get_model_version_by_alias(name, alias)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self._store.delete_registered_model_alias(name, alias)

    def create_model_version(
        self, name: str, source: str, run_id: str, tags: dict[str, str], run_link: str, description: str
    ) -> ModelVersion:
        """Add the next version of a registered model, from a source that is allowed."""
        check_source(self._store, source, run_id)
        return self._store.create_model_version(name, source, run_id, tags, run_link, description)

    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Return a version."""
        return self._store.get_model_version(name, version)

    def search_model_versions(
        self, filter: str, max_results: int, order_by: list[str], page_token: str
    ) -> PagedList[ModelVersion]:
        """Return one page of versions."""
        return self._store.search_model_versions(filter, max_results, order_by, page_token)
