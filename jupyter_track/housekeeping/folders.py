"""Folders of artifacts on this machine: how large they are, and removing them without leaving their root."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..artifacts import local_path
from ..entities import InvalidParameterValue

__all__ = ["inside", "local_folder", "remove_folder", "tree_bytes", "tree_files"]


def local_folder(artifact_uri: str) -> Path | None:
    """Return the folder of this machine that an artifact URI names, links followed; None if it names none."""
    try:
        path = local_path(artifact_uri)
    except InvalidParameterValue:
        return None
    # A relative path would mean another folder wherever this runs.
    if not path or "\0" in path or not os.path.isabs(path):
        return None
    return Path(os.path.realpath(path))


def inside(folder: Path, root: Path) -> bool:
    """Whether a folder lies below a root, not being the root itself; both with their links followed."""
    return root in folder.parents


def tree_files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the files below a folder. Links are yielded, never followed; what cannot be read is passed over."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        yield entry
        except OSError:
            continue  # Removed meanwhile, or another person's.


def tree_bytes(folder: Path) -> int:
    """Return the bytes of the files below a folder."""
    total = 0
    for entry in tree_files(folder):
        try:
            total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue  # Removed meanwhile.
    return total


def remove_folder(folder: Path) -> bool:
    """Remove a folder with all that is in it, links as links; return whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
