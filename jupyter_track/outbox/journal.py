"""The file that records wait in, so that they outlive the process that logged them.

A journal belongs to one process, which holds a lock on it as long as it lives. It has a head, and then one
frame for each record, in order:

::

    head    b"JTJ1"  applied: u64  size of JSON: u32  JSON: {"tracking_uri": ..., "artifact_root": ...}
    frame   size of JSON: u32  size of bytes: u64  CRC-32 of all else: u32  JSON  bytes

Numbers are little-endian. ``applied`` is the place up to which the store has everything. A process that dies in
the middle of a frame leaves one whose checksum is wrong; its log call had not returned.

What the store has is cut off from time to time. Runs that have begun and not ended are then named again at the
beginning, so that whoever finds the journal of a process that died knows which runs died with it.
"""

from __future__ import annotations

import errno
import json
import os
import struct
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from ..entities import StoreUnavailable
from .encoding import beginning, decode, encode
from .lock import lock
from .records import EndRun, Record, ResumeRun, StartRun

__all__ = ["BUDGET", "Journal", "OrphanJournal", "begins_in_another", "frame", "journal_paths", "orphans"]

#: Bytes that may wait in one journal, artifacts included.
BUDGET = 4 * 1024**3
#: Bytes that the store has at which they are cut off.
CUT = 1024**2

_SUFFIX = ".journal"
_MAGIC = b"JTJ1"
_HEAD = struct.Struct("<4sQI")
_APPLIED = struct.Struct("<Q")
_FRAME = struct.Struct("<IQI")
_SIZES = struct.Struct("<IQ")
#: How the JSON of every record begins.
_BEGINNING = b'["'

# Journals of this process: the system would let it lock them again, and give the lock up with the second file.
_own: dict[Path, IO[bytes]] = {}
# Files that somebody has closed behind their backs: that one of these is closed properly, some day, might close
# a file of somebody else who was given its number.
_closed_by_others: list[IO[bytes]] = []


def frame(record: Record) -> bytes:
    """Return a record as a journal keeps it."""
    said, blob = encode(record)
    sizes = _SIZES.pack(len(said), len(blob))
    checksum = _checksum(sizes, said, blob)
    return b"".join((sizes, checksum.to_bytes(4, "little"), said, blob))


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
        name = f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}-{os.getpid()}-{uuid.uuid4().hex[:8]}{_SUFFIX}"
        path = self._folder / name
        # Under a name that nobody looks for until it is locked and has its head.
        unfinished = path.with_suffix(".new")
        # Unbuffered: what a write has returned from is the system's, and survives this process.
        file: IO[bytes] = open(unfinished, "x+b", buffering=0, opener=_private)  # noqa: SIM115 (kept open)
        try:
            lock(file)
            still_open = self._frames_of_open_runs()
            begin = _HEAD.size + len(self._description)
            place = begin + len(still_open)
            _write(file, _HEAD.pack(_MAGIC, place, len(self._description)) + self._description + still_open, 0)
            for start in range(self._applied, self.end, CUT):
                self._file.seek(start - self._shift)
                _write(file, self._file.read(min(CUT, self.end - start)), place + start - self._applied)
            unfinished.rename(path)
        except BaseException:
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        _own[path] = file
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
        self._file = _own[self.path] = file

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
        open_runs, end = _followed(record, self._open_runs), self.end + len(framed)
        self._open_runs, self.end = open_runs, end

    def read(self, most: int) -> tuple[list[Record], int]:
        """Return what waits, from its beginning, and the place where that ends.

        At most about `most` bytes of records, and at least one record. None if somebody else has cut the file or
        written to it: the place is then that of the next record which is whole, or the end.
        """
        data = self._read(min(max(most, _FRAME.size), self.waiting))
        if len(data) >= _FRAME.size:
            said_size, blob_size, _ = _FRAME.unpack_from(data)
            first = _FRAME.size + said_size + blob_size
            if len(data) < first <= self.waiting:
                data = self._read(first)
        records, size = _records_in(data)
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
        while (place := data.find(_BEGINNING, place + 1 + _FRAME.size) - _FRAME.size) >= 0:
            if _records_in(data, place)[0]:
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
        _write(self._file, _APPLIED.pack(place), len(_MAGIC))

    def close(self) -> None:
        """Give the journal up: it is removed if nothing waits in it, else left for whoever finds it."""
        if not self.waiting:
            with suppress(OSError):  # Whatever has become of its folder.
                self.path.unlink()
        self.forget()

    def forget(self) -> None:
        """Close the file and leave it as it is, because it is another process's: this one's parent's."""
        self._file.close()
        _own.pop(self.path, None)

    def _frames_of_open_runs(self) -> bytes:
        return b"".join(frame(ResumeRun(run_id)) for run_id in sorted(self._open_runs))


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
        magic, self._applied, size = _HEAD.unpack(file.read(_HEAD.size))
        if magic != _MAGIC:
            raise ValueError(f"{path} is no journal")
        self.description: dict[str, Any] = json.loads(file.read(size))
        self.last_written = os.fstat(file.fileno()).st_mtime_ns // 1_000_000
        self.open_runs: frozenset[str] = frozenset()
        while file.tell() < self._applied and (found := _next_record(file)):
            self.open_runs = _followed(found, self.open_runs)
        self._read_to = self._applied

    def read(self, most: int) -> list[Record]:
        """Return the next records that the store does not have: about `most` bytes of them, none at the end.

        The end is the first frame that is not whole.
        """
        self._file.seek(self._applied)
        records: list[Record] = []
        while self._read_to - self._applied < most and (found := _next_record(self._file)):
            self.open_runs = _followed(found, self.open_runs)
            records.append(found)
            self._read_to = self._file.tell()
        return records

    def applied(self) -> None:
        """Remember that the store has what was read last."""
        self._applied = self._read_to
        self._file.seek(len(_MAGIC))
        self._file.write(_APPLIED.pack(self._applied))
        self._file.flush()

    @property
    def is_damaged(self) -> bool:
        """Whether something else than a process's death has ended what can be read."""
        self._file.seek(self._read_to)
        head = self._file.read(_FRAME.size)
        if len(head) < _FRAME.size:
            return False
        said_size, blob_size, _ = _FRAME.unpack(head)
        # A process that dies leaves the last frame too short.
        size = os.fstat(self._file.fileno()).st_size
        return bool(self._read_to + _FRAME.size + said_size + blob_size <= size)

    def remove(self) -> None:
        """Remove the file, since the store has what was in it; a damaged one is kept under another name."""
        if self.is_damaged:
            self.path.rename(self.path.with_suffix(".damaged"))
        else:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the journal."""
        self._file.close()
        _own.pop(self.path, None)


def journal_paths(folder: Path) -> list[Path]:
    """Return the journals in a folder that are not this process's, the oldest first."""
    return [path for path in sorted(folder.glob(f"*{_SUFFIX}")) if path not in _own]


def orphans(folder: Path) -> Iterator[OrphanJournal]:
    """Yield the journals in a folder whose processes are gone, the oldest first, each to be closed.

    What cannot be read, or is no journal, is passed over.
    """
    for path in journal_paths(folder):
        try:
            file = open(path, "r+b")  # noqa: SIM115 (closed by whoever takes it)
        except OSError:
            continue  # Recovered by another process meanwhile.
        _own[path] = file
        try:
            lock(file)
            # Its owner, or another that recovers, may have removed it after it was opened here.
            os.stat(path)
            orphan = OrphanJournal(path, file)
        except (OSError, ValueError, struct.error):
            file.close()
            _own.pop(path, None)
            continue
        yield orphan


def _write(file: IO[bytes], data: bytes, place: int) -> None:
    file.seek(place)
    written = file.write(data)
    # A nearly full disk takes a part, and says at the next try why it takes no more.
    while written < len(data):
        written += file.write(data[written:])


def begins_in_another(folder: Path, path: Path | None, run_id: str) -> bool:
    """Return whether the start of a run waits in another journal of a folder than the one at `path`."""
    sign = beginning(StartRun, run_id)
    return any(_waits_in(other, sign) for other in folder.glob(f"*{_SUFFIX}") if other != path)


def _waits_in(path: Path, sign: bytes) -> bool:
    if not hasattr(os, "pread"):  # On Windows.
        return False
    # Not opened a second time if it is this process's own, since closing it then would give its lock up; nor read
    # in any way that moves the place at which another thread is about to write.
    own = _own.get(path)
    try:
        file = own.fileno() if own is not None else os.open(path, os.O_RDONLY)
        try:
            _, place, _ = _HEAD.unpack(os.pread(file, _HEAD.size, 0))
            before = b""
            while read := os.pread(file, CUT, place):
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


def _private(path: str, flags: int) -> int:
    # Records may hold what only their author should read.
    return os.open(path, flags, 0o600)


def _followed(record: Record, open_runs: frozenset[str]) -> frozenset[str]:
    """Return the runs that are open after a record."""
    if isinstance(record, (StartRun, ResumeRun)):
        return open_runs | {record.run_id}
    return open_runs - {record.run_id} if isinstance(record, EndRun) else open_runs


def _records_in(data: bytes, place: int = 0) -> tuple[list[Record], int]:
    """Return the records of the whole frames from a place on, and the place where these end."""
    records: list[Record] = []
    while place + _FRAME.size <= len(data):
        said_size, blob_size, checksum = _FRAME.unpack_from(data, place)
        said = place + _FRAME.size
        blob = said + said_size
        end = blob + blob_size
        if end > len(data) or _checksum(data[place : place + _SIZES.size], data[said:blob], data[blob:end]) != checksum:
            break
        records.append(decode(data[said:blob], data[blob:end]))
        place = end
    return records, place


def _checksum(sizes: bytes, said: bytes, blob: bytes) -> int:
    return zlib.crc32(blob, zlib.crc32(said, zlib.crc32(sizes)))


def _next_record(file: IO[bytes]) -> Record | None:
    """Return the record whose frame begins here, or None if there is no whole one."""
    head = file.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    said_size, blob_size, checksum = _FRAME.unpack(head)
    if said_size + blob_size > os.fstat(file.fileno()).st_size:
        return None
    said, blob = file.read(said_size), file.read(blob_size)
    if _checksum(head[: _SIZES.size], said, blob) != checksum:
        return None
    return decode(said, blob)
