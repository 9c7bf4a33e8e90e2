"""The commands for the database: ``db upgrade``, ``db check``, ``db stats``, ``backup``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .commands import Commands, add_command, report, size

if TYPE_CHECKING:
    from ..housekeeping.stats import Stats

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the commands to the command line."""
    database = commands.add_parser(
        "db",
        help="upgrade, check or measure the database",
        description="Look after the database that runs are kept in, a SQLite file or PostgreSQL.",
    )
    parts = database.add_subparsers(dest="part", required=True, metavar="COMMAND")
    for name, carry_out, summary, description in (
        (
            "upgrade",
            _upgrade,
            "bring the tables up to date",
            "Bring the tables to what this version of jupyter-track works with. Every use of a database does so by "
            "itself; this does it at a time of your choosing. It happens whole or not at all, and may be repeated. "
            "Back up a database that matters first: jupyter-track backup FILE.",
        ),
        (
            "check",
            _check,
            "check the tables and the soundness of the file",
            "Check that the tables are as this version of jupyter-track makes them and, of a SQLite file, that it is "
            "sound. Prints a line for each finding; the exit status is 1 if there is one. Nothing is changed. "
            "What the rows say is checked by: jupyter-track fsck.",
        ),
        (
            "stats",
            _stats,
            "say how much there is",
            "Count experiments, runs, metric points, params, tags and models, and say how large they are.",
        ),
    ):
        part = add_command(parts, name, carry_out, summary, description)
        part.add_argument("uri", nargs="?", default="", help="the database; by default that of --tracking-uri")
        if name == "stats":
            part.add_argument(
                "--artifacts", action="store_true", help="also add up the files of all runs, which may take minutes"
            )
    backup = add_command(
        commands,
        "backup",
        _backup,
        "copy the database to a file, while it is in use",
        "Copy a SQLite database to a file while kernels write to it. The copy is of one moment and is checked before "
        "it appears. It is put back by removing the database with its -wal and -shm and moving the copy to its "
        "place. Artifacts are files: copy their folders after the database, with all that is in them, and in the order "
        "of names (as rsync does) if kernels may write meanwhile. For PostgreSQL, use pg_dump.",
    )
    backup.add_argument("file", help="where the copy goes; its folder must be there")
    backup.add_argument("--force", action="store_true", help="replace a file that is there")


def _upgrade(found: argparse.Namespace) -> int:
    from ..housekeeping.soundness import upgrade

    place, before, now = upgrade(found.uri or found.tracking_uri)
    if before == now:
        print(f"{place} has schema {now} already.")
    else:
        print(f"Upgraded {place} from {f'schema {before}' if before else 'no tables'} to schema {now}.")
    return 0


def _check(found: argparse.Namespace) -> int:
    from ..housekeeping.soundness import check

    return report(check(found.uri or found.tracking_uri))


def _stats(found: argparse.Namespace) -> int:
    from ..housekeeping.stats import stats
    from ..views.pieces import Table

    counted = stats(found.uri or found.tracking_uri, found.artifacts)
    print(Table(["", ""], _rows(counted)))
    return 0


def _backup(found: argparse.Namespace) -> int:
    from ..housekeeping.backup import back_up

    count = back_up(found.tracking_uri, found.file, found.force)
    print(f"Backed up to {found.file}, {size(count)}.")
    return 0


def _rows(counted: Stats) -> list[list[str]]:
    per_run = counted.bytes_per_run
    return [
        ["database", counted.place],
        ["experiments", f"{counted.experiments:,}"],
        ["experiments, deleted", f"{counted.deleted_experiments:,}"],
        ["runs", f"{sum(counted.runs.values()):,}"],
        *([f"  {status}", f"{count:,}"] for status, count in counted.runs.items()),
        ["runs, deleted", f"{counted.deleted_runs:,}"],
        ["metric points", f"{counted.metric_points:,}"],
        ["params", f"{counted.params:,}"],
        ["tags", f"{counted.tags:,}"],
        ["registered models", f"{counted.registered_models:,}"],
        ["model versions", f"{counted.model_versions:,}"],
        ["size of the database", size(counted.database_bytes)],
        *([["size of its write-ahead log", size(counted.log_bytes)]] if counted.log_bytes is not None else []),
        ["size for each run", size(round(per_run)) if per_run is not None else "no runs"],
        [
            "size of the artifacts",
            size(counted.artifact_bytes) if counted.artifact_bytes is not None else "not counted (--artifacts)",
        ],
        *([["  what runs share of them", size(counted.shared_bytes)]] if counted.shared_bytes is not None else []),
    ]
