"""The data that a cell works on: described when the cell has ended, told apart by a digest that is computed later.

Nothing here takes time proportional to the size of data. What describes it (shape, types, columns) its library knows
without looking at a value; the digest is made of a sample of at most `SAMPLE_BYTES`, away from the cell's path. What
the next cell changes meanwhile may be in the digest or not, and is neither kept alive nor hurt: data is held by weak
references, and a sample is a copy.

Only objects of the libraries' own types are looked at, and they are asked for nothing that a subclass could answer.
"""

from __future__ import annotations

import hashlib
import json
import time
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..data import Source
from ..entities import Dataset, DatasetInput, InputTag
from .configs import module_of
from .rules.base import MISSING, Outcome
from .values import is_one_of, library_type

__all__ = ["DataDescription", "dataset_inputs", "find_datasets"]

MAX_DATASETS = 20
MAX_COLUMNS = 100
#: Bytes of one dataset that go into its digest, and values of those that are no plain numbers.
SAMPLE_BYTES = 1 << 20
SAMPLE_VALUES = 1_000
#: Seconds after which the digests that are left are made of the descriptions alone.
SECONDS = 2.0

_SPARSE = "scipy.sparse"
#: What MLflow calls the types of columns, by how theirs begin in pandas and polars.
_COLUMN_TYPES = (
    ("bool", "boolean"), ("int", "long"), ("uint", "long"), ("float", "double"), ("date", "datetime"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DataDescription:
    """Data that the cell uses, without the data.

    Attributes
    ----------
    name : str
        Of the variable.
    kind : str
        The full name of its class.
    shape : tuple of int
    dtype : str
        Empty for a frame, whose columns have each their own.
    columns : dict of str to str
        Names and types of a frame's first columns.
    context : str
        "read" if it comes from an earlier cell, "made" if the cell made it.
    reference : weakref.ref
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    dtype: str
    columns: dict[str, str]
    context: str
    reference: Any = field(repr=False, compare=False)

    @property
    def name_and_shape(self) -> str:
        """At a glance: ``X (426, 30)``."""
        return f"{self.name} {self.shape}" if self.shape else self.name

    def in_words(self) -> dict[str, Any]:
        """Return the description as JSON can hold it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "columns": self.columns,
            "context": self.context,
        }


def find_datasets(outcome: Outcome) -> list[DataDescription]:
    """Describe the data that the cell gives to calls or whose methods it calls.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    list of DataDescription
        At most `MAX_DATASETS`, in the order in which the cell uses them; one that has two names has the first.
    """
    source = outcome.situation.source
    found: list[DataDescription] = []
    seen: set[int] = set()
    for name in source.given:
        value = outcome.after.get(name, MISSING)
        if name.startswith("_") or value is MISSING or id(value) in seen or len(found) >= MAX_DATASETS:
            continue
        described = _described(value)
        if described is not None:
            seen.add(id(value))
            shape, dtype, columns = described
            kind = f"{module_of(type(value))}.{type(value).__qualname__}"
            context = "made" if name in source.computed else "read"
            found.append(DataDescription(name, kind, shape, dtype, columns, context, weakref.ref(value)))
    return found


def dataset_inputs(descriptions: Iterable[DataDescription], seconds: float = SECONDS) -> list[DatasetInput]:
    """Compute the digests and return what is logged with the run. To be called off the cell's path.

    Parameters
    ----------
    descriptions : iterable of DataDescription
    seconds : float
        After this long the digests that are left are made of the descriptions alone.
    """
    end = time.monotonic() + seconds
    origin = Source(None)
    inputs = []
    for each in descriptions:
        digest = _digest(each, time.monotonic() < end)
        profile = json.dumps({"shape": list(each.shape), "kind": each.kind})
        dataset = Dataset(each.name, digest, origin.source_type, origin.to_json(), json.dumps(_schema(each)), profile)
        inputs.append(DatasetInput(dataset, (InputTag("mlflow.data.context", each.context),)))
    return inputs


def _described(value: Any) -> tuple[tuple[int, ...], str, dict[str, str]] | None:
    """Return shape, type and columns of data, or None if it is none, or a single number."""
    kind = type(value)
    if is_one_of(kind, (library_type("torch.utils.data", "DataLoader"), library_type("torch.utils.data", "Subset"))):
        return _described(value.dataset)
    if kind is library_type("torch.utils.data", "TensorDataset"):
        return _described(value.tensors[0]) if value.tensors else None
    if kind is library_type("pandas", "DataFrame") or kind is library_type("polars", "DataFrame"):
        names, types = list(value.columns[:MAX_COLUMNS]), list(value.dtypes[:MAX_COLUMNS])
        return _shape(value), "", {_column_name(name): str(each) for name, each in zip(names, types, strict=True)}
    is_array = is_one_of(kind, (library_type("numpy", "ndarray"), library_type("torch", "Tensor")))
    if is_array or kind is library_type("pandas", "Series") or module_of(kind).startswith(_SPARSE):
        shape = _shape(value)
        return None if all(length <= 1 for length in shape) else (shape, str(value.dtype), {})
    return None


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(int(length) for length in value.shape)


def _column_name(name: Any) -> str:
    return name if type(name) is str else str(name) if is_one_of(type(name), (int, tuple)) else type(name).__name__


def _schema(description: DataDescription) -> dict[str, Any]:
    if description.columns:
        columns = [
            {"type": _column_type(dtype), "name": name, "required": False}
            for name, dtype in description.columns.items()
        ]
        return {"mlflow_colspec": columns}
    spec = {
        "type": "tensor",
        "tensor-spec": {"dtype": description.dtype.rpartition(".")[2], "shape": [-1, *description.shape[1:]]},
    }
    return {"mlflow_tensorspec": {"features": json.dumps([spec]), "targets": None}}


def _column_type(dtype: str) -> str:
    return next((name for start, name in _COLUMN_TYPES if dtype.lower().startswith(start)), "string")


def _digest(description: DataDescription, with_sample: bool) -> str:
    hashed = hashlib.sha256(
        repr((description.kind, description.shape, description.dtype, description.columns)).encode("utf-8", "replace")
    )
    value = description.reference() if with_sample else None
    if value is not None:
        try:
            for part in _sample(value):
                hashed.update(part)
        except Exception:  # Changed by the next cell meanwhile, or on a device in trouble: the description has to do.
            hashed.update(b"unread")
    return hashed.hexdigest()[:8]


def _sample(value: Any) -> Iterator[bytes]:
    """Yield a copy of parts of the data, spread evenly over it."""
    kind = type(value)
    if is_one_of(kind, (library_type("torch.utils.data", "DataLoader"), library_type("torch.utils.data", "Subset"))):
        yield from _sample(value.dataset)
    elif kind is library_type("torch.utils.data", "TensorDataset"):
        for tensor in value.tensors[:2]:
            yield from _sample(tensor)
    elif kind is library_type("numpy", "ndarray"):
        yield from _array_sample(value)
    elif kind is library_type("torch", "Tensor"):
        yield repr(_thinned(value.detach(), SAMPLE_VALUES * 4).cpu().tolist()).encode()
    elif kind is library_type("pandas", "DataFrame"):
        rows = value.iloc[:: _step(len(value), SAMPLE_VALUES)]
        for index in range(min(rows.shape[1], MAX_COLUMNS)):
            yield from _array_sample(rows.iloc[:, index].to_numpy())
    elif kind is library_type("pandas", "Series"):
        yield from _array_sample(value.iloc[:: _step(len(value), SAMPLE_VALUES)].to_numpy())
    elif kind is library_type("polars", "DataFrame"):
        rows = value[:: _step(value.height, SAMPLE_VALUES)]
        yield repr([rows[name].to_list() for name in rows.columns[:MAX_COLUMNS]]).encode("utf-8", "replace")
    elif module_of(kind).startswith(_SPARSE) and type(getattr(value, "data", None)) is library_type("numpy", "ndarray"):
        yield from _array_sample(value.data)


def _array_sample(array: Any) -> Iterator[bytes]:
    if array.dtype.hasobject:
        for each in _thinned(array, SAMPLE_VALUES).ravel().tolist():
            simple = is_one_of(type(each), (str, int, float, bool, type(None)))
            yield (repr(each)[:1_000] if simple else type(each).__name__).encode("utf-8", "replace")
    else:
        yield _thinned(array, max(1, SAMPLE_BYTES // max(1, array.dtype.itemsize))).tobytes()


def _thinned(array: Any, count: int) -> Any:
    """Return about `count` values of an array or tensor, as a view: every so many along each axis, the first first."""
    for axis in range(len(array.shape)):
        size = 1
        for length in array.shape:
            size *= int(length)
        if size <= count:
            break
        length = int(array.shape[axis])
        rest = size // max(1, length)
        array = array[(slice(None),) * axis + (slice(None, None, _step(length, max(1, count // max(1, rest)))),)]
    return array


def _step(length: int, count: int) -> int:
    return max(1, -(-length // count))
