"""Contents that files of many runs have in common, each kept once under the name of its hash.

::

    <folder>/lock          held by whoever adds or erases
    <folder>/a/a3f5...     one content; its name is its SHA-256 in hexadecimal digits

An object is written whole and never again. Its file begins with a head: a magic word, how the content is kept (as
it is, or compressed by zlib), the bytes that follow, and the bytes of the content, little-endian.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from ..entities import StoreUnavailable
from .lock import locked

__all__ = ["BLOCK", "OBJECTS", "WRITING", "DamagedObject", "ObjectFolder", "is_object_name", "replace_file"]

#: The folder of objects in the artifact root of an experiment, beside the folders of its runs. Its name comes after
#: theirs, so that a program which copies in the order of names copies a run before what it refers to.
OBJECTS = "track-objects"
#: A file being written has a name of this kind beside its final place and is never listed.
WRITING = ".writing-"
#: What a file takes at least on the usual file systems, in bytes.
BLOCK = 4096

#: Seconds in which an object need not be marked as used again.
_FRESH = 3600
#: Seconds to wait for other writers.
_PATIENCE = 10.0

_HEAD = struct.Struct("<4sBQQ")
_MAGIC = b"JTO1"
_AS_IT_IS, _ZLIB = 0, 1

_NAME = re.compile(r"[0-9a-f]{64}")


class DamagedObject(StoreUnavailable):
    """An object that is not there, or whose content is not what its name says."""

    def __init__(self, place: Path, what: str) -> None:
        super().__init__(
            f"Cannot read an artifact: what it has in common with others, {place}, {what}. If the run was copied here, "
            f"copy the folder {place.parent.parent} as well; else put the file back from a backup."
        )


def is_object_name(text: object) -> bool:
    """Whether a text is the name of an object, which is never a path to anywhere."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def replace_file(place: Path, data: bytes) -> None:
    """Write a file so that a reader sees the whole of it or what was there before."""
    temporary = place.with_name(f"{WRITING}{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        os.replace(temporary, place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class ObjectFolder:
    """The objects in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Made by the first `lock`.

    Notes
    -----
    Objects that nobody uses are erased some time after they were last used (`discard`). Whoever is going to refer to
    one keeps it again by `keep`, which tells that it is in use, before the reference is written. Both happen
    with the lock held, so that nothing is erased between the two.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lock(self) -> AbstractContextManager[None]:
        """Keep other writers out; see `locked`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return locked(self.folder / "lock", _PATIENCE)

    def place(self, name: str) -> Path:
        """Return where an object is, or would be."""
        if not is_object_name(name):
            raise ValueError(f"{name!r} is no object's name")
        return self.folder / name[0] / name

    def keep(self, content: bytes) -> str:
        """Keep a content, for a day at least, and return its name; the lock is held."""
        name = hashlib.sha256(content).hexdigest()
        if not self.touch(name):
            place = self.place(name)
            place.parent.mkdir(exist_ok=True)
            method, body = _packed(content)
            replace_file(place, _HEAD.pack(_MAGIC, method, len(body), len(content)) + body)
        return name

    def touch(self, name: str) -> bool:
        """Mark an object as used now, and return whether it is there and whole; the lock is held."""
        place = self.place(name)
        try:
            if not self.has(name):
                return False  # Cut off by a power failure: it is written again.
            if place.stat().st_mtime < time.time() - _FRESH:
                os.utime(place)
        except FileNotFoundError:
            return False
        return True

    def has(self, name: str) -> bool:
        """Whether an object is there and has its length; what is in it is not looked at."""
        try:
            with self.place(name).open("rb") as file:
                head = file.read(_HEAD.size)
                size = os.fstat(file.fileno()).st_size
        except (FileNotFoundError, IsADirectoryError):
            return False
        return len(head) == _HEAD.size and head[:4] == _MAGIC and size == _HEAD.size + _HEAD.unpack(head)[2]

    def read(self, name: str) -> bytes:
        """Return the content of an object.

        Raises
        ------
        DamagedObject
            If it is not there, or not what its name says.
        """
        try:
            data = self.place(name).read_bytes()
        except FileNotFoundError as error:
            raise DamagedObject(self.place(name), "is not there") from error
        try:
            magic, method, size, length = _HEAD.unpack_from(data)
            body = memoryview(data)[_HEAD.size :]
            content = zlib.decompressobj().decompress(body, length) if method == _ZLIB else bytes(body)
        except (struct.error, zlib.error) as error:
            raise DamagedObject(self.place(name), "is damaged") from error
        if magic != _MAGIC or len(body) != size or hashlib.sha256(content).hexdigest() != name:
            raise DamagedObject(self.place(name), "is damaged")
        return content

    def names(self) -> Iterator[str]:
        """Yield the names of all objects."""
        for digit in "0123456789abcdef":
            try:
                with os.scandir(self.folder / digit) as entries:
                    found = sorted(entry.name for entry in entries if is_object_name(entry.name))
            except FileNotFoundError:
                continue
            yield from (name for name in found if name[0] == digit)

    def discard(self, name: str, used_before: float) -> bool:
        """Erase an object if it was last used before a time (seconds since the epoch); return whether it was.

        The lock is held.
        """
        place = self.place(name)
        try:
            if place.stat().st_mtime >= used_before:
                return False
            place.unlink()
        except FileNotFoundError:
            return False
        return True


def _packed(content: bytes) -> tuple[int, bytes]:
    """Return how a content is best kept, and as which bytes."""
    # What is compressed already, as pictures are, shows it at its beginning.
    beginning = content[: 4 * BLOCK]
    if len(content) > BLOCK - _HEAD.size and len(zlib.compress(beginning, 1)) < 0.95 * len(beginning):
        smaller = zlib.compress(content, 6)
        if _blocks(smaller) < _blocks(content):
            return _ZLIB, smaller
    return _AS_IT_IS, content


def _blocks(body: bytes) -> int:
    return -(-(len(body) + _HEAD.size) // BLOCK)
