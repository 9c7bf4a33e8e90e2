"""Processes that are killed at any moment while they log."""

import random
from contextlib import closing

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.outbox import journal_folder, recover_all
from jupyter_track.store import open_store

from .children import Child, prepare, reading
from .logged import found_records, log_record

KILLED = 200
AT_ONCE = 6


def log_runs(seed):
    """Return what logs runs for ever, and tells of each call when it has returned."""

    def log(tell):
        chance = random.Random(seed)
        while True:
            run = jt.start_run()
            tell(f"run {run.info.run_id}")
            for number in range(int(10 ** chance.uniform(0, 2.9))):
                log_record(number)
                tell(number)
            if chance.random() < 0.3:
                # The store has what is told of so far, and the journal is cut now and then.
                jt.flush_async_logging()
            tell("ending")
            jt.end_run()
            tell("ended")

    return log


def kill_all(seeds, chance):
    """Let processes log and kill each at a moment of its own; return what each has told."""
    children = [Child(log_runs(seed)) for seed in seeds]
    # As many near the beginning as near the end.
    lives = {child: int(10 ** chance.uniform(0, 3)) - 1 for child in children}
    with reading(children) as selector:
        while selector.get_map():
            for key, _ in selector.select():
                child = key.fileobj
                assert child.read(), child.told
                if child.lines >= lives[child]:
                    child.kill()
                    selector.unregister(child)
    assert {child.wait() for child in children} == {-9}
    return [child.told for child in children]


def runs_told(told):
    """Return (run id, numbers of its records, what was told of its end) for each run that a process told of."""
    runs = []
    for line in told:
        if line.startswith("run "):
            runs.append((line[4:], [], []))
        elif line.isdigit():
            runs[-1][1].append(int(line))
        else:
            assert line in ("ending", "ended")
            runs[-1][2].append(line)
    return runs


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_processes_killed_while_they_log(account, default_uri, tmp_path):
    prepare(tmp_path)
    chance = random.Random(7)
    told = []
    while len(told) < KILLED:
        told += kill_all(range(len(told), min(len(told) + AT_ONCE, KILLED)), chance)
        if chance.random() < 0.5:
            assert not [problem for recovered in recover_all() for problem in recovered.problems]
    assert not [problem for recovered in recover_all() for problem in recovered.problems]
    assert list(journal_folder().iterdir()) == []
    assert len(told) == KILLED

    known = set()
    with closing(open_store(default_uri)) as store:
        for lines in told:
            for run_id, acknowledged, end in runs_told(lines):
                known.add(run_id)
                account.compare(acknowledged, found_records(store, run_id), written=[len(acknowledged)])
                info = store.get_run(run_id).info
                possible = {RunStatus.FINISHED} if "ended" in end else {RunStatus.KILLED}
                assert info.status in possible | ({RunStatus.FINISHED} if "ending" in end else set())
                assert info.start_time <= info.end_time
        # Some were begun without having been acknowledged; none goes on.
        others = [run for run in store.search_runs(["0"], max_results=50_000) if run.info.run_id not in known]
        assert {run.info.status for run in others} <= {RunStatus.KILLED}
        assert len(others) <= KILLED
    assert account.is_balanced, account
