"""Our stores for the real ``mlflow`` package, by its own entry points.

MLflow loads the entry points whenever it is imported, so what is here imports nothing before it is called. Then
MLflow's client for a server is given its answers without a server: the functions behind our REST service are called
in this very process.
"""

from __future__ import annotations

from typing import Any

__all__ = ["model_registry_store", "tracking_store"]


def tracking_store(store_uri: str, artifact_uri: str | None = None) -> Any:
    """Return MLflow's tracking store for a URI of ours; where artifacts are is the store's own knowledge."""
    from .stores import TrackingStore

    return TrackingStore(store_uri)


def model_registry_store(store_uri: str, tracking_uri: str | None = None) -> Any:
    """Return MLflow's store of registered models for a URI of ours; they are kept where runs are."""
    from .stores import ModelRegistryStore

    return ModelRegistryStore(store_uri)
