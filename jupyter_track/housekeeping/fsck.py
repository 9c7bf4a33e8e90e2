"""Proving that nothing refers to nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from ..artifacts import local_path, open_repository
from ..entities import LifecycleStage, TrackError
from ..outbox import journal_folder
from ..outbox.orphans import orphans
from ..store.sql import schema
from .artifact_folders import ArtifactFolders
from .curve_blocks import block_findings, repair_blocks, wrong_blocks
from .findings import Finding
from .latest import latest_findings, repair_latest, wrong_latest
from .places import current_database
from .rows import row_findings
from .shared_objects import object_findings

__all__ = ["fsck"]

#: The tag by which a run says that it has a snapshot among its artifacts.
SNAPSHOT_TAG = "jupyter_track.snapshot"

_RUN_SOURCE = re.compile(r"runs:/+([^/]+)/(.*)")

_runs = schema.runs.c
_tags = schema.tags.c


def fsck(uri: str, repair: bool = False) -> list[Finding]:
    """Return what refers to something that is not there.

    Parameters
    ----------
    uri : str
        See `existing_database`.
    repair : bool
        Whether to mend what can be mended without a doubt: latest values and curves of metrics, which the
        histories tell; and to put aside what is damaged of the files that runs share. What has been mended is not
        returned.

    Notes
    -----
    Looked at are every row's owner, latest values and curves of metrics, names of runs, the artifacts of runs that
    have a snapshot, what runs share of their files (all of it is read), the files of model versions as far as they
    are on this machine, and this person's journals. The rows are those of one moment; kernels may write meanwhile.
    It takes minutes for a million runs.
    """
    with current_database(uri) as database:
        with database.read() as connection:
            findings = list(row_findings(connection))
            wrong = wrong_latest(connection)
            blocks = wrong_blocks(connection)
            findings += _snapshots(connection)
            findings += _model_versions(connection)
            roots = {*ArtifactFolders(connection).roots.values()}
        if repair:
            repair_latest(database, wrong)
            repair_blocks(database, blocks)
        else:
            findings += latest_findings(wrong)
            findings += block_findings(blocks)
        findings += object_findings(roots, repair)
    return [*findings, *_journals()]


def _snapshots(connection: Connection) -> Iterator[Finding]:
    """Yield the active runs that have a snapshot, and no folder that it could be read from."""
    folders = ArtifactFolders(connection)
    has_snapshot = exists().where(
        _tags.run_key == _runs.run_key,
        _tags.name_id == select(schema.names.c.name_id).where(schema.names.c.name == SNAPSHOT_TAG).scalar_subquery(),
    )
    active = _runs.lifecycle_stage == LifecycleStage.ACTIVE.value
    query = select(_runs.run_id, _runs.experiment_id, _runs.artifact_uri).where(active, has_snapshot)
    for run in connection.execute(query):
        path = _local(run.artifact_uri)
        if path is None:
            continue  # Only that place itself could tell.
        if not os.access(path, os.R_OK | os.X_OK):
            yield Finding(
                f"Run {run.run_id}",
                f"its artifacts at {run.artifact_uri} cannot be read",
                "Put the folder back, or delete the run.",
            )
        elif folders.of_run(run.run_id, run.experiment_id, run.artifact_uri) is None:
            yield Finding(
                f"Run {run.run_id}",
                f"its artifacts at {run.artifact_uri} are not in a folder of its own below its experiment's",
                "Somebody has changed its row: correct it.",
            )


def _local(uri: str) -> Path | None:
    try:
        path = local_path(uri)
    except TrackError:
        return None
    return Path(path) if path and "\0" not in path else None


def _model_versions(connection: Connection) -> Iterator[Finding]:
    versions, models = schema.model_versions.c, schema.registered_models.c
    query = (
        select(models.name, versions.version, versions.run_id, versions.source)
        .join_from(schema.model_versions, schema.registered_models)
        .order_by(models.name, versions.version)
    )
    found: list[Row[Any]] = [*connection.execute(query)]
    for version in found:
        missing = _missing(connection, version)
        if missing:
            yield Finding(
                f"Version {version.version} of model {version.name}",
                missing,
                "Put back what is missing, or delete the version.",
            )


def _missing(connection: Connection, version: Row[Any]) -> str:
    """Return what of a model version is missing; empty if nothing is, or if only another place could tell."""
    of_run = _RUN_SOURCE.fullmatch(version.source)
    for run_id in dict.fromkeys(each for each in (version.run_id, of_run and of_run.group(1)) if each):
        run = _run(connection, run_id)
        if run is None:
            return f"the run {run_id} that it was made from is not there"
    if of_run is not None:
        run = _run(connection, of_run.group(1))
        return "" if run is None or _has_files(run.artifact_uri, of_run.group(2)) else f"{version.source} has no files"
    path = _local(version.source)
    if path is not None and path.is_absolute() and not path.exists():
        return f"its source {version.source} is not there"
    return ""


def _run(connection: Connection, run_id: str) -> Row[Any] | None:
    return connection.execute(select(_runs.artifact_uri).where(_runs.run_id == run_id)).first()


def _has_files(artifact_uri: str, path: str) -> bool:
    try:
        return _local(artifact_uri) is None or bool(open_repository(artifact_uri).list(path))
    except TrackError:
        return False


def _journals() -> Iterator[Finding]:
    folder = journal_folder()
    for orphan in orphans(folder):
        orphan.close()
        yield Finding(
            f"Journal {orphan.path}",
            "its process died, and what it holds was not delivered",
            "Run: jupyter-track recover",
        )
    for path in sorted(folder.glob("*.damaged")):
        yield Finding(
            f"Journal {path}",
            "its end cannot be read",
            "What was before it has been delivered: look at it, or remove it.",
        )
    for path in sorted(folder.glob("*.journal")):
        if not os.access(path, os.R_OK | os.W_OK):
            yield Finding(f"Journal {path}", "it may not be read and written", "Give it back to its owner.")
