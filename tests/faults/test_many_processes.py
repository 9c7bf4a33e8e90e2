"""Many processes that log to one SQLite file at the same time."""

from contextlib import closing

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.store import open_store
from jupyter_track.tracking import active, process

from .children import Child, prepare
from .logged import found_records, log_record

PROCESSES = 8
CALLS = 5_000


def log_all(tell):
    with jt.start_run() as run:
        tell(run.info.run_id)
        for number in range(CALLS):
            log_record(number)
    # As at the end of a process.
    active.end_all()
    process.close_all()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_processes_that_log_at_once_to_one_file(account, default_uri, tmp_path, capfd):
    prepare(tmp_path)
    children = [Child(log_all) for _ in range(PROCESSES)]
    assert [child.wait() for child in children] == [0] * PROCESSES, [child.told for child in children]
    # No "database is locked", and nothing that could not be written yet.
    assert capfd.readouterr() == ("", "")
    with closing(open_store(default_uri)) as store:
        for child in children:
            [run_id] = child.told  # And of no warning.
            account.compare(range(CALLS), found_records(store, run_id))
            assert store.get_run(run_id).info.status is RunStatus.FINISHED
    assert account.acknowledged == PROCESSES * CALLS
    assert account.is_balanced, account
