"""Where and with what a cell ran: git, Python and packages."""

from __future__ import annotations

import functools
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from ..tracking.context import ask_git

__all__ = ["environment_json", "git_state"]


def git_state(folder: Path) -> dict[str, str]:
    """Return the commit and whether there are changes on top of it, as tags; empty outside a repository."""
    commit = ask_git(folder, "rev-parse", "--verify", "HEAD")
    changes = ask_git(folder, "status", "--porcelain", "--untracked-files=no")
    if commit is None or changes is None:
        return {}
    return {
        "mlflow.source.git.commit": commit,
        "jupyter_track.git.dirty": "true" if changes else "false",
    }


#: By folder that packages are installed in: when it was changed last, and the versions there.
_installed: dict[str, tuple[int, dict[str, str]]] = {}


def environment_json() -> str:
    """Return the versions of Python, the system and every installed package, as JSON.

    Notes
    -----
    Reading some hundred packages takes a tenth of a second, so what is in a folder is kept until that changes. (The
    working directory is among them, and changes with each file that a notebook writes.)
    """
    packages: dict[str, str] = {}
    for folder in sys.path:
        # The first on the path is the one that is imported.
        packages = _versions_in(folder) | packages
    return _as_json(tuple(sorted(packages.items(), key=lambda item: item[0].lower())))


@functools.lru_cache(maxsize=1)
def _as_json(packages: tuple[tuple[str, str], ...]) -> str:
    versions = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "packages": dict(packages),
    }
    return json.dumps(versions, indent=1)


def _versions_in(folder: str) -> dict[str, str]:
    try:
        changed = os.stat(folder or os.curdir).st_mtime_ns
    except OSError:
        return {}
    place = os.path.abspath(folder)
    known = _installed.get(place)
    if known is None or known[0] != changed:
        found: dict[str, str] = {}
        for distribution in metadata.distributions(path=[folder]):
            # A half-removed package has no name.
            name = distribution.metadata["Name"] if distribution.metadata else None
            if name:
                found.setdefault(name, distribution.version)
        known = _installed[place] = (changed, found)
    return known[1]
