"""The functions behind the endpoints of experiments."""

from __future__ import annotations

from ..artifacts import uri_scheme
from ..entities import Experiment, ExperimentTag, InvalidParameterValue, PagedList, ResourceDoesNotExist, ViewType
from ..store import Store

__all__ = ["ExperimentFunctions"]


class ExperimentFunctions:
    """See `jupyter_track.api.Service`."""

    _store: Store

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

    def create_experiment(self, name: str, artifact_location: str, tags: dict[str, str]) -> str:
        """Create an experiment and return its id."""
        self._check_location(artifact_location)
        kept = [ExperimentTag(key, value) for key, value in tags.items()]
        return self._store.create_experiment(name, artifact_location or None, kept)

    def _check_location(self, location: str) -> None:
        """Refuse a place for artifacts that a client may not choose.

        The files of a run are read with the rights of the server. A folder of its machine is therefore chosen by
        whoever starts the server, and not by who asks it.
        """
        if "#" in location or "?" in location:
            raise InvalidParameterValue("'artifact_location' URL can't include fragments or params.")
        if location and uri_scheme(location) in ("", "file"):
            raise InvalidParameterValue(
                f"Invalid artifact_location {location[:200]!r}: a folder of the server's machine is not chosen by its "
                "clients. Leave it out, or give the URI of an object store."
            )

    def update_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment another name."""
        self._store.rename_experiment(experiment_id, new_name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Put an experiment and its runs into the bin."""
        self._store.delete_experiment(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        """Take an experiment and its runs out of the bin."""
        self._store.restore_experiment(experiment_id)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set a tag of an experiment."""
        self._store.set_experiment_tag(experiment_id, ExperimentTag(key, value))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment."""
        self._store.delete_experiment_tag(experiment_id, key)
