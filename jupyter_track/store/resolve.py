"""From a tracking URI to a store."""

from __future__ import annotations

from ..entities import InvalidParameterValue
from .base import Store
from .uri import shown_uri

__all__ = ["open_store"]


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
