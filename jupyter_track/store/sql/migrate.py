"""Bringing a database to the schema that this version of the package works with."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ...entities import SchemaMismatch
from .database import Database
from .schema import metadata

__all__ = ["SCHEMA", "VERSION_TABLE", "schema_differences", "schema_of", "upgrade_to_current"]

#: The newest step in ``migrations/versions``. Kept here too, so that a database which is up to date is opened
#: without loading alembic.
SCHEMA = "0002"

#: Not alembic's usual name: a database of MLflow's has a table of that name.
VERSION_TABLE = "jupyter_track_schema"

# alembic hands its context to the migrations through a global.
_one_at_a_time = threading.Lock()


def upgrade_to_current(database: Database) -> str:
    """Make or upgrade the tables of a database; any number of processes may do so at once.

    Returns
    -------
    str
        The schema's number before; empty if there were no tables.

    Raises
    ------
    SchemaMismatch
        If the database is of a newer version of this package, or of another program.
    """
    with database.read() as connection:
        if schema_of(connection) == SCHEMA:
            return SCHEMA
    with database.migrate() as connection:
        before = schema_of(connection)
        if before != SCHEMA:
            _run_migrations(connection)
        return before


def schema_of(connection: Connection) -> str:
    """Return the schema's number, empty for a database without tables.

    Raises
    ------
    SchemaMismatch
        If the database is of a newer version of this package, or of another program.
    """
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if {"experiments", "runs", "alembic_version"} & tables:
            raise SchemaMismatch(
                "The database holds tables of another program (MLflow's, perhaps). "
                "Name a file or database of its own for jupyter-track."
            )
        return ""
    schema = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or ""
    if schema > SCHEMA:
        raise SchemaMismatch(
            f"The database has schema {schema}, made by a newer jupyter-track; this one knows schemas up to "
            f"{SCHEMA}. Run: pip install --upgrade jupyter-track"
        )
    return schema


def schema_differences(connection: Connection) -> list[str]:
    """Return what the tables of a database of schema `SCHEMA` have too much or too little, in words.

    Tables of other programs in the same database do not count.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
        },
    )
    found: list[str] = []
    for difference in compare_metadata(context, metadata):
        # Changes of one column come together, as a list: (kind, database schema, table, column, ...).
        if isinstance(difference, list):
            found += [f"{kind.replace('_', ' ')} of {table}.{column}" for kind, _, table, column, *_ in difference]
        else:
            kind, *_, item = difference
            found.append(f"{kind.replace('_', ' ')} {item.name}")
    return found


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # In a configuration file, "%" begins a reference to another option.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    with _one_at_a_time:
        command.upgrade(config, "head")
