"""Where experiments and models are kept: the contracts, and the way from a URI to a store."""

from .base import DEFAULT_EXPERIMENT_ID, RegistryStore, TrackingStore
from .resolve import Store, open_store, shown_uri

__all__ = ["DEFAULT_EXPERIMENT_ID", "RegistryStore", "Store", "TrackingStore", "open_store", "shown_uri"]
