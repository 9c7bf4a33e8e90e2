"""Where the files of runs are kept: one small protocol, and a repository for each kind of place."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from ..entities import InvalidParameterValue
from .base import ArtifactRepository, check_artifact_path
from .local import LocalArtifactRepository

__all__ = ["ArtifactRepository", "LocalArtifactRepository", "check_artifact_path", "open_repository"]


def open_repository(artifact_uri: str) -> ArtifactRepository:
    """Return the repository at an artifact URI.

    Parameters
    ----------
    artifact_uri : str
        A local path or a ``file:`` URL.

    Raises
    ------
    InvalidParameterValue
        If no repository handles the URI's scheme.
    """
    parts = urlsplit(artifact_uri)
    if parts.scheme == "file":
        return LocalArtifactRepository(unquote(parts.path))
    # A one-letter scheme is a drive of Windows.
    if parts.scheme == "" or len(parts.scheme) == 1:
        return LocalArtifactRepository(artifact_uri)
    raise InvalidParameterValue(
        f"Cannot open the artifact location {artifact_uri!r}: the scheme {parts.scheme!r} is not known. "
        "Use a local path or a file: URL."
    )
