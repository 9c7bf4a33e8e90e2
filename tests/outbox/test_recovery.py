"""What a process that dies has logged: delivered by the next one, once, and its runs ended."""

import os
import random
import select
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from jupyter_track.cli import main
from jupyter_track.entities import Metric, RunStatus, StoreUnavailable
from jupyter_track.outbox import (
    EndRun,
    LogBatch,
    Outbox,
    StartRun,
    WriteArtifact,
    journal_folder,
    recover_all,
    recovery,
)
from jupyter_track.outbox.frames import frame
from jupyter_track.outbox.journal import Journal
from jupyter_track.store import open_store
from jupyter_track.tracking import TrackClient

SOON = 60.0
RUN_ID = "0123456789abcdef" * 2

# Says which records are acknowledged: the name of each run, and the number of each metric after it was put.
LOGGING = """
import itertools, os, sys
from jupyter_track.entities import Metric, RunStatus, StoreUnavailable
from jupyter_track.outbox import LogBatch
from jupyter_track.tracking import TrackClient

client = TrackClient()
for number in itertools.count():
    recorder = client.record("killed", f"run {number}")
    os.write(1, f"run {recorder.run_id}\\n".encode())
    for step in range(int(sys.argv[1])):
        client.put(LogBatch(recorder.run_id, (Metric("m", step / 7, 1_000 + step, step),)))
        os.write(1, f"{step}\\n".encode())
    recorder.end(RunStatus.FINISHED)
    os.write(1, b"end\\n")
"""


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def uri(tmp_path):
    return f"sqlite:///{tmp_path}/jupyter-track/track.db"


def left(uri, records, artifact_root=None):
    """Leave a journal as a process that died would."""
    journal = Journal(journal_folder(), {"tracking_uri": uri, "artifact_root": artifact_root})
    for record in records:
        journal.append(record, frame(record))
    journal.forget()
    return journal.path


def killed_while_logging(seconds, points):
    """Return what a process has acknowledged before it was killed: points by run, and the runs that had ended."""
    process = subprocess.Popen([sys.executable, "-c", LOGGING, str(points)], stdout=subprocess.PIPE)
    with process, process.stdout:
        # Killed a while after its first word: not before it has anything to lose.
        assert select.select([process.stdout], [], [], SOON)[0]
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        told = process.stdout.read().decode()
    assert process.returncode == -signal.SIGKILL
    acknowledged, ended, run_id = {}, set(), ""
    for line in told.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        word, _, rest = line.strip().partition(" ")
        if word == "run":
            run_id = rest
            acknowledged[run_id] = []
        elif word == "end":
            ended.add(run_id)
        else:
            acknowledged[run_id].append(int(word))
    return acknowledged, ended


def test_nothing_that_was_acknowledged_is_lost_or_doubled_when_processes_are_killed(uri):
    chance = random.Random(3)
    everything, all_ended = {}, set()
    for _ in range(8):
        acknowledged, ended = killed_while_logging(chance.random() * 0.5, chance.choice([500, 5_000]))
        everything |= acknowledged
        all_ended |= ended
    list(recover_all())
    assert list(journal_folder().iterdir()) == []
    with closing(open_store(uri)) as store:
        for run_id, steps in everything.items():
            run = store.get_run(run_id)
            found = [metric.step for metric in store.get_metric_history(run_id, "m")]
            # One more may have been written, and not acknowledged yet.
            assert found[: len(steps)] == steps
            assert len(found) <= len(steps) + 1
            assert len(set(found)) == len(found)
            if run_id in all_ended:
                assert run.info.status is RunStatus.FINISHED
            else:
                assert run.info.status in (RunStatus.KILLED, RunStatus.FINISHED)
            assert run.info.end_time >= run.info.start_time


def test_a_run_that_died_with_its_process_is_killed_when_it_wrote_last(uri):
    path = left(uri, [StartRun(RUN_ID, "e", "n", "u", 1_000)])
    os.utime(path, (2, 2))
    [recovered] = recover_all()
    assert (recovered.records, recovered.ended, recovered.remains) == (1, (RUN_ID,), False)
    with closing(open_store(uri)) as store:
        info = store.get_run(RUN_ID).info
        assert (info.status, info.end_time) == (RunStatus.KILLED, 2_000)
    assert list(recover_all()) == []


def test_a_run_that_had_ended_keeps_its_status(uri):
    left(uri, [StartRun(RUN_ID, "e", "n", "u", 1), EndRun(RUN_ID, RunStatus.FAILED, 2)])
    [recovered] = recover_all()
    assert recovered.ended == ()
    with closing(open_store(uri)) as store:
        assert store.get_run(RUN_ID).info.status is RunStatus.FAILED


def test_what_the_store_has_already_is_not_doubled(uri, tmp_path):
    records = [
        StartRun(RUN_ID, "e", "n", "u", 1),
        LogBatch(RUN_ID, tuple(Metric("m", step / 3, step, step) for step in range(100))),
        WriteArtifact(RUN_ID, "a/b.txt", b"text"),
        EndRun(RUN_ID, RunStatus.FINISHED, 2),
    ]
    for _ in range(2):
        left(uri, records)
    assert [recovered.problems for recovered in recover_all()] == [(), ()]
    with closing(open_store(uri)) as store:
        run = store.get_run(RUN_ID)
        assert len(store.get_metric_history(RUN_ID, "m")) == 100
    assert (
        tmp_path / "jupyter-track" / "artifacts" / run.info.experiment_id / RUN_ID / "artifacts" / "a" / "b.txt"
    ).exists()


def test_each_journal_goes_to_its_own_store(tmp_path):
    uris = [f"sqlite:///{tmp_path}/{name}/track.db" for name in ("one", "two")]
    for number, uri in enumerate(uris):
        left(uri, [StartRun(f"{number:032x}", "e", "n", "u", 1)], str(tmp_path / "files"))
    assert [recovered.tracking_uri for recovered in recover_all()] == uris
    for number, uri in enumerate(uris):
        with closing(open_store(uri)) as store:
            run = store.get_run(f"{number:032x}")
            assert run.info.artifact_uri.startswith(str(tmp_path / "files"))


def test_what_the_store_refuses_is_told_and_does_not_hold_up_the_rest(uri):
    records = [
        StartRun(RUN_ID, "e", "n", "u", 1),
        LogBatch(RUN_ID, (Metric("not/../allowed", 1.0, 1),)),
        LogBatch(RUN_ID, (Metric("m", 1.0, 1),)),
    ]
    left(uri, records)
    [recovered] = recover_all()
    assert recovered.records == 2
    [problem] = recovered.problems
    assert RUN_ID in problem
    assert "not/../allowed" in problem
    assert not recovered.remains


def test_a_journal_whose_store_is_away_is_kept(tmp_path, uri, capsys):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    path = left(f"sqlite:///{in_the_way}/track.db", [StartRun(RUN_ID, "e", "n", "u", 1)])
    assert main(["recover"]) == 1
    printed = capsys.readouterr().out
    assert path.name in printed
    assert "is kept" in printed
    assert path.exists()
    in_the_way.unlink()
    assert main(["recover"]) == 0
    assert "1 records" in capsys.readouterr().out
    assert main(["recover"]) == 0
    assert "Nothing was left" in capsys.readouterr().out


def test_the_store_of_a_dead_process_in_memory_is_gone_with_it(uri):
    left("sqlite://", [StartRun(RUN_ID, "e", "n", "u", 1)])
    [recovered] = recover_all()
    assert not recovered.remains
    assert list(journal_folder().iterdir()) == []


def test_what_waits_outlives_an_outbox_that_closes(uri):
    def open_nothing():
        raise RuntimeError("away")

    outbox = Outbox(open_nothing, {"tracking_uri": uri, "artifact_root": None})
    outbox.put(StartRun(RUN_ID, "e", "n", "u", 1))
    assert outbox.close(0.1) == 1
    [recovered] = recover_all()
    assert recovered.records == 1


def test_no_password_is_written_down_and_the_configurations_is_used(monkeypatch):
    uri = "postgresql://ada:hush@127.0.0.1:1/runs"
    client = TrackClient(uri)
    client.put(StartRun(RUN_ID, "e", "n", "u", 1))
    assert client.close(0) == 1
    [path] = journal_folder().iterdir()
    assert b"hush" not in path.read_bytes()
    opened = []

    def open_nothing(uri, artifact_root):
        opened.append(uri)
        raise StoreUnavailable("away")

    monkeypatch.setattr(recovery, "open_store", open_nothing)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert [recovered.remains for recovered in recover_all()] == [True]
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert [recovered.remains for recovered in recover_all()] == [True]
    assert opened == [uri, "postgresql://ada@127.0.0.1:1/runs"]
