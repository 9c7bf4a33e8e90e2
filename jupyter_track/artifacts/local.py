"""Artifacts in a folder of this machine."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from pathlib import Path
from typing import BinaryIO

from ..entities import FileInfo, InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable
from .base import ArtifactRepository, check_artifact_path

__all__ = ["WRITING", "LocalArtifactRepository"]

#: A file being written has a name of this kind beside its final place and is never listed.
WRITING = ".writing-"

# No file can ever be at such a path, as things are under the root.
_NOWHERE = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO}
)

# A path that was resolved holds no links: a link found at its end was put there since. Opening must not
# wait for the writer of a named pipe either.
_READING = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class LocalArtifactRepository(ArtifactRepository):
    """Artifacts under a local folder, which is made at the first write.

    Links below the root are followed as long as they stay below it; one that leads out is treated as
    absent.

    Parameters
    ----------
    root : str or os.PathLike
        The artifact root.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)

    def _resolve(self, path: str) -> Path | None:
        """Return the place of an artifact, links followed; None if it is outside the root."""
        # realpath and not Path.resolve, which raises RuntimeError for links in a circle (Python < 3.13).
        root = Path(os.path.realpath(self.root))
        place = Path(os.path.realpath(root / check_artifact_path(path)))
        return place if place == root or root in place.parents else None

    def _unavailable(self, verb: str, path: str, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"Cannot {verb} the artifact {path!r} under {self.root}: {error.strerror or error}.")

    def write(self, path: str, data: bytes) -> None:  # noqa: D102 (the contract's docstring holds)
        place = self._resolve(path)
        if place is None or not check_artifact_path(path):
            raise InvalidParameterValue(f"Cannot write the artifact {path!r}: it is not a file below {self.root}.")
        temporary = place.with_name(f"{WRITING}{uuid.uuid4().hex}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as file:
                    file.write(data)
                os.replace(temporary, place)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            # mkdir's way to say that a file is where a folder would have to be.
            if error.errno in _NOWHERE - {errno.ENOENT} or isinstance(error, FileExistsError):
                raise InvalidParameterValue(
                    f"Cannot write the artifact {path!r} under {self.root}: {error.strerror}. Choose another path."
                ) from error
            raise self._unavailable("write", path, error) from error

    def open(self, path: str) -> BinaryIO:  # noqa: D102
        place = self._resolve(path)
        absent = ResourceDoesNotExist(f"No such artifact: {path!r}.")
        if place is None:
            raise absent
        try:
            handle = os.open(place, _READING)
        except OSError as error:
            if error.errno in _NOWHERE:
                raise absent from error
            raise self._unavailable("read", path, error) from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise absent
        return os.fdopen(handle, "rb")

    def list(self, path: str = "") -> list[FileInfo]:  # noqa: D102
        prefix = check_artifact_path(path)
        folder = self._resolve(path)
        if folder is None:
            return []
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if not entry.name.startswith(WRITING)]
        except OSError as error:
            if error.errno in _NOWHERE:
                return []
            raise self._unavailable("list", path, error) from error
        listed = (self._info(f"{prefix}/{name}" if prefix else name) for name in sorted(names))
        return [info for info in listed if info is not None]

    def _info(self, path: str) -> FileInfo | None:
        """Describe what `open` or `list` would find at a path; None if that is nothing."""
        try:
            place = self._resolve(path)
            found = place.stat() if place is not None else None
        except (InvalidParameterValue, OSError):
            # A name that no artifact path can hold, a broken link, or a file removed meanwhile.
            return None
        if found is None or not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            return None
        is_dir = stat.S_ISDIR(found.st_mode)
        return FileInfo(path, is_dir, None if is_dir else found.st_size)
