"""Which cells are executed when a run is executed again, and what of each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..capture.secrets import MASK
from ..entities import InvalidParameterValue, ResourceDoesNotExist
from ..history.export import slice_as_notebook
from .recorded import RecordedCell, RecordedRun

__all__ = ["Program", "ProgramCell", "program_of_notebook", "program_of_slice", "setup_source", "tracked_source"]

_TRACK_LINE = re.compile(r"[ \t]*%%track(?:[ \t]+(?P<arguments>.*?))?[ \t]*\r?$")
_COMMAND = re.compile(r"(?P<indent>[ \t]*)(?P<command>%track\b.*)", re.DOTALL)
_SAME_RUN = re.compile(r"(?<!\S)--same-run(?!\S)")


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
    """

    source: str
    name: str
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """The cells to be executed, in order; the last is the tracked one.

    Attributes
    ----------
    cells : tuple of ProgramCell
    arguments : str
        What stood behind ``%%track``.
    kernel : str
        The name of the kernel; empty if the notebook does not tell.
    notes : tuple of str
        What a person should know of how these cells differ from those that ran.
    """

    cells: tuple[ProgramCell, ...]
    arguments: str = ""
    kernel: str = ""
    notes: tuple[str, ...] = ()


def program_of_notebook(recorded: RecordedRun) -> Program:
    """Return the cells of the snapshot in the notebook's order, up to and including the tracked one.

    Raises
    ------
    ResourceDoesNotExist
        If the run has no notebook, or was not recorded from a cell.
    InvalidParameterValue
        If the tracked cell is not in the snapshot.
    """
    cell = recorded.cell
    code = [each for each in recorded.notebook["cells"] if each["cell_type"] == "code"]
    place = _place_of(recorded, cell, code)
    text = _source(code[place])
    notes = []
    if _body(text) != _body(cell.text):
        # The file on disk had not been saved when the cell ran.
        text = cell.text
        notes.append(f"cell {place + 1} of the snapshot is not the text that ran; the text that ran is executed")
    found = [
        ProgramCell(without_tracking(_source(each)), f"cell {position}", "raises-exception" in _tags(each))
        for position, each in enumerate(code[:place], 1)
    ]
    found.append(ProgramCell(without_tracking(text), f"cell {place + 1}"))
    return _program(found, cell, recorded.notebook["metadata"], notes)


def program_of_slice(recorded: RecordedRun) -> Program:
    """Return the cells that the tracked one depends on, in the order in which they ran.

    Raises
    ------
    ResourceDoesNotExist
        If the run has no history of executed cells, or was not recorded from a cell.
    InvalidParameterValue
        If the history is damaged.
    """
    cell, history = recorded.cell, recorded.history
    if history is None:
        raise ResourceDoesNotExist(
            f"The run {recorded} has no history of executed cells (track/history.json): execute its notebook instead."
        )
    try:
        metadata = recorded.notebook["metadata"]
    except (ResourceDoesNotExist, InvalidParameterValue):
        metadata = {}
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
    # The tracked cell may have failed itself, and nothing comes after it.
    found[-1] = replace(found[-1], may_fail=False)
    return _program(found, cell, metadata, notes)


def _program(cells: list[ProgramCell], cell: RecordedCell, metadata: Any, notes: list[str]) -> Program:
    masked = [each.name for each in cells if MASK in each.source]
    if masked:
        notes.append(f"a secret is blotted out of {', '.join(masked)}: the cell will not do what it did")
    spec = metadata.get("kernelspec")
    kernel = spec.get("name") if isinstance(spec, dict) else ""
    return Program(tuple(cells), _arguments(cell.text), kernel if isinstance(kernel, str) else "", tuple(notes))


def _place_of(recorded: RecordedRun, cell: RecordedCell, code: list[Mapping[str, Any]]) -> int:
    """Return where the tracked cell stands among the code cells, by its id or else by its text."""
    cell_id = recorded.run.data.tags.get("jupyter_track.cell_id")
    by_id = [place for place, each in enumerate(code) if cell_id and each.get("id") == cell_id]
    by_text = [place for place, each in enumerate(code) if _body(_source(each)) == _body(cell.text)]
    if not by_id and not by_text:
        raise InvalidParameterValue(
            f"The tracked cell is not in the notebook that the run {recorded} has, which may not have been saved when "
            "it ran. --slice executes the cells that really ran."
        )
    # A kernel's own list of executed cells has the tracked one last.
    return (by_id or by_text[-1:])[0]


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tags(cell: Mapping[str, Any]) -> list[Any]:
    tags = cell.get("metadata", {}).get("tags")
    return tags if isinstance(tags, list) else []


# -- the line that tracks a cell


def _heading(lines: list[str]) -> int:
    """Return how many lines at the top of a cell are blank or cell magics."""
    return next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("%%")),
                len(lines))  # fmt: skip


def _body(text: str) -> str:
    """Return the text of a cell below its cell magics, as it can be compared."""
    lines = text.splitlines()
    return "\n".join(line.rstrip() for line in lines[_heading(lines) :]).strip()


def _arguments(text: str) -> str:
    lines = text.splitlines()
    found = (_TRACK_LINE.match(line) for line in lines[: _heading(lines)])
    return next((each["arguments"] or "" for each in found if each), "")


def without_tracking(source: str) -> str:
    """Return a cell that is not tracked, tracks nothing and asks the tracker for nothing.

    The lines keep their numbers, unless another cell magic has to stand at the top.
    """
    lines = source.split("\n")
    head = _heading(lines)
    magics = [line for line in lines[:head] if line.strip() and not _TRACK_LINE.match(line)]
    top = magics or [f"# {line.strip()}" if line.strip() else line for line in lines[:head]]
    rest = []
    for line in lines[head:]:
        command = _COMMAND.fullmatch(line)
        # In the body of an `if`, a comment alone would be a syntax error.
        rest.append(f"{command['indent']}pass  # {command['command']}" if command else line)
    return "\n".join([*top, *rest])


def tracked_source(source: str, arguments: str, name: str, experiment: str, tags: Mapping[str, str]) -> str:
    """Return a cell that is tracked as it was, as a new run of its own.

    Parameters
    ----------
    source : str
        Without what tracked it.
    arguments : str
        What stood behind ``%%track``; of an option that is given twice the last one counts.
    name, experiment : str
        Of the new run.
    tags : mapping of str to str
        To add. One whose value cannot be written in a line is left out.
    """
    line = ["%%track", _SAME_RUN.sub("", arguments).strip(), '--resume ""', f"--name {_quoted(name)}"]
    if _quoted(experiment):
        line.append(f"--experiment {_quoted(experiment)}")
    line += [f"--tag {key}={_quoted(value)}" for key, value in tags.items() if _quoted(value)]
    first, _, rest = source.partition("\n")
    # In place of the comment that it has become, so that lines keep their numbers.
    return " ".join(filter(None, line)) + "\n" + (rest if first.startswith("# %%track") else source)


def _quoted(text: str) -> str:
    """Return a text as ``%%track`` reads it; empty if it cannot be written in its line."""
    if not text.isprintable():
        return ""
    return next((f"{quote}{text}{quote}" for quote in "\"'" if quote not in text), "")


def setup_source(cell: RecordedCell, experiment: str) -> str:
    """Return the cell that is executed before all: the extension, and what the notebook has said to it."""
    lines = [
        "%load_ext jupyter_track",
        f"%config TrackMagics.experiment = {experiment!r}",
        "%config TrackMagics.auto = False",
    ]
    # No name has a line end; what says so was not written by the tracker.
    lines += [f"%track exclude {shlex.quote(name)}" for name in cell.excluded if name.isprintable()]
    lines += [
        f"%track rename {shlex.quote(old)} {shlex.quote(new)}"
        for old, new in cell.renamed.items()
        if (old + new).isprintable()
    ]
    return "\n".join(lines)
