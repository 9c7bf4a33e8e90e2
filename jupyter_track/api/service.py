"""The functions behind the endpoints: one for each line of the wire's table, under the same name.

Their arguments are the fields of the request, under the wire's names; what they return is what the table
says the answer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..artifacts import ArtifactRepository
from ..store import Store
from ..wire import Endpoint
from .experiments import ExperimentFunctions
from .registry import RegistryFunctions
from .runs import RunFunctions

__all__ = ["Service"]


class Service(ExperimentFunctions, RunFunctions, RegistryFunctions):
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
