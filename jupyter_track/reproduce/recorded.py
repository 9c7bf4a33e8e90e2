"""What a run has recorded of its cells, read back. A run may come from anybody, so nothing in its files is trusted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..entities import InvalidParameterValue, ResourceDoesNotExist, Run
from ..history.cells import ExecutedCell
from ..history.document import HistoryDocument, read_document
from ..tracking import TrackClient
from .tracking_lines import body_of

__all__ = ["Provenance", "RecordedCell", "RecordedRun", "cell_name"]

#: Bytes that are read at most of a notebook, and of any other file.
MAX_NOTEBOOK = 200_000_000
MAX_FILE = 100_000_000
#: Cells of a run that several share, which are looked at.
MAX_CELLS = 1_000


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a captured value came from: the rule, the line of the cell (0: none), and the text there."""

    key: str
    rule: str
    line: int
    expression: str


@dataclass(frozen=True)
class RecordedCell:
    """One tracked cell of a run.

    Attributes
    ----------
    text : str
        The cell as the person wrote it, its ``%%track`` line included.
    params, metrics : mapping of str to Provenance
        By name. What was logged by hand is in neither.
    excluded : tuple of str
        The names that were left out because the person had said so.
    renamed : mapping of str to str
        The names under which other names were recorded.
    outputs : mapping of str to str
        What the cell showed, by "stdout", "result" and "error"; what is not there was not shown.
    folder : str
        Where its files are in the run, with a slash at its end; empty for those of the run itself.
    """

    text: str
    params: Mapping[str, Provenance] = field(default_factory=dict)
    metrics: Mapping[str, Provenance] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""

    @property
    def body(self) -> str:
        """The text below its cell magics, as it can be compared."""
        return body_of(self.text)

    @property
    def has_failed(self) -> bool:
        """Whether it ended with an error."""
        return "error" in self.outputs


class RecordedRun:
    """The files of a run, each read when it is first asked for.

    Parameters
    ----------
    client : TrackClient
    run : Run
    """

    def __init__(self, client: TrackClient, run: Run) -> None:
        self.run = run
        self._artifacts = client.artifacts(run)

    def __str__(self) -> str:
        return f"{self.run.info.run_name} ({self.run.info.run_id[:8]})"

    def read(self, path: str, limit: int = MAX_FILE) -> bytes | None:
        """Return a file, or None if the run has none of that path.

        Raises
        ------
        InvalidParameterValue
            If it has more than `limit` bytes.
        """
        try:
            with self._artifacts.open(path) as file:
                data = file.read(limit + 1)
        except ResourceDoesNotExist:
            return None
        if len(data) > limit:
            raise InvalidParameterValue(
                f"{path} of the run {self} has more than {limit:,} bytes, which are not read: download it instead."
            )
        return data

    def files(self, folder: str) -> list[str]:
        """Return the names of what is in a folder."""
        return [file.path.rpartition("/")[2] for file in self._artifacts.list(folder)]

    def _json(self, path: str, limit: int = MAX_FILE) -> Any:
        data = self.read(path, limit)
        try:
            return None if data is None else json.loads(data)
        except (ValueError, RecursionError):
            return None

    def _text(self, path: str) -> str | None:
        data = self.read(path)
        return None if data is None else data.decode("utf-8", "replace")

    # -- the notebook

    @cached_property
    def notebook(self) -> dict[str, Any]:
        """The snapshot.

        Raises
        ------
        ResourceDoesNotExist
            If the run has none.
        InvalidParameterValue
            If it is not a notebook of format 4.
        """
        data = self.read("notebook.ipynb", MAX_NOTEBOOK)
        if data is None:
            raise ResourceDoesNotExist(f"The run {self} has no notebook: it was not recorded from a cell.")
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            found = None
        if not _is_notebook(found):
            raise InvalidParameterValue(f"What the run {self} has as its notebook is not one of format 4.")
        assert isinstance(found, dict)
        return found

    @property
    def notebook_metadata(self) -> dict[str, Any]:
        """What the snapshot says of its kernel and language; empty if there is none that can be read."""
        try:
            found: dict[str, Any] = self.notebook["metadata"]
        except (ResourceDoesNotExist, InvalidParameterValue):
            return {}
        return found

    # -- the cells

    @cached_property
    def cells(self) -> list[RecordedCell]:
        """The tracked cells, in the order in which they were recorded: one, or those that share the run."""
        numbers = sorted(int(name) for name in self.files("cells")[:MAX_CELLS] if name.isdecimal())
        found = [self._cell(folder) for folder in ("", *(f"cells/{number}/" for number in numbers))]
        return [cell for cell in found if cell is not None]

    @property
    def tracked_cells(self) -> list[RecordedCell]:
        """The tracked cells, of which there is one at least.

        Raises
        ------
        ResourceDoesNotExist
            If the run was not recorded from a cell.
        """
        if not self.cells:
            raise ResourceDoesNotExist(f"The run {self} was not recorded from a cell, so there is none to execute.")
        return self.cells

    def _cell(self, folder: str) -> RecordedCell | None:
        text = self._text(f"{folder}track/cell.py")
        if text is None:
            return None
        captured = self._json(f"{folder}track/capture.json")
        captured = captured if isinstance(captured, dict) else {}
        shown = {
            "stdout": self._text(f"{folder}output/stdout.txt"),
            "result": self._text(f"{folder}output/result.txt"),
            "error": self._text(f"{folder}error/traceback.txt"),
        }
        return RecordedCell(
            text=text,
            params=_provenance(captured.get("params")),
            metrics=_provenance(captured.get("metrics")),
            excluded=tuple(each for each in _list(captured.get("excluded")) if isinstance(each, str)),
            renamed={old: new for old, new in _dict(captured.get("renamed")).items() if isinstance(new, str)},
            outputs={name: text for name, text in shown.items() if text is not None},
            folder=folder,
        )

    # -- what it ran with

    @cached_property
    def history(self) -> HistoryDocument | None:
        """The executed cells and the slice; of several tracked cells those of the last. None if they were not kept.

        Raises
        ------
        InvalidParameterValue
            If they are damaged.
        """
        numbers = sorted((int(name) for name in self.files("cells") if name.isdecimal()), reverse=True)
        found = (self._history(folder) for folder in (*(f"cells/{number}/" for number in numbers[:1]), ""))
        return next((history for history in found if history is not None), None)

    def history_of(self, cell: RecordedCell) -> HistoryDocument | None:
        """Return the executed cells and the slice of one of the tracked cells; None if they were not kept.

        Raises
        ------
        InvalidParameterValue
            If they are damaged.
        """
        return self._history(cell.folder)

    def _history(self, folder: str) -> HistoryDocument | None:
        data = self.read(f"{folder}track/history.json")
        return None if data is None else read_document(data)

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of Python and of all packages, by name; empty if they were not kept."""
        found = _dict(self._json("track/environment.json"))
        packages = {name: each for name, each in _dict(found.get("packages")).items() if isinstance(each, str)}
        python = found.get("python")
        return {"Python": python, **packages} if isinstance(python, str) else packages


def cell_name(cell: ExecutedCell) -> str:
    """Return what an executed cell is called: by its execution count, or else by its place among those executed."""
    return f"[{cell.count}]" if cell.count is not None else f"cell {cell.position}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _provenance(value: Any) -> dict[str, Provenance]:
    return {
        each["key"]: Provenance(
            each["key"],
            str(each.get("rule", "")),
            each["line"] if isinstance(each.get("line"), int) else 0,
            str(each.get("expression", "")),
        )
        for each in _list(value)
        if isinstance(each, dict) and isinstance(each.get("key"), str)
    }


def _is_notebook(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("nbformat") == 4
        and isinstance(value.get("metadata"), dict)
        and isinstance(value.get("cells"), list)
        and all(
            isinstance(cell, dict)
            and isinstance(cell.get("cell_type"), str)
            and isinstance(cell.get("metadata", {}), dict)
            and (
                isinstance(source := cell.get("source"), str)
                or (isinstance(source, list) and all(isinstance(line, str) for line in source))
            )
            for cell in value["cells"]
        )
    )
