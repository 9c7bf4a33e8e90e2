"""What becomes of the journal's own file: removed, cut, without room, closed; and a clock that jumps."""

import logging
import os
import resource
import shutil
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.outbox import journal_folder, recover_all
from jupyter_track.store import open_store
from jupyter_track.tracking import process

from .children import Child, prepare
from .logged import found_records, log_record

CALLS = 1_000


@contextmanager
def store_away(uri):
    """A file is where the folder of the database would be."""
    folder = Path(uri.removeprefix("sqlite:///")).parent
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()


def journals():
    return [path for path in journal_folder().iterdir() if path.suffix == ".journal"]


def removed():
    journals()[0].unlink()


def folder_removed():
    shutil.rmtree(journal_folder())


@pytest.mark.parametrize("remove", [removed, folder_removed])
def test_a_journal_that_is_removed_while_it_is_needed(account, sqlite_uri, remove):
    with store_away(sqlite_uri):
        jt.set_tracking_uri(sqlite_uri)
        run = jt.start_run()
        for number in range(CALLS):
            log_record(number)
        remove()
        for number in range(CALLS, 2 * CALLS):
            log_record(number)
        # One try to deliver, and what waits is in a file again.
        jt.flush_async_logging()
        assert len(journals()) == 1
    jt.end_run()
    process.close_all()
    with closing(open_store(sqlite_uri)) as store:
        account.compare(range(2 * CALLS), found_records(store, run.info.run_id))
        assert store.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_that_is_killed_after_its_journal_was_removed(account, sqlite_uri, tmp_path):
    prepare(tmp_path)

    def log(tell):
        jt.set_tracking_uri(sqlite_uri)
        tell(jt.start_run().info.run_id)
        for number in range(CALLS):
            log_record(number)
        removed()
        jt.flush_async_logging()
        log_record(CALLS)
        os.kill(os.getpid(), 9)

    with store_away(sqlite_uri):
        child = Child(log)
        assert child.wait() == -9, child.told
    [recovered] = recover_all()
    [run_id] = [line for line in child.told if not line.startswith("warning: ")]
    assert recovered.ended == (run_id,)
    with closing(open_store(sqlite_uri)) as store:
        account.compare(range(CALLS + 1), found_records(store, run_id))
        assert store.get_run(run_id).info.status is RunStatus.KILLED
    assert account.is_balanced, account


@contextmanager
def no_room():
    """No file of this process may grow any more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journals()[0].stat().st_size + 100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_journal_without_room_while_the_store_can_be_reached(account, postgres_uri, caplog):
    jt.set_tracking_uri(postgres_uri)
    with jt.start_run() as run:
        log_record(0)
        with no_room():
            for number in range(1, 100):
                jt.log_metric("m", number / 7, step=number)
        for number in range(100, CALLS):
            log_record(number)
    jt.flush_async_logging()
    with closing(open_store(postgres_uri)) as store:
        account.compare(range(CALLS), found_records(store, run.info.run_id))
    assert account.is_balanced, account
    [told] = [record.getMessage() for record in caplog.records]
    assert "File too large" in told
    assert "waits for the store" in told


def test_a_journal_without_room_while_the_store_is_away(account, sqlite_uri, caplog):
    with store_away(sqlite_uri):
        jt.set_tracking_uri(sqlite_uri)
        run = jt.start_run()
        log_record(0)
        with no_room():
            for number in range(1, 100):
                log_record(number)
            process.tell_problems(process.connection())
            told = [record.getMessage() for record in caplog.records if "File too large" in record.getMessage()]
            assert len(told) == 1
            assert "kept in memory" in told[0]
        # As soon as there is room, what was kept in memory is as safe as all else.
        log_record(100)
        assert journals()[0].stat().st_size > 100 * 50
    jt.end_run()
    process.close_all()
    with closing(open_store(sqlite_uri)) as store:
        account.compare(range(101), found_records(store, run.info.run_id))
        assert store.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account


def test_a_clock_that_jumps_back(account, sqlite_uri, monkeypatch):
    jt.set_tracking_uri(sqlite_uri)
    run = jt.start_run()
    for number in range(CALLS):
        log_record(number)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 3_600)
    monkeypatch.setattr(time, "time_ns", lambda: int(now() - 3_600) * 10**9)
    for number in range(CALLS, 2 * CALLS):
        log_record(number)
    jt.end_run()
    process.close_all()
    with closing(open_store(sqlite_uri)) as store:
        account.compare(range(2 * CALLS), found_records(store, run.info.run_id))
        info = store.get_run(run.info.run_id).info
    assert info.status is RunStatus.FINISHED
    assert account.is_balanced, account


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_that_closes_all_its_files(account, sqlite_uri, tmp_path):
    prepare(tmp_path)

    def log(tell):
        jt.set_tracking_uri(sqlite_uri)
        tell(jt.start_run().info.run_id)
        for number in range(CALLS):
            log_record(number)
        # The pipe that this process tells through is closed, too: its exit status says the rest.
        logging.disable()
        os.closerange(3, 1_000)
        for number in range(CALLS, 2 * CALLS):
            log_record(number)
        os.closerange(3, 1_000)
        jt.flush_async_logging()
        jt.end_run()
        os._exit(0)

    with store_away(sqlite_uri):
        child = Child(log)
        assert child.wait() == 0, child.told
    list(recover_all())
    [run_id] = [line for line in child.told if not line.startswith("warning: ")]
    with closing(open_store(sqlite_uri)) as store:
        account.compare(range(2 * CALLS), found_records(store, run_id))
        assert store.get_run(run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account


def test_a_journal_that_somebody_cuts(account, sqlite_uri, caplog):
    with store_away(sqlite_uri):
        jt.set_tracking_uri(sqlite_uri)
        run = jt.start_run()
        for number in range(CALLS):
            log_record(number)
        jt.flush_async_logging()
        [journal] = journals()
        os.truncate(journal, journal.stat().st_size * 2 // 3)
        for number in range(CALLS, 2 * CALLS):
            log_record(number)
    jt.end_run()
    process.close_all()
    with closing(open_store(sqlite_uri)) as store:
        found = found_records(store, run.info.run_id)
        # What was cut off is gone, and told of; all that came before and after is there.
        assert set(range(CALLS // 2)) <= set(found)
        account.compare(range(CALLS, 2 * CALLS), [number for number in found if number >= CALLS])
        assert store.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account
    assert any(str(journal) in record.getMessage() and "changed" in record.getMessage() for record in caplog.records)
