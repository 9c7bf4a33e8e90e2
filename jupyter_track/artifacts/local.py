"""Artifacts in a folder of this machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from ..entities import FileInfo, ResourceDoesNotExist, StoreUnavailable
from .base import ArtifactRepository, check_artifact_path

__all__ = ["LocalArtifactRepository"]


class LocalArtifactRepository(ArtifactRepository):
    """Artifacts under a local folder, which is made at the first write.

    Parameters
    ----------
    root : str or os.PathLike
        The artifact root.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)

    def _resolve(self, path: str) -> Path:
        """Return the file's place, following links: a link that leads out of the root leads nowhere."""
        plain = check_artifact_path(path)
        root = self.root.resolve()
        place = (root / plain).resolve()
        if place != root and root not in place.parents:
            raise ResourceDoesNotExist(f"No such artifact: {path!r}.")
        return place

    def write(self, path: str, data: bytes) -> None:  # noqa: D102 (the contract's docstring holds)
        place = self._resolve(path)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=place.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                # mkstemp's files are for the owner alone; artifacts follow the folder's umask.
                os.chmod(temporary, 0o666 & ~_umask())
                os.replace(temporary, place)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreUnavailable(
                f"Cannot write the artifact {path!r} under {self.root}: {error.strerror or error}."
            ) from error

    def open(self, path: str) -> BinaryIO:  # noqa: D102
        place = self._resolve(path)
        try:
            return place.open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise ResourceDoesNotExist(f"No such artifact: {path!r}.") from error
        except OSError as error:
            raise StoreUnavailable(
                f"Cannot read the artifact {path!r} under {self.root}: {error.strerror or error}."
            ) from error

    def list(self, path: str = "") -> list[FileInfo]:  # noqa: D102
        folder = self._resolve(path)
        if not folder.is_dir():
            return []
        prefix = check_artifact_path(path)
        found = []
        for entry in os.scandir(folder):
            if entry.name.startswith(".writing-"):
                continue
            is_dir = entry.is_dir()
            found.append(
                FileInfo(
                    path=f"{prefix}/{entry.name}" if prefix else entry.name,
                    is_dir=is_dir,
                    file_size=None if is_dir else entry.stat().st_size,
                )
            )
        return sorted(found, key=lambda info: info.path)


def _umask() -> int:
    # There is no way to read the umask without setting it; 0o022 is what nearly everyone has, and reading
    # it from /proc avoids a moment in which other threads would create files with the wrong one.
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    return 0o022
