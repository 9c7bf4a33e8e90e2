"""Which folder of this machine holds the artifacts of which run, and which hold those of none."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from ..artifacts.objects import OBJECTS, WRITING
from ..store.sql import schema
from ..store.sql.database import Database
from ..store.sql.values import chunks
from .folders import local_folder, tree_files

__all__ = ["YOUNG_SECONDS", "ArtifactFolders", "orphan_folders", "stale_files"]

#: Seconds for which a folder or file is left alone, whatever the database says: it may be in the making.
YOUNG_SECONDS = 24 * 3600

_ARTIFACTS = "artifacts"
_RUN_ID = re.compile(r"[0-9a-f]{32}")
# How the local artifact repository calls a file before it is complete.
_PARTIAL = re.compile(re.escape(WRITING) + r"[0-9a-f]{32}")

_experiments = schema.experiments.c
_runs = schema.runs.c


class ArtifactFolders:
    """The folders of artifacts that a database knows of, at one moment.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        What is looked up takes one pass over the runs.

    Attributes
    ----------
    roots : dict of int to pathlib.Path
        Where experiments keep their artifacts, links followed; only folders of this machine.
    """

    def __init__(self, connection: Connection) -> None:
        experiments = connection.execute(select(_experiments.experiment_id, _experiments.artifact_location)).all()
        folders = {row.experiment_id: local_folder(row.artifact_location) for row in experiments}
        self.roots = {experiment_id: folder for experiment_id, folder in folders.items() if folder is not None}
        # Artifacts that are not where the store puts them, below the experiment's root in a folder called after
        # the run: somebody has changed the database by hand, and they may be anybody's.
        usual = _experiments.artifact_location + "/" + _runs.run_id + f"/{_ARTIFACTS}"
        elsewhere = connection.execute(
            select(_runs.artifact_uri).join_from(schema.runs, schema.experiments).where(_runs.artifact_uri != usual)
        )
        self._unusual = {folder for (uri,) in elsewhere if (folder := local_folder(uri)) is not None}
        occupied = {*self._unusual, *self.roots.values()}
        self._occupied = occupied | {parent for folder in occupied for parent in folder.parents}

    def of_run(self, run_id: str, experiment_id: int, artifact_uri: str) -> Path | None:
        """Return the folder, there or not, that is this run's alone; None if there is none that surely is."""
        root = self.roots.get(experiment_id)
        folder = local_folder(artifact_uri)
        # Links on the way would lead to another folder than the names say.
        if root is None or folder != root / run_id / _ARTIFACTS:
            return None
        return None if self._is_shared(folder) else folder

    def _is_shared(self, folder: Path) -> bool:
        """Whether a folder contains what belongs to others, or is in a folder that does."""
        return folder in self._occupied or not self._unusual.isdisjoint(folder.parents)

    def of_no_run(self, connection: Connection) -> Iterator[Path]:
        """Yield the folders of artifacts below the roots that are called after a run which is not there."""
        for root in sorted(set(self.roots.values())):
            for some in chunks(_run_folders(root)):
                ids = [folder.parent.name for folder in some]
                there = set(connection.execute(select(_runs.run_id).where(_runs.run_id.in_(ids))).scalars())
                for folder in some:
                    if folder.parent.name not in there and not self._is_shared(folder):
                        yield folder


def _run_folders(root: Path) -> Iterator[Path]:
    try:
        with os.scandir(root) as entries:
            found = [entry.name for entry in entries if _RUN_ID.fullmatch(entry.name)]
    except OSError:
        return  # No artifacts yet.
    for name in sorted(found):
        folder = root / name / _ARTIFACTS
        # Not a link at any part of it, as the root is where its own links lead.
        if folder.is_dir() and Path(os.path.realpath(folder)) == folder:
            yield folder


def orphan_folders(database: Database) -> Iterator[Path]:
    """Yield the folders of artifacts that no run has and that nobody has written to for `YOUNG_SECONDS`.

    Only folders named ``artifacts`` count, in a folder whose name is a run id, right below the artifact root of
    an experiment that is there. A run that still waits in the journal of a kernel has none, because an artifact
    is written after its run; but other programs may make the folder first, so young ones are left alone.
    """
    with database.read() as connection:
        found = list(ArtifactFolders(connection).of_no_run(connection))
    for folder in found:
        changed = [
            _changed(folder),
            _changed(folder.parent),
            *(_changed(Path(file.path)) for file in tree_files(folder)),
        ]
        if max(changed) < time.time() - YOUNG_SECONDS:
            yield folder


def stale_files(database: Database) -> Iterator[Path]:
    """Yield the files among the artifacts that processes which died had begun to write."""
    with database.read() as connection:
        roots = ArtifactFolders(connection).roots.values()
    for root in sorted(set(roots)):
        for folder in (*_run_folders(root), root / OBJECTS):
            for file in tree_files(folder):
                path = Path(file.path)
                if _PARTIAL.fullmatch(file.name) and _changed(path) < time.time() - YOUNG_SECONDS:
                    yield path


def _changed(path: Path) -> float:
    """Return when a file or folder was changed last; of one that is being removed, now."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return time.time()
