"""One column: a value for each run, by its position."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ABSENT", "IS_NAN", "THERE", "Array", "Cells", "Texts", "Values"]

Array = NDArray[Any]

#: What a run has in a column of numbers.
THERE, IS_NAN, ABSENT = 0, 1, 2


class Cells:
    """An array with room for more.

    Parameters
    ----------
    dtype : str
    fill : int or float
        What a cell holds until something is put into it.
    count : int
    """

    def __init__(self, dtype: str, fill: float, count: int) -> None:
        self._fill = fill
        self._room: Array = np.full(_with_room(count), fill, dtype)
        self._count = count

    @property
    def now(self) -> Array:
        """The cells of all runs."""
        return self._room[: self._count]

    @property
    def size(self) -> int:
        """Bytes."""
        return self._room.nbytes

    def grow(self, count: int) -> None:
        """Have `count` cells."""
        if count > len(self._room):
            room = np.full(_with_room(count), self._fill, self._room.dtype)
            room[: self._count] = self.now
            self._room = room
        self._count = count

    def rearrange(self, first: int, order: Array) -> None:
        """Put the cells from `first` on in another order."""
        self.now[first:] = self.now[first:][order]


def _with_room(count: int) -> int:
    # So that runs which come one by one do not have every array copied each time.
    return count + count // 16 + 1_000


class Values:
    """A column of numbers.

    Attributes
    ----------
    values : Cells
        0 where there is none.
    states : Cells
        `THERE`, `IS_NAN` or `ABSENT`.
    """

    def __init__(self, dtype: str, count: int) -> None:
        self.values = Cells(dtype, 0, count)
        self.states = Cells("i1", ABSENT, count)

    @property
    def cells(self) -> tuple[Cells, ...]:
        """All arrays."""
        return self.values, self.states

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(cells.size for cells in self.cells)

    def put(self, positions: Array | int, values: Any, states: Any = THERE) -> None:
        """Set values."""
        self.values.now[positions] = values
        self.states.now[positions] = states

    def clear(self, positions: Array) -> None:
        """Take values away."""
        self.put(positions, 0, ABSENT)


class Texts:
    """A column of texts: each word is kept once, and a run has its number.

    Attributes
    ----------
    codes : Cells
        The number of the run's word, -1 where it has none.
    words : list of str
    """

    def __init__(self, count: int) -> None:
        self.codes = Cells("i4", -1, count)
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}
        self._bytes = 0
        self._sorted: tuple[list[str], Array] | None = None

    @property
    def cells(self) -> tuple[Cells, ...]:
        """All arrays."""
        return (self.codes,)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.codes.size + self._bytes

    def put(self, positions: Array | int, word: str) -> None:
        """Give runs a word."""
        number = self._numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
            # Besides itself, its places in the list and the dictionary.
            self._bytes += sys.getsizeof(word) + 100
            self._sorted = None
        self.codes.now[positions] = number

    def clear(self, positions: Array) -> None:
        """Take words away."""
        self.codes.now[positions] = -1

    def number(self, word: str) -> int | None:
        """Return the number of a word; None if no run has it."""
        return self._numbers.get(word)

    def in_order(self) -> tuple[Sequence[str], Array]:
        """Return the words sorted by code points, and by a word's number its place there (and 0 for number -1)."""
        if self._sorted is None:
            words = sorted(self.words)
            places = np.zeros(len(words) + 1, "i8")
            places[[self._numbers[word] for word in words]] = np.arange(len(words))
            self._sorted = words, places
        return self._sorted
