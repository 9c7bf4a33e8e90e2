"""Which local path an artifact URI names."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

from ..entities import InvalidParameterValue

__all__ = ["local_path", "uri_scheme"]

# One letter before the colon is a drive of Windows, not a scheme.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):")
_DRIVE = re.compile(r"/[A-Za-z]:(/|$)")


def uri_scheme(uri: str) -> str:
    """Return the scheme of a URI in lower case; empty for a plain path."""
    match = _SCHEME.match(uri)
    return match.group(1).lower() if match else ""


def local_path(uri: str, windows: bool = os.name == "nt") -> str | None:
    """Return the path on this machine that an artifact URI names; None if it names another place.

    Parameters
    ----------
    uri : str
        A plain path, which is returned as it is, or a ``file:`` URL (RFC 8089).
    windows : bool
        Whether ``file:///C:/x`` means ``C:/x``.

    Raises
    ------
    InvalidParameterValue
        For a ``file:`` URL of another machine, or one with a query or fragment: those would be dropped,
        and the files would lie elsewhere than the URL seems to say.
    """
    scheme = uri_scheme(uri)
    if not scheme:
        return uri
    if scheme != "file":
        return None
    rest = uri[len("file:") :]
    if "?" in rest or "#" in rest:
        raise InvalidParameterValue(
            f"Cannot use the file URL {uri!r}: write '?' as %3F and '#' as %23 if they belong to the path."
        )
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host.lower() not in ("", "localhost"):
            raise InvalidParameterValue(
                f"Cannot use the file URL {uri!r}: it names the machine {host!r}. Use file:///PATH."
            )
        rest = slash + path
    path = unquote(rest)
    return path[1:] if windows and _DRIVE.match(path) else path
