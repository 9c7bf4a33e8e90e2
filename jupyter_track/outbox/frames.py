"""How records stand in a journal: after a head, one frame for each, in order.

::

    head    b"JTJ1"  applied: u64  size of JSON: u32  JSON: {"tracking_uri": ..., "artifact_root": ...}
    frame   size of JSON: u32  size of bytes: u64  CRC-32 of all else: u32  JSON  bytes

Numbers are little-endian. ``applied`` is the place up to which the store has everything. A process that dies in
the middle of a frame leaves one that is too short; its log call had not returned.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import IO

from .encoding import decode, encode
from .records import EndRun, Record, ResumeRun, StartRun

__all__ = ["APPLIED", "BEGINNING", "FRAME", "HEAD", "MAGIC", "SUFFIX", "followed", "frame", "next_record", "records_in"]

SUFFIX = ".journal"
MAGIC = b"JTJ1"
HEAD = struct.Struct("<4sQI")
APPLIED = struct.Struct("<Q")
FRAME = struct.Struct("<IQI")
_SIZES = struct.Struct("<IQ")
#: How the JSON of every record begins.
BEGINNING = b'["'


def frame(record: Record) -> bytes:
    """Return a record as a journal keeps it."""
    said, blob = encode(record)
    sizes = _SIZES.pack(len(said), len(blob))
    checksum = _checksum(sizes, said, blob)
    return b"".join((sizes, checksum.to_bytes(4, "little"), said, blob))


def records_in(data: bytes, place: int = 0) -> tuple[list[Record], int]:
    """Return the records of the whole frames from a place on, and the place where these end."""
    records: list[Record] = []
    while place + FRAME.size <= len(data):
        said_size, blob_size, checksum = FRAME.unpack_from(data, place)
        said = place + FRAME.size
        blob = said + said_size
        end = blob + blob_size
        if end > len(data) or _checksum(data[place : place + _SIZES.size], data[said:blob], data[blob:end]) != checksum:
            break
        records.append(decode(data[said:blob], data[blob:end]))
        place = end
    return records, place


def next_record(file: IO[bytes]) -> Record | None:
    """Return the record whose frame begins here, or None if there is no whole one."""
    head = file.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    said_size, blob_size, checksum = FRAME.unpack(head)
    if said_size + blob_size > os.fstat(file.fileno()).st_size:
        return None
    said, blob = file.read(said_size), file.read(blob_size)
    if _checksum(head[: _SIZES.size], said, blob) != checksum:
        return None
    return decode(said, blob)


def followed(record: Record, open_runs: frozenset[str]) -> frozenset[str]:
    """Return the runs that are open after a record."""
    if isinstance(record, (StartRun, ResumeRun)):
        return open_runs | {record.run_id}
    return open_runs - {record.run_id} if isinstance(record, EndRun) else open_runs


def _checksum(sizes: bytes, said: bytes, blob: bytes) -> int:
    return zlib.crc32(blob, zlib.crc32(said, zlib.crc32(sizes)))
