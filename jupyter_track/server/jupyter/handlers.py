"""Tornado's side of the service: who asks, what was asked, and the answer on its way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Executor
from http import HTTPStatus
from typing import Any, BinaryIO, TypeVar

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from ...api import Answer, Api, Request

__all__ = ["TrackHandler"]

_T = TypeVar("_T")

_CHUNK = 256 * 1024
_ERROR_CODES = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "ENDPOINT_NOT_FOUND"}


class TrackHandler(APIHandler):
    """Answers every path below the service's root.

    Jupyter's rules for who may ask hold here as anywhere else in the server: login or token, the check of
    forged requests, allowed origins, and the server's authorizer, which is asked for ``read`` or ``write``
    on ``jupyter_track``. A search is a read although it is sent by POST.
    """

    auth_resource = "jupyter_track"

    def initialize(self, api: Api, executor: Executor) -> None:
        """Take what every request shares."""
        self._api = api
        self._executor = executor

    @web.authenticated
    async def get(self, path: str) -> None:
        """Answer a request; which methods a path takes is the service's knowledge."""
        await self._answer(path)

    @web.authenticated
    async def post(self, path: str) -> None:
        """See `get`."""
        await self._answer(path)

    @web.authenticated
    async def put(self, path: str) -> None:
        """See `get`."""
        await self._answer(path)

    @web.authenticated
    async def patch(self, path: str) -> None:
        """See `get`."""
        await self._answer(path)

    @web.authenticated
    async def delete(self, path: str) -> None:
        """See `get`."""
        await self._answer(path)

    @web.authenticated
    async def head(self, path: str) -> None:
        """See `get`."""
        await self._answer(path)

    async def _answer(self, path: str) -> None:
        method = str(self.request.method)
        await self._authorize("write" if self._api.writes(method, path) else "read")
        request = Request(
            method, path, self.request.query, self.request.headers.get("Content-Type", ""), self.request.body
        )
        answer = await self._in_thread(self._api.answer, request)
        await self._send(answer)

    async def _authorize(self, action: str) -> None:
        # Not the @authorized decorator: it takes the action from the HTTP method.
        allowed = await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource))
        if not allowed:
            raise web.HTTPError(403, f"User is not authorized to {action} on resource: {self.auth_resource}.")

    async def _in_thread(self, function: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    async def _send(self, answer: Answer) -> None:
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        if answer.file is None:
            await self.finish(answer.body, set_content_type=answer.headers["Content-Type"])
            return
        with answer.file as file:
            try:
                if self.request.method != "HEAD":
                    await self._stream(file, answer.size)
                await self.finish(set_content_type=answer.headers["Content-Type"])
            except StreamClosedError:
                # The reader went away in the middle of a download, which is nobody's error.
                pass

    async def _stream(self, file: BinaryIO, left: int) -> None:
        # A file that grows meanwhile is sent as long as it was announced; one that shrinks breaks off.
        while left > 0 and (chunk := await self._in_thread(file.read, min(_CHUNK, left))):
            left -= len(chunk)
            self.write(chunk)
            await self.flush()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what Jupyter or tornado refused in the form that the service's own errors have."""
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        message = error.log_message % error.args if isinstance(error, web.HTTPError) and error.log_message else ""
        code = _ERROR_CODES.get(status_code, "INTERNAL_ERROR" if status_code >= 500 else "BAD_REQUEST")
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"error_code": code, "message": message or HTTPStatus(status_code).phrase}))
