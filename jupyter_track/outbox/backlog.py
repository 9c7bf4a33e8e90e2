"""Where records wait for the store: in a journal, and what that cannot take, in memory behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..config import data_dir
from ..entities import StoreUnavailable
from .journal import Journal
from .orphans import begins_in_another
from .records import Record

__all__ = ["Backlog", "Taken", "journal_folder"]

#: Bytes of records that are taken together.
CHUNK = 256 * 1024
#: Records in memory that are taken together.
MAX_TOGETHER = 1_000
#: Bytes of records that are kept in memory at most, when neither journal nor store can take them.
MAX_MEMORY = 64 * 1024**2


def journal_folder() -> Path:
    """Return the folder in which all of a person's processes keep their journals."""
    return data_dir() / "outbox"


@dataclass(frozen=True, slots=True)
class Taken:
    """Records that are being delivered.

    Parameters
    ----------
    records : list of Record
        None if somebody else has changed the journal, and what was there is lost.
    journal : Journal or None
        Where they were taken from; None for memory.
    end : int
        Where they end in the journal.
    """

    records: list[Record]
    journal: Journal | None
    end: int


class Backlog:
    """What waits for one store.

    Parameters
    ----------
    destination : mapping of str to str or None
        What another process needs to know to deliver what this one could not: see `Journal`.

    Notes
    -----
    Not for several threads at once: the outbox has its own lock.
    """

    def __init__(self, destination: Mapping[str, str | None]) -> None:
        self._destination = destination
        self._journal: Journal | None = None
        #: What the journal could not take, each with its frame; all of it comes after what is in the journal.
        self._overflow: deque[tuple[Record, bytes]] = deque()
        self._delivers_overflow = False

    def __bool__(self) -> bool:
        # Not by counting: a call that was interrupted may have written its record and not counted it.
        return bool(self._overflow or self.size)

    @property
    def size(self) -> int:
        """How many bytes wait in the journal."""
        return self._journal.waiting if self._journal is not None else 0

    @property
    def in_memory(self) -> int:
        """How many records wait in memory."""
        return len(self._overflow)

    @property
    def path(self) -> Path | None:
        """Where the journal is, if there is one."""
        return self._journal.path if self._journal is not None else None

    # -- what comes

    def append(self, record: Record, framed: bytes) -> str:
        """Keep a record, and return why the journal cannot take it; empty if it has.

        Raises
        ------
        StoreUnavailable
            If too much is in memory already. The record is then nowhere.
        """
        reason = self.save()
        if not reason:
            try:
                self._begun_journal().append(record, framed)
                return ""
            except (OSError, StoreUnavailable) as error:
                reason = str(error)
        if sum(len(kept) for _, kept in self._overflow) + len(framed) > MAX_MEMORY:
            raise StoreUnavailable(f"{reason.rstrip('.')}. Nor can the store be reached. This was not kept: make room.")
        self._overflow.append((record, framed))
        return reason

    def save(self) -> str:
        """Bring what is in memory to the journal; return why that cannot be, empty if nothing is left there."""
        if not self._overflow:
            return ""
        if self._delivers_overflow:
            return "What is logged in memory is being written to the store."
        try:
            journal = self._begun_journal()
            while self._overflow:
                journal.append(*self._overflow[0])
                self._overflow.popleft()
        except (OSError, StoreUnavailable) as error:
            return str(error)
        return ""

    def _begun_journal(self) -> Journal:
        if self._journal is None:
            self._journal = Journal(journal_folder(), self._destination)
        return self._journal

    # -- what goes

    def take(self) -> Taken:
        """Return some of what waits, from its beginning; it stays until it is `done` or `put_back`.

        Raises
        ------
        OSError
            If the journal cannot be read.
        """
        journal = self._journal
        if journal is None or not journal.waiting:
            self._delivers_overflow = True
            return Taken([record for record, _ in islice(self._overflow, MAX_TOGETHER)], None, 0)
        with suppress(OSError):
            journal.keep()
        records, end = journal.read(CHUNK)
        return Taken(records, journal, end)

    def pass_over(self, taken: Taken) -> int:
        """Go on behind a part of the journal that is lost, and return how many bytes that are."""
        assert taken.journal is not None
        before = taken.journal.waiting
        self.done(taken)
        lost = before - taken.journal.waiting
        with suppress(OSError):
            taken.journal.replace()
        return lost

    def put_back(self) -> None:
        """Leave what was taken where it is."""
        self._delivers_overflow = False

    def done(self, taken: Taken) -> None:
        """Let go of what the store has."""
        if taken.journal is None:
            self._delivers_overflow = False
            for _ in taken.records:
                self._overflow.popleft()
            return
        # If that cannot be noted, it is perhaps delivered twice, with the effect of once.
        with suppress(OSError):
            taken.journal.applied(taken.end)

    def begins_elsewhere(self, run_id: str) -> bool:
        """Return whether the start of a run waits in the journal of another process, or of another store."""
        return begins_in_another(journal_folder(), self.path, run_id)

    # -- the end

    def all(self) -> Iterator[Record]:
        """Yield everything that waits; what has been taken is let go of."""
        journal = self._journal
        while journal is not None and journal.waiting:
            records, end = journal.read(CHUNK)
            yield from records
            journal.applied(end)
        while self._overflow:
            yield self._overflow[0][0]
            self._overflow.popleft()

    def close(self) -> tuple[int, str]:
        """Save what can be, and give the journal up, which stays if something waits in it.

        Returns
        -------
        int
            How many records are lost.
        str
            Why.
        """
        self._delivers_overflow = False
        reason = self.save()
        lost = self.in_memory
        if self._journal is not None:
            self._journal.close()
        self._journal, self._overflow = None, deque()
        return lost, reason

    def forget(self) -> None:
        """Let go of what is another process's: this one's parent's."""
        if self._journal is not None:
            self._journal.forget()
