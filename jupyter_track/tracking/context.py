"""Who runs what, and where: the tags that every run of this process gets."""

from __future__ import annotations

import functools
import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["ask_git", "notebook_path", "source_tags", "user_name"]

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


def ask_git(folder: str | os.PathLike[str], *arguments: str) -> str | None:
    """Return what git says of the repository that a folder is in, or None outside of one."""
    # Looked up here: subprocess would do so with the process's warning filters changed for a moment, which a cell
    # that runs meanwhile would feel (warnings told once are told again).
    program = shutil.which("git")
    if program is None:
        return None
    try:
        # Without optional locks: looking must not disturb what the person does in the repository.
        return subprocess.run(
            [program, "--no-optional-locks", "-C", os.fspath(folder), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


@functools.cache
def source_tags() -> dict[str, str]:
    """Return what tells the program of this process: MLflow's tags for user, source, its type, and the commit."""
    notebook = notebook_path(vars(sys.modules["__main__"]))
    source = notebook or ("" if _in_kernel() else sys.argv[0] if sys.argv else "")
    tags = {
        "mlflow.user": user_name(),
        "mlflow.source.name": source,
        "mlflow.source.type": "NOTEBOOK" if notebook or _in_kernel() else "LOCAL",
    }
    if os.path.isfile(source):
        tags["mlflow.source.git.commit"] = (
            ask_git(os.path.dirname(os.path.abspath(source)), "rev-parse", "--verify", "HEAD") or ""
        )
    return {key: value for key, value in tags.items() if value}


def _in_kernel() -> bool:
    return "ipykernel" in sys.modules and hasattr(sys.modules["__main__"], "get_ipython")
