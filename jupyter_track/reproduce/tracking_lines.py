"""The lines of a cell that speak to the tracker: read, taken away, and put back for another run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from ..printable import printable

if TYPE_CHECKING:
    from .recorded import RecordedCell

__all__ = [
    "URI_VARIABLE",
    "arguments_of",
    "body_of",
    "name_in_line",
    "part_source",
    "setup_source",
    "start_source",
    "tags_of_start",
    "tracked_source",
    "unrecorded_source",
    "without_tracking",
]

#: Tells the cell of `setup_source` where runs are kept. A text in the cell would stay in the kernel's history, and with
#: it the password that may be in it.
URI_VARIABLE = "JUPYTER_TRACK_RERUN_URI"

_TRACK_LINE = re.compile(r"[ \t]*%%track(?:[ \t]+(?P<arguments>.*?))?[ \t]*\r?$")
_COMMAND = re.compile(r"(?P<indent>[ \t]*)(?P<command>%track\b.*)", re.DOTALL)
_START = re.compile(r"(?m)^[ \t]*%track[ \t]+start\b(?P<arguments>.*)$")
_SAME_RUN = re.compile(r"(?<!\S)--same-run(?!\S)")
#: What a line magic reads as more than text: quotes, comments, and the braces and dollars of variables.
_SPECIAL = re.compile(r"[\"'#{}$\\]")


def _heading(lines: list[str]) -> int:
    """Return how many lines at the top of a cell are blank or cell magics."""
    return next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("%%")),
                len(lines))  # fmt: skip


def body_of(text: str) -> str:
    """Return the text of a cell below its cell magics, as it can be compared."""
    lines = text.splitlines()
    return "\n".join(line.rstrip() for line in lines[_heading(lines) :]).strip()


def arguments_of(text: str) -> str | None:
    """Return what stands behind ``%%track`` in a cell, or None if it has no such line."""
    lines = text.splitlines()
    found = (_TRACK_LINE.match(line) for line in lines[: _heading(lines)])
    return next((each["arguments"] or "" for each in found if each), None)


def tags_of_start(text: str) -> dict[str, str] | None:
    """Return the tags that a ``%track start`` in a cell gives its run; None if there is none in it."""
    found = list(_START.finditer(text))
    if not found:
        return None
    try:
        words = shlex.split(found[-1]["arguments"], comments=True)
    except ValueError:
        return {}
    given = [after for word, after in pairwise(words) if word == "--tag"]
    given += [word.removeprefix("--tag=") for word in words if word.startswith("--tag=")]
    return {key: value for key, sign, value in (each.partition("=") for each in given) if key and sign}


# -- what is executed of a cell


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
    line = [_SAME_RUN.sub("", arguments).strip(), '--resume ""', f"--name {_quoted(name)}"]
    if _quoted(experiment):
        line.append(f"--experiment {_quoted(experiment)}")
    line += [f"--tag {key}={_quoted(value)}" for key, value in tags.items() if _quoted(value)]
    return _with_first_line(source, line)


def part_source(source: str, arguments: str | None) -> str:
    """Return a cell that is recorded in the run that is open, with the options that it was tracked with.

    Without any (None) it is as it is: every cell is recorded then.
    """
    if arguments is None:
        return source
    return _with_first_line(source, [_SAME_RUN.sub("", arguments).strip(), '--resume ""', "--same-run"])


def unrecorded_source(source: str) -> str:
    """Return a cell that is not recorded although a run is open."""
    return _with_first_line(source, ["--dry-run"])


def start_source(name: str) -> str:
    """Return the cell that begins a run which others share."""
    return f"%track start {_quoted(name)}"


def name_in_line(name: str) -> str:
    """Return a name of a run as it can be written in a line, whatever people have put into it."""
    text = printable(name)
    # What begins with a dash is an option.
    return _SPECIAL.sub("_", text).strip().lstrip("-") or "run"


def _with_first_line(source: str, arguments: list[str]) -> str:
    first, _, rest = source.partition("\n")
    # In place of the comment that it has become, so that lines keep their numbers.
    return " ".join(filter(None, ["%%track", *arguments])) + "\n" + (rest if first.startswith("# %%track") else source)


def _quoted(text: str) -> str:
    """Return a text as ``%%track`` reads it; empty if it cannot be written in its line."""
    if not text.isprintable():
        return ""
    return next((f"{quote}{text}{quote}" for quote in "\"'" if quote not in text), "")


def setup_source(cell: RecordedCell, experiment: str) -> str:
    """Return the cell that is executed before all: the extension, and what the notebook has said to it."""
    lines = [
        "%load_ext jupyter_track",
        f"%config TrackMagics.tracking_uri = __import__('os').environ.pop({URI_VARIABLE!r})",
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
