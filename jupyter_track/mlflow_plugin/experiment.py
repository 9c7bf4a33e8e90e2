"""The experiment that MLflow takes if nothing else was chosen."""

from __future__ import annotations

import os

import mlflow
from mlflow.tracking.default_experiment.abstract_context import DefaultExperimentProvider

from ..config import CELL_RUN_VARIABLE, MLFLOW_SCHEME

__all__ = ["CellExperiment"]


class CellExperiment(DefaultExperimentProvider):  # type: ignore[misc]  # MLflow's classes are not typed.
    """In the code of a tracked cell, and in programs that it starts: the experiment of the cell's run."""

    def in_context(self) -> bool:
        """Return whether a tracked cell runs this, and MLflow logs to a store of ours."""
        return CELL_RUN_VARIABLE in os.environ and mlflow.get_tracking_uri().startswith(MLFLOW_SCHEME)

    def get_experiment_id(self) -> str:
        """Return the id of the experiment."""
        return str(mlflow.MlflowClient().get_run(os.environ[CELL_RUN_VARIABLE]).info.experiment_id)
