"""A slice as a script and as a notebook that a person can run."""

from __future__ import annotations

import re
import symtable
import textwrap
from collections.abc import Mapping
from typing import Any

from .cells import FAILED, KILLED, ExecutedCell
from .document import HistoryDocument

__all__ = ["slice_as_notebook", "slice_as_script"]

_MAGIC = re.compile(r"\s*(%|!|\?)|.*\?\s*\Z|\s*[\w., ()\[\]'\"]+=\s*[%!]")
_DEFAULT_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def slice_as_script(document: HistoryDocument, run: str = "") -> str:
    """Return the slice as a Python script in the percent format.

    Lines that are no Python, magics and ``!commands``, stand as comments with one ``#`` before them, as
    jupytext writes them: it and editors that read the format bring them back, and Python can run the rest.

    Parameters
    ----------
    document : HistoryDocument
    run : str
        The name or id of the run, for the head.
    """
    tracked = document.cell(document.tracked)
    kept, executed = document.counts
    head = [
        f"# The cells that run {_in_one_line(run or tracked.run_id) or 'unknown'} came from, in the order in which "
        "they were executed.",
        f"# {kept} of {executed} cells; the last one is the tracked one.",
        *(f"# Note: {_in_one_line(flag)}." for flag in document.flags),
    ]
    parts = ["\n".join(head) + "\n"]
    for cell in document.sliced:
        heading = " ".join(filter(None, ("# %%", _count(cell), cell.cell_id, *_tags_in_script(cell))))
        parts.append(f"{heading}\n{_without_magics(cell.source)}\n")
    return "\n".join(parts)


def slice_as_notebook(document: HistoryDocument, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the slice as a notebook of nbformat 4.5.

    A cell that failed part of the way has the tag ``raises-exception``, so that who executes the notebook goes on
    after it, as the person did.

    Parameters
    ----------
    document : HistoryDocument
    metadata : mapping or None
        Of the notebook that ran; what it says of kernel and language is taken over.
    """
    given = metadata or {}
    kept = {key: given[key] for key in ("kernelspec", "language_info") if isinstance(given.get(key), dict)}
    taken: set[str] = set()
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": _free_id(cell, taken),
                "metadata": {
                    "jupyter_track": {"position": cell.position, "execution_count": cell.count},
                    **({"tags": ["raises-exception"]} if _failed(cell) else {}),
                },
                "outputs": [],
                "source": cell.source,
            }
            for cell in document.sliced
        ],
        "metadata": {"kernelspec": dict(_DEFAULT_KERNEL), "language_info": {"name": "python"}, **kept},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _failed(cell: ExecutedCell) -> bool:
    return cell.status in (FAILED, KILLED)


def _count(cell: ExecutedCell) -> str:
    return f"[{cell.count}]" if cell.count is not None else ""


def _tags_in_script(cell: ExecutedCell) -> tuple[str, ...]:
    return ('tags=["raises-exception"]',) if _failed(cell) else ()


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _free_id(cell: ExecutedCell, taken: set[str]) -> str:
    """Return an id for a cell, which may have run several times; notebooks have each once."""
    found = cell.cell_id or f"executed-{cell.position}"
    if found in taken:
        found = f"{found[:50]}-{cell.position}"
    taken.add(found)
    return found


def _without_magics(source: str) -> str:
    """Return the text of a cell with what is no Python as comments."""
    lines = source.rstrip("\n").split("\n")
    if _is_python(source):
        return "\n".join(lines)
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    commented = list(lines)
    # The lines at the top that are cell magics, whatever stands under them.
    while first < len(lines) and lines[first].lstrip().startswith("%%"):
        commented[first] = f"# {lines[first]}"
        first += 1
    continued = False
    for place in range(first, len(lines)):
        line = lines[place]
        if continued or (_MAGIC.match(line) and not line.lstrip().startswith("#")):
            commented[place] = f"# {line}"
            continued = line.endswith("\\")
    text = "\n".join(commented)
    return text if _is_python(text) else "\n".join(f"# {line}".rstrip() for line in lines)


def _is_python(text: str) -> bool:
    """Whether Python reads a text; no syntax tree is made of it (`cells.may_parse` says why)."""
    if _has_symbols(text):
        return True
    # What awaits is Python inside of a function only.
    return "await" in text and _has_symbols("async def cell():\n pass\n" + textwrap.indent(text, " "))


def _has_symbols(text: str) -> bool:
    try:
        symtable.symtable(text, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
