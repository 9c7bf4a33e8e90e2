"""What a person should know of how the cells that ran differ from the notebook as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ..analysis.parsing import python_of
from .cells import FAILED, KILLED, ExecutedCell, is_own, parsed
from .document import HistoryDocument
from .slicing import bound_names

__all__ = ["Flags", "NotebookCell", "flags_of"]


class NotebookCell(NamedTuple):
    """A code cell of the notebook: its id and its present text."""

    cell_id: str
    source: str


class Flags(NamedTuple):
    """What is to be said, in plain words: of the cells that the tracked one depends on, and of all."""

    relevant: list[str]
    all: list[str]


def flags_of(document: HistoryDocument, notebook: Sequence[NotebookCell] | None) -> Flags:
    """Say where the cells that ran differ from the notebook.

    A cell is named by its place among the code cells of the notebook, counted from 1, and its execution count.

    Parameters
    ----------
    document : HistoryDocument
    notebook : sequence of NotebookCell or None
        The code cells in their order; None if they are not known, and then only what the history itself tells is said.
    """
    sliced = document.sliced
    ran = [cell for cell in document.cells if not is_own(cell.source)]
    places = _Places(notebook or (), ran)
    needed = {reason for names in document.reasons.values() for reason in names}
    first = [f"the first {document.forgotten} cells of this kernel are not kept any more"] if document.forgotten else []
    relevant, everything = (
        # How the tracked cell itself has ended is what the run says.
        [
            *first,
            *_failed(places, [cell for cell in cells if cell.position != document.tracked]),
            *_repeated(places, cells),
        ]
        + ([] if notebook is None else [*_disordered(places, cells), *_changed(places, cells)])
        for cells in (sliced, ran)
    )
    if notebook is not None:
        for place, cell in places.not_run(document.cell(document.tracked)):
            flag = f"cell {place} was not run in this kernel"
            everything.append(flag)
            if needed & bound_names(parsed(python_of(cell.source)).statements):
                relevant.append(flag)
    return Flags(relevant, everything)


class _Places:
    """Where the executed cells stand in the notebook."""

    def __init__(self, notebook: Sequence[NotebookCell], ran: Sequence[ExecutedCell]) -> None:
        self._notebook = notebook
        self._by_id = {cell.cell_id: place for place, cell in enumerate(notebook, 1) if cell.cell_id}
        self._by_source: dict[str, int] = {}
        for place, cell in enumerate(notebook, 1):
            self._by_source.setdefault(_text(cell.source), place)
        self._ran = {self.of(cell) for cell in ran}

    def of(self, cell: ExecutedCell) -> int:
        """Return the place of a cell in the notebook; 0 if it is not there."""
        if cell.cell_id:
            return self._by_id.get(cell.cell_id, 0)
        return self._by_source.get(_text(cell.source), 0)

    def name(self, cell: ExecutedCell) -> str:
        count = f"[{cell.count}]" if cell.count is not None else "[ ]"
        place = self.of(cell)
        return f"cell {place} {count}" if place else f"cell {count}"

    def has_changed(self, cell: ExecutedCell) -> bool:
        place = self.of(cell)
        return bool(place) and _text(self._notebook[place - 1].source) != _text(cell.source)

    def not_run(self, tracked: ExecutedCell) -> list[tuple[int, NotebookCell]]:
        """Return the cells above the tracked one, with their places, that never ran."""
        above = self._notebook[: max(self.of(tracked) - 1, 0)]
        return [
            (place, cell)
            for place, cell in enumerate(above, 1)
            if place not in self._ran and cell.source.strip() and not is_own(cell.source)
        ]


def _text(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _latest(places: _Places, cells: Sequence[ExecutedCell]) -> list[ExecutedCell]:
    """Return the last run of each cell that is in the notebook, in the order of the runs."""
    latest = {places.of(cell): cell for cell in cells}
    return sorted((cell for place, cell in latest.items() if place), key=lambda cell: cell.position)


def _disordered(places: _Places, cells: Sequence[ExecutedCell]) -> list[str]:
    """Say which cells were run before one that stands above them: for each of those, the first one suffices."""
    flags = []
    latest = _latest(places, cells)
    for earlier, later in pairwise(latest):
        if places.of(later) < places.of(earlier):
            flags.append(f"{places.name(earlier)} was run before {places.name(later)}")
    return flags


def _changed(places: _Places, cells: Sequence[ExecutedCell]) -> list[str]:
    changed = [cell for cell in _latest(places, cells) if places.has_changed(cell)]
    gone = [cell for cell in cells if not places.of(cell)]
    return [f"{places.name(cell)} has changed since it ran" for cell in changed] + [
        f"{places.name(cell)} was run, and is not in the notebook any more" for cell in gone
    ]


def _repeated(places: _Places, cells: Sequence[ExecutedCell]) -> list[str]:
    runs: dict[str, list[ExecutedCell]] = {}
    for cell in cells:
        if cell.cell_id:
            runs.setdefault(cell.cell_id, []).append(cell)
    return [
        f"{places.name(each[-1])} was run {len(each)} times, and each time counts"
        for each in runs.values()
        if len(each) > 1
    ]


def _failed(places: _Places, cells: Sequence[ExecutedCell]) -> list[str]:
    ended = {FAILED: "failed", KILLED: "was interrupted"}
    return [f"{places.name(cell)} {ended[cell.status]} part of the way" for cell in cells if cell.status in ended]
