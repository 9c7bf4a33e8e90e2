"""The contract of tracking over a database, from its parts."""

from __future__ import annotations

from ..checks import absolute_location
from .batches import SqlBatches
from .columns import ColumnCache
from .database import Database
from .experiments import SqlExperiments
from .history import SqlHistory
from .inputs import SqlInputs
from .run_search import SqlRunSearch
from .runs import SqlRuns
from .values import Names

__all__ = ["SqlTrackingStore"]


class SqlTrackingStore(SqlExperiments, SqlRuns, SqlBatches, SqlInputs, SqlHistory, SqlRunSearch):
    """The tracking half of `SqlStore`.

    Parameters
    ----------
    database : Database
    names : Names
    artifact_root : str
        Below it, each new experiment has a folder.
    """

    def __init__(self, database: Database, names: Names, artifact_root: str) -> None:
        self._database = database
        self._names = names
        self._columns = ColumnCache()
        self._artifact_root = absolute_location(artifact_root).rstrip("/")
