"""One HTTP request, from its parts to its answer: the same for every host."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ..wire import ENDPOINTS, FILE, Endpoint, decode_fields, encode_response
from .answers import Answer, json_answer
from .errors import BadRequest, BodyTooLarge, EndpointNotFound, MethodNotAllowed, error_answer
from .files import file_answer
from .service import Service

__all__ = ["MAX_BODY_BYTES", "Api", "Request"]

#: Twice what the largest batch that MLflow allows takes in JSON with every character escaped.
MAX_BODY_BYTES = 16 * 1024 * 1024

_MAX_QUERY_FIELDS = 1000


def _by_path() -> dict[str, dict[str, Endpoint]]:
    routes: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        for path in endpoint.paths:
            routes.setdefault(path, {}).update(dict.fromkeys(endpoint.methods, endpoint))
    return routes


_ROUTES = _by_path()


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of an HTTP request that the service looks at.

    Parameters
    ----------
    method : str
        In capitals.
    path : str
        Below the root of the service, without a slash in front, percent signs decoded.
    query : str
        As it came: after the ``?``.
    content_type : str
        The header; empty if there is none.
    body : bytes
    """

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""


class Api:
    """Answers requests; HEAD as GET, of which the host sends the headers only.

    Parameters
    ----------
    service : callable
        Returns the service, and may raise `StoreUnavailable`. It is asked at each request, so that a
        store which could not be opened is tried again.
    log : logging.Logger
        Where unexpected errors are written.
    """

    def __init__(self, service: Callable[[], Service], log: logging.Logger) -> None:
        self._service = service
        self._log = log

    @staticmethod
    def writes(method: str, path: str) -> bool:
        """Return whether a request changes the store, for hosts whose users may only read."""
        endpoint = _ROUTES.get(path, {}).get(method)
        return endpoint.writes if endpoint else method not in ("GET", "HEAD")

    def answer(self, request: Request) -> Answer:
        """Answer a request; takes as long as the store does, and never raises."""
        try:
            endpoint = _find(request.method, request.path)
            result = self._ask(endpoint, _parameters(endpoint, request))
            if endpoint.response is FILE:
                return file_answer(result)
            return json_answer(encode_response(endpoint.response, result))
        except Exception as error:
            return error_answer(error, self._log)

    def call(self, method: str, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON object with which a request is answered that comes from this very process.

        Raises
        ------
        TrackError
            What a host would have answered with the error's status.
        """
        endpoint = _find(method, path)
        return encode_response(endpoint.response, self._ask(endpoint, fields))

    def _ask(self, endpoint: Endpoint, fields: Mapping[str, Any]) -> Any:
        return self._service().call(endpoint, decode_fields(endpoint.request, fields))


def _find(method: str, path: str) -> Endpoint:
    methods = _ROUTES.get(path)
    if methods is None:
        raise EndpointNotFound(f"There is no endpoint {path[:200]!r}.")
    if method == "HEAD" and "GET" in methods:
        return methods["GET"]
    if method not in methods:
        raise MethodNotAllowed(f"The endpoint {path!r} takes {' and '.join(methods)}, not {method}.", methods)
    return methods[method]


def _parameters(endpoint: Endpoint, request: Request) -> Mapping[str, Any]:
    return _from_query(endpoint, request.query) if request.method in ("GET", "HEAD") else _from_body(request)


def _from_query(endpoint: Endpoint, query: str) -> Mapping[str, Any]:
    try:
        given = parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_QUERY_FIELDS)
    except ValueError as error:
        raise BadRequest(f"Bad Request. The query string cannot be read: {error}") from error
    repeated = {field.name for field in endpoint.request if field.repeated}
    return {name: values if name in repeated else values[0] for name, values in given.items()}


def _from_body(request: Request) -> Mapping[str, Any]:
    if len(request.body) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The request has {len(request.body)} bytes; at most {MAX_BODY_BYTES} are allowed.")
    # Also a guard: a page of another site can send a form without asking the browser first, but no JSON.
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("Bad Request. Content-Type must be one of ['application/json'].")
    try:
        content = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"Bad Request. The body is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadRequest("Bad Request. The body must be a JSON object.")
    return content
