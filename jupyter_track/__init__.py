"""Experiment tracking and a model registry, as a Jupyter extension and IPython magics.

``%load_ext jupyter_track`` in a notebook, then ``%%track`` on top of a cell. Or, in any program, the calls of MLflow's
tracking API::

    import jupyter_track as jt

    with jt.start_run():
        jt.log_param("lr", 0.1)
        jt.log_metric("loss", 0.5, step=1)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from . import data, entities, exceptions, tracking
    from .capture.rules.own import line_rule, metric_rule, param_rule
    from .tracking import ActiveRun, MlflowClient, TrackClient
    from .tracking.fluent import (
        active_run,
        create_experiment,
        delete_experiment,
        delete_run,
        end_run,
        get_artifact_uri,
        get_experiment,
        get_experiment_by_name,
        get_parent_run,
        get_run,
        last_active_run,
        search_experiments,
        search_runs,
        set_experiment,
        set_experiment_tag,
        set_experiment_tags,
        start_run,
    )
    from .tracking.fluent_logging import (
        delete_tag,
        flush_async_logging,
        load_table,
        log_artifact,
        log_artifacts,
        log_dict,
        log_figure,
        log_image,
        log_input,
        log_inputs,
        log_metric,
        log_metrics,
        log_param,
        log_params,
        log_table,
        log_text,
        set_tag,
        set_tags,
    )
    from .tracking.process import get_tracking_uri, is_tracking_uri_set, set_tracking_uri

__all__ = [
    "ActiveRun",
    "MlflowClient",
    "TrackClient",
    "__version__",
    "active_run",
    "create_experiment",
    "data",
    "delete_experiment",
    "delete_run",
    "delete_tag",
    "end_run",
    "entities",
    "exceptions",
    "flush_async_logging",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_parent_run",
    "get_run",
    "get_tracking_uri",
    "is_tracking_uri_set",
    "last_active_run",
    "line_rule",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_inputs",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_table",
    "log_text",
    "metric_rule",
    "param_rule",
    "search_experiments",
    "search_runs",
    "set_experiment",
    "set_experiment_tag",
    "set_experiment_tags",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "start_run",
    "tracking",
]

_SUBMODULES = frozenset({"data", "entities", "exceptions", "tracking"})
_FROM_TRACKING = frozenset({"ActiveRun", "MlflowClient", "TrackClient"})
_FROM_PROCESS = frozenset({"get_tracking_uri", "is_tracking_uri_set", "set_tracking_uri"})
_FROM_RULES = frozenset({"line_rule", "metric_rule", "param_rule"})
_FROM_LOGGING = frozenset({"delete_tag", "flush_async_logging", "load_table", "set_tag", "set_tags"})


def _home_of(name: str) -> str:
    """Return the module that a public name comes from."""
    if name in _FROM_TRACKING:
        return ".tracking"
    if name in _FROM_PROCESS:
        return ".tracking.process"
    if name in _FROM_RULES:
        return ".capture.rules.own"
    return ".tracking.fluent_logging" if name in _FROM_LOGGING or name.startswith("log_") else ".tracking.fluent"


def __getattr__(name: str) -> Any:
    # Importing the package loads nothing but this file; what a name needs is loaded with it, once.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _SUBMODULES:
        return import_module(f".{name}", __name__)
    found = globals()[name] = getattr(import_module(_home_of(name), __name__), name)
    return found


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
