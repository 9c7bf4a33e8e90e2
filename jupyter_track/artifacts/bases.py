"""Texts that others are told as changes of: which there are, and which one a new text is most like."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .changes import find_changes, likeness, sketch, split_lines
from .objects import DamagedObject, ObjectFolder, is_object_name, replace_file

__all__ = ["BASES", "keep_text"]

#: The file in the folder of objects that tells of the bases. It may be lost: new bases are made then.
BASES = "bases"

#: Bases that are remembered; the oldest one is forgotten first.
_MOST = 24
#: Which part of its lines a text must have in common with a base, at least.
_ALIKE = 0.25
#: Bytes, compressed, under which a text is kept in the pack rather than as a base.
_SHORT = 1500
#: Bytes of text that is compared; a longer one takes too long.
_LONGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class _Base:
    """A base, and how many bytes the first changes of it took (-1 before there were any)."""

    name: str
    sketch: Sequence[int]
    first: int = -1


def keep_text(objects: ObjectFolder, text: bytes) -> tuple[str, tuple[int, ...], bytes]:
    """Keep a text as what is new in it; the lock of the objects is held.

    Returns
    -------
    str
        The object that holds the text, or the one that it is told as changes of; empty if it is not in an object.
    tuple of int
        The changes, as `find_changes` returns them.
    bytes
        The new lines; if there is no object, the text.

    Notes
    -----
    What changes take grows while a person works on a notebook: when they take twice of what they did at first,
    the text becomes a base itself. (Where much differs between any two runs, they take much from the first.)
    """
    if len(text) > _LONGEST:
        return objects.keep(text), (), b""
    bases, lines = _read(objects), split_lines(text)
    drawn = sketch(lines)
    best = max(bases, key=lambda base: likeness(base.sketch, drawn), default=None)
    if best is not None and likeness(best.sketch, drawn) >= _ALIKE and objects.touch(best.name):
        told = _as_changes(objects, best, lines)
        if told is not None and _is_worth_it(best, took := _bytes_of(*told), text):
            if best.first < 0:
                _write(objects, [replace(base, first=took) if base is best else base for base in bases])
            return best.name, *told
    if len(zlib.compress(text, 1)) < _SHORT:
        return "", (), text
    name = objects.keep(text)
    _write(objects, [*(base for base in bases if base.name != name), _Base(name, drawn)][-_MOST:])
    return name, (), b""


def _as_changes(objects: ObjectFolder, base: _Base, lines: Sequence[bytes]) -> tuple[tuple[int, ...], bytes] | None:
    try:
        old = objects.read(base.name)
    except DamagedObject:
        return None
    changes, added = find_changes(split_lines(old), lines)
    return tuple(changes), added


def _is_worth_it(base: _Base, took: int, text: bytes) -> bool:
    if base.first >= 0 and took > 2 * base.first + 1000:
        return False
    # No text is compressed to a hundredth, but it takes its time.
    return took < len(text) / 100 or took < 0.8 * len(zlib.compress(text))


def _bytes_of(changes: Sequence[int], added: bytes) -> int:
    return len(zlib.compress(str(changes).encode("ascii") + added))


def _read(objects: ObjectFolder) -> list[_Base]:
    try:
        read = json.loads((objects.folder / BASES).read_bytes())
        return [_Base(str(name), [*map(int, drawn)], int(first)) for name, drawn, first in read if is_object_name(name)]
    except (OSError, ValueError, TypeError):
        return []


def _write(objects: ObjectFolder, bases: Sequence[_Base]) -> None:
    told = json.dumps([(base.name, base.sketch, base.first) for base in bases], separators=(",", ":"))
    replace_file(objects.folder / BASES, told.encode("ascii"))
