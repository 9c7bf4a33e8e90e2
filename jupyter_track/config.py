"""Where the store is, resolved in one place for kernels, the Jupyter server and the command line."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["EMBEDDED_FILE", "data_dir", "resolve_tracking_uri"]

EMBEDDED_FILE = "track.db"


def data_dir() -> Path:
    """Return the folder of the embedded store: one for all notebooks of a person.

    It lies in the user's Jupyter data directory, so ``JUPYTER_DATA_DIR`` moves it.
    """
    # jupyter_core is what Jupyter itself asks; imported here because a remote store never needs it.
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "jupyter-track"


def resolve_tracking_uri(configured: str = "") -> str:
    """Return the tracking URI in force.

    Parameters
    ----------
    configured : str
        What a call, ``%config`` or a traitlets configuration file says; empty if nothing does.

    Returns
    -------
    str
        `configured`, else the environment's ``MLFLOW_TRACKING_URI``, else the embedded SQLite store.
    """
    return configured or os.environ.get("MLFLOW_TRACKING_URI", "") or f"sqlite:///{data_dir() / EMBEDDED_FILE}"
