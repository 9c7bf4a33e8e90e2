"""Opening the database that a person keeps house in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..config import resolve_tracking_uri
from ..entities import InvalidParameterValue
from ..store.sql.database import Database
from ..store.sql.migrate import upgrade_to_current
from ..store.uri import shown_uri

__all__ = ["current_database", "existing_database"]


@contextmanager
def existing_database(uri: str) -> Iterator[Database]:
    """Open a database as it is; a file that is not there is not made.

    Parameters
    ----------
    uri : str
        A tracking URI; see `jupyter_track.config.resolve_tracking_uri` for what holds if empty.

    Raises
    ------
    InvalidParameterValue
        If the URI is that of a server, or of a database in memory.
    ResourceDoesNotExist
        If the file is not there.
    """
    uri = resolve_tracking_uri(uri)
    if uri.partition(":")[0].partition("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise InvalidParameterValue(
            f"Cannot keep house at {shown_uri(uri)!r}: only a database can be looked after. "
            "Give sqlite:///PATH or postgresql://USER@HOST/DATABASE; for a server, that of its database."
        )
    database = Database(uri, must_exist=True)
    try:
        if database.is_sqlite and database.file is None:
            raise InvalidParameterValue("Cannot keep house in memory: give the file, as sqlite:///PATH.")
        yield database
    finally:
        database.close()


@contextmanager
def current_database(uri: str) -> Iterator[Database]:
    """Open a database as `existing_database` does, and bring it up to date as every use of it would."""
    with existing_database(uri) as database:
        upgrade_to_current(database)
        yield database
