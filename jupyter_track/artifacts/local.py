"""Artifacts in a folder of this machine."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from ..entities import FileInfo, InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable
from .base import ArtifactRepository, check_artifact_path
from .objects import WRITING, replace_file
from .pack import PACK, DamagedPack, Entry
from .shared import SharedFiles, objects_of

__all__ = ["LocalArtifactRepository"]

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

    Shared files of a run are kept as `SharedFiles` does, all others as they are. A plain file hides a shared one of
    the same path.

    Parameters
    ----------
    root : str or os.PathLike
        The artifact root.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        objects = objects_of(self.root)
        self._shared = SharedFiles(self.root, objects) if objects is not None else None

    def _resolve(self, path: str) -> Path | None:
        """Return the place of an artifact, links followed; None if it is outside the root."""
        # realpath and not Path.resolve, which raises RuntimeError for links in a circle (Python < 3.13).
        root = Path(os.path.realpath(self.root))
        place = Path(os.path.realpath(root / _checked(path)))
        if place == root / PACK:
            return None  # By a link, or by another name that a file system has for it.
        return place if place == root or root in place.parents else None

    def _key(self, place: Path) -> str:
        """Return how a place is called in the pack."""
        return place.relative_to(os.path.realpath(self.root)).as_posix()

    def _entries(self, verb: str, path: str) -> dict[str, Entry]:
        try:
            return self._shared.entries() if self._shared is not None else {}
        except DamagedPack as error:
            raise self._damaged(verb, path, error) from error
        except OSError as error:
            raise self._unavailable(verb, path, error) from error

    def _unavailable(self, verb: str, path: str, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"Cannot {verb} the artifact {path!r} under {self.root}: {error.strerror or error}.")

    def _damaged(self, verb: str, path: str, error: DamagedPack) -> StoreUnavailable:
        return StoreUnavailable(
            f"Cannot {verb} the artifact {path!r}: {self.root / PACK} is damaged ({error}). Put it back from a backup."
        )

    def write(self, path: str, data: bytes, shared: bool = False) -> None:  # noqa: D102 (the contract's docstring holds)
        place = self._resolve(path)
        if place is None or not check_artifact_path(path):
            raise InvalidParameterValue(f"Cannot write the artifact {path!r}: it is not a file below {self.root}.")
        try:
            self._check_free(place, shared)
            if not (shared and self._write_shared(place, data)):
                place.parent.mkdir(parents=True, exist_ok=True)
                replace_file(place, data)
        except OSError as error:
            # mkdir's way to say that a file is where a folder would have to be.
            if error.errno in _NOWHERE - {errno.ENOENT} or isinstance(error, FileExistsError):
                raise InvalidParameterValue(
                    f"Cannot write the artifact {path!r} under {self.root}: {error.strerror}. Choose another path."
                ) from error
            raise self._unavailable("write", path, error) from error

    def _check_free(self, place: Path, shared: bool) -> None:
        """Raise what a file system would if a file and a folder had the same path, one of them being shared."""
        try:
            entries = self._shared.entries() if self._shared is not None else {}
        except DamagedPack:
            entries = {}  # Plain files can be written all the same.
        key = self._key(place)
        if any(entry.startswith(f"{key}/") for entry in entries):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if any(key.startswith(f"{entry}/") for entry in entries):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if shared:
            try:
                is_folder = stat.S_ISDIR(place.stat().st_mode)
            except FileNotFoundError:
                is_folder = False
            if is_folder:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

    def _write_shared(self, place: Path, data: bytes) -> bool:
        if self._shared is None or not self._shared.write(self._key(place), data):
            return False
        place.unlink(missing_ok=True)  # What was there before, as a plain file.
        return True

    def open(self, path: str) -> BinaryIO:  # noqa: D102
        place = self._resolve(path)
        absent = ResourceDoesNotExist(f"No such artifact: {path!r}.")
        if place is None:
            raise absent
        try:
            handle = os.open(place, _READING)
        except OSError as error:
            if error.errno not in _NOWHERE:
                raise self._unavailable("read", path, error) from error
            shared = self._open_shared(place, path)
            if shared is None:
                raise absent from error
            return shared
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise absent
        return os.fdopen(handle, "rb")

    def _open_shared(self, place: Path, path: str) -> BinaryIO | None:
        entry = self._entries("read", path).get(self._key(place))
        if entry is None or self._shared is None:
            return None
        try:
            return cast(BinaryIO, self._shared.open(entry))
        except DamagedPack as error:
            raise self._damaged("read", path, error) from error
        except OSError as error:
            raise self._unavailable("read", path, error) from error

    def list(self, path: str = "") -> list[FileInfo]:  # noqa: D102
        prefix = check_artifact_path(path)
        folder = self._resolve(path)
        if folder is None:
            return []
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if not _is_reserved(entry.name)]
        except OSError as error:
            if error.errno not in _NOWHERE:
                raise self._unavailable("list", path, error) from error
            names = []
        listed = {info.path: info for info in self._shared_infos(folder, prefix, path)}
        for name in names:
            info = self._info(_join(prefix, name))
            if info is not None:
                listed[info.path] = info
        return [listed[each] for each in sorted(listed)]

    def _shared_infos(self, folder: Path, prefix: str, path: str) -> Iterator[FileInfo]:
        key = self._key(folder)
        start = "" if key == "." else f"{key}/"
        for name, entry in self._entries("list", path).items():
            if name.startswith(start):
                first, slash, _ = name[len(start) :].partition("/")
                yield (
                    FileInfo(_join(prefix, first), True) if slash else FileInfo(_join(prefix, first), False, entry.size)
                )

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


def _checked(path: str) -> str:
    """Return an artifact path in its plain form; no part of it may be a name that this repository uses itself."""
    checked = check_artifact_path(path)
    if any(_is_reserved(part) for part in checked.split("/")):
        raise InvalidParameterValue(f"Invalid artifact path {path[:200]!r}: names like {PACK} are the tracker's own.")
    return checked


def _is_reserved(name: str) -> bool:
    # Windows takes no notice of case, of dots and spaces at the end, and of what follows a colon.
    plain = name.partition(":")[0].rstrip(". ").casefold()
    return plain == PACK or plain.startswith(WRITING)


def _join(prefix: str, name: str) -> str:
    return f"{prefix}/{name}" if prefix else name
