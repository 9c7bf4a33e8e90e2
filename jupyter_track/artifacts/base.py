"""The contract of artifact repositories: a small file tree under one root."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from ..entities import FileInfo, InvalidParameterValue

__all__ = ["ArtifactRepository", "check_artifact_path"]


def check_artifact_path(path: str) -> str:
    """Return `path` in its plain form, relative to the artifact root.

    Parameters
    ----------
    path : str
        Parts separated by ``/``. Empty means the root.

    Raises
    ------
    InvalidParameterValue
        If it is absolute, climbs out with ``..``, or holds a backslash, a NUL or a drive: whatever some
        file system might read as a place outside the root.
    """
    pure = PurePosixPath(path)
    # "C:x" has no slash and is yet a place outside: the working directory of another drive.
    if "\\" in path or "\0" in path or ".." in pure.parts or pure.root or PureWindowsPath(path).anchor:
        raise InvalidParameterValue(
            f"Invalid artifact path {path[:200]!r}: give a path below the artifact root, with '/' between its parts."
        )
    return "/".join(pure.parts)


class ArtifactRepository(ABC):
    """The artifacts of one run (or of whatever else has a root).

    Writes are atomic: a reader sees the whole file or none. Paths are relative, ``/`` between their parts,
    and are checked by `check_artifact_path`.

    Errors: `InvalidParameterValue` for a path that can never be written or is not allowed,
    `ResourceDoesNotExist` for reading what is not there, `StoreUnavailable` for a place that cannot be
    reached, read or written at the moment. No other exception leaves a repository.
    """

    @abstractmethod
    def write(self, path: str, data: bytes, shared: bool = False) -> None:
        """Write a file whole, in place of what was there.

        Parameters
        ----------
        path : str
        data : bytes
        shared : bool
            Whether much of it is likely to be in the files of other runs, as in the snapshots of a notebook. A
            repository may then keep that once; through the calls of this class it is a file like any other.
        """

    @abstractmethod
    def open(self, path: str) -> BinaryIO:
        """Open a file for reading and seeking; the caller closes it."""

    @abstractmethod
    def list(self, path: str = "") -> list[FileInfo]:
        """List a folder, sorted by path; a file or an absent folder lists as empty."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        with self.open(path) as file:
            return file.read()
