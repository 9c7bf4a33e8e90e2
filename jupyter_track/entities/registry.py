"""Registered models, their versions and aliases, under MLflow's names."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["ModelVersion", "RegisteredModel"]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version of a registered model.

    ``version`` counts from 1 within the model. ``source`` is where the model's files are
    (``runs:/<run_id>/model`` or an artifact URI). Timestamps are milliseconds since the epoch, UTC.
    """

    name: str
    version: int
    creation_timestamp: int
    last_updated_timestamp: int
    source: str
    run_id: str = ""
    description: str = ""
    user_id: str = ""
    current_stage: str = "None"
    status: str = "READY"
    status_message: str = ""
    run_link: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A name under which versions of a model are kept.

    ``aliases`` maps an alias to the version it points to; ``latest_versions`` holds the newest version of
    each stage, as MLflow does.
    """

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)
    latest_versions: tuple[ModelVersion, ...] = ()
