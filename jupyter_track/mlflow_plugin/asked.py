"""A request of MLflow's client for a server, answered in this process."""

from __future__ import annotations

import json
import logging
from typing import Any, NoReturn

from mlflow.exceptions import MlflowException, RestException
from mlflow.protos.databricks_pb2 import NOT_IMPLEMENTED
from mlflow.utils.proto_json_utils import parse_dict

from ..api import Api, Service
from ..config import resolve_tracking_uri
from ..entities import TrackError
from ..tracking import process
from ..tracking.connection import Connection
from .service import OwnService

__all__ = ["InProcess", "no_server"]

_log = logging.getLogger("jupyter_track")


class InProcess:
    """Answers what MLflow would have sent to a server.

    Parameters
    ----------
    store_uri : str
        As MLflow was told it: ``jupyter-track:``, ``jupyter-track+sqlite:///PATH``...
    """

    def __init__(self, store_uri: str) -> None:
        self._uri = resolve_tracking_uri(store_uri)
        self._own: Connection | None = None
        self._api = Api(self._service, _log)

    @property
    def connection(self) -> Connection:
        """The connection to the place: the one that is in force in this process, if it leads there."""
        in_force = process.connection()
        if in_force.tracking_uri == self._uri:
            return in_force
        if self._own is None:
            self._own = process.connect(self._uri)
        return self._own

    def _service(self) -> Service:
        return OwnService(self.connection)

    def call(self, method: str, endpoint: str, body: str | None, response: Any) -> Any:
        """Fill in and return MLflow's message that answers a request.

        Raises
        ------
        RestException
            As if a server had refused it.
        """
        try:
            answer = self._api.call(method, endpoint.lstrip("/"), json.loads(body) if body else {})
        except TrackError as error:
            raise RestException({"error_code": error.error_code, "message": str(error)}) from error
        parse_dict(answer, response)
        return response


def no_server() -> NoReturn:
    """Refuse what can only be asked of a server; MLflow wants to know where that is."""
    raise MlflowException("jupyter-track keeps no traces and has no gateway.", error_code=NOT_IMPLEMENTED)
