"""A PostgreSQL server that is gone for a while."""

import os
import signal
import time
from contextlib import closing, contextmanager

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.outbox import journal_folder, outbox, records, recover_all
from jupyter_track.store import open_store
from jupyter_track.tracking import active, process

from .children import Child, prepare
from .logged import found_records, log_record

CALLS = 2_000
#: Seconds that a log call may take on average on a busy machine, and that any call may take.
AT_ONCE = 0.002
BOUND = 5.0


def seconds_of(call, *arguments, **named):
    begun = time.perf_counter()
    call(*arguments, **named)
    return time.perf_counter() - begun


def warnings_of(caplog):
    return [record.getMessage() for record in caplog.records if record.name.startswith("jupyter_track")]


def test_a_server_that_is_gone_while_runs_are_logged(account, postgres, postgres_uri, caplog):
    jt.set_tracking_uri(postgres_uri)
    first = jt.start_run().info.run_id
    for number in range(CALLS):
        log_record(number)
    with postgres.away():
        calls = [seconds_of(log_record, number) for number in range(CALLS, 2 * CALLS)]
        # A run ends, and another begins and ends, as if nothing had happened.
        ends = [seconds_of(jt.end_run)]
        second = jt.start_run().info.run_id
        calls += [seconds_of(log_record, number) for number in range(CALLS)]
        ends.append(seconds_of(jt.end_run, "FAILED"))
        jt.flush_async_logging()
        ends.append(seconds_of(jt.flush_async_logging))
        with jt.start_run() as third:
            log_record(0)
        # One warning tells where records wait, however often they are tried; and one more, if at the first try
        # the server was about to go and is gone since.
        [journal] = journal_folder().iterdir()
        told = warnings_of(caplog)
        where = [message for message in told if str(journal) in message]
        assert 1 <= len(where) <= 2
        assert len(set(where)) == len(where)
        assert len(told) <= 3
    assert sum(calls) < AT_ONCE * len(calls)
    assert max(ends) < BOUND
    jt.flush_async_logging()
    with closing(open_store(postgres_uri)) as store:
        account.compare(range(2 * CALLS), found_records(store, first))
        account.compare(range(CALLS), found_records(store, second))
        account.compare([0], found_records(store, third.info.run_id))
        statuses = [store.get_run(run_id).info.status for run_id in (first, second, third.info.run_id)]
    assert statuses == [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.FINISHED]
    assert account.is_balanced, account
    assert len(warnings_of(caplog)) == len(told)


@contextmanager
def silent(postgres):
    """Let the server answer nothing: its connections stay open, and new ones are begun in vain."""
    with postgres.connect() as connection:
        pids = [pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL")]
        pids.remove(connection.info.backend_pid)
        pids.append(postgres.pid)
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_server_that_answers_nothing_for_a_while(account, postgres, postgres_uri, caplog):
    jt.set_tracking_uri(postgres_uri)
    with jt.start_run() as run:
        log_record(0)
        jt.flush_async_logging()
        with silent(postgres):
            calls = [seconds_of(log_record, number) for number in range(1, CALLS)]
            ends = [seconds_of(jt.end_run)]
            second = jt.start_run().info.run_id
            log_record(0)
            ends.append(seconds_of(jt.end_run))
    assert sum(calls) < AT_ONCE * len(calls)
    assert max(ends) < BOUND
    jt.flush_async_logging()
    with closing(open_store(postgres_uri)) as store:
        account.compare(range(CALLS), found_records(store, run.info.run_id))
        account.compare([0], found_records(store, second))
        assert {store.get_run(run_id).info.status for run_id in (run.info.run_id, second)} == {RunStatus.FINISHED}
    assert account.is_balanced, account
    assert warnings_of(caplog) == []


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_process_that_ends_while_the_server_is_gone(account, postgres, postgres_uri, tmp_path, capfd):
    prepare(tmp_path)

    def log_and_end(tell):
        jt.set_tracking_uri(postgres_uri)
        tell(jt.start_run().info.run_id)
        for number in range(CALLS):
            log_record(number)
        # As at the end of a process.
        active.end_all()
        process.close_all()

    with postgres.away():
        begun = time.monotonic()
        child = Child(log_and_end)
        assert child.wait() == 0, child.told
        assert time.monotonic() - begun < 20
        said = capfd.readouterr().err
        assert f"records could not be written to {postgres_uri} yet. They are kept in {journal_folder()}" in said
        [recovered] = recover_all()
        assert recovered.remains
    [recovered] = recover_all()
    assert (recovered.problems, recovered.ended, recovered.remains) == ((), (), False)
    [run_id] = [line for line in child.told if not line.startswith("warning: ")]
    with closing(open_store(postgres_uri)) as store:
        account.compare(range(CALLS), found_records(store, run_id))
        assert store.get_run(run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_that_logs_to_its_parents_run_while_the_server_is_gone(
    account, postgres, postgres_uri, tmp_path, monkeypatch
):
    prepare(tmp_path)
    # The parent is in no hurry to find the server again, and whoever waits for its run gives up soon.
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 600.0)
    monkeypatch.setattr(records, "ARRIVAL_SECONDS", 0.5)

    def log_and_end(tell):
        for number in range(1, CALLS):
            log_record(number)
        process.close_all()

    jt.set_tracking_uri(postgres_uri)
    with postgres.away():
        run = jt.start_run()
        log_record(0)
        child = Child(log_and_end)
        assert child.wait() == 0, child.told
    # What the child has left is delivered before the run that it was logged to has begun there.
    delivered = list(recover_all())
    assert [recovered.remains for recovered in delivered] == [True]
    jt.end_run()
    jt.flush_async_logging()
    delivered += recover_all()
    with closing(open_store(postgres_uri)) as store:
        account.compare(range(CALLS), found_records(store, run.info.run_id))
        assert store.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, (account, delivered)
