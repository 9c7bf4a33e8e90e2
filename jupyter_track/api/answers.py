"""What goes back over HTTP, before any web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

__all__ = ["Answer", "json_answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers, and a body.

    Parameters
    ----------
    status : int
    headers : mapping of str to str
        The content type among them.
    body : bytes
    file : binary file, optional
        Instead of `body`: is sent in pieces and closed by the host.
    size : int
        How many bytes of the file are sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    file: BinaryIO | None = None
    size: int = 0


def json_answer(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer that holds a JSON object."""
    # The escapes of ASCII keep file names that are no Unicode text; NaN was given a name by the wire.
    body = json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")
    return Answer(
        status, {"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", **(headers or {})}, body
    )
