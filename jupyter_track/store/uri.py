"""Tracking URIs as they may be shown."""

from __future__ import annotations

import re

__all__ = ["shown_uri"]

_SECRET_OPTION = re.compile(r"([?&][^=&]*(?:password|token|secret)[^=&]*=)[^&]*", re.IGNORECASE)


def shown_uri(uri: str) -> str:
    """Return a tracking URI as it may be shown: without the password that it may hold."""
    scheme, slashes, rest = uri.partition("://")
    if not slashes or scheme.startswith("sqlite"):
        return uri
    # The last "@": a password that was not written as a URI asks may hold others.
    account, at, place = _SECRET_OPTION.sub(r"\1***", rest).rpartition("@")
    return f"{scheme}{slashes}{account.partition(':')[0]}{at}{place}"
