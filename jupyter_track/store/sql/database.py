"""One database: its connections, its transactions, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import Pool

from ...entities import InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable
from ...entities.limits import check_text
from ..uri import shown_uri
from .engines import WRITES, postgres_engine, sqlite_engine
from .forks import Forkable

__all__ = ["Database"]

#: Seconds that a fork waits for a transaction to end.
FORK_SECONDS = 1.0

# Connections of the process that this one was forked from.
_inherited: list[Pool] = []

# Any number that no other program is likely to lock: what migrations of one database queue at.
_MIGRATION_LOCK = 7_253_418_020

_HINTS = (
    ("not a database", "The file is no SQLite database, or damaged: move it away, or restore a copy."),
    ("malformed", "The file is damaged: restore a copy, or save what can be saved with 'sqlite3 FILE .recover'."),
    ("readonly", "The file or its folder may not be written: change that, or keep runs elsewhere."),
    ("unable to open", "The file or its folder may not be read: change that, or keep runs elsewhere."),
    ("locked", "Another process has been writing for long: find it, or try again."),
    ("lock timeout", "Another process has been writing for long: find it, or try again."),
    ("disk is full", "Make room."),
    ("no space left", "Make room."),
    ("password", "Correct the user name or the password in the address."),
    ("does not exist", "Make it, or correct the address."),
    ("permission denied", "Have its owner grant this user what is missing."),
    ("refused", "Start the server, or correct the address."),
    ("no such file", "Start the server, or correct the address."),
)
_ELSEWHERE = "Another place is chosen with %config TrackMagics.tracking_uri or MLFLOW_TRACKING_URI."


class Database(Forkable):
    """A SQLite or PostgreSQL database.

    Parameters
    ----------
    uri : str
        ``sqlite:///path/to/file.db``, ``sqlite://`` (in memory) or ``postgresql://USER@HOST/DATABASE``.
    must_exist : bool
        Whether to refuse a SQLite file that is not there instead of making it.

    Attributes
    ----------
    file : pathlib.Path or None
        The file of a SQLite database.
    shown : str
        What the database is called in messages: the file, or the URI without its password.
    insert : callable
        Makes the dialect's INSERT, which knows ``ON CONFLICT``.

    Raises
    ------
    InvalidParameterValue
        If the URI cannot be read or its driver is not installed.
    ResourceDoesNotExist
        If a SQLite file is not there and must exist.
    StoreUnavailable
        If the folder of a SQLite file cannot be made.
    """

    def __init__(self, uri: str, must_exist: bool = False) -> None:
        url = _parse(uri)
        self.is_sqlite = url.drivername == "sqlite"
        self.insert: Callable[..., Any] = sqlite.insert if self.is_sqlite else postgresql.insert
        self.file = Path(url.database) if self.is_sqlite and url.database not in (None, "", ":memory:") else None
        self.shown = str(self.file or shown_uri(uri))
        if must_exist and self.file is not None and not self.file.exists():
            raise ResourceDoesNotExist(f"There is no database at {self.shown}. {_ELSEWHERE}")
        self._make_locks()
        self._renew: Callable[[], None] | None = None
        self._identity: tuple[int, int] | None = None
        self._make_folder()
        self._engine = sqlite_engine(url, self.file) if self.is_sqlite else postgres_engine(url)
        super().__init__()

    def _make_locks(self) -> None:
        self._held_for_fork = False
        # SQLite has one writer at a time. Queueing for it here is fairer, and quicker, than asking again and
        # again; other processes still have to be waited for. The one connection of a database in memory is
        # read by one at a time, too.
        self._lock = threading.RLock()
        self._writing: AbstractContextManager[Any] = self._lock if self.is_sqlite else nullcontext()
        self._reading: AbstractContextManager[Any] = self._lock if self._is_in_memory else nullcontext()

    @property
    def _is_in_memory(self) -> bool:
        return self.is_sqlite and self.file is None

    def renew_by(self, renew: Callable[[], None]) -> None:
        """Call `renew` before the next transaction if the file of the database is removed or replaced.

        A connection would go on with the file that it has opened, and what it writes would be gone with it.
        """
        self._renew = renew
        self._identity = self._file_identity()

    def _file_identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.file) if self.file is not None else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found is not None else None

    def _follow_file(self) -> None:
        if self._file_identity() == self._identity:
            return
        with self._writing:
            renew = self._renew
            # Another thread may have done it meanwhile, and what renews uses this database itself.
            if renew is None or self._file_identity() == self._identity:
                return
            self._renew = None
            try:
                self._engine.dispose()
                self._make_folder()
                renew()
                self._identity = self._file_identity()
            finally:
                self._renew = renew

    # -- forks

    def before_fork(self) -> None:
        """Wait until no thread writes, since SQLite itself must not be forked in the middle; but not for long."""
        self._held_for_fork = self._lock.acquire(timeout=FORK_SECONDS)

    def after_fork_in_parent(self) -> None:
        """Let threads write again."""
        if self._held_for_fork:
            self._lock.release()

    def after_fork_in_child(self) -> None:
        """Leave the parent's connections alone, and use none but new ones.

        A database in memory goes on with its one connection: the memory is the child's own.
        """
        self._make_locks()
        if not self._is_in_memory:
            # Kept, because closing them, even when they are collected, would meddle with what is the parent's.
            _inherited.append(self._engine.pool)
            self._engine.dispose(close=False)

    # -- transactions

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection on which all reads see one moment."""
        self._follow_file()
        with self._reading, self._translated(), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together when the block ends, or not at all if it raises."""
        self._follow_file()
        with self._writing, self._translated(), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def migrate(self) -> Iterator[Connection]:
        """Like `write`, and nobody else migrates the same database meanwhile."""
        with self.write() as connection:
            if not self.is_sqlite:  # SQLite lets nobody else write at all.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            yield connection

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()

    # -- connections

    def _make_folder(self) -> None:
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"Cannot make the folder {self.file.parent}: {error.strerror or error}. {_ELSEWHERE}"
            ) from error

    # -- errors

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DataError as error:
            raise InvalidParameterValue(f"The database refuses a value: {error.orig}.") from error
        except DBAPIError as error:
            raise self._unavailable(error.orig or error) from error
        except PoolTimeout as error:
            raise self._unavailable(error) from error
        except sqlite3.Error as error:  # From setting up a connection.
            raise self._unavailable(error) from error

    def _unavailable(self, error: BaseException) -> StoreUnavailable:
        told = " ".join(str(error).split()) or type(error).__name__
        hint = next((hint for sign, hint in _HINTS if sign in told.lower()), _ELSEWHERE)
        return StoreUnavailable(f"Cannot use the store {self.shown}: {told.rstrip('.?')}. {hint}")


def _parse(uri: str) -> URL:
    check_text("tracking URI", uri)
    try:
        url = make_url(uri)
    except (ArgumentError, ValueError) as error:  # ValueError: of a port that is no number.
        raise _unreadable(uri) from error
    if url.get_backend_name() == "sqlite":
        if url.host or url.query or (url.database or "").startswith("file:"):
            raise _unreadable(uri)
        return url.set(drivername="sqlite")
    # psycopg 3, whatever driver the address names for the sake of another program.
    return url.set(drivername="postgresql+psycopg")


def _unreadable(uri: str) -> InvalidParameterValue:
    return InvalidParameterValue(
        f"Cannot read the tracking URI {shown_uri(uri)!r}: "
        "write sqlite:///PATH, sqlite:////ABSOLUTE/PATH or postgresql://USER@HOST/DATABASE."
    )
