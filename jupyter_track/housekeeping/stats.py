"""How much there is in a store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, FromClause, func, select

from ..artifacts.objects import OBJECTS
from ..entities import LifecycleStage
from ..store.sql import schema
from ..store.sql.database import Database
from .folders import inside, local_folder, tree_bytes
from .places import current_database

__all__ = ["Stats", "stats"]


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of rows, and sizes in bytes.

    ``runs`` counts the runs that are not deleted by status. ``log_bytes``, the write-ahead log, is None where
    a server keeps it; ``artifact_bytes``, and ``shared_bytes`` among them, which runs have in common, are None if the
    artifacts were not looked at.
    """

    place: str
    experiments: int
    deleted_experiments: int
    runs: dict[str, int]
    deleted_runs: int
    metric_points: int
    params: int
    tags: int
    registered_models: int
    model_versions: int
    database_bytes: int
    log_bytes: int | None
    artifact_bytes: int | None
    shared_bytes: int | None

    @property
    def bytes_per_run(self) -> float | None:
        """Bytes of the database for each run, deleted ones included; None without runs."""
        runs = sum(self.runs.values()) + self.deleted_runs
        return self.database_bytes / runs if runs else None


def stats(uri: str, artifacts: bool = False) -> Stats:
    """Count what is in a database.

    Parameters
    ----------
    uri : str
        See `existing_database`.
    artifacts : bool
        Whether to add up the files of all runs, which takes far longer than all the rest: each has to be looked
        at, those of a million runs for minutes.

    Notes
    -----
    The counts are exact. Each is one pass over the smallest index of its table, and all see one moment; a
    kernel may write meanwhile.
    """
    with current_database(uri) as database:
        with database.read() as connection:
            experiments = _by(connection, schema.experiments.c.lifecycle_stage)
            runs = _by(connection, schema.runs.c.lifecycle_stage, schema.runs.c.status)
            locations = connection.execute(select(schema.experiments.c.artifact_location)).scalars().all()
            active, deleted = LifecycleStage.ACTIVE.value, LifecycleStage.DELETED.value
            counted = Stats(
                place=database.shown,
                experiments=experiments.get((active,), 0),
                deleted_experiments=experiments.get((deleted,), 0),
                runs={status: count for (stage, status), count in sorted(runs.items()) if stage == active},
                deleted_runs=sum(count for (stage, _), count in runs.items() if stage == deleted),
                metric_points=_count(connection, schema.metrics),
                params=_count(connection, schema.params),
                tags=_count(connection, schema.tags),
                registered_models=_count(connection, schema.registered_models),
                model_versions=_count(connection, schema.model_versions),
                database_bytes=_database_bytes(database, connection),
                log_bytes=_log_bytes(database),
                artifact_bytes=None,
                shared_bytes=None,
            )
        # The files are counted after the transaction: an old view would keep the log from being emptied.
        if not artifacts:
            return counted
    folders = {folder for location in locations if (folder := local_folder(location))}
    return replace(
        counted,
        artifact_bytes=sum(map(tree_bytes, _outer(folders))),
        shared_bytes=sum(tree_bytes(folder / OBJECTS) for folder in folders),
    )


def _count(connection: Connection, table: FromClause) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _by(connection: Connection, *columns: Column[Any]) -> dict[tuple[str, ...], int]:
    """Count rows by the values of some columns of their table."""
    return {tuple(row[:-1]): row[-1] for row in connection.execute(select(*columns, func.count()).group_by(*columns))}


def _database_bytes(database: Database, connection: Connection) -> int:
    if database.is_sqlite:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())


def _log_bytes(database: Database) -> int | None:
    if database.file is None:
        return None
    log = database.file.with_name(f"{database.file.name}-wal")
    return log.stat().st_size if log.exists() else 0


def _outer(folders: Collection[Path]) -> list[Path]:
    """Return the folders that lie in no other one."""
    return [folder for folder in folders if not any(inside(folder, other) for other in folders)]
