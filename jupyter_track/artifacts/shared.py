"""Files of a run that have much in common with those of other runs, kept as what is new in them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
from collections import OrderedDict
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

from .assembled import AssembledFile, Part
from .bases import keep_text
from .changes import apply_changes
from .embedded import MARK, embedded_size, take_out, write_in
from .objects import BLOCK, OBJECTS, DamagedObject, ObjectFolder, replace_file
from .pack import PACK, DamagedPack, Entry, pack_bytes, unpack

__all__ = ["SharedFiles", "objects_of"]

#: Bytes of a pack from which on short files are files of their own: it is written again for each.
FULL = 64 * 1024
#: Bytes of a file that goes into a full pack even so.
LONG = 16 * 1024

_RUN_ID = re.compile(r"[0-9a-f]{32}")
#: Bytes of a text that is kept in the pack without looking for another one like it.
_SHORT = 256
#: How many files are remembered that this process has written: a notebook on disk is the same for many runs.
_MOST_RECENT = 16

# Where nothing can be locked, or is not ours to write, a plain file is what is left.
_NOT_HERE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
)

_recent: OrderedDict[tuple[Path, bytes], Entry] = OrderedDict()


def objects_of(root: Path) -> Path | None:
    """Return the folder of objects that goes with the artifact root of a run; None if it is not that of a run.

    Stores put the artifacts of runs at ``<artifact root of the experiment>/<run id>/artifacts``. No name that anybody
    has written into a file or sent decides it.
    """
    place = Path(os.path.abspath(root))
    if place.name != "artifacts" or not _RUN_ID.fullmatch(place.parent.name):
        return None
    return place.parent.parent / OBJECTS


class SharedFiles:
    """The shared files of one run.

    Parameters
    ----------
    root : pathlib.Path
        The run's artifact root, where the pack is.
    objects : pathlib.Path
        The folder of objects.
    """

    def __init__(self, root: Path, objects: Path) -> None:
        self._root = root
        self._objects = ObjectFolder(objects)

    def entries(self) -> dict[str, Entry]:
        """Return the files in the pack by their path; none if there is no pack.

        Raises
        ------
        DamagedPack
            If it cannot be understood.
        """
        try:
            return unpack((self._root / PACK).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def write(self, path: str, data: bytes) -> bool:
        """Write a file, and return whether that was possible; if not, it is to be a plain one.

        Raises
        ------
        OSError
            If the disk is full, or fails.
        """
        try:
            with self._objects.lock():
                entries = self.entries()
                if len(data) < LONG and self._is_full():
                    return False
                entries[path] = self._entry(data)
                self._root.mkdir(parents=True, exist_ok=True)
                replace_file(self._root / PACK, pack_bytes(entries))
                return True
        except (TimeoutError, DamagedPack):
            return False
        except OSError as error:
            if error.errno in _NOT_HERE:
                return False
            raise

    def _is_full(self) -> bool:
        try:
            return (self._root / PACK).stat().st_size >= FULL
        except FileNotFoundError:
            return False

    def _entry(self, data: bytes) -> Entry:
        known_by = (self._objects.folder, hashlib.sha256(data).digest())
        entry = _recent.pop(known_by, None)
        if entry is None or not all(self._objects.touch(name) for name in entry.objects):
            entry = self._new_entry(data)
        _recent[known_by] = entry
        if len(_recent) > _MOST_RECENT:
            _recent.popitem(last=False)
        return entry

    def _new_entry(self, data: bytes) -> Entry:
        taken = take_out(data)
        if taken is None:
            if len(data) < BLOCK:
                return Entry(len(data), bytes(data))
            return Entry(len(data), base=self._objects.keep(data))
        text, files = taken
        embedded = tuple((self._objects.keep(content), len(content)) for content in files)
        if len(text) <= _SHORT:
            return Entry(len(data), text, embedded=embedded)
        base, changes, new = keep_text(self._objects, text)
        return Entry(len(data), new, base, changes, embedded)

    def open(self, entry: Entry) -> io.BufferedReader:
        """Open a file of the pack.

        Raises
        ------
        DamagedObject
            If an object that it needs is not there or damaged; reading may raise it as well.
        DamagedPack
            If its parts do not make the file.
        """
        for name in entry.objects:
            if not self._objects.has(name):
                raise DamagedObject(self._objects.place(name), "is not there, or not whole")
        parts = self._parts(entry)
        if sum(size for size, _ in parts) != entry.size:
            raise DamagedPack("its parts are not those of the file")
        return io.BufferedReader(AssembledFile(parts))

    def _parts(self, entry: Entry) -> list[Part]:
        if entry.base and not entry.changes and not entry.embedded:
            return [(entry.size, partial(self._objects.read, entry.base))]
        text = entry.inline
        if entry.base:
            text = self._objects.read(entry.base)
            if entry.changes:
                try:
                    text = apply_changes(text, entry.changes, entry.inline)
                except ValueError as error:
                    raise DamagedPack(str(error)) from error
        if not entry.embedded:
            return [(len(text), lambda: text)]
        between: list[Part] = [(len(some), partial(bytes, some)) for some in text.split(MARK)]
        files: list[Part] = [(embedded_size(size), partial(self._written_in, name)) for name, size in entry.embedded]
        if len(between) != len(files) + 1:
            raise DamagedPack("it has not as many embedded files as places for them")
        return [part for part in chain.from_iterable(zip_longest(between, files)) if part is not None]

    def _written_in(self, name: str) -> bytes:
        return write_in(self._objects.read(name))
