"""Experiments: made, found, named, deleted and restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..entities import (
    Experiment,
    ExperimentTag,
    InvalidParameterValue,
    PagedList,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    ViewType,
)
from ..entities.limits import check_experiment_name
from .connection import Connection
from .runs import every_experiment
from .values import as_view_type, check_name

__all__ = ["ExperimentCalls", "experiment_named"]


def experiment_named(connection: Connection, name: str) -> Experiment:
    """Return the experiment of a name, made if it is not there.

    Raises
    ------
    InvalidParameterValue
        If the name is not allowed.
    StoreUnavailable
    """
    try:
        return connection.experiment_by_name(name)
    except ResourceDoesNotExist:
        pass
    check_experiment_name(name)
    try:
        connection.store().create_experiment(name)
    except ResourceAlreadyExists:
        pass  # Another process made it between the two calls.
    return connection.experiment_by_name(name)


class ExperimentCalls:
    """The calls of a client that are about experiments."""

    _connection: Connection

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, Any] | None = None
    ) -> str:
        """Create an experiment and return its id.

        Raises
        ------
        InvalidParameterValue
            If the name is not allowed.
        ResourceAlreadyExists
            If an experiment, deleted ones included, has the name.
        """
        if not isinstance(name, str):
            raise InvalidParameterValue(f"Invalid experiment name {name!r}: it must be a string.")
        kept = []
        for key, value in (tags or {}).items():
            check_name("tag", key)
            kept.append(ExperimentTag(key, str(value)))
        return self._connection.up_to_date_store().create_experiment(name, artifact_location, kept)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment, deleted ones included.

        Raises
        ------
        ResourceDoesNotExist
        """
        return self._connection.up_to_date_store().get_experiment(str(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment of that name, deleted ones included, or None."""
        return self._connection.up_to_date_store().get_experiment_by_name(name)

    def search_experiments(
        self,
        view_type: ViewType | int = ViewType.ACTIVE_ONLY,
        max_results: int | None = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Return one page of experiments, or all if `max_results` is None; by default the newest first.

        Raises
        ------
        InvalidParameterValue
            If the filter, the order or the token cannot be read; the message shows where.
        """
        view = as_view_type(view_type)
        if max_results is None:
            return PagedList(every_experiment(self._connection, view, filter_string or "", order_by or ()))
        store = self._connection.up_to_date_store()
        return store.search_experiments(view, max_results, filter_string or "", order_by or (), page_token or "")

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment another name.

        Raises
        ------
        ResourceDoesNotExist
        ResourceAlreadyExists
        """
        self._connection.up_to_date_store().rename_experiment(str(experiment_id), new_name)
        self._connection.forget_experiment(str(experiment_id))

    def delete_experiment(self, experiment_id: str) -> None:
        """Put an experiment and its runs into the bin, from which `restore_experiment` takes them back.

        Raises
        ------
        ResourceDoesNotExist
        """
        self._connection.up_to_date_store().delete_experiment(str(experiment_id))
        self._connection.forget_experiment(str(experiment_id))

    def restore_experiment(self, experiment_id: str) -> None:
        """Take an experiment and its runs back from the bin.

        Raises
        ------
        ResourceDoesNotExist
        """
        self._connection.up_to_date_store().restore_experiment(str(experiment_id))
        self._connection.forget_experiment(str(experiment_id))

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set a tag of an experiment.

        Raises
        ------
        ResourceDoesNotExist
        InvalidParameterValue
        """
        check_name("tag", key)
        store = self._connection.up_to_date_store()
        store.set_experiment_tag(str(experiment_id), ExperimentTag(key, str(value)))
        self._connection.forget_experiment(str(experiment_id))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag off an experiment.

        Raises
        ------
        ResourceDoesNotExist
        """
        self._connection.up_to_date_store().delete_experiment_tag(str(experiment_id), key)
        self._connection.forget_experiment(str(experiment_id))
