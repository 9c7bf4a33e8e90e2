"""Which cells are executed when a run is executed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ..capture.secrets import MASK
from ..entities import InvalidParameterValue, ResourceDoesNotExist
from ..history.document import HistoryDocument
from ..history.export import slice_as_notebook
from .recorded import RecordedRun
from .tracking_lines import arguments_of, body_of, tags_of_start, without_tracking

__all__ = ["Program", "ProgramCell", "program_of_notebook", "program_of_slice"]


@dataclass(frozen=True, slots=True)
class ProgramCell:
    """A cell to be executed.

    Attributes
    ----------
    source : str
        What is executed, without what tracks it.
    name : str
        What people are told of it: its place among the notebook's code cells, its execution count, or both.
    may_fail : bool
        Whether what comes after it is executed even if it fails, as it was.
    arguments : str or None
        What stood behind ``%%track``; None if the cell had no such line.
    before : str
        What is executed before it, and is no cell of the notebook.
    """

    source: str
    name: str
    may_fail: bool = False
    arguments: str | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """The cells to be executed, in order; the last is a tracked one.

    Attributes
    ----------
    cells : tuple of ProgramCell
    tracked : tuple of int
        For each cell that the run has recorded, in that order, its place in `cells`. Cells that ran more than once may
        have one place.
    kernel : str
        The name of the kernel; empty if the notebook does not tell.
    notes : tuple of str
        What a person should know of how these cells differ from those that ran.
    tags : mapping of str to str
        What ``%track start`` gave to a run that several cells share.
    """

    cells: tuple[ProgramCell, ...]
    tracked: tuple[int, ...]
    kernel: str = ""
    notes: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None

    @property
    def is_shared(self) -> bool:
        """Whether several cells are recorded in the run."""
        return len(self.tracked) > 1


def program_of_notebook(recorded: RecordedRun) -> Program:
    """Return the cells of the snapshot in the notebook's order, up to and including the last tracked one.

    Raises
    ------
    ResourceDoesNotExist
        If the run has no notebook, or was not recorded from a cell.
    InvalidParameterValue
        If a tracked cell is not in the snapshot.
    """
    parts = recorded.tracked_cells
    code = [each for each in recorded.notebook["cells"] if each["cell_type"] == "code"]
    places = _places(recorded, code)
    found = [
        ProgramCell(without_tracking(_source(each)), f"cell {position}", "raises-exception" in _tags(each))
        for position, each in enumerate(code[: max(places) + 1], 1)
    ]
    notes = []
    # Of a cell that ran more than once, the last time counts.
    for place, part in dict(zip(places, parts, strict=True)).items():
        text = _source(code[place])
        if body_of(text) != part.body:
            # The file on disk had not been saved when the cell ran.
            text = part.text
            notes.append(f"cell {place + 1} of the snapshot is not the text that ran; the text that ran is executed")
        found[place] = ProgramCell(
            without_tracking(text),
            found[place].name,
            found[place].may_fail or part.has_failed,
            arguments_of(part.text),
        )
    found[-1] = replace(found[-1], may_fail=False)
    notes += _order_notes(places)
    return _program(recorded, found, places, recorded.notebook["metadata"], notes)


def program_of_slice(recorded: RecordedRun) -> Program:
    """Return the cells that the tracked ones depend on, in the order in which they ran.

    Raises
    ------
    ResourceDoesNotExist
        If the run has no history of executed cells, or was not recorded from a cell.
    InvalidParameterValue
        If the history is damaged, or the tracked cells ran in several kernels.
    """
    parts = recorded.tracked_cells
    histories = [history for history in map(recorded.history_of, parts) if history is not None]
    if len(histories) < len(parts):
        raise ResourceDoesNotExist(
            f"The run {recorded} has no history of executed cells (track/history.json): execute its notebook instead."
        )
    history = _joined(recorded, histories)
    metadata = recorded.notebook_metadata
    notes = []
    if history.forgotten:
        notes.append(f"the first {history.forgotten} cells of that kernel were not kept: one of them may be missing")
    names = [f"cell [{each.count}]" if each.count is not None else f"executed cell {each.position}"
             for each in history.sliced]  # fmt: skip
    sliced = slice_as_notebook(history, metadata)["cells"]
    found = [
        ProgramCell(without_tracking(each["source"]), name, "raises-exception" in _tags(each))
        for name, each in zip(names, sliced, strict=True)
    ]
    places = [history.slice.index(each.tracked) for each in histories]
    for place, part in zip(places, parts, strict=True):
        found[place] = replace(found[place], arguments=arguments_of(part.text))
    # The tracked cell may have failed itself, and nothing comes after it.
    found[-1] = replace(found[-1], may_fail=False)
    return _program(recorded, found, places, metadata, notes)


def _joined(recorded: RecordedRun, histories: Sequence[HistoryDocument]) -> HistoryDocument:
    """Return the last history, with what all tracked cells depend on as its slice."""
    last = histories[-1]
    if any(each.kernel != last.kernel for each in histories):
        raise InvalidParameterValue(
            f"The cells that share the run {recorded} ran in several kernels, so there is no order in which all of "
            "them ran: execute its notebook, without --slice."
        )
    positions = {position for each in histories for position in (*each.slice, each.tracked)}
    if min(positions) <= last.forgotten:
        raise InvalidParameterValue(
            f"The run {recorded} has not kept all cells that it came from, which are too many: execute its notebook, "
            "without --slice."
        )
    return replace(last, slice=tuple(sorted(positions)))


def _program(
    recorded: RecordedRun, cells: list[ProgramCell], places: Sequence[int], metadata: Any, notes: list[str]
) -> Program:
    masked = [each.name for each in cells if MASK in each.source]
    if masked:
        notes.append(f"a secret is blotted out of {', '.join(masked)}: the cell will not do what it did")
    spec = metadata.get("kernelspec")
    kernel = spec.get("name") if isinstance(spec, dict) else ""
    return Program(
        tuple(cells), tuple(places), kernel if isinstance(kernel, str) else "", tuple(notes), _start_tags(recorded)
    )


def _start_tags(recorded: RecordedRun) -> dict[str, str]:
    first = recorded.tracked_cells[0]
    # Without a folder of its own it is a cell with which the run began, and others have gone on with it.
    history = recorded.history_of(first) if first.folder else None
    said = (tags_of_start(cell.source) for cell in reversed(history.cells)) if history is not None else iter(())
    return next((tags for tags in said if tags is not None), {})


# -- where the tracked cells stand in a notebook


def _places(recorded: RecordedRun, code: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return where the tracked cells stand among the code cells, by their ids or else by their texts."""
    parts = recorded.tracked_cells
    ids = _cell_ids(recorded)
    bodies = [body_of(_source(each)) for each in code]
    found: list[int] = []
    # From the end: a kernel's own list of executed cells has those of the run last.
    for part, cell_id in zip(reversed(parts), reversed(ids), strict=True):
        by_id = [place for place, each in enumerate(code) if cell_id and each.get("id") == cell_id]
        by_text = [place for place, body in enumerate(bodies) if body == part.body]
        free = [place for place in by_text if place not in found]
        before = [place for place in free if not found or place < found[-1]]
        candidates = by_id or before or free or by_text
        if not candidates:
            which = "The tracked cell" if len(parts) == 1 else f"Cell {len(parts) - len(found)} of the run"
            raise InvalidParameterValue(
                f"{which} is not in the notebook that the run {recorded} has, which may not have been saved when "
                "it ran. --slice executes the cells that really ran."
            )
        found.append(candidates[-1])
    return found[::-1]


def _cell_ids(recorded: RecordedRun) -> list[str]:
    """Return the id of each tracked cell in the notebook; empty where it is not known."""
    parts = recorded.tracked_cells
    if len(parts) == 1:
        return [recorded.run.data.tags.get("jupyter_track.cell_id", "")]
    history = recorded.history
    ran = [each for each in history.cells if each.run_id == recorded.run.info.run_id] if history is not None else []
    ids = []
    for part in parts:
        same = next((each for each in ran if body_of(each.source) == part.body), None)
        ids.append(same.cell_id if same is not None else "")
        if same is not None:
            ran.remove(same)
    return ids


def _order_notes(places: Sequence[int]) -> list[str]:
    if len(set(places)) < len(places):
        return [
            "cells of the run ran more than once, and are executed once; --slice executes them as often as they ran"
        ]
    if any(one > other for one, other in pairwise(places)):
        return [
            "the cells of the run did not run in the order of the notebook, in which they are executed; --slice "
            "executes them as they ran"
        ]
    return []


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tags(cell: Mapping[str, Any]) -> list[Any]:
    tags = cell.get("metadata", {}).get("tags")
    return tags if isinstance(tags, list) else []
