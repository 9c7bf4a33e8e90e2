"""What processes that died have left in their journals: brought to the stores that it was meant for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..config import resolve_tracking_uri
from ..entities import InvalidParameterValue, ResourceDoesNotExist, RunStatus
from ..store import Store, lasting_uri, open_store
from .backlog import journal_folder
from .delivery import deliver
from .orphans import OrphanJournal, begins_in_another, journal_paths, orphans
from .records import Place

__all__ = ["Recovered", "RecoveryWatch", "recover", "recover_all", "start_recovery"]

#: Bytes of records that are delivered together.
CHUNK = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one journal.

    Parameters
    ----------
    path : pathlib.Path
    tracking_uri : str
        The store that it was meant for.
    records : int
        How many records that store has got now.
    ended : tuple of str
        Ids of the runs that had not ended, and have the status KILLED now.
    problems : tuple of str
        Why records were refused, or why the journal is still there.
    remains : bool
        Whether the journal is still there, to be tried again.
    """

    path: Path
    tracking_uri: str
    records: int
    ended: tuple[str, ...]
    problems: tuple[str, ...]
    remains: bool


def recover(folder: Path, open_store: Callable[[str, str | None], Store]) -> Iterator[Recovered]:
    """Deliver the journals of processes that are gone, the oldest first, and end their runs.

    Several processes may do so at once: each journal is one's.

    Parameters
    ----------
    folder : pathlib.Path
    open_store : callable
        Returns the store at a tracking URI, with an artifact root or None; it is closed here. See
        `jupyter_track.store.open_store`.
    """
    for orphan in orphans(folder):
        try:
            yield _recover(orphan, open_store)
        finally:
            orphan.close()


def recover_all() -> Iterator[Recovered]:
    """Deliver what all of this person's processes have left; see `recover`."""
    return recover(journal_folder(), _reopen)


def start_recovery(report: Callable[[Recovered], None]) -> threading.Thread | None:
    """Begin to deliver what processes have left, on a thread of its own, and tell of each journal there.

    Returns
    -------
    threading.Thread or None
        None if there is no journal, which is told at once.
    """
    if not any(journal_paths(journal_folder())):
        return None

    def recover_and_report() -> None:
        for recovered in recover_all():
            report(recovered)

    thread = threading.Thread(target=recover_and_report, name="jupyter-track-recovery", daemon=True)
    thread.start()
    return thread


class RecoveryWatch:
    """Delivers, again and again on a thread of its own, what processes that have died meanwhile have left.

    Parameters
    ----------
    report : callable
        Called there with what became of each journal; of one that stays, with each problem once.
    seconds : float
        Between two looks.
    """

    def __init__(self, report: Callable[[Recovered], None], seconds: float) -> None:
        self._report = report
        self._seconds = seconds
        self._stopped = threading.Event()
        self._told: set[tuple[Path, tuple[str, ...]]] = set()
        self._thread = threading.Thread(target=self._run, name="jupyter-track-recovery", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self._recover()
            except OSError:
                pass  # A folder that cannot be read now may be read at the next look.
            if self._stopped.wait(self._seconds):
                return

    def _recover(self) -> None:
        for recovered in recover_all():
            told = (recovered.path, recovered.problems)
            if told not in self._told:
                self._report(recovered)
            if recovered.remains:
                self._told.add(told)

    def stop(self) -> None:
        """Look no more; a delivery that is under way may go on until the process ends."""
        self._stopped.set()


def _reopen(uri: str, artifact_root: str | None) -> Store:
    # A journal holds no password; the configuration may.
    configured = resolve_tracking_uri()
    return open_store(configured if lasting_uri(configured) == uri else uri, artifact_root)


def _recover(orphan: OrphanJournal, open_store: Callable[[str, str | None], Store]) -> Recovered:
    uri = orphan.description["tracking_uri"]
    count = 0
    ended: list[str] = []
    problems: list[str] = []
    remains = False
    try:
        with closing(open_store(uri, orphan.description["artifact_root"])) as store:
            place = Place(store)
            while records := orphan.read(CHUNK):
                refusals = deliver(place, records, partial(begins_in_another, orphan.path.parent, orphan.path))
                orphan.applied()
                problems += (f"{type(record).__name__} of run {record.run_id}: {error}" for record, error in refusals)
                count += len(records) - len(refusals)
            ended = [run_id for run_id in sorted(orphan.open_runs) if _end(store, run_id, orphan.last_written)]
        if orphan.is_damaged:
            problems.append("The end of the journal cannot be read. It is kept as a file with the ending .damaged.")
        orphan.remove()
    except Exception as error:
        # Whatever it is (a store that is away, a URI that no store handles), the journal keeps what it has.
        problems.append(str(error) or type(error).__name__)
        remains = True
    return Recovered(orphan.path, uri, count, tuple(ended), tuple(problems), remains)


def _end(store: Store, run_id: str, end_time: int) -> bool:
    """End a run as killed, if it is there and goes on."""
    try:
        info = store.get_run(run_id).info
        if info.status is not RunStatus.RUNNING:
            return False
        # The clock of a file system may lag a little behind.
        store.update_run_info(run_id, status=RunStatus.KILLED, end_time=max(end_time, info.start_time))
    except (InvalidParameterValue, ResourceDoesNotExist):  # It is deleted, or it was never taken.
        return False
    return True
