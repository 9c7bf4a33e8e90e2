"""The table of endpoints.

Names, fields, defaults and limits are those of MLflow's REST API, version 2.0.
"""

from __future__ import annotations

from .endpoint import Endpoint
from .experiments import EXPERIMENT_ENDPOINTS
from .registry import REGISTRY_ENDPOINTS
from .runs import RUN_ENDPOINTS

__all__ = ["ENDPOINTS"]

ENDPOINTS: tuple[Endpoint, ...] = (*EXPERIMENT_ENDPOINTS, *RUN_ENDPOINTS, *REGISTRY_ENDPOINTS)
