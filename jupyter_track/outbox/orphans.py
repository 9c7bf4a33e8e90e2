"""The journals of others: those of processes that are gone, and those in which a run begins."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from .encoding import beginning
from .frames import APPLIED, FRAME, HEAD, MAGIC, SUFFIX, followed, next_record
from .journal import own_journals
from .lock import lock
from .records import Record, StartRun

__all__ = ["OrphanJournal", "begins_in_another", "journal_paths", "orphans"]

#: Bytes of another's journal that are looked at together.
CHUNK = 1024**2


class OrphanJournal:
    """A journal whose process is gone, held by this one from now on.

    Attributes
    ----------
    path : pathlib.Path
    description : dict of str to str
    open_runs : frozenset of str
        Ids of the runs that had begun and not ended, as far as it has been read.
    last_written : int
        When its process last wrote to it, in milliseconds since the epoch, UTC.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file
        magic, self._applied, size = HEAD.unpack(file.read(HEAD.size))
        if magic != MAGIC:
            raise ValueError(f"{path} is no journal")
        self.description: dict[str, Any] = json.loads(file.read(size))
        self.last_written = os.fstat(file.fileno()).st_mtime_ns // 1_000_000
        self.open_runs: frozenset[str] = frozenset()
        while file.tell() < self._applied and (found := next_record(file)):
            self.open_runs = followed(found, self.open_runs)
        self._read_to = self._applied

    def read(self, most: int) -> list[Record]:
        """Return the next records that the store does not have: about `most` bytes of them, none at the end.

        The end is the first frame that is not whole.
        """
        self._file.seek(self._applied)
        records: list[Record] = []
        while self._read_to - self._applied < most and (found := next_record(self._file)):
            self.open_runs = followed(found, self.open_runs)
            records.append(found)
            self._read_to = self._file.tell()
        return records

    def applied(self) -> None:
        """Remember that the store has what was read last."""
        self._applied = self._read_to
        self._file.seek(len(MAGIC))
        self._file.write(APPLIED.pack(self._applied))
        self._file.flush()

    @property
    def is_damaged(self) -> bool:
        """Whether something else than a process's death has ended what can be read."""
        self._file.seek(self._read_to)
        head = self._file.read(FRAME.size)
        if len(head) < FRAME.size:
            return False
        said_size, blob_size, _ = FRAME.unpack(head)
        # A process that dies leaves the last frame too short.
        size = os.fstat(self._file.fileno()).st_size
        return bool(self._read_to + FRAME.size + said_size + blob_size <= size)

    def remove(self) -> None:
        """Remove the file, since the store has what was in it; a damaged one is kept under another name."""
        if self.is_damaged:
            self.path.rename(self.path.with_suffix(".damaged"))
        else:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the journal."""
        self._file.close()
        own_journals.pop(self.path, None)


def journal_paths(folder: Path) -> list[Path]:
    """Return the journals in a folder that are not this process's, the oldest first."""
    return [path for path in sorted(folder.glob(f"*{SUFFIX}")) if path not in own_journals]


def orphans(folder: Path) -> Iterator[OrphanJournal]:
    """Yield the journals in a folder whose processes are gone, the oldest first, each to be closed.

    What cannot be read, or is no journal, is passed over.
    """
    for path in journal_paths(folder):
        try:
            file = open(path, "r+b")  # noqa: SIM115 (closed by whoever takes it)
        except OSError:
            continue  # Recovered by another process meanwhile.
        own_journals[path] = file
        try:
            lock(file)
            # Its owner, or another that recovers, may have removed it after it was opened here.
            os.stat(path)
            orphan = OrphanJournal(path, file)
        except (OSError, ValueError, struct.error):
            file.close()
            own_journals.pop(path, None)
            continue
        yield orphan


def begins_in_another(folder: Path, path: Path | None, run_id: str) -> bool:
    """Return whether the start of a run waits in another journal of a folder than the one at `path`."""
    sign = beginning(StartRun, run_id)
    return any(_waits_in(other, sign) for other in folder.glob(f"*{SUFFIX}") if other != path)


def _waits_in(path: Path, sign: bytes) -> bool:
    if not hasattr(os, "pread"):  # On Windows.
        return False
    # Not opened a second time if it is this process's own, since closing it then would give its lock up; nor read
    # in any way that moves the place at which another thread is about to write.
    own = own_journals.get(path)
    try:
        file = own.fileno() if own is not None else os.open(path, os.O_RDONLY)
        try:
            _, place, _ = HEAD.unpack(os.pread(file, HEAD.size, 0))
            before = b""
            while read := os.pread(file, CHUNK, place):
                if sign in before + read:
                    return True
                before = read[-len(sign) :]
                place += len(read)
        finally:
            if own is None:
                os.close(file)
    except (OSError, ValueError, struct.error):  # It is being removed, or written.
        pass
    return False
