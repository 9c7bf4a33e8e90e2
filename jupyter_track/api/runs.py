"""The functions behind the endpoints of runs, and of what is logged to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from ..artifacts import ArtifactRepository
from ..entities import (
    DatasetInput,
    InvalidParameterValue,
    Metric,
    PagedList,
    Param,
    ResourceDoesNotExist,
    Run,
    RunInfo,
    RunStatus,
    RunTag,
    ViewType,
)
from ..entities.limits import MAX_PARAM_VALUE, MAX_TAG_VALUE
from ..store import Store
from ..wire import ArtifactListing, Curves

__all__ = ["Artifact", "RunFunctions"]

#: Runs whose curves are asked for together; as many as MLflow's server takes.
MAX_CURVES = 100


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact opened for reading."""

    path: str
    file: BinaryIO


class RunFunctions:
    """See `jupyter_track.api.Service`.

    Values of params and tags that are over the limit are cut there, as MLflow's server does: whoever logs the text
    of a whole configuration loses its end, and not the run.
    """

    _store: Store
    _open_repository: Callable[[str], ArtifactRepository]

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

    def create_run(self, experiment_id: str, user_id: str, run_name: str, start_time: int, tags: dict[str, str]) -> Run:
        """Begin a run."""
        return self._store.create_run(experiment_id, user_id, start_time, _tags(tags), run_name)

    def update_run(self, run_id: str, status: RunStatus | None, end_time: int | None, run_name: str) -> RunInfo:
        """Change what is given: the status of a run, its end, its name."""
        return self._store.update_run_info(run_id, status, end_time, run_name or None)

    def delete_run(self, run_id: str) -> None:
        """Put a run into the bin."""
        self._store.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Take a run out of the bin."""
        self._store.restore_run(run_id)

    def log_metric(self, run_id: str, key: str, value: float, timestamp: int, step: int) -> None:
        """Log one point of a metric."""
        self.log_batch(run_id, [Metric(key, value, timestamp, step)], [], {})

    def log_parameter(self, run_id: str, key: str, value: str) -> None:
        """Log a param."""
        self.log_batch(run_id, [], [Param(key, value)], {})

    def set_tag(self, run_id: str, key: str, value: str) -> None:
        """Set a tag of a run."""
        self.log_batch(run_id, [], [], {key: value})

    def log_batch(self, run_id: str, metrics: list[Metric], params: list[Param], tags: dict[str, str]) -> None:
        """Log to a run, all or nothing."""
        cut = [Param(param.key, param.value[:MAX_PARAM_VALUE]) for param in params]
        self._store.log_batch(run_id, metrics, cut, _tags(tags))

    def log_inputs(self, run_id: str, datasets: list[DatasetInput]) -> None:
        """Log what a run has read."""
        self._store.log_inputs(run_id, datasets)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run."""
        self._store.delete_tag(run_id, key)

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


def _tags(tags: dict[str, str]) -> list[RunTag]:
    return [RunTag(key, value[:MAX_TAG_VALUE]) for key, value in tags.items()]
