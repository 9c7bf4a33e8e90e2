"""A SQLite file that is taken away, may not be written, or has no room."""

import shutil
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.outbox import journal_folder, records
from jupyter_track.store import open_store
from jupyter_track.tracking import process

from .logged import found_records, log_record

CALLS = 1_000


@pytest.fixture
def file(sqlite_uri):
    return Path(sqlite_uri.removeprefix("sqlite:///"))


@contextmanager
def folder_gone(file):
    """A file is where the folder of the database was."""
    aside = file.parent.with_name("aside")
    file.parent.rename(aside)
    file.parent.touch()
    try:
        yield
    finally:
        file.parent.unlink()
        aside.rename(file.parent)


@contextmanager
def read_only(file):
    """The database says that it is of a format which this SQLite may read and not write, whoever asks."""
    aside = file.with_name("aside.db")
    file.rename(aside)
    data = bytearray(aside.read_bytes())
    data[18] = 3  # The version that a writer has to know: 1 has a rollback journal, 2 a write-ahead log.
    file.write_bytes(data)
    try:
        yield
    finally:
        aside.rename(file)


@contextmanager
def full(file):
    """SQLite finds no room for another page."""
    connections = []

    def limit(connection, _):
        [(pages,)] = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count = {max(pages, 1)}")
        connections.append(connection)

    # For those that are open already, a new file means new connections.
    shutil.copy(file, file.with_name("copy.db"))
    file.with_name("copy.db").rename(file)
    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
        for connection in connections:
            connection.execute("PRAGMA max_page_count = 1073741823")


REASONS = {folder_gone: "Cannot make the folder", read_only: "readonly database", full: "disk is full"}


@pytest.mark.parametrize("taking_away", list(REASONS), ids=lambda fault: fault.__name__)
def test_a_database_that_takes_nothing_for_a_while(account, sqlite_uri, file, taking_away, caplog):
    # Closed once, the database is all in its file, without a write-ahead log beside it.
    open_store(sqlite_uri).close()
    jt.set_tracking_uri(sqlite_uri)
    first = jt.start_run().info.run_id
    with taking_away(file):
        for number in range(CALLS):
            log_record(number)
        jt.flush_async_logging()
        jt.end_run()
        with jt.start_run() as second:
            for number in range(CALLS):
                log_record(number)
        jt.flush_async_logging()
        [journal] = journal_folder().iterdir()
        told = [record.getMessage() for record in caplog.records if str(journal) in record.getMessage()]
        assert len(told) == 1
        assert REASONS[taking_away] in told[0]
    jt.flush_async_logging()
    with closing(open_store(sqlite_uri)) as store:
        for run_id in (first, second.info.run_id):
            account.compare(range(CALLS), found_records(store, run_id))
            assert store.get_run(run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account


def test_a_database_that_is_removed(account, sqlite_uri, file, caplog, monkeypatch):
    monkeypatch.setattr(records, "ARRIVAL_SECONDS", 0.5)
    jt.set_tracking_uri(sqlite_uri)
    jt.start_run()
    log_record(0)
    jt.flush_async_logging()
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    # What belongs to a run that is gone with it is refused, which is told once; all else goes on in a new file.
    for number in range(1, CALLS):
        log_record(number)
    jt.end_run()
    with jt.start_run() as second:
        for number in range(CALLS):
            log_record(number)
    jt.flush_async_logging()
    assert jt.active_run() is None
    with closing(open_store(sqlite_uri)) as store:
        account.compare(range(CALLS), found_records(store, second.info.run_id))
        assert store.get_run(second.info.run_id).info.status is RunStatus.FINISHED
    process.tell_problems(process.connection())
    [told] = [record.getMessage() for record in caplog.records]
    assert "not found" in told
    assert account.is_balanced, account
