"""Write the runs of one of our SQLite files into one of MLflow's, so that both are asked about the same.

MLflow's file has to be there, with its tables and the experiments, which its own client makes. The rows are
written in the order in which runs would have logged them, into tables that have their indexes already: what MLflow's
file then looks like, and how big it is, is what logging would have left.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

__all__ = ["copy_runs"]

_RUNS = """
INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
                  source_version, lifecycle_stage, artifact_uri, experiment_id)
SELECT run.run_id, run.run_name, 'UNKNOWN', '', '', run.user_id, run.status, run.start_time, run.end_time,
       '', run.lifecycle_stage, run.artifact_uri, theirs.experiment_id
FROM ours.runs AS run
JOIN ours.experiments AS experiment ON experiment.experiment_id = run.experiment_id
JOIN experiments AS theirs ON theirs.name = experiment.name
ORDER BY run.run_key
"""
_NAMED = """
INSERT INTO {table} (key, run_uuid, {columns})
SELECT name.name, run.run_id, {columns}
FROM ours.{table} AS kept
CROSS JOIN ours.runs AS run ON run.run_key = kept.run_key
CROSS JOIN ours.names AS name ON name.name_id = kept.name_id
"""
_COLUMNS = {
    "params": "value",
    "tags": "value",
    "metrics": "value, timestamp, step, is_nan",
    "latest_metrics": "value, timestamp, step, is_nan",
}


def copy_runs(ours: Path, theirs: Path) -> None:
    """Copy every run, with all that was logged to it."""
    connection = sqlite3.connect(theirs, isolation_level=None)
    try:
        # Nobody needs what a crash would leave, and a file of which little is in memory takes ten times as long.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("ATTACH ? AS ours", [str(ours)])
        connection.execute("BEGIN")
        connection.execute(_RUNS)
        for table, columns in _COLUMNS.items():
            connection.execute(_NAMED.format(table=table, columns=columns))
        connection.execute("COMMIT")
    finally:
        connection.close()
