"""The pack of a run: one small file for what the tracker itself has written to the run.

A file takes four kilobytes of disk, however short it is, and a folder as much. So the short files of a run lie together
in one, and of the long ones what they have not in common with those of other runs.

The pack is a magic word and, compressed by zlib, JSON: for each path an object with

``size``
    The bytes of the file.
``text`` or ``bytes``
    Its content, in UTF-8 or base64; or the new lines of one that is told as changes.
``base``, ``changes``
    The object that has the content; or, if there are changes, the text that they refer to (see `find_changes`).
``embedded``
    The objects that are written into the text, with their bytes, in order (see `take_out`).
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .objects import is_object_name

__all__ = ["PACK", "DamagedPack", "Entry", "pack_bytes", "unpack"]

#: The pack in the artifact folder of a run; no artifact can have this path.
PACK = ".track-files"

_MAGIC = b"JTP1"
#: Bytes of JSON over which a pack is not believed.
_MOST = 100_000_000


class DamagedPack(Exception):
    """A pack that cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a file is kept; see the module."""

    size: int
    inline: bytes = b""
    base: str = ""
    changes: tuple[int, ...] = ()
    embedded: tuple[tuple[str, int], ...] = ()

    @property
    def objects(self) -> tuple[str, ...]:
        """The names of the objects that the file needs."""
        return (*((self.base,) if self.base else ()), *(name for name, _ in self.embedded))


def pack_bytes(entries: Mapping[str, Entry]) -> bytes:
    """Return a pack as the bytes of its file."""
    described = json.dumps({path: _described(entry) for path, entry in entries.items()}, separators=(",", ":"))
    return _MAGIC + zlib.compress(described.encode("ascii"), 9)


def unpack(data: bytes) -> dict[str, Entry]:
    """Return the files in a pack by their path.

    Raises
    ------
    DamagedPack
        If the bytes are not those of a pack.
    """
    try:
        if data[: len(_MAGIC)] != _MAGIC:
            raise ValueError("no magic word")
        stream = zlib.decompressobj()
        described = stream.decompress(data[len(_MAGIC) :], _MOST)
        if not stream.eof:
            raise ValueError("cut off")
        return {path: _entry(each) for path, each in json.loads(described).items()}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, zlib.error) as error:
        raise DamagedPack(str(error)) from error


def _described(entry: Entry) -> dict[str, Any]:
    described: dict[str, Any] = {"size": entry.size}
    if entry.inline:
        try:
            described["text"] = entry.inline.decode("utf-8")
        except UnicodeDecodeError:
            described["bytes"] = base64.b64encode(entry.inline).decode("ascii")
    if entry.base:
        described["base"] = entry.base
    if entry.changes:
        described["changes"] = entry.changes
    if entry.embedded:
        described["embedded"] = entry.embedded
    return described


def _entry(described: Mapping[str, Any]) -> Entry:
    try:
        inline = base64.b64decode(described.get("bytes", ""), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    base = described.get("base", "")
    embedded = tuple((name, int(size)) for name, size in described.get("embedded", ()))
    for name in (*((base,) if base else ()), *(name for name, _ in embedded)):
        if not is_object_name(name):
            raise ValueError("no name of an object")
    changes = tuple(int(number) for number in described.get("changes", ()))
    return Entry(int(described["size"]), inline or described.get("text", "").encode("utf-8"), base, changes, embedded)
