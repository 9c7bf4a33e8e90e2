"""A lock on a file that a process holds until it closes the file or ends, however it ends."""

from __future__ import annotations

import sys
from typing import IO

__all__ = ["lock"]

if sys.platform == "win32":
    import msvcrt

    # The locked byte lies far behind the content, which others may read.
    _PLACE = 2**62

    def lock(file: IO[bytes]) -> None:
        """Lock a file; `OSError` if another process has it locked."""
        file.seek(_PLACE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock(file: IO[bytes]) -> None:
        """Lock a file; `OSError` if another process has it locked."""
        # lockf's locks are the process's own: a child that is forked does not keep those of its dead parent.
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
