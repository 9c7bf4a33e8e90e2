"""A lock between the writers of a folder, in whatever process or thread they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["locked"]

#: Seconds between two attempts to get a lock that another one holds, some milliseconds as a rule.
_PAUSE = 0.002

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _give_back(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    # flock's locks belong to the open file, so that they hold between the threads of a process as well.
    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_back(file: IO[bytes]) -> None:
        # Closing would not do: a child that was forked meanwhile has the file open, too.
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock that a file stands for; the file is made if it is not there.

    Raises
    ------
    TimeoutError
        If another one still holds it after `seconds`.
    OSError
        If the file cannot be made or locked.
    """
    deadline = time.monotonic() + seconds
    with path.open("ab") as file:
        while True:
            try:
                _take(file)
                break
            except (BlockingIOError, PermissionError) as error:  # What the two systems say of a lock that is taken.
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{path} has been locked for {seconds:g} seconds") from error
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _give_back(file)
