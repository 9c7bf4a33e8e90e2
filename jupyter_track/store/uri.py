"""Tracking URIs as they may be shown and kept."""

from __future__ import annotations

import os
import re

__all__ = ["lasting_uri", "shown_uri"]

_SECRET_OPTION = re.compile(r"([?&][^=&]*(?:password|token|secret)[^=&]*=)[^&]*", re.IGNORECASE)


def shown_uri(uri: str) -> str:
    """Return a tracking URI as it may be shown: without the password that it may hold."""
    scheme, slashes, rest = uri.partition("://")
    if not slashes or scheme.startswith("sqlite"):
        return uri
    # The last "@": a password that was not written as a URI asks may hold others.
    account, at, place = _SECRET_OPTION.sub(r"\1***", rest).rpartition("@")
    return f"{scheme}{slashes}{account.partition(':')[0]}{at}{place}"


def lasting_uri(uri: str) -> str:
    """Return a tracking URI as it may be written down: without a password, and right in every folder."""
    scheme, path = uri.partition(":///")[::2]
    if scheme.startswith("sqlite") and path and path != ":memory:":
        return f"{scheme}:///{os.path.abspath(path)}"
    return shown_uri(uri)
