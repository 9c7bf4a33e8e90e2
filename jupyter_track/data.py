"""Datasets for `jupyter_track.log_input`: what data a run has read, described and not kept.

::

    dataset = jt.data.from_pandas(frame, source="s3://bucket/train.csv", name="train", targets="label")
    jt.log_input(dataset, context="training")

Names, types of sources, schemas and profiles are those of MLflow, so that its pages show them. A digest tells
different contents apart; it is not the one that MLflow would compute.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .entities import InvalidParameterValue

__all__ = ["Dataset", "NumpyDataset", "PandasDataset", "Source", "from_numpy", "from_pandas"]

#: Rows of a frame, or values of an array, that the digest is made of, besides its shape.
MAX_DIGESTED = 10_000

_LOCAL = ("", "file")
_PANDAS_TYPES = (
    ("bool", "boolean"),
    ("int64", "long"),
    ("uint32", "long"),
    ("int", "integer"),
    ("uint8", "integer"),
    ("uint16", "integer"),
    ("float64", "double"),
    ("float", "float"),
    ("datetime64", "datetime"),
    ("string", "string"),
    ("str", "string"),
    ("category", "string"),
)
#: What the objects in a column may be, if they are all of one type.
_OBJECT_TYPES: dict[type, str] = {str: "string", bytes: "binary", bool: "boolean"}


class Source:
    """Where the data of a dataset came from.

    Parameters
    ----------
    source : str or None
        A path or a URL; None says that the program that runs has made the data.
    """

    def __init__(self, source: str | None) -> None:
        self.uri = source
        scheme = source.partition("://")[0].lower() if source is not None and "://" in source else ""
        self.source_type = "code" if source is None else "local" if scheme in _LOCAL else scheme
        if self.source_type == "https":
            self.source_type = "http"

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept of it."""
        if self.uri is None:
            from .tracking.context import source_tags

            return {"tags": source_tags()}
        return {"url" if self.source_type == "http" else "uri": self.uri}

    def to_json(self) -> str:
        """Return what is kept of it as JSON."""
        return json.dumps(self.to_dict())


class Dataset:
    """A description of data.

    Attributes
    ----------
    name, digest : str
    source : Source
    schema : dict or None
    profile : dict
    """

    def __init__(
        self, name: str | None, digest: str, source: str | Source | None, schema: Any, profile: dict[str, Any]
    ) -> None:
        self.name = name or "dataset"
        self.digest = digest
        self.source = source if isinstance(source, Source) else Source(source)
        self.schema = schema
        self.profile = profile

    def to_dict(self) -> dict[str, str | None]:
        """Return what is kept of it."""
        return {
            "name": self.name,
            "digest": self.digest,
            "source": self.source.to_json(),
            "source_type": self.source.source_type,
            "schema": None if self.schema is None else json.dumps(self.schema),
            "profile": json.dumps(self.profile),
        }

    def to_json(self) -> str:
        """Return what is kept of it as JSON."""
        return json.dumps(self.to_dict())


class PandasDataset(Dataset):
    """A description of a pandas frame; see `from_pandas`."""

    def __init__(
        self,
        df: Any,
        source: str | Source | None = None,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        predictions: str | None = None,
    ) -> None:
        for what, column in (("targets", targets), ("predictions", predictions)):
            if column is not None and column not in df.columns:
                raise InvalidParameterValue(f"The frame has no column {column!r}, which {what} names.")
        profile = {"num_rows": len(df), "num_elements": int(df.size)}
        super().__init__(name, digest or _frame_digest(df), source, _column_schema(df), profile)
        self.df = df
        self.targets = targets
        self.predictions = predictions


class NumpyDataset(Dataset):
    """A description of NumPy arrays; see `from_numpy`."""

    def __init__(
        self,
        features: Any,
        source: str | Source | None = None,
        targets: Any = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        parts = {"features": features, **({"targets": targets} if targets is not None else {})}
        schema = {"features": _tensor_schema(features), "targets": None if targets is None else _tensor_schema(targets)}
        profile: dict[str, Any] = {}
        for part, arrays in parts.items():
            profile[f"{part}_shape"] = _each(arrays, lambda array: list(array.shape))
            profile[f"{part}_size"] = _each(arrays, lambda array: int(array.size))
            profile[f"{part}_nbytes"] = _each(arrays, lambda array: int(array.nbytes))
        super().__init__(
            name, digest or _digest(_array_bytes(parts.values())), source, {"mlflow_tensorspec": schema}, profile
        )
        self.features = features
        self.targets = targets


def from_pandas(
    df: Any,
    source: str | Source | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PandasDataset:
    """Describe a pandas frame.

    Parameters
    ----------
    df : pandas.DataFrame
    source : str, optional
        The path or URL that it was read from.
    targets, predictions : str, optional
        The columns that hold them.
    name : str, optional
        "dataset", if not given.
    digest : str, optional
        Computed from the columns and the first 10,000 rows, if not given.

    Raises
    ------
    InvalidParameterValue
        If the frame has no such column.
    """
    return PandasDataset(df, source, targets, name, digest, predictions)


def from_numpy(
    features: Any,
    source: str | Source | None = None,
    targets: Any = None,
    name: str | None = None,
    digest: str | None = None,
) -> NumpyDataset:
    """Describe NumPy arrays.

    Parameters
    ----------
    features, targets : numpy.ndarray, or a dictionary of them
    source, name, digest : str, optional
        See `from_pandas`.
    """
    return NumpyDataset(features, source, targets, name, digest)


def _digest(parts: Iterable[bytes]) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part)
    return hashed.hexdigest()[:8]


def _frame_digest(df: Any) -> str:
    from pandas.util import hash_pandas_object

    head = df.head(MAX_DIGESTED)
    parts = [repr((df.shape, [str(column) for column in df.columns])).encode()]
    for index in range(head.shape[1]):
        column = head.iloc[:, index]
        try:
            parts.append(hash_pandas_object(column, index=False).to_numpy().tobytes())
        except TypeError:  # Lists and other objects without a hash.
            parts.append(hash_pandas_object(column.map(repr), index=False).to_numpy().tobytes())
    return _digest(parts)


def _array_bytes(parts: Iterable[Any]) -> Iterable[bytes]:
    for arrays in parts:
        for array in arrays.values() if isinstance(arrays, Mapping) else [arrays]:
            yield repr((array.shape, str(array.dtype))).encode()
            head = array.ravel()[:MAX_DIGESTED]
            yield repr(head.tolist()).encode() if array.dtype.hasobject else head.tobytes()


def _each(arrays: Any, call: Any) -> Any:
    if isinstance(arrays, Mapping):
        return {str(key): call(array) for key, array in arrays.items()}
    return call(arrays)


def _column_schema(df: Any) -> dict[str, Any] | None:
    """Return MLflow's column specification; None if a column's type has no name there."""
    columns = []
    for index, name in enumerate(df.columns):
        column = df.iloc[:, index]
        kind = _column_type(column)
        if kind is None:
            return None
        columns.append({"type": kind, "name": str(name), "required": not bool(column.isna().any())})
    return {"mlflow_colspec": columns}


def _column_type(column: Any) -> str | None:
    told = str(column.dtype).lower()
    if told == "object":
        kinds = {type(value) for value in column.head(MAX_DIGESTED).dropna()}
        return _OBJECT_TYPES.get(kinds.pop()) if len(kinds) == 1 else None
    return next((name for start, name in _PANDAS_TYPES if told.startswith(start)), None)


def _tensor_schema(arrays: Any) -> str:
    """Return MLflow's tensor specification, in which the first dimension may have any length."""
    named = arrays.items() if isinstance(arrays, Mapping) else [(None, arrays)]
    return json.dumps(
        [
            {
                **({"name": str(name)} if name is not None else {}),
                "type": "tensor",
                "tensor-spec": {"dtype": str(array.dtype), "shape": [-1, *array.shape[1:]]},
            }
            for name, array in named
        ]
    )
