"""Who runs what: the tags that every run of this process gets."""

from __future__ import annotations

import functools
import getpass
import os
import shutil
import subprocess
import sys

__all__ = ["source_tags", "user_name"]

#: Seconds that git may take; a repository on a slow disk is then recorded without its commit.
GIT_SECONDS = 5.0


@functools.cache
def user_name() -> str:
    """Return the login name, or an empty text where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container's user id without a name (KeyError until Python 3.12, OSError after).
        return ""


@functools.cache
def source_tags() -> dict[str, str]:
    """Return what tells the program of this process: MLflow's tags for user, source, its type, and the commit."""
    notebook = _notebook()
    source = notebook or ("" if _in_kernel() else sys.argv[0] if sys.argv else "")
    tags = {
        "mlflow.user": user_name(),
        "mlflow.source.name": source,
        "mlflow.source.type": "NOTEBOOK" if notebook or _in_kernel() else "LOCAL",
        "mlflow.source.git.commit": _commit(source) if os.path.isfile(source) else "",
    }
    return {key: value for key, value in tags.items() if value}


def _in_kernel() -> bool:
    return "ipykernel" in sys.modules and hasattr(sys.modules.get("__main__"), "get_ipython")


def _notebook() -> str:
    """Return the path of the notebook that runs in this kernel, as VS Code or Jupyter's server tell it."""
    said = getattr(sys.modules.get("__main__"), "__vsc_ipynb_file__", None)
    for candidate in (said, os.environ.get("JPY_SESSION_NAME")):
        if type(candidate) is str and candidate.endswith(".ipynb"):
            return candidate
    return ""


def _commit(path: str) -> str:
    """Return the git commit that a file's folder is at, or an empty text outside a repository."""
    program = shutil.which("git")
    if program is None:
        return ""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        return subprocess.run(
            [program, "-C", folder, "rev-parse", "--verify", "HEAD"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
