"""The notebook as it was: snapshots, from the best source there is.

"frontend"
    The live document, unsaved edits and outputs included, sent by the JupyterLab extension.
"file"
    The file on disk.
"session"
    Rebuilt from the cells that this kernel has executed.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..entities import InvalidParameterValue

__all__ = ["from_file", "from_session", "snapshot_bytes"]

#: A notebook larger than this (bytes of JSON) is not taken; it would fill the store.
MAX_NOTEBOOK = 200_000_000

#: A notebook up to this size (bytes) is remembered until the next snapshot, which then is made faster.
MAX_REMEMBERED = 20_000_000

#: Base64 is no text: something in it may look like a secret, and blotting that out would break the picture.
_BINARY = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf"})


#: Seconds within which a file may be written again without its time of change telling it.
_TICK = 2.0
#: Seconds for which a background thread lets others run, between two pieces of its work.
_BREATH = 0.0002


@dataclass(frozen=True, slots=True)
class _FileRead:
    """A file as it was read, and by what it is known again."""

    path: str = ""
    known_by: tuple[int, ...] = ()
    notebook: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Written:
    """The last snapshot, who has redacted it, and its cells as they stand in it, by what they were made of."""

    redact: Callable[[str], str] = str
    notebook: dict[str, Any] | None = None
    data: bytes = b""
    cells: dict[bytes, bytes] = field(default_factory=dict)


_file_read = _FileRead()
_written = _Written()


def from_file(path: str) -> dict[str, Any] | None:
    """Return the notebook on disk, or None if it cannot be read as one.

    Notes
    -----
    A file that is as it was when it was last read is not read again, so what is returned is not to be changed.
    """
    global _file_read
    try:
        now, found = time.time(), os.stat(path)
        if not path or found.st_size > MAX_NOTEBOOK:
            return None
        known_by = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        last = _file_read
        if (last.path, last.known_by) == (path, known_by):
            return last.notebook
        notebook: dict[str, Any] | None = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not _is_notebook(notebook):
        return None
    is_settled = found.st_mtime < now - _TICK and found.st_size < MAX_REMEMBERED
    _file_read = _FileRead(path, known_by, notebook) if is_settled else _FileRead()
    return notebook


def from_session(cells: Iterable[tuple[int, str]]) -> dict[str, Any]:
    """Return a notebook of executed cells.

    Parameters
    ----------
    cells : iterable of (int, str)
        The execution count and the source of each, in the order in which they ran.
    """
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": count,
                "id": f"executed-{position}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for position, (count, source) in enumerate(cells, 1)
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def snapshot_bytes(notebook: Any, redact: Callable[[str], str]) -> bytes:
    """Return a notebook as the bytes of an ``.ipynb`` file, without secrets.

    Raises
    ------
    InvalidParameterValue
        If it is not a notebook of format 4, or too large.

    Notes
    -----
    The shape is checked by hand: importing nbformat's validator takes seconds of CPU, and a kernel would
    feel them. That what is written is valid for nbformat is checked by the tests.

    From one snapshot to the next few cells change, and only those are redacted and written anew, with a breath between
    them: whoever runs a cell meanwhile would else wait for all of it.
    """
    global _written
    last = _written if _written.redact == redact else _Written(redact)
    if notebook is last.notebook is _file_read.notebook and notebook is not None:
        return last.data
    if not _is_notebook(notebook):
        raise InvalidParameterValue("The snapshot is not a notebook of format 4 and was not kept.")
    cells = _written_cells(notebook["cells"], last)
    frame = _as_json(_without_secrets({**notebook, "cells": []}, redact))
    # At no other place is this: a string holds no end of a line, and what is deeper is further from the margin.
    before, after = frame.split(b'\n "cells": []')
    data = b"".join([before, b'\n "cells": [', *_separated([cell for _, cell in cells]), b"]", after, b"\n"])
    if len(data) > MAX_NOTEBOOK:
        raise InvalidParameterValue(
            f"The notebook has {len(data):,} bytes; snapshots of more than {MAX_NOTEBOOK:,} are not kept."
        )
    _written = _Written(redact, notebook, data, dict(cells)) if len(data) < MAX_REMEMBERED else _Written()
    return data


def _written_cells(cells: list[dict[str, Any]], last: _Written) -> list[tuple[bytes, bytes]]:
    """Return for each cell what it is known again by, and how it stands in the file."""
    written = []
    for cell in cells:
        # Two cells that differ in anything, be it a type, differ in this.
        made_of = hashlib.blake2b(marshal.dumps(cell, 2), digest_size=20).digest()
        data = last.cells.get(made_of)
        if data is None:
            data = _as_json(_without_secrets(cell, last.redact)).replace(b"\n", b"\n  ")
            time.sleep(_BREATH)
        written.append((made_of, data))
    return written


def _separated(cells: list[bytes]) -> Iterator[bytes]:
    """Yield cells and what stands before, between and behind them in an array."""
    for number, cell in enumerate(cells):
        yield b",\n  " if number else b"\n  "
        yield cell
    if cells:
        yield b"\n "


def _as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")


def _is_notebook(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("nbformat") == 4
        and isinstance(value.get("nbformat_minor"), int)
        and isinstance(value.get("metadata"), dict)
        and isinstance(value.get("cells"), list)
        and all(
            isinstance(cell, dict)
            and cell.get("cell_type") in ("code", "markdown", "raw")
            and _is_text(cell.get("source"))
            for cell in value["cells"]
        )
    )


def _is_text(value: Any) -> bool:
    """Whether a value is a text or, as files have it, the list of its lines."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _without_secrets(value: Any, redact: Callable[[str], str], key: str = "") -> Any:
    """Return a copy with every text redacted."""
    if key in _BINARY:
        return value
    if isinstance(value, dict):
        return {name: _without_secrets(item, redact, name) for name, item in value.items()}
    if isinstance(value, list):
        # A source or a stream may be a list of lines, and a secret (a private key) may span them.
        if _is_text(value):
            whole = "".join(value)
            clean = redact(whole)
            return value if clean == whole else clean.splitlines(keepends=True)
        return [_without_secrets(item, redact, key) for item in value]
    return redact(value) if isinstance(value, str) else value
