"""Where the files of runs are kept: one small protocol, and a repository for each kind of place."""

from __future__ import annotations

from ..entities import InvalidParameterValue
from .base import ArtifactRepository, check_artifact_path
from .local import LocalArtifactRepository
from .location import local_path, uri_scheme

__all__ = [
    "ArtifactRepository",
    "LocalArtifactRepository",
    "check_artifact_path",
    "local_path",
    "open_repository",
    "uri_scheme",
]


def open_repository(artifact_uri: str) -> ArtifactRepository:
    """Return the repository at an artifact URI.

    Parameters
    ----------
    artifact_uri : str
        A local path or a ``file:`` URL.

    Raises
    ------
    InvalidParameterValue
        If no repository handles the URI.
    """
    path = local_path(artifact_uri)
    if path is not None:
        # Path("") would be the working directory.
        if not path or "\0" in path:
            raise InvalidParameterValue(f"Cannot open the artifact location {artifact_uri!r}: it names no folder.")
        return LocalArtifactRepository(path)
    raise InvalidParameterValue(
        f"Cannot open the artifact location {artifact_uri!r}: the scheme {uri_scheme(artifact_uri)!r} is not known. "
        "Use a local path or a file: URL."
    )
