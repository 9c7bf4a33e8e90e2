"""The stores that MLflow makes for a URI of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlflow.store.model_registry.rest_store import RestStore as RegistryRestStore
from mlflow.store.tracking.abstract_store import AbstractStore
from mlflow.store.tracking.rest_store import RestStore

from . import files
from .asked import InProcess, no_server
from .logged_models import LoggedModels

__all__ = ["ModelRegistryStore", "TrackingStore"]

#: How the URI of a logged model begins, as the source of a version.
_LOGGED_MODEL = "models:/m-"


class _Client(LoggedModels, RestStore):  # type: ignore[misc]  # MLflow's classes are not typed.
    def __init__(self, store_uri: str) -> None:
        super().__init__(no_server)
        self._in_process = InProcess(store_uri)

    def _call_endpoint(
        self,
        api: Any,
        json_body: str | None = None,
        endpoint: str | None = None,
        retry_timeout_seconds: int | None = None,
        response_proto: Any = None,
    ) -> Any:
        known = self._V3_METHOD_TO_INFO if api in self._V3_APIS else self._METHOD_TO_INFO
        usual, method = known[api]
        return self._in_process.call(method, endpoint or usual, json_body, response_proto or api.Response())


def _passed_on(name: str) -> Callable[..., Any]:
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        return getattr(self._client, name)(*arguments, **options)

    return call


def _of_store(name: str) -> bool:
    """Return whether a method of MLflow's is one that asks the store; the queues that log later are the caller's."""
    asks = callable(getattr(RestStore, name)) and not name.startswith("_")
    return asks and not name.endswith("_async") and "async_logging" not in name


class _Methods:
    """What asks the store, passed on."""

    for _name in filter(_of_store, dir(RestStore)):
        locals()[_name] = _passed_on(_name)


class TrackingStore(_Methods, AbstractStore):  # type: ignore[misc]
    """Experiments, runs, and the models that were logged to them.

    It has MLflow's client for a server and is none itself: under a run of one, MLflow prints the server's address.

    Parameters
    ----------
    store_uri : str
    """

    def __init__(self, store_uri: str) -> None:
        super().__init__()
        files.register()
        self._client = _Client(store_uri)


class ModelRegistryStore(RegistryRestStore):  # type: ignore[misc]
    """Registered models.

    Parameters
    ----------
    store_uri : str
    """

    def __init__(self, store_uri: str) -> None:
        super().__init__(no_server)
        self._in_process = InProcess(store_uri)
        self._client = _Client(store_uri)

    def create_model_version(self, name: str, source: str, run_id: str | None = None, *more: Any, **named: Any) -> Any:
        """Add a version; its run is that of the logged model, if it comes from one."""
        if not run_id and source.startswith(_LOGGED_MODEL):
            run_id = self._client.get_logged_model(source[len("models:/") :]).source_run_id
        return super().create_model_version(name, source, run_id, *more, **named)

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Return where the files of a version are; those of a logged model are beside it."""
        source = str(super().get_model_version_download_uri(name, version))
        if source.startswith(_LOGGED_MODEL):
            return str(self._client.get_logged_model(source[len("models:/") :]).artifact_location)
        return source

    def _call_endpoint(
        self, api: Any, json_body: str | None, call_all_endpoints: bool = False, extra_headers: Any = None
    ) -> Any:
        endpoint, method = self._get_endpoint_from_method(api)
        return self._in_process.call(method, endpoint, json_body, self._get_response_from_method(api))
