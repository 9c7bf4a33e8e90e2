"""What goes wrong, under the name that code written for MLflow catches; see `jupyter_track.entities.errors`."""

from __future__ import annotations

from .entities import TrackError

__all__ = ["MlflowException"]

#: The base of everything that jupyter-track raises on purpose.
MlflowException = TrackError
