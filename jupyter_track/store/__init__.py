"""Where experiments and models are kept: the contracts, and the way from a URI to a store."""

from .base import DEFAULT_EXPERIMENT_ID, RegistryStore, Store, TrackingStore
from .checks import absolute_location
from .resolve import open_store
from .uri import lasting_uri, shown_uri

__all__ = [
    "DEFAULT_EXPERIMENT_ID",
    "RegistryStore",
    "Store",
    "TrackingStore",
    "absolute_location",
    "lasting_uri",
    "open_store",
    "shown_uri",
]
