"""Where and with what a cell ran: user, notebook, git, Python and packages."""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["git_state", "notebook_path", "package_versions", "user_name"]

#: Seconds that git may take; a repository on a slow disk is then recorded without its state.
GIT_SECONDS = 5.0


def user_name() -> str:
    """Return the login name, or an empty text where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container's user id without a name (KeyError until Python 3.12, OSError after).
        return ""


def notebook_path(namespace: Mapping[str, Any]) -> str:
    """Return the path of the notebook that runs in this kernel, or an empty text if it is not known.

    VS Code says it in the namespace, Jupyter's server in ``JPY_SESSION_NAME``, as it was when the kernel
    started.
    """
    for candidate in (namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")):
        if type(candidate) is str and candidate.endswith(".ipynb"):
            return candidate
    return ""


def git_state(folder: Path) -> dict[str, str]:
    """Return the commit and whether there are changes on top of it, as tags; empty outside a repository."""
    # Looked up here: subprocess would do so with the process's warning filters changed for a moment, which a cell
    # that runs meanwhile would feel (warnings told once are told again).
    program = shutil.which("git")
    if program is None:
        return {}

    def git(*arguments: str) -> str:
        # Without optional locks: looking must not disturb what the person does in the repository.
        return subprocess.run(
            [program, "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout.strip()

    try:
        commit = git("rev-parse", "--verify", "HEAD")
        dirty = bool(git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return {}
    return {
        "mlflow.source.git.commit": commit,
        "jupyter_track.git.dirty": "true" if dirty else "false",
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
