"""The file that records wait in, so that they outlive the process that logged them.

A journal belongs to one process, which holds a lock on it as long as it lives; how records stand in it is told in
`frames`. What the store has is cut off from time to time. Runs that have begun and not ended are then named again at
the beginning, so that whoever finds the journal of a process that died knows which runs died with it.
"""

from __future__ import annotations

import errno
import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from ..entities import StoreUnavailable
from .frames import APPLIED, BEGINNING, FRAME, HEAD, MAGIC, SUFFIX, followed, frame, records_in
from .lock import lock
from .records import Record, ResumeRun

__all__ = ["BUDGET", "Journal", "own_journals"]

#: Bytes that may wait in one journal, artifacts included.
BUDGET = 4 * 1024**3
#: Bytes that the store has at which they are cut off.
CUT = 1024**2

#: Journals that this process has or holds: the system would let it lock them again, and give the lock up with the
#: second file.
own_journals: dict[Path, IO[bytes]] = {}
# Files that somebody has closed behind their backs: that one of these is closed properly, some day, might close
# a file of somebody else who was given its number.
_closed_by_others: list[IO[bytes]] = []


class Journal:
    """The journal of this process for one store.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    description : mapping of str to str or None
        What whoever finds the journal needs to know: where its records were meant for.

    Attributes
    ----------
    path : pathlib.Path
    end : int
        Where the last record ends, in the endless row of all.

    Notes
    -----
    Not for several threads at once: the outbox has its own lock.

    Raises
    ------
    OSError
        If the folder cannot be made or written.
    """

    def __init__(self, folder: Path, description: Mapping[str, str | None]) -> None:
        self._folder = folder
        self._description = json.dumps(dict(description)).encode()
        self._open_runs: frozenset[str] = frozenset()
        # Places in the endless row of all frames, from which `_shift` leads to places in the file: an end that
        # never goes back tells how far the store has come.
        self._applied = self.end = 0
        self._shift: int
        self._file: IO[bytes]
        self._begin_file()

    def _begin_file(self) -> None:
        """Begin a file, in which the runs that are open stand already, and what waits in the one before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}-{os.getpid()}-{uuid.uuid4().hex[:8]}{SUFFIX}"
        path = self._folder / name
        # Under a name that nobody looks for until it is locked and has its head.
        unfinished = path.with_suffix(".new")
        # Unbuffered: what a write has returned from is the system's, and survives this process.
        file: IO[bytes] = open(unfinished, "x+b", buffering=0, opener=_private)  # noqa: SIM115 (kept open)
        try:
            lock(file)
            still_open = self._frames_of_open_runs()
            begin = HEAD.size + len(self._description)
            place = begin + len(still_open)
            _write(file, HEAD.pack(MAGIC, place, len(self._description)) + self._description + still_open, 0)
            for start in range(self._applied, self.end, CUT):
                self._file.seek(start - self._shift)
                _write(file, self._file.read(min(CUT, self.end - start)), place + start - self._applied)
            unfinished.rename(path)
        except BaseException:
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        own_journals[path] = file
        if self.end:
            self.forget()
        self.path, self._file = path, file
        self._begin, self._shift = begin, self._applied - place

    def keep(self) -> None:
        """Begin another file with what waits if somebody has removed this one: it would die with the process.

        Raises
        ------
        OSError
            If that cannot be. What waits is still read.
        """
        if not self.waiting:
            return
        try:
            os.fstat(self._file.fileno())
        except OSError:
            self._open_again()
        if not self.path.exists():
            self._begin_file()

    def replace(self) -> None:
        """Begin another file with what waits, in place of one that somebody else has changed.

        Raises
        ------
        OSError
            If that cannot be.
        """
        changed = self.path
        self._begin_file()
        changed.unlink(missing_ok=True)

    def _open_again(self) -> None:
        """Open the file that somebody has closed, with all of this process's, behind its back."""
        _closed_by_others.append(self._file)
        file: IO[bytes] = open(self.path, "r+b", buffering=0)  # noqa: SIM115 (kept open)
        try:
            lock(file)
        except BaseException:
            file.close()
            raise
        self._file = own_journals[self.path] = file

    @property
    def waiting(self) -> int:
        """How many bytes of records the store does not have yet."""
        return self.end - self._applied

    def append(self, record: Record, framed: bytes) -> None:
        """Write a record's frame; when this returns, the record is safe.

        Raises
        ------
        OSError, StoreUnavailable
            If the disk or the budget is full. The record is then not in the journal.
        """
        if self.waiting + len(framed) > BUDGET:
            raise StoreUnavailable(
                f"{self.waiting:,} bytes wait for the store in {self.path}; no more than {BUDGET:,} may."
            )
        if self._file.closed:
            self._begin_file()
        try:
            try:
                _write(self._file, framed, self.end - self._shift)
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
                self._open_again()
                _write(self._file, framed, self.end - self._shift)
        except OSError as error:
            raise StoreUnavailable(f"Cannot write {self.path}: {error}.") from error
        # Both or none, even if the caller is interrupted now: a call may be, an assignment not.
        open_runs, end = followed(record, self._open_runs), self.end + len(framed)
        self._open_runs, self.end = open_runs, end

    def read(self, most: int) -> tuple[list[Record], int]:
        """Return what waits, from its beginning, and the place where that ends.

        At most about `most` bytes of records, and at least one record. None if somebody else has cut the file or
        written to it: the place is then that of the next record which is whole, or the end.
        """
        data = self._read(min(max(most, FRAME.size), self.waiting))
        if len(data) >= FRAME.size:
            said_size, blob_size, _ = FRAME.unpack_from(data)
            first = FRAME.size + said_size + blob_size
            if len(data) < first <= self.waiting:
                data = self._read(first)
        records, size = records_in(data)
        if not records:
            size = self._next_whole()
        return records, self._applied + size

    def _read(self, size: int) -> bytes:
        self._file.seek(self._applied - self._shift)
        data = self._file.read(size)
        while len(data) < size and (more := self._file.read(size - len(data))):
            data += more
        return data

    def _next_whole(self) -> int:
        """Return how many bytes of what waits are before the next record that is whole; all if there is none."""
        data = self._read(self.waiting)
        place = 0
        while (place := data.find(BEGINNING, place + 1 + FRAME.size) - FRAME.size) >= 0:
            if records_in(data, place)[0]:
                break
        return place if place >= 0 else self.waiting

    def applied(self, end: int) -> None:
        """Remember that the store has everything up to a place."""
        self._applied = end
        place = self._applied - self._shift
        if not self.waiting and not self.path.exists():
            # Somebody has tidied up: the next record begins another file.
            self.forget()
            return
        if not self.waiting and place - self._begin > CUT:
            still_open = self._frames_of_open_runs()
            place = self._begin + len(still_open)
            # In this order, whoever reads the file between two of these writes applies nothing a second time.
            _write(self._file, still_open, self._begin)
            self._file.truncate(place)
            self._shift = self.end - place
        _write(self._file, APPLIED.pack(place), len(MAGIC))

    def close(self) -> None:
        """Give the journal up: it is removed if nothing waits in it, else left for whoever finds it."""
        if not self.waiting:
            with suppress(OSError):  # Whatever has become of its folder.
                self.path.unlink()
        self.forget()

    def forget(self) -> None:
        """Close the file and leave it as it is, because it is another process's: this one's parent's."""
        self._file.close()
        own_journals.pop(self.path, None)

    def _frames_of_open_runs(self) -> bytes:
        return b"".join(frame(ResumeRun(run_id)) for run_id in sorted(self._open_runs))


def _write(file: IO[bytes], data: bytes, place: int) -> None:
    file.seek(place)
    written = file.write(data)
    # A nearly full disk takes a part, and says at the next try why it takes no more.
    while written < len(data):
        written += file.write(data[written:])


def _private(path: str, flags: int) -> int:
    # Records may hold what only their author should read.
    return os.open(path, flags, 0o600)
