"""Erasing for good what is in the bin, and the files that nobody has any more."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from ..entities import InvalidParameterValue, LifecycleStage, ResourceDoesNotExist
from ..entities.clock import now_ms
from ..store import DEFAULT_EXPERIMENT_ID
from ..store.sql import schema
from ..store.sql.database import Database
from .artifact_folders import YOUNG_SECONDS, ArtifactFolders, orphan_folders, stale_files
from .backup import stale_partials
from .erasing import deleted_experiments, deleted_runs, erase_datasets, erase_experiment, erase_runs
from .folders import remove_folder, tree_bytes
from .places import current_database
from .shared_objects import UnknownUse, erase_objects, unused_objects

__all__ = ["Garbage", "Wanted", "collect_garbage"]

_DEFAULT = int(DEFAULT_EXPERIMENT_ID)
_RUN_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be erased.

    Parameters
    ----------
    older_than : int
        Milliseconds that a run or an experiment has to have been in the bin.
    run_ids, experiment_ids : collection of str
        Only these, and the runs of these experiments. If both are empty: whatever is in the bin.
    orphans : bool
        Also the folders of artifacts that no run has, and files that were never written to their end.
    force : bool
        Also runs that a version of a registered model was made from, and runs with artifacts that have to be left
        where they are.
    """

    older_than: int = 0
    run_ids: Collection[str] = ()
    experiment_ids: Collection[str] = ()
    orphans: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Garbage:
    """Something that has been erased, or would be; or something that is kept.

    ``bytes`` are those of its files; ``kept`` says why it is still there, and is empty if it is not.
    """

    what: str
    bytes: int = 0
    kept: str = ""


def collect_garbage(uri: str, wanted: Wanted, dry_run: bool = False) -> Iterator[Garbage]:
    """Erase deleted runs and experiments, and tell of each.

    Parameters
    ----------
    uri : str
        See `existing_database`.
    wanted : Wanted
    dry_run : bool
        Whether only to tell what would be erased.

    Raises
    ------
    InvalidParameterValue
        If a run or an experiment that was named is not in the bin, or not for that long, or is the default
        experiment. Nothing has been erased then.
    ResourceDoesNotExist
        If one is not there.

    Notes
    -----
    First the rows of a run go, then its artifacts: whoever still sees a run sees all of it. If the process dies
    in between, the artifacts are orphans. They are removed only where they surely are this run's: below the
    artifact root of its experiment, in a folder that is called after the run and that no other run points
    into. Whatever an ``artifact_uri`` says, nothing else is touched.

    A registered model's files are those of its run. Such runs are kept, because a model that cannot be loaded any
    more would be noticed when it is needed.

    What runs share of their files goes when no run below the artifact root of the experiment uses it, and none has
    for a day: a run may be about to.
    """
    before = now_ms() - wanted.older_than
    named = bool(wanted.run_ids or wanted.experiment_ids)
    experiment_ids = [_experiment_key(each) for each in wanted.experiment_ids] if named else None
    run_ids = wanted.run_ids if named else None
    with current_database(uri) as database:
        _check_named(database, wanted, before)
        folders: set[Path] = set()
        gone = yield from _collect_runs(database, wanted, before, run_ids, experiment_ids, dry_run, folders)
        yield from _collect_experiments(database, before, experiment_ids, gone if dry_run else None, folders)
        if not dry_run:
            count = erase_datasets(database)
            if count:
                yield Garbage(f"{count} datasets that no run has read")
        if wanted.orphans:
            yield from _collect_orphans(database, dry_run, folders)
        with database.read() as connection:
            roots = {*ArtifactFolders(connection).roots.values()}
        for root in sorted(roots):
            yield from _collect_objects(root, dry_run, folders, time.time() - YOUNG_SECONDS)


def _experiment_key(experiment_id: str) -> int:
    if not (experiment_id.isascii() and experiment_id.isdigit() and len(experiment_id) < 19):
        raise InvalidParameterValue(f"Invalid experiment id {experiment_id[:80]!r}: it is a number.")
    return int(experiment_id)


def _check_named(database: Database, wanted: Wanted, before: int) -> None:
    for what, table, column, ids in (
        ("run", schema.runs, schema.runs.c.run_id, wanted.run_ids),
        ("experiment", schema.experiments, schema.experiments.c.experiment_id, wanted.experiment_ids),
    ):
        for each in ids:
            key = _experiment_key(each) if what == "experiment" else each
            query = select(table.c.lifecycle_stage, table.c.deleted_time).where(column == key)
            with database.read() as connection:
                row = connection.execute(query).first()
            if row is None:
                raise ResourceDoesNotExist(f"There is no {what} {each[:80]!r} to erase.")
            if what == "experiment" and key == _DEFAULT:
                raise InvalidParameterValue("Experiment 0 is always there and is not erased; name its runs instead.")
            if row.lifecycle_stage != LifecycleStage.DELETED.value:
                raise InvalidParameterValue(f"The {what} {each} is not deleted: delete it before it is erased.")
            if (row.deleted_time or 0) > before:
                raise InvalidParameterValue(f"The {what} {each} has not been deleted for that long.")


def _collect_runs(
    database: Database,
    wanted: Wanted,
    before: int,
    run_ids: Collection[str] | None,
    experiment_ids: Collection[int] | None,
    dry_run: bool,
    folders_gone: set[Path],
) -> Generator[Garbage, None, Counter[int]]:
    """Erase runs, tell of each, add their folders to those gone, and return how many of each experiment are gone."""
    with database.read() as connection:
        folders = ArtifactFolders(connection)
    registered = _registered(database)
    count: Counter[int] = Counter()
    for runs in deleted_runs(database, before, run_ids, experiment_ids):
        erasable: dict[str, tuple[Row[Any], Path | None]] = {}
        for run in runs:
            folder = folders.of_run(run.run_id, run.experiment_id, run.artifact_uri)
            kept = ""
            if run.run_id in registered:
                kept = f"{registered[run.run_id]} was made from it, and would lose its files"
            elif folder is None:
                kept = f"its artifacts at {run.artifact_uri} cannot be removed, as they are not in a folder of its own"
            if kept and not wanted.force:
                yield Garbage(_run(run), kept=f"{kept} (--force erases it)")
            else:
                erasable[run.run_id] = (run, folder)
        gone = set(erasable)
        if not dry_run:
            gone = set(erase_runs(database, [run for run, _ in erasable.values()], wanted.force))
        for run_id, (run, folder) in erasable.items():
            if run_id in gone:
                count[run.experiment_id] += 1
                yield from _collect_artifacts(run, folder, dry_run)
                folders_gone |= {folder} if folder is not None else set()
    return count


def _registered(database: Database) -> dict[str, str]:
    """Return the model versions that were made from runs, or have their files there, by run id."""
    versions, models = schema.model_versions.c, schema.registered_models.c
    query = select(models.name, versions.version, versions.run_id, versions.source).join_from(
        schema.model_versions, schema.registered_models
    )
    found: dict[str, str] = {}
    with database.read() as connection:
        for row in connection.execute(query):
            for run_id in {row.run_id, *_RUN_ID.findall(row.source)}:
                found[run_id] = f"version {row.version} of model {row.name}"
    return found


def _run(run: Row[Any]) -> str:
    return f"run {run.run_id} {run.run_name}"


def _collect_artifacts(run: Row[Any], folder: Path | None, dry_run: bool) -> Iterator[Garbage]:
    size = tree_bytes(folder) if folder is not None else 0
    yield Garbage(_run(run), size)
    if folder is None:
        yield Garbage(f"artifacts at {run.artifact_uri}", kept="remove them by hand if they are nobody else's")
    elif not dry_run and not _remove(folder):
        yield Garbage(f"folder {folder}", kept="it cannot be removed; do it by hand")


def _remove(folder: Path) -> bool:
    """Remove a run's folder of artifacts, and the one that is called after the run if nothing else is in it."""
    gone = remove_folder(folder)
    _remove_if_empty(folder.parent)
    return gone


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        pass  # Something is in it, or it has never been there.


def _collect_experiments(
    database: Database,
    before: int,
    experiment_ids: Collection[int] | None,
    would_be_gone: Counter[int] | None,
    folders_gone: Collection[Path],
) -> Iterator[Garbage]:
    """Erase experiments that have no runs any more, and tell of each.

    If it is given how many runs would be gone from each, only tell.
    """
    with database.read() as connection:
        roots = ArtifactFolders(connection).roots
    for experiment in deleted_experiments(database, before, experiment_ids):
        key = experiment.experiment_id
        if key == _DEFAULT:
            continue
        left = experiment.runs - (would_be_gone or {}).get(key, 0)
        erased = not left if would_be_gone is not None else not left and erase_experiment(database, key)
        yield Garbage(f"experiment {key} {experiment.name}", kept="" if erased else f"{left} runs of it are kept")
        root = roots.pop(key, None) if erased else None
        if root is not None and root not in roots.values():
            yield from _collect_objects(root, would_be_gone is not None, folders_gone)
            if would_be_gone is None:
                _remove_if_empty(root)


def _collect_objects(
    root: Path, dry_run: bool, folders_gone: Collection[Path], used_before: float | None = None
) -> Iterator[Garbage]:
    """Erase what runs have shared and none uses any more; without `used_before`, none ever will."""
    try:
        unused = unused_objects(root, folders_gone, used_before)
        if not dry_run:
            erase_objects(root, unused, used_before)
        if unused:
            yield Garbage(f"{len(unused)} contents below {root} that runs have shared", sum(unused.values()))
    except (UnknownUse, OSError) as error:
        yield Garbage(f"contents below {root} that runs share", kept=f"{error} (see: jupyter-track fsck)")


def _collect_orphans(database: Database, dry_run: bool, folders_gone: set[Path]) -> Iterator[Garbage]:
    for folder in orphan_folders(database):
        size = tree_bytes(folder)
        kept = "" if dry_run or _remove(folder) else "it cannot be removed; do it by hand"
        if not kept:
            folders_gone.add(folder)
        yield Garbage(f"folder {folder}, which no run has", size, kept)
    partials: Sequence[Path] = [*stale_files(database)]
    if database.file is not None:
        partials = [*partials, *stale_partials(database.file.absolute().parent)]
    for partial in partials:
        size = partial.lstat().st_size if partial.exists() else 0
        if not dry_run:
            partial.unlink(missing_ok=True)
        yield Garbage(f"file {partial}, which was never written to its end", size)
