"""``track/history.json``: the executed cells of a kernel as they are kept with a run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..entities import InvalidParameterValue
from .cells import FAILED, FINISHED, KILLED, RUNNING, UNKNOWN, ExecutedCell, is_own

__all__ = ["HistoryDocument", "read_document"]

FORMAT = 1
#: Bytes of a document that is still read.
MAX_DOCUMENT = 100_000_000

_STATUSES = frozenset({FINISHED, FAILED, KILLED, RUNNING, UNKNOWN})
#: What may stand in the heading of a cell in a script, and as the id of one in a notebook.
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class HistoryDocument:
    """The cells up to a tracked one, and which of them it depends on.

    Attributes
    ----------
    kernel : str
        The kernel's id.
    cells : tuple of ExecutedCell
        In the order in which they ran.
    tracked : int
        The position of the tracked cell.
    slice : tuple of int
        The positions that it depends on, in their order, and its own.
    reasons : mapping of int to tuple of str
        The names that each cell of the slice was kept for.
    flags : tuple of str
        What about the order and the texts of the cells of the slice a person should know.
    forgotten : int
        How many cells ran before the first one here.
    """

    kernel: str
    cells: tuple[ExecutedCell, ...]
    tracked: int
    slice: tuple[int, ...]
    reasons: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    forgotten: int = 0

    def cell(self, position: int) -> ExecutedCell:
        """Return the cell at a position."""
        return self.cells[position - self.forgotten - 1]

    @property
    def sliced(self) -> list[ExecutedCell]:
        """The cells of the slice, in their order."""
        return [self.cell(position) for position in self.slice]

    @property
    def counts(self) -> tuple[int, int]:
        """How many cells of the slice, and how many of all until the tracked one, a person ran."""
        ran = sum(cell.by_person for cell in self.cells[: self.tracked - self.forgotten])
        return sum(cell.by_person for cell in self.sliced), ran + self.forgotten

    def to_bytes(self) -> bytes:
        """Return the document as JSON: each different source once, under its digest."""
        digests = {source: _digest(source) for source in {cell.source for cell in self.cells}}
        content = {
            "format": FORMAT,
            "kernel": self.kernel,
            "forgotten": self.forgotten,
            "sources": {digest: source for source, digest in sorted(digests.items(), key=lambda item: item[1])},
            "cells": [
                {
                    "position": cell.position,
                    "count": cell.count,
                    "cell_id": cell.cell_id,
                    "source": digests[cell.source],
                    "status": cell.status,
                    "time": cell.time,
                    "run_id": cell.run_id,
                    **({"failed_line": cell.failed_line} if cell.failed_line else {}),
                    **({"own": True} if is_own(cell.source) else {}),
                }
                for cell in self.cells
            ],
            "tracked": self.tracked,
            "slice": list(self.slice),
            "reasons": {str(position): list(names) for position, names in self.reasons.items()},
            "flags": list(self.flags),
        }
        # Without indentation: Python's fast encoder knows none.
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def read_document(data: bytes) -> HistoryDocument:
    """Read what `HistoryDocument.to_bytes` wrote. The bytes may come from anywhere.

    Raises
    ------
    InvalidParameterValue
        If they are not such a document.
    """
    if len(data) > MAX_DOCUMENT:
        raise InvalidParameterValue(f"track/history.json has {len(data):,} bytes; {MAX_DOCUMENT:,} are read at most.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidParameterValue(f"track/history.json is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise _wrong("the document", content)
    if content.get("format") != FORMAT:
        raise InvalidParameterValue(
            f"track/history.json has the format {content.get('format')!r}, and this version of jupyter-track reads "
            f"{FORMAT}. A newer version may read it."
        )
    sources = _sources(content.get("sources"))
    forgotten = _whole(content.get("forgotten"), "forgotten")
    listed = content.get("cells")
    if not isinstance(listed, list):
        raise _wrong("cells", listed)
    cells = tuple(_cell(each, forgotten + place, sources) for place, each in enumerate(listed, 1))
    last = forgotten + len(cells)
    positions = _list(content.get("slice"), int, "slice")
    tracked = _whole(content.get("tracked"), "tracked")
    if not all(forgotten < each <= last for each in (*positions, tracked)) or positions != sorted(set(positions)):
        raise _wrong("slice", [*positions, tracked])
    reasons = content.get("reasons")
    if not isinstance(reasons, dict) or not set(reasons) <= {str(each) for each in positions}:
        raise _wrong("reasons", reasons)
    return HistoryDocument(
        kernel=_text(content.get("kernel"), "kernel"),
        cells=cells,
        tracked=tracked,
        slice=tuple(positions),
        reasons={int(each): tuple(_list(names, str, "reasons")) for each, names in reasons.items()},
        flags=tuple(_list(content.get("flags"), str, "flags")),
        forgotten=forgotten,
    )


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode("utf-8", "backslashreplace")).hexdigest()


def _sources(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _wrong("sources", value)
    for digest, source in value.items():
        if not isinstance(source, str) or _digest(source) != digest:
            raise _wrong("the source under its digest", digest)
    return value


def _cell(value: Any, position: int, sources: dict[str, str]) -> ExecutedCell:
    if not isinstance(value, dict) or value.get("position") != position:
        raise _wrong(f"cell {position}", value)
    source = value.get("source")
    if not isinstance(source, str) or source not in sources:
        raise _wrong(f"the source of cell {position}", source)
    count, status = value.get("count"), value.get("status")
    if count is not None:
        _whole(count, "count")
    if not isinstance(status, str) or status not in _STATUSES:
        raise _wrong("status", status)
    cell_id, run_id = _text(value.get("cell_id"), "cell_id"), _text(value.get("run_id"), "run_id")
    if run_id and not _RUN_ID.match(run_id):
        raise _wrong("run_id", run_id)
    return ExecutedCell(
        position=position,
        source=sources[source],
        status=status,
        count=count,
        # An id that no notebook may have is none.
        cell_id=cell_id if _CELL_ID.match(cell_id) else "",
        time=_whole(value.get("time"), "time"),
        run_id=run_id,
        failed_line=_whole(value.get("failed_line", 0), "failed_line"),
    )


def _whole(value: Any, what: str) -> int:
    if type(value) is not int or value < 0:
        raise _wrong(what, value)
    return int(value)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise _wrong(what, value)
    return value


def _list(value: Any, kind: type, what: str) -> list[Any]:
    if not isinstance(value, list) or not all(type(each) is kind for each in value):
        raise _wrong(what, value)
    return value


def _wrong(what: str, value: Any) -> InvalidParameterValue:
    return InvalidParameterValue(f"track/history.json is damaged: {what} cannot be {str(value)[:80]!r}.")
