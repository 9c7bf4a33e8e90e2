"""Upgrading and checking a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection

from ..store.sql.database import Database
from ..store.sql.migrate import SCHEMA, schema_differences, schema_of, upgrade_to_current
from .findings import Finding
from .places import existing_database

__all__ = ["check", "upgrade"]

#: Damages of a file that are told one by one.
MAX_DAMAGES = 20
_RESTORE = "Restore a backup, or save what can be saved with 'sqlite3 FILE .recover'."


def upgrade(uri: str) -> tuple[str, str, str]:
    """Bring a database to the schema of this version of the package.

    Returns
    -------
    tuple of str
        What the database is called, the schema before (empty if there were no tables), and the schema now.
    """
    with existing_database(uri) as database:
        return database.shown, upgrade_to_current(database), SCHEMA


def check(uri: str) -> list[Finding]:
    """Return what is wrong with a database itself: its schema, and the soundness of a SQLite file.

    Notes
    -----
    Every row of a SQLite file is looked up in every index, which takes half a minute or more for a gigabyte;
    others may go on writing meanwhile. PostgreSQL checks its own files and keeps its own foreign keys.
    """
    with existing_database(uri) as database, database.read() as connection:
        return [*_schema_findings(database, connection), *(_file_findings(connection) if database.is_sqlite else ())]


def _schema_findings(database: Database, connection: Connection) -> Iterator[Finding]:
    schema = schema_of(connection)
    if schema != SCHEMA:
        has = f"it has schema {schema}" if schema else "it has no tables"
        what = f"{has}, and this version works with schema {SCHEMA}"
        yield Finding(database.shown, what, "Run: jupyter-track db upgrade")
        return
    for difference in schema_differences(connection):
        yield Finding(
            database.shown, f"its tables were changed by hand; to undo: {difference}", "Restore a backup, or undo it."
        )


def _file_findings(connection: Connection) -> Iterator[Finding]:
    for (told,) in connection.exec_driver_sql(f"PRAGMA integrity_check({MAX_DAMAGES})"):
        if told != "ok":
            yield Finding("The file", f"it is damaged: {told}", _RESTORE)
    # (table, row, table that is referred to, number of the foreign key)
    found = connection.exec_driver_sql("PRAGMA foreign_key_check")
    for (table, parent), count in Counter((row[0], row[2]) for row in found).items():
        yield Finding(f"Table {table}", f"{count} rows refer to rows of {parent} that are not there", _RESTORE)
