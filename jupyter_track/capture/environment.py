"""Where and with what a cell ran: git, Python and packages."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from ..tracking.context import ask_git

__all__ = ["git_state", "package_versions"]


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


_packages: tuple[tuple[tuple[str, int], ...], dict[str, str]] | None = None


def package_versions() -> dict[str, Any]:
    """Return the versions of Python, the system and every installed package.

    Notes
    -----
    Reading some hundred packages takes a tenth of a second, so the answer is kept until a folder that
    packages are installed in changes.
    """
    global _packages
    places = []
    for entry in sys.path:
        try:
            places.append((entry, os.stat(entry).st_mtime_ns))
        except OSError:
            continue
    key = tuple(places)
    if _packages is None or _packages[0] != key:
        found: dict[str, str] = {}
        for distribution in metadata.distributions():
            # A half-removed package has no name; the first on the path is the one that is imported.
            name = distribution.metadata["Name"] if distribution.metadata else None
            if name and name not in found:
                found[name] = distribution.version
        _packages = (key, dict(sorted(found.items(), key=lambda item: item[0].lower())))
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "packages": _packages[1],
    }
