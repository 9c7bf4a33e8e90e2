"""How connections to SQLite and to PostgreSQL are made, and set up."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from ...entities import InvalidParameterValue
from .filesystems import network_file_system

__all__ = ["WRITES", "postgres_engine", "sqlite_engine"]

#: Seconds that a writer waits for another process before it gives up.
BUSY_SECONDS = 60.0
#: Seconds that a server has to answer a new connection.
CONNECT_SECONDS = 10
#: The execution option of a connection that is going to write.
WRITES = "jupyter_track_writes"

_log = logging.getLogger(__name__)

# Files of which it has been said that they lie on a network file system.
_told: set[Path] = set()


def sqlite_engine(url: URL, file: Path | None) -> Engine:
    """Return an engine for a SQLite database.

    A file on this machine has a write-ahead log, so that readers and a writer work side by side. On a network file
    system, where such a log would be damaged, SQLite's rollback journal is used instead: readers and writers wait
    for each other, and a commit for the disk.
    """
    journal, synchronous = "WAL", "NORMAL"  # Which loses nothing when a process dies, and waits for no disk.
    kind = network_file_system(file) if file is not None else ""
    if kind:
        journal, synchronous = "DELETE", "FULL"
        _tell(file, kind)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        **({"poolclass": StaticPool} if file is None else {"pool_timeout": BUSY_SECONDS}),
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        # Python's own idea of when a transaction begins does not fit; "begin" below says it instead.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA case_sensitive_like = ON")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.create_function("lower", 1, lambda value: value and value.lower(), deterministic=True)
        if file is not None:
            _use_journal(connection, journal)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        # A writer that began as a reader could find its view outdated, and would have to start again.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _tell(file: Path | None, kind: str) -> None:
    if file is not None and file not in _told:
        _told.add(file)
        _log.warning(
            "The runs in %s lie on a network file system (%s). They are kept without a write-ahead log, which is safe "
            "if that file system locks files properly, but slow. PostgreSQL, or a file on this machine's disk, is "
            "quicker.",
            file,
            kind,
        )


def _use_journal(connection: sqlite3.Connection, journal: str) -> None:
    """Have SQLite use a kind of journal.

    The change is made once in a file's life, and SQLite does not wait for others who make it at the same time.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def postgres_engine(url: URL) -> Engine:
    """Return an engine for a database of a PostgreSQL server.

    Raises
    ------
    InvalidParameterValue
        If the driver is not installed.
    """
    try:
        engine = create_engine(
            url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS), **url.query}),
            # A server that was restarted has closed connections that the pool believes in.
            pool_pre_ping=True,
            pool_timeout=BUSY_SECONDS,
        )
    except ImportError as error:
        raise InvalidParameterValue(
            f'A store in PostgreSQL needs the driver {error.name}: pip install "jupyter-track[postgres]".'
        ) from error

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        # A transaction that somebody left open must not hold up others for ever.
        connection.execute(f"SET lock_timeout = {round(BUSY_SECONDS * 1000)}")
        # Compiling a statement that looks costly takes longer than most of ours: half a second for a curve.
        connection.execute("SET jit = off")
        connection.commit()

    return engine
