"""Logging runs and reading them back, with MLflow's calls: the client, the fluent calls, and the active run."""

from .active import ActiveRun
from .client import TrackClient, default_client
from .process import configure, get_tracking_uri, is_tracking_uri_set, move_to, set_tracking_uri
from .recorder import CellPart, Recorder

#: The client by the name that code written for MLflow knows.
MlflowClient = TrackClient

__all__ = [
    "ActiveRun",
    "CellPart",
    "MlflowClient",
    "Recorder",
    "TrackClient",
    "configure",
    "default_client",
    "get_tracking_uri",
    "is_tracking_uri_set",
    "move_to",
    "set_tracking_uri",
]
