"""The client: recording runs through the outbox, and reading them back."""

from .client import TrackClient
from .fluent import configure, default_client, get_tracking_uri, set_tracking_uri
from .recorder import Recorder

__all__ = ["Recorder", "TrackClient", "configure", "default_client", "get_tracking_uri", "set_tracking_uri"]
