"""The notebook as it was: snapshots, from the best source there is.

"frontend"
    The live document, unsaved edits and outputs included, sent by the JupyterLab extension.
"file"
    The file on disk.
"session"
    Rebuilt from the cells that this kernel has executed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..entities import InvalidParameterValue

__all__ = ["from_file", "from_session", "snapshot_bytes"]

#: A notebook larger than this (bytes of JSON) is not taken; it would fill the store.
MAX_NOTEBOOK = 200_000_000

#: Base64 is no text: something in it may look like a secret, and blotting that out would break the picture.
_BINARY = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf"})


def from_file(path: str) -> dict[str, Any] | None:
    """Return the notebook on disk, or None if it cannot be read as one."""
    try:
        file = Path(path)
        if not path or file.stat().st_size > MAX_NOTEBOOK:
            return None
        notebook = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return notebook if _is_notebook(notebook) else None


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
    """
    if not _is_notebook(notebook):
        raise InvalidParameterValue("The snapshot is not a notebook of format 4 and was not kept.")
    clean = _without_secrets(notebook, redact)
    data = (json.dumps(clean, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8", "backslashreplace")
    if len(data) > MAX_NOTEBOOK:
        raise InvalidParameterValue(
            f"The notebook has {len(data):,} bytes; snapshots of more than {MAX_NOTEBOOK:,} are not kept."
        )
    return data


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
