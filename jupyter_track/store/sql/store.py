"""Both contracts over one database."""

from __future__ import annotations

from ...config import data_dir
from ..base import Store
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
            self._prepare()
        except BaseException:
            database.close()
            raise
        database.renew_by(self._prepare)

    def _prepare(self) -> None:
        """Make or upgrade the tables, and what is always in them."""
        self._names.forget()
        self._columns.forget()
        upgrade_to_current(self._database)
        self.create_default_experiment()

    def close(self) -> None:  # noqa: D102 (the contract's docstring holds)
        self._database.close()
