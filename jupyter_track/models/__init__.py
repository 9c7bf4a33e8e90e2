"""Models as files, in MLflow's layout: an ``MLmodel`` file and what it speaks of."""

from .model import SavedModel
from .sklearn import find_fitted_estimator, save_estimator

__all__ = ["SavedModel", "find_fitted_estimator", "save_estimator"]
