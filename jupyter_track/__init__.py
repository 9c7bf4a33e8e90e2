"""Experiment tracking and a model registry, as a Jupyter extension and IPython magics.

``%load_ext jupyter_track`` in a notebook, then ``%%track`` on top of a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .tracking import get_tracking_uri, set_tracking_uri

__all__ = ["__version__", "get_tracking_uri", "set_tracking_uri"]

_FROM_TRACKING = frozenset({"get_tracking_uri", "set_tracking_uri"})


def __getattr__(name: str) -> Any:
    # Importing the package loads nothing but this file; what a name needs is loaded with it.
    if name in _FROM_TRACKING:
        from . import tracking

        return getattr(tracking, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Answer ``%load_ext jupyter_track``."""
    from .magics import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Answer ``%unload_ext jupyter_track``."""
    from .magics import unload_ipython_extension as unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the built front end is and what it is called."""
    return [{"src": "labextension", "dest": "jupyter-track"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell the Jupyter server which application serves the REST API."""
    from .server.jupyter import JupyterTrack

    return [{"module": "jupyter_track", "app": JupyterTrack}]
