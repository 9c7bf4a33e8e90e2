"""Many threads that log to one run while their process forks, and what its children log to it."""

import multiprocessing
from contextlib import closing
from functools import partial
from threading import Thread

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.outbox import journal_folder, recover_all
from jupyter_track.store import open_store
from jupyter_track.tracking import process

from .children import Child
from .logged import found_records

THREADS = 16
CALLS = 1_000
CHILDREN = 3
SECONDS = 60

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def log_part(part, run_id=None):
    """Log the numbers of one part to a run, by default to the active one."""
    for number in range(part * CALLS, (part + 1) * CALLS):
        jt.log_metric("m", number / 7, step=number, run_id=run_id)


def log_part_and_a_run(part, run_id=None):
    log_part(part, run_id)
    with jt.start_run(run_name=f"of {part}", nested=True):
        log_part(0)


def log_as_child(part, tell):
    log_part_and_a_run(part)


def test_threads_that_log_while_their_process_forks(account, default_uri, caplog):
    with jt.start_run() as run:
        run_id = run.info.run_id
        threads = [Thread(target=log_part, args=(part, run_id)) for part in range(THREADS)]
        for thread in threads:
            thread.start()
        parts = iter(range(THREADS, 100))
        children = []
        for _ in range(CHILDREN):
            # One that ends without a word, and those of multiprocessing, which deliver what they have logged.
            children.append(Child(partial(log_as_child, next(parts))))
            for method in ("fork", "spawn"):
                arguments = (next(parts), run_id if method == "spawn" else None)
                child = multiprocessing.get_context(method).Process(target=log_part_and_a_run, args=arguments)
                child.start()
                children.append(child)
        for thread in threads:
            thread.join()
        for child in children:
            if isinstance(child, Child):
                assert child.wait() == 0, child.told
            else:
                child.join(SECONDS)
                assert child.exitcode == 0
    process.close_all()
    assert caplog.text == ""
    assert not [problem for recovered in recover_all() for problem in recovered.problems]
    assert list(journal_folder().iterdir()) == []
    with closing(open_store(default_uri)) as store:
        account.compare(range((THREADS + len(children)) * CALLS), found_records(store, run_id))
        runs = store.search_runs(["0"])
        assert {each.info.run_name for each in runs if each.info.run_id != run_id} == {
            f"of {THREADS + number}" for number in range(len(children))
        }
        for each in runs:
            assert each.info.status is RunStatus.FINISHED
            if each.info.run_id != run_id:
                account.compare(range(CALLS), found_records(store, each.info.run_id))
    assert account.is_balanced, account
