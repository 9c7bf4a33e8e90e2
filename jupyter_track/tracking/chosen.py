"""The experiment of new runs: what was chosen by a call, else by the environment, else the default one."""

from __future__ import annotations

import logging
import os

from ..entities import Experiment, InvalidParameterValue, LifecycleStage, StoreUnavailable
from ..entities.limits import check_experiment_name
from ..store.base import DEFAULT_EXPERIMENT_ID
from .connection import Connection
from .experiments import experiment_named

__all__ = ["choose_experiment", "current_experiment", "forget_choice"]

_log = logging.getLogger("jupyter_track")

#: The id or the name that was chosen, the other one being empty.
_chosen = ("", "")
#: Places of which was said that they are out of reach.
_said: set[tuple[str, str | None]] = set()


def choose_experiment(connection: Connection, experiment_id: str, name: str) -> Experiment:
    """Say to which experiment runs belong that are begun from now on, by its id or its name, and return it.

    The choice is kept as it was made, so that a name means the experiment of that name wherever runs are kept later.

    Raises
    ------
    ResourceDoesNotExist
        If no experiment has the id.
    InvalidParameterValue
        If it is deleted, or the name is not allowed.
    """
    global _chosen
    experiment = _find(connection, experiment_id, name)
    _chosen = (experiment_id, name)
    return experiment


def forget_choice() -> None:
    """Leave it to the environment again."""
    global _chosen
    _chosen = ("", "")


def current_experiment(connection: Connection, experiment_id: str | None = None) -> Experiment:
    """Return the experiment that is asked for, or else the one of new runs; made if it is not there.

    Raises
    ------
    ResourceDoesNotExist
        If no experiment has the id.
    InvalidParameterValue
        If it is deleted, or the name is not allowed.
    """
    if experiment_id:
        return _find(connection, str(experiment_id), "")
    id_, name = _chosen
    if not id_ and not name:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "")
        id_ = "" if name else os.environ.get("MLFLOW_EXPERIMENT_ID", "") or DEFAULT_EXPERIMENT_ID
    return _find(connection, id_, name)


def _find(connection: Connection, experiment_id: str, name: str) -> Experiment:
    """Return an experiment; of one in a store that is out of reach, what is known of it, with one warning."""
    try:
        experiment = connection.experiment(experiment_id) if experiment_id else experiment_named(connection, name)
    except StoreUnavailable as error:
        if not experiment_id:
            check_experiment_name(name)
        if connection.place not in _said:
            _said.add(connection.place)
            _log.warning("%s Runs are kept on this machine until it is back.", error)
        return Experiment(experiment_id, name, "", LifecycleStage.ACTIVE, 0, 0)
    _said.discard(connection.place)
    if experiment.lifecycle_stage is LifecycleStage.DELETED:
        raise InvalidParameterValue(f"The experiment {experiment.name!r} is deleted: restore it, or use another.")
    return experiment
