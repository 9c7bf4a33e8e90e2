"""Copying a database file while kernels write to it."""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ..entities import InvalidParameterValue, ResourceAlreadyExists, StoreUnavailable
from .places import existing_database

__all__ = ["back_up", "stale_partials"]

#: Pages between two moments at which Ctrl-C is heard: some 40 MB.
PAGES_AT_ONCE = 10_000
#: Seconds after which nobody writes to a partial file any more.
STALE_SECONDS = 24 * 3600

_PARTIAL = ".partial-backup-"


def back_up(uri: str, target: str, force: bool = False) -> int:
    """Copy a SQLite database, as it is at one moment, to a file.

    Parameters
    ----------
    uri : str
        See `existing_database`.
    target : str
        The file to write, whose folder must be there. It appears when the copy is complete and found sound.
    force : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    int
        The copy's bytes.

    Raises
    ------
    InvalidParameterValue
        If the database is no SQLite file, or the target is a database in use.
    ResourceAlreadyExists
        If the target is there.
    StoreUnavailable
        If the target cannot be written, or the copy is not sound.

    Notes
    -----
    SQLite's backup interface copies page by page, within one read transaction: the copy is of one moment, does
    not begin again whenever somebody writes, and holds up no writer of a file with a write-ahead log.
    ``VACUUM INTO`` would promise the same and write a smaller file, but has to sort every index again. The
    copy is a single file without a write-ahead log.

    Artifacts are not copied. They are files, each written whole, so any program copies their folders; after the
    database, so that no run in the copy misses one, and in the order of names, as rsync does it: what runs share comes
    last then, and nothing that a copied run refers to is missing.
    """
    place = Path(os.path.abspath(target))
    with existing_database(uri) as database:
        if database.file is None:
            raise InvalidParameterValue(
                f"Cannot back up {database.shown}: PostgreSQL does that itself. "
                f"Run: pg_dump --format=custom --file={place} DATABASE"
            )
        _check_target(place, database.file, force)
        partial = place.with_name(f"{_PARTIAL}{uuid.uuid4().hex}")
        try:
            for stale in stale_partials(place.parent):
                stale.unlink(missing_ok=True)
            with database.read() as connection:
                _copy(connection, partial)
            _put_in_place(partial, place, force)
            return place.stat().st_size
        except FileExistsError as error:
            raise _taken(place) from error
        except OSError as error:
            reason = error.strerror or error
            raise StoreUnavailable(f"Cannot back up {database.shown} to {place}: {reason}.") from error
        finally:
            for suffix in ("", "-journal"):
                partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def stale_partials(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder that backups have left which never came to their end."""
    for partial in folder.glob(f"{_PARTIAL}*"):
        try:
            if partial.stat().st_mtime < time.time() - STALE_SECONDS:
                yield partial
        except FileNotFoundError:
            continue  # That backup has ended meanwhile.


def _check_target(place: Path, source: Path, force: bool) -> None:
    if not place.parent.is_dir():
        raise InvalidParameterValue(f"Cannot back up to {place}: there is no folder {place.parent}. Make it first.")
    if place.exists() and place.samefile(source):
        raise InvalidParameterValue(f"Cannot back up to {place}: that is the database itself. Name another file.")
    for suffix in ("-wal", "-journal"):
        if place.with_name(place.name + suffix).exists():
            # What it holds belongs to the database that was there, and would be written into the copy.
            raise InvalidParameterValue(
                f"Cannot back up to {place}: there is a {place.name}{suffix}, so that is a database in use. "
                "Name another file."
            )
    if place.exists() and not force:
        raise _taken(place)


def _taken(place: Path) -> ResourceAlreadyExists:
    return ResourceAlreadyExists(f"Cannot back up to {place}: it is there. Name another file, or add --force.")


def _copy(connection: Connection, partial: Path) -> None:
    # The moment that is copied is that of the first read.
    connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    source: Any = connection.connection.driver_connection
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            source.backup(copy, pages=PAGES_AT_ONCE)
            copy.execute("PRAGMA journal_mode = DELETE")
            (told,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        # Not for the database to translate: it is more likely the copy that cannot be written.
        raise OSError(str(error)) from error
    if told != "ok":
        raise OSError(f"the copy is not sound, so the database is damaged ({told}); run 'jupyter-track db check'")


def _put_in_place(partial: Path, place: Path, force: bool) -> None:
    if force:
        os.replace(partial, place)
    else:
        try:
            os.link(partial, place)  # Which never replaces what somebody else has put there meanwhile.
        except FileExistsError:
            raise
        except OSError:  # A file system without links.
            os.rename(partial, place)
    if os.name == "posix":
        # The name is to survive a power failure as the content does.
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
