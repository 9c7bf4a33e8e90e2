"""``%%track --keep NAME``: the value of a variable as a file of the run."""

from __future__ import annotations

import io
import pickle
from typing import Any

__all__ = ["KEPT_FOLDER", "MAX_KEPT", "kept_path", "pickle_variable"]

#: Where the files are among a run's artifacts.
KEPT_FOLDER = "track/vars"
#: Bytes of one of them.
MAX_KEPT = 50_000_000


class _TooLarge(Exception):
    pass


class _Limited(io.BytesIO):
    """Takes so many bytes and no more, so that a value of gigabytes is not first made into a file."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self.tell() + size > self._limit:
            raise _TooLarge
        super().write(data)
        return size


def kept_path(name: str) -> str:
    """Return the artifact path of a variable."""
    return f"{KEPT_FOLDER}/{name}.pkl"


def pickle_variable(value: Any, limit: int = MAX_KEPT) -> bytes | str:
    """Return a value as bytes, or why it cannot be kept.

    Functions and classes of the notebook are kept too where cloudpickle is installed; it is loaded only if it is.

    Parameters
    ----------
    value : object
        Its own code may run, because the person asked for this very value.
    limit : int
        How many bytes it may have.
    """
    file = _Limited(limit)
    try:
        _pickler(file).dump(value)
    except _TooLarge:
        return f"it has more than {limit:,} bytes, and no more is kept of a variable"
    except Exception as error:  # Whatever its own code raises.
        return f"it cannot be pickled: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return file.getvalue()


def _pickler(file: io.BytesIO) -> pickle.Pickler:
    try:
        import cloudpickle
    except ImportError:
        return pickle.Pickler(file)
    pickler: pickle.Pickler = cloudpickle.CloudPickler(file)
    return pickler
