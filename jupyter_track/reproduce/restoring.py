"""``%track restore``: a run's notebook beside the present one, and its values in the namespace."""

from __future__ import annotations

import ast
import keyword
import math
import os
import pickle
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..artifacts import local_path
from ..capture.kept import KEPT_FOLDER, MAX_KEPT
from ..capture.notebook import snapshot_bytes
from ..capture.values import as_param
from ..config import data_dir
from ..entities import InvalidParameterValue, Run, StoreUnavailable
from ..tracking import TrackClient
from .recorded import Provenance, RecordedRun

__all__ = ["RestoredVariables", "is_of_own_store", "restore", "restore_vars"]

#: What a file may be called everywhere.
_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*\x7f]+')
MAX_STEM = 120
#: Numbers that are tried behind a name that is taken.
MAX_NUMBER = 10_000

_KEYWORD_RULE = "keyword argument"


def restore(client: TrackClient, run: Run, folder: str | os.PathLike[str], name: str = "") -> Path:
    """Write the notebook of a run as a new file.

    It is the notebook as it was when the cell had ended, outputs included; its metadata say which run it is of.

    Parameters
    ----------
    client : TrackClient
    run : Run
    folder : path
        Where it is written.
    name : str, optional
        The file's name. By default the name of the notebook that ran, followed by that of the run.

    Returns
    -------
    Path
        The file, which was not there before: if the name is taken, a number is added to it.

    Raises
    ------
    ResourceDoesNotExist
        If the run has no notebook.
    InvalidParameterValue
        If what it has is none, or the name is no name of a file.
    StoreUnavailable
        If the file cannot be written.
    """
    notebook = dict(RecordedRun(client, run).notebook)
    ours = notebook["metadata"].get("jupyter_track")
    notebook["metadata"] = {
        **notebook["metadata"],
        "jupyter_track": {**(ours if isinstance(ours, dict) else {}), "restored_from": run.info.run_id},
    }
    data = snapshot_bytes(notebook, str)
    if name and (_UNSAFE.search(name) or name in (".", "..")):
        raise InvalidParameterValue(f"{name!r} is no name for a notebook: give the name alone, without a folder.")
    return _write_new(Path(folder), name.removesuffix(".ipynb") if name else _stem(run), data)


def _stem(run: Run) -> str:
    # The path may be of another system.
    notebook = re.split(r"[/\\]", run.data.tags.get("mlflow.source.name", ""))[-1].removesuffix(".ipynb")
    stem = f"{notebook or 'notebook'}-{run.info.run_name or run.info.run_id[:8]}"
    return _UNSAFE.sub("-", stem)[:MAX_STEM].strip(" .") or run.info.run_id


def _write_new(folder: Path, stem: str, data: bytes) -> Path:
    for number in range(1, MAX_NUMBER):
        path = folder / (f"{stem}.ipynb" if number == 1 else f"{stem}-{number}.ipynb")
        try:
            # Made by this call, or not at all: what is there is never written over.
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreUnavailable(f"Cannot write the notebook {path}: {error.strerror or error}.") from None
        return path
    raise InvalidParameterValue(f"There are {MAX_NUMBER:,} notebooks named {stem!r} in {folder}: give another name.")


# -- values


@dataclass(frozen=True)
class RestoredVariables:
    """Values by the names that the notebook had for them.

    Attributes
    ----------
    values : dict of str to object
        A param such as ``cfg.lr`` is the entry "lr" of the dict "cfg".
    kept : tuple of str
        Those of them that were kept whole, by ``%%track --keep``.
    left_out : dict of str to str
        What was not brought back, and why.
    """

    values: dict[str, Any]
    kept: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)


def is_of_own_store(run: Run) -> bool:
    """Whether a run's files are in the folder that Jupyter keeps for this person."""
    path = local_path(run.info.artifact_uri)
    if not path:
        return False
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(data_dir()))


def restore_vars(client: TrackClient, run: Run, trust: bool = False) -> RestoredVariables:
    """Return the params of a run as Python values, and the variables that were kept with it.

    A param is read as the constant that its text is, else as a text. Params that were keyword arguments have no name
    in the notebook, and are left out.

    Parameters
    ----------
    client : TrackClient
    run : Run
    trust : bool
        Whether variables may be unpickled that lie outside this person's own Jupyter folder. A pickle is a
        program: whoever wrote it decides what runs here when it is read.
    """
    recorded = RecordedRun(client, run)
    provenance: dict[str, Provenance] = {}
    original: dict[str, str] = {}
    for cell in recorded.cells:
        provenance.update(cell.params)
        original.update({new: old for old, new in cell.renamed.items()})
    found = RestoredVariables({})
    for key, text in run.data.params.items():
        source = provenance.get(key)
        if source is not None and source.rule == _KEYWORD_RULE:
            found.left_out[key] = "a keyword argument of a call, and no variable"
            continue
        path = original.get(key, key).split(".")
        if not path[0].isidentifier() or keyword.iskeyword(path[0]):
            found.left_out[key] = "no name that a variable can have"
        elif not _put(found.values, path, _value(text, source.expression if source else "")):
            found.left_out[key] = f"{path[0]} is a param of its own"
    kept, problems = _kept_variables(recorded, trust or is_of_own_store(run))
    return RestoredVariables({**found.values, **kept}, tuple(kept), {**found.left_out, **problems})


def _put(values: dict[str, Any], path: list[str], value: Any) -> bool:
    within: Any = values
    for name in path[:-1]:
        within = within.setdefault(name, {})
        if not isinstance(within, dict):
            return False
    return within.setdefault(path[-1], value) is value


def _value(text: str, expression: str) -> Any:
    """Return the value that a param's text stands for; how it was written in the cell tells "3" from 3."""
    written = _literal(expression)
    if isinstance(written, str) and as_param(written) == text:
        return written
    value = _literal(text)
    if value is not text:
        return value
    return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}.get(text, text)


def _literal(text: str) -> Any:
    """Return the value of a literal; any other text as it is."""
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text


def _kept_variables(recorded: RecordedRun, trusted: bool) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    numbers = sorted(int(name) for name in recorded.files("cells") if name.isdecimal())
    for folder in (KEPT_FOLDER, *(f"cells/{number}/{KEPT_FOLDER}" for number in numbers)):
        for file in recorded.files(folder):
            name = file.removesuffix(".pkl")
            if not file.endswith(".pkl") or not name.isidentifier() or keyword.iskeyword(name):
                continue
            if not trusted:
                problems[name] = (
                    "kept outside your own Jupyter folder, and reading it runs what its writer put there: "
                    "--trust, if you trust them"
                )
                continue
            data = recorded.read(f"{folder}/{file}", 2 * MAX_KEPT)
            try:
                values[name] = pickle.loads(data or b"")
            except Exception as error:  # Whatever is missing or has changed since.
                problems[name] = f"it cannot be read here: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return values, problems
