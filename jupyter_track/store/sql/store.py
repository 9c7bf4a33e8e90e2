"""Both contracts over one database."""

from __future__ import annotations

from ...config import data_dir
from ..resolve import Store
from .database import Database
from .migrate import upgrade_to_current
from .registry import SqlRegistryStore
from .tracking import SqlTrackingStore
from .values import Names

__all__ = ["SqlStore"]


class SqlStore(SqlTrackingStore, SqlRegistryStore, Store):
    """Experiments, runs and models in a SQLite or PostgreSQL database, which is made or upgraded if needed.

    Parameters
    ----------
    uri : str
        See `Database`.
    artifact_root : str, optional
        Where new experiments keep their artifacts. If not given: the folder ``artifacts`` beside a SQLite
        file, or in this person's data folder for any other database.

    Raises
    ------
    InvalidParameterValue
        If the URI cannot be read or its driver is not installed.
    StoreUnavailable
        If the database cannot be reached or written, or is of another schema.
    """

    def __init__(self, uri: str, artifact_root: str | None = None) -> None:
        database = Database(uri)
        names = Names(database)
        folder = database.file.absolute().parent if database.file is not None else data_dir()
        SqlTrackingStore.__init__(self, database, names, artifact_root or str(folder / "artifacts"))
        SqlRegistryStore.__init__(self, database, names)
        try:
            upgrade_to_current(database)
            self.create_default_experiment()
        except BaseException:
            database.close()
            raise

    def close(self) -> None:  # noqa: D102 (the contract's docstring holds)
        self._database.close()
