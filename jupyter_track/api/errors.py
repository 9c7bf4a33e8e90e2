"""From an error to an answer: the one place where that is decided."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable

from ..entities import TrackError
from .answers import Answer, json_answer

__all__ = ["BadRequest", "BodyTooLarge", "EndpointNotFound", "MethodNotAllowed", "error_answer"]


class EndpointNotFound(TrackError):
    """Nothing is served at the path."""

    error_code = "ENDPOINT_NOT_FOUND"
    http_status = 404


class BadRequest(TrackError):
    """The request cannot be read."""

    error_code = "BAD_REQUEST"
    http_status = 400


class BodyTooLarge(BadRequest):
    """The request is longer than any that makes sense."""

    http_status = 413


class MethodNotAllowed(BadRequest):
    """The path is served, but not by this method."""

    http_status = 405

    def __init__(self, message: str, allowed: Iterable[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


def error_answer(error: Exception, log: logging.Logger) -> Answer:
    """Return the answer that tells a client of an error.

    What was raised on purpose is told as it is. Of anything else the client learns only a short id, under
    which the log has the traceback.
    """
    if isinstance(error, TrackError):
        headers = {"Allow": ", ".join(error.allowed)} if isinstance(error, MethodNotAllowed) else None
        return json_answer({"error_code": error.error_code, "message": str(error)}, error.http_status, headers)
    error_id = uuid.uuid4().hex[:8]
    log.error("Unexpected error %s", error_id, exc_info=error)
    message = f"Something went wrong in the server. Its log has the details under the id {error_id}."
    return json_answer({"error_code": TrackError.error_code, "message": message}, TrackError.http_status)
