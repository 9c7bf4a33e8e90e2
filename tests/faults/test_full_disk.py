"""A disk that is full for a while: below the database, below the journal, below both."""

import errno
import os
import resource
import subprocess
from contextlib import closing, contextmanager

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus, StoreUnavailable
from jupyter_track.outbox import backlog, journal_folder, recover_all
from jupyter_track.store import open_store
from jupyter_track.tracking import process

from .children import Child, prepare
from .logged import found_records, log_record

CALLS = 200
SIZE = 4 * 1024**2


class SmallDisk:
    """A file system of its own, where this process may mount one; else a limit on every file of this process.

    The kernel refuses the same writes in both cases, with ENOSPC or with EFBIG.
    """

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
        self.is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0

    @contextmanager
    def full(self):
        with self._filled() if self.is_mounted else self._limited():
            yield

    @contextmanager
    def _filled(self):
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    continue
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def _limited(self):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def remove(self):
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=True)


@pytest.fixture
def disk(tmp_path, data_dir):
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    process.close_all()
    disk.remove()


@pytest.fixture(params=["database", "journal", "database and journal"])
def uri(request, disk, sqlite_uri, monkeypatch):
    """A store of which something is on the small disk."""
    if "journal" in request.param:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(disk.folder / "jupyter"))
    if "database" in request.param:
        return f"sqlite:///{disk.folder}/store/track.db"
    return sqlite_uri


def log_while_full(disk, uri):
    """Log to a run that begins before the disk is full, and to one that begins and ends while it is."""
    jt.set_tracking_uri(uri)
    with jt.start_run() as first:
        for number in range(CALLS):
            log_record(number)
        jt.flush_async_logging()
        with disk.full():
            for number in range(CALLS, 2 * CALLS):
                log_record(number)
            jt.flush_async_logging()
    with disk.full(), jt.start_run() as second:
        for number in range(CALLS):
            log_record(number)
        jt.flush_async_logging()
    jt.flush_async_logging()
    return first.info.run_id, second.info.run_id


def test_a_disk_that_is_full_for_a_while(account, disk, uri, caplog):
    first, second = log_while_full(disk, uri)
    process.close_all()
    assert list(journal_folder().iterdir()) == []
    with closing(open_store(uri)) as store:
        account.compare(range(2 * CALLS), found_records(store, first))
        account.compare(range(CALLS), found_records(store, second))
        assert {store.get_run(run_id).info.status for run_id in (first, second)} == {RunStatus.FINISHED}
    assert account.is_balanced, account
    told = [record.getMessage() for record in caplog.records]
    # Not one for each call.
    assert 1 <= len(told) <= 6


def test_a_call_that_nobody_can_take_is_refused_and_the_process_goes_on(account, disk, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(disk.folder / "jupyter"))
    monkeypatch.setattr(backlog, "MAX_MEMORY", 20_000)
    uri = f"sqlite:///{disk.folder}/store/track.db"
    jt.set_tracking_uri(uri)
    run = jt.start_run()
    log_record(0)
    jt.flush_async_logging()
    acknowledged, refused = [0], []
    with disk.full():
        for number in range(1, 2 * CALLS):
            try:
                jt.log_metric("m", number / 7, step=number)
                acknowledged.append(number)
            except StoreUnavailable as error:
                refused.append((number, str(error)))
    jt.log_metric("m", 2 * CALLS / 7, step=2 * CALLS)
    acknowledged.append(2 * CALLS)
    jt.end_run()
    process.close_all()
    with closing(open_store(uri)) as store:
        account.compare(acknowledged, found_records(store, run.info.run_id))
        assert store.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account
    assert len(refused) > 10
    assert all("make room" in message for _, message in refused)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_that_is_killed_while_the_disk_below_the_database_is_full(account, disk, tmp_path):
    prepare(tmp_path)
    uri = f"sqlite:///{disk.folder}/store/track.db"
    open_store(uri).close()

    def log(tell):
        jt.set_tracking_uri(uri)
        tell(jt.start_run().info.run_id)
        for number in range(CALLS):
            log_record(number)
        jt.flush_async_logging()
        os.kill(os.getpid(), 9)

    if disk.is_mounted:  # Else the limit would be one on the journal, too, and what is in memory dies with the child.
        with disk.full():
            child = Child(log)
            assert child.wait() == -9, child.told
            assert [recovered.remains for recovered in recover_all()] == [True]
    else:
        child = Child(log)
        assert child.wait() == -9, child.told
    assert [recovered.remains for recovered in recover_all()] == [False]
    [run_id] = [line for line in child.told if not line.startswith("warning: ")]
    with closing(open_store(uri)) as store:
        account.compare(range(CALLS), found_records(store, run_id))
        assert store.get_run(run_id).info.status is RunStatus.KILLED
    assert account.is_balanced, account
