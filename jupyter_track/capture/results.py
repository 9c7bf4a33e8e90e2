"""Results that hold several numbers, each with a name: dicts, named tuples, series, one-row frames; and tables."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from .values import library_type

__all__ = ["named_entries", "table_json"]

#: Entries of a dict that are looked at.
MAX_ENTRIES = 1_000
#: A series or row of more is data and no result.
MAX_LABELS = 30
#: Values of a table that is kept as one.
MAX_VALUES = 10_000


def named_entries(value: Any) -> list[tuple[str, Any]] | None:
    """Return the entries of a value that is several results with names, or None if it is none.

    Those are a dict with texts for keys, a tuple with named fields, a series of floats with texts for labels, and a
    frame of one row. A series or row whose labels have a name of their own (``groupby`` gives them one) describes data.
    """
    kind = type(value)
    if kind is dict:
        return [(key, item) for key, item in islice(list(value.items()), MAX_ENTRIES) if type(key) is str]
    if issubclass(kind, tuple):
        fields = type.__getattribute__(kind, "__dict__").get("_fields")
        if type(fields) is tuple and len(fields) == tuple.__len__(value):
            return [(str(name), tuple.__getitem__(value, place)) for place, name in enumerate(fields)]
        return None
    if kind is library_type("pandas", "Series"):
        return _of_series(value)
    if kind is library_type("pandas", "DataFrame") and len(value) == 1:
        return _of_series(value.iloc[0], of_frame=True)
    return None


def _of_series(series: Any, of_frame: bool = False) -> list[tuple[str, Any]] | None:
    index = series.index
    if not 0 < len(index) <= MAX_LABELS or (index.name is not None and not of_frame) or index.nlevels != 1:
        return None
    if not of_frame and series.dtype.kind not in "fO":
        return None
    return [(label, item) for label, item in zip(index, series.tolist(), strict=True) if type(label) is str]


def table_json(value: Any) -> str | None:
    """Return a displayed frame as MLflow keeps tables, ``{"columns": [...], "data": [[...]]}``; None if it is none.

    A large one is no result to be looked at, and is left to its picture in the output.
    """
    if type(value) is not library_type("pandas", "DataFrame"):
        return None
    if not 0 < value.size <= MAX_VALUES:
        return None
    named = value if value.index.name is None and value.index.dtype.kind == "i" else value.reset_index()
    columns = [str(column) for column in named.columns]
    rows = named.to_numpy().tolist()
    return json.dumps({"columns": columns, "data": rows}, default=str)
