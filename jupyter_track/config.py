"""Where the store is, resolved in one place for kernels, the Jupyter server and the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = [
    "CELL_RUN_VARIABLE",
    "EMBEDDED_FILE",
    "MLFLOW_SCHEME",
    "data_dir",
    "resolve_tracking_uri",
    "uri_of_environment",
]

EMBEDDED_FILE = "track.db"
#: Under which MLflow's own package is told of our stores: ``jupyter-track:`` is the embedded one, and
#: ``jupyter-track+sqlite:///PATH`` the one at ``sqlite:///PATH``.
MLFLOW_SCHEME = "jupyter-track"
#: The environment variable that tells MLflow's code in a tracked cell, and in programs that it starts, the cell's run.
CELL_RUN_VARIABLE = "JUPYTER_TRACK_CELL_RUN"

_DATABASES = ("sqlite", "postgres")


def data_dir() -> Path:
    """Return the folder of the embedded store: one for all notebooks of a person.

    It lies in the user's Jupyter data directory, so ``JUPYTER_DATA_DIR`` moves it.
    """
    # jupyter_core is what Jupyter itself asks; imported here because a remote store never needs it.
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "jupyter-track"


def uri_of_environment() -> str:
    """Return the tracking URI that ``MLFLOW_TRACKING_URI`` tells us; empty if none.

    MLflow's own package writes there what it was told by a call. If that is a database, it is one with MLflow's
    tables: whoever moves MLflow to it in a notebook does not ask for ours in it too, which would be the end of it.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if uri.startswith(_DATABASES):
        mlflow = sys.modules.get("mlflow.tracking._tracking_service.utils")
        if uri == getattr(mlflow, "_tracking_uri", None):
            return ""
    return uri


def resolve_tracking_uri(configured: str = "") -> str:
    """Return the tracking URI in force.

    Parameters
    ----------
    configured : str
        What a call, ``%config`` or a traitlets configuration file says; empty if nothing does.

    Returns
    -------
    str
        `configured`, else the environment's ``MLFLOW_TRACKING_URI``, else the embedded SQLite store. A URI that
        MLflow's own package is told has become the one that our stores know (see `MLFLOW_SCHEME`).
    """
    uri = configured or uri_of_environment()
    if uri.startswith(f"{MLFLOW_SCHEME}+"):
        return uri[len(MLFLOW_SCHEME) + 1 :]
    if not uri or uri.partition(":")[0] == MLFLOW_SCHEME:
        return f"sqlite:///{data_dir() / EMBEDDED_FILE}"
    return uri
