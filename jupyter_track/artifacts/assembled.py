"""A file that is put together from parts while it is read."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

__all__ = ["AssembledFile", "Part"]

#: A part's bytes, and what returns them.
Part = tuple[int, Callable[[], bytes]]


class AssembledFile(io.RawIOBase):
    """Reads parts one after the other; the one that was read last is in memory.

    Parameters
    ----------
    parts : sequence of (int, callable)
        The bytes of each part, and what returns them. It may raise, which ends the reading.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__()
        self._parts = [part for part in parts if part[0]]
        self._ends = list(accumulate(size for size, _ in self._parts))
        self._size = self._ends[-1] if self._ends else 0
        self._place = 0
        self._read = -1
        self._content = b""

    def readable(self) -> bool:  # noqa: D102 (the base class's docstring holds)
        return True

    def seekable(self) -> bool:  # noqa: D102
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(22, "Invalid argument")
        self._place = start + offset
        return self._place

    def tell(self) -> int:  # noqa: D102
        return self._place

    def readinto(self, buffer: Any) -> int:  # noqa: D102
        if self._place >= self._size:
            return 0
        number = bisect_right(self._ends, self._place)
        size, content = self._parts[number]
        if self._read != number:
            self._content, self._read = content(), number
        start = self._place - (self._ends[number] - size)
        view = memoryview(buffer).cast("B")
        some = self._content[start : start + len(view)]
        view[: len(some)] = some
        self._place += len(some)
        return len(some)
