"""Tables as artifacts: JSON files with columns and rows, in the layout of pandas ("split") that MLflow's pages read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..artifacts import check_artifact_path, open_repository
from ..entities import InvalidParameterValue, ResourceDoesNotExist, Run

__all__ = ["Rows", "check_path", "decode", "encode", "joined", "load", "rows_of"]


class Rows(NamedTuple):
    """A table: the names of its columns, and its rows."""

    columns: list[str]
    data: list[list[Any]]


def check_path(path: str) -> str:
    """Return the plain form of the path of a table.

    Raises
    ------
    InvalidParameterValue
        If it is not the path of a JSON file.
    """
    if not path.endswith(".json"):
        raise InvalidParameterValue(f"Cannot keep a table in {path!r}: the name must end with .json.")
    return check_artifact_path(path)


def rows_of(data: Any) -> Rows:
    """Return a table from a pandas frame, or a dictionary of columns; a single value is a column of one row.

    Raises
    ------
    InvalidParameterValue
        If it is neither, or the columns differ in length.
    """
    if callable(getattr(data, "to_dict", None)) and hasattr(data, "columns"):
        data = data.to_dict(orient="list")
    if not isinstance(data, Mapping):
        raise InvalidParameterValue(f"A {type(data).__name__} is no table: give a dictionary of columns or a frame.")
    columns = {str(key): _column(value) for key, value in data.items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidParameterValue(f"The columns of a table must have one length, and have {lengths}.")
    return Rows(list(columns), [list(row) for row in zip(*columns.values(), strict=True)])


def _column(value: Any) -> list[Any]:
    listed = value.tolist() if hasattr(value, "tolist") else value
    return list(listed) if isinstance(listed, (list, tuple)) else [listed]


def joined(first: Rows, second: Rows) -> Rows:
    """Return the rows of both, one below the other; where one lacks a column it has no value."""
    columns = [*first.columns, *(name for name in second.columns if name not in first.columns)]
    data = []
    for part in (first, second):
        for row in part.data:
            cells = dict(zip(part.columns, row, strict=True))
            data.append([cells.get(name) for name in columns])
    return Rows(columns, data)


def encode(rows: Rows) -> bytes:
    """Return the file of a table."""
    data = [[_cell(value) for value in row] for row in rows.data]
    return json.dumps({"columns": rows.columns, "data": data}, ensure_ascii=False, allow_nan=False).encode()


def _cell(value: Any) -> Any:
    """Return what JSON knows for a value: no value for what is none, text for what it does not know."""
    if hasattr(value, "item") and not isinstance(value, (list, dict)):
        value = value.item()
    if value is None or (isinstance(value, float) and (value != value or value in (float("inf"), float("-inf")))):
        return None
    if isinstance(value, (list, tuple)):
        return [_cell(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _cell(each) for key, each in value.items()}
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def decode(data: bytes) -> Rows:
    """Return the table in a file.

    Raises
    ------
    InvalidParameterValue
        If the file holds none.
    """
    try:
        told = json.loads(data)
        return Rows([str(name) for name in told["columns"]], [list(row) for row in told["data"]])
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidParameterValue("The file that is there already holds no table.") from error


def load(runs: Sequence[Run], path: str, extra_columns: Sequence[str]) -> Any:
    """Return the tables at one path of several runs as one pandas frame.

    Parameters
    ----------
    runs : sequence of Run
    path : str
    extra_columns : sequence of str
        Attributes of the run that become columns, such as ``run_id``.

    Raises
    ------
    ResourceDoesNotExist
        If no run has such a table.
    """
    import pandas

    frames = []
    for run in runs:
        try:
            rows = decode(open_repository(run.info.artifact_uri).read(path))
        except ResourceDoesNotExist:
            continue
        frame = pandas.DataFrame(rows.data, columns=rows.columns)
        for name in extra_columns:
            frame[name] = getattr(run.info, name, None)
        frames.append(frame)
    if not frames:
        raise ResourceDoesNotExist(f"No run has the table {path!r}.")
    return frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True)
