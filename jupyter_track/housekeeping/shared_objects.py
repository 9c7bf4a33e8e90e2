"""The contents that runs share (`jupyter_track.artifacts.objects`): which are used, which are damaged."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..artifacts.bases import BASES
from ..artifacts.objects import OBJECTS, DamagedObject, ObjectFolder
from ..artifacts.pack import PACK, DamagedPack, Entry, unpack
from ..store.sql.values import chunks
from .findings import Finding

__all__ = ["UnknownUse", "erase_objects", "object_findings", "unused_objects"]

_RUN_ID = re.compile(r"[0-9a-f]{32}")


class UnknownUse(Exception):
    """Which objects are used cannot be told."""


@dataclass(slots=True)
class _Need:
    """Who needs an object: the first run and file that were found, and how many files in all."""

    run_id: str
    path: str
    count: int = 0


@dataclass(slots=True)
class _Uses:
    needs: dict[str, _Need] = field(default_factory=dict)
    damaged: dict[Path, str] = field(default_factory=dict)

    def add(self, run_id: str, entries: dict[str, Entry]) -> None:
        for path, entry in entries.items():
            for name in {*entry.objects}:
                self.needs.setdefault(name, _Need(run_id, path)).count += 1


def unused_objects(root: Path, but: Collection[Path] = (), used_before: float | None = None) -> dict[str, int]:
    """Return the objects below the artifact root of an experiment that no run uses, with their bytes on disk.

    Parameters
    ----------
    root : pathlib.Path
    but : collection of pathlib.Path
        Artifact folders of runs that count as gone.
    used_before : float, optional
        Only those that were last used before that time (seconds since the epoch).

    Raises
    ------
    UnknownUse
        If what a run uses cannot be read: any object may be its.
    """
    objects = ObjectFolder(root / OBJECTS)
    names = [*objects.names()]
    if not names:
        return {}
    uses = _uses(root, but)
    for place, what in uses.damaged.items():
        raise UnknownUse(f"{place} cannot be read ({what}), and what it uses must not be erased")
    found = {}
    for name in names:
        try:
            stat = objects.place(name).stat()
        except OSError:
            continue  # Another one cleans up, too.
        if name not in uses.needs and (used_before is None or stat.st_mtime < used_before):
            found[name] = stat.st_size
    return found


def erase_objects(root: Path, names: Collection[str], used_before: float | None = None) -> None:
    """Erase objects that no run uses, unless one has been used since `used_before`; without it, all for good.

    Raises
    ------
    OSError
        If other writers do not let go of their lock, or the files cannot be erased.

    Notes
    -----
    A writer that is about to refer to an object marks it as used first, and holds the lock meanwhile. So what is
    old while we hold it is in nobody's hands.
    """
    objects = ObjectFolder(root / OBJECTS)
    for some in chunks(sorted(names)):
        with objects.lock():
            for name in some:
                objects.discard(name, time.time() + 1 if used_before is None else used_before)
    if used_before is None:
        _remove_rest(objects.folder)


def _remove_rest(folder: Path) -> None:
    """Remove the folder of objects, if no object is left in it."""
    if any(ObjectFolder(folder).names()):
        return
    for name in (BASES, "lock"):
        (folder / name).unlink(missing_ok=True)
    for place in (*(folder / digit for digit in "0123456789abcdef"), folder):
        try:
            place.rmdir()
        except OSError:
            continue  # It is not there, or somebody has put something into it.


def _uses(root: Path, but: Collection[Path] = ()) -> _Uses:
    """Return what the runs below a root use: those that are there, whether a database knows them or not."""
    uses = _Uses()
    try:
        with os.scandir(root) as entries:
            run_ids = sorted(entry.name for entry in entries if _RUN_ID.fullmatch(entry.name))
    except FileNotFoundError:
        return uses
    except OSError as error:
        uses.damaged[root] = str(error.strerror or error)
        return uses
    for run_id in run_ids:
        folder = root / run_id / "artifacts"
        if folder in but:
            continue
        try:
            uses.add(run_id, unpack((folder / PACK).read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            continue  # It has only plain files.
        except (OSError, DamagedPack) as error:
            uses.damaged[folder / PACK] = str(error)
    return uses


def object_findings(roots: Collection[Path], repair: bool) -> Iterator[Finding]:
    """Yield what is wrong with the files that runs share; every object is read.

    Parameters
    ----------
    roots : collection of pathlib.Path
        The artifact roots of experiments.
    repair : bool
        Whether to put damaged objects aside. A run that has the same content again writes a new one then, which
        all others can be read from, too.
    """
    for root in sorted(roots):
        objects = ObjectFolder(root / OBJECTS)
        uses = _uses(root)
        for place, what in uses.damaged.items():
            yield Finding(f"File {place}", f"it cannot be read: {what}", "Put it back from a backup.")
        for name in objects.names():
            if _is_sound(objects, name):
                continue
            place = objects.place(name)
            if repair and _put_aside(place):
                continue
            need = uses.needs.pop(name, None)
            what = "it is damaged" + (f", and {_told(need)} cannot be read" if need else "")
            yield Finding(f"File {place}", what, "Put it back from a backup; or run: jupyter-track fsck --repair")
        there = {*objects.names()}
        for name, need in uses.needs.items():
            if name not in there:
                what = f"it is not there, and {_told(need)} cannot be read"
                remedy = "Put it back from a backup; or run a cell that makes the same once more."
                yield Finding(f"File {objects.place(name)}", what, remedy)


def _told(need: _Need) -> str:
    others = f" and {need.count - 1} more files" if need.count > 1 else ""
    return f"{need.path} of run {need.run_id}{others}"


def _is_sound(objects: ObjectFolder, name: str) -> bool:
    try:
        objects.read(name)
    except (DamagedObject, OSError):
        return False
    return True


def _put_aside(place: Path) -> bool:
    try:
        place.replace(place.with_name(f"{place.name}.damaged"))
    except OSError:
        return False
    return True
