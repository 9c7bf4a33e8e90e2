"""From a tracking URI to a store."""

from __future__ import annotations

import re

from ..entities import InvalidParameterValue
from .base import RegistryStore, TrackingStore

__all__ = ["Store", "open_store", "shown_uri"]

_SECRET_OPTION = re.compile(r"([?&][^=&]*(?:password|token|secret)[^=&]*=)[^&]*", re.IGNORECASE)


class Store(TrackingStore, RegistryStore):
    """Both contracts in one place, which is how every family of stores comes."""


def open_store(uri: str, artifact_root: str | None = None) -> Store:
    """Open the store at a tracking URI; what must exist for it is made.

    Parameters
    ----------
    uri : str
        ``sqlite:///path/to/file.db``, ``sqlite://`` (in memory) or ``postgresql://...``.
    artifact_root : str, optional
        Where new experiments keep their artifacts. For a SQLite file: ``artifacts`` beside it, if not
        given.

    Raises
    ------
    InvalidParameterValue
        If no store handles the URI.
    StoreUnavailable
        If the place cannot be reached or written, or holds a database of another schema.
    """
    scheme = uri.partition(":")[0].partition("+")[0]
    if scheme in ("sqlite", "postgresql", "postgres"):
        # SQLAlchemy is loaded by whoever opens a database, not by whoever imports the package.
        from .sql import SqlStore

        return SqlStore(uri, artifact_root)
    raise InvalidParameterValue(
        f"Cannot open a store at {shown_uri(uri)!r}: the scheme {scheme!r} is not known. "
        "Use sqlite:///PATH or postgresql://USER@HOST/DATABASE."
    )


def shown_uri(uri: str) -> str:
    """Return a tracking URI as it may be shown: without the password that it may hold."""
    scheme, slashes, rest = uri.partition("://")
    if not slashes or scheme.startswith("sqlite"):
        return uri
    # The last "@": a password that was not written as a URI asks may hold others.
    account, at, place = _SECRET_OPTION.sub(r"\1***", rest).rpartition("@")
    return f"{scheme}{slashes}{account.partition(':')[0]}{at}{place}"
