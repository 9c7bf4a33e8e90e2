"""The journal: what has been written comes back, whenever its process died."""

import math
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_track.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunStatus, RunTag
from jupyter_track.outbox import DeleteTag, EndRun, LogBatch, LogInputs, ResumeRun, StartRun, UpdateRun, WriteArtifact
from jupyter_track.outbox import journal as module
from jupyter_track.outbox.frames import frame
from jupyter_track.outbox.journal import Journal
from jupyter_track.outbox.orphans import orphans

COUNT_ORPHANS = """
import sys
from pathlib import Path
from jupyter_track.outbox.orphans import orphans

print(len(list(orphans(Path(sys.argv[1])))))
"""
DESTINATION = {"tracking_uri": "sqlite:////nowhere/track.db", "artifact_root": None}
RUN_ID = "0123456789abcdef" * 2

# Half of a surrogate pair and a NUL included: what no store keeps is for the store to refuse.
texts = st.text(st.characters(exclude_categories=()), max_size=20)
integers = st.integers(-(2**63), 2**63 - 1)
metrics = st.builds(Metric, texts, st.floats(), integers, integers)
tags = st.builds(RunTag, texts, texts)
datasets = st.builds(Dataset, texts, texts, texts, texts, st.none() | texts, st.none() | texts)
inputs = st.builds(DatasetInput, datasets, st.lists(st.builds(InputTag, texts, texts), max_size=2).map(tuple))
records = st.one_of(
    st.builds(StartRun, st.just(RUN_ID), texts, texts, texts, integers, st.lists(tags).map(tuple), texts),
    st.builds(
        LogBatch,
        st.just(RUN_ID),
        st.lists(metrics, max_size=5).map(tuple),
        st.lists(st.builds(Param, texts, texts), max_size=5).map(tuple),
        st.lists(tags, max_size=5).map(tuple),
    ),
    st.builds(WriteArtifact, st.just(RUN_ID), texts, st.binary(max_size=2_000)),
    st.builds(EndRun, st.just(RUN_ID), st.sampled_from(RunStatus), integers),
    st.builds(ResumeRun, st.just(RUN_ID)),
    st.builds(UpdateRun, st.just(RUN_ID), texts),
    st.builds(DeleteTag, st.just(RUN_ID), texts),
    st.builds(LogInputs, st.just(RUN_ID), st.lists(inputs, max_size=3).map(tuple)),
)


def fill(journal, some):
    for record in some:
        journal.append(record, frame(record))


def drain(journal, most=100):
    found = []
    while journal.waiting:
        read, end = journal.read(most)
        found += read
        journal.applied(end)
    return found


def left_by_a_dead_process(journal):
    """Read a journal as whoever finds it does."""
    journal.forget()
    [orphan] = orphans(journal.path.parent)
    found = []
    while read := orphan.read(100):
        found += read
        orphan.applied()
    return orphan, found


def comparable(some):
    """Return records in a form in which a NaN equals a NaN."""
    return [repr(record) for record in some]


@settings(deadline=None)
@given(st.lists(records, max_size=20), st.integers(0, 20))
def test_what_was_written_comes_back_in_order(tmp_path_factory, some, applied):
    journal = Journal(tmp_path_factory.mktemp("journal"), DESTINATION)
    fill(journal, some)
    first = []
    while len(first) < min(applied, len(some)):
        read, end = journal.read(1)
        first += read
        journal.applied(end)
    orphan, rest = left_by_a_dead_process(journal)
    assert comparable(first + rest) == comparable(some)
    assert orphan.description == DESTINATION
    assert not orphan.is_damaged
    orphan.close()


@settings(deadline=None)
@given(st.lists(records, min_size=1, max_size=5), st.integers(1))
def test_a_frame_that_its_process_could_not_finish_is_no_record(tmp_path_factory, some, cut):
    journal = Journal(tmp_path_factory.mktemp("journal"), DESTINATION)
    fill(journal, some)
    last = len(frame(some[-1]))
    os.truncate(journal.path, journal.path.stat().st_size - 1 - cut % (last - 1))
    orphan, found = left_by_a_dead_process(journal)
    assert comparable(found) == comparable(some[:-1])
    assert not orphan.is_damaged
    orphan.remove()
    orphan.close()
    assert not journal.path.exists()


def test_a_damaged_journal_is_kept(tmp_path):
    journal = Journal(tmp_path, DESTINATION)
    some = [UpdateRun(RUN_ID, str(number)) for number in range(3)]
    fill(journal, some)
    with open(journal.path, "r+b") as file:
        file.seek(-len(frame(some[2])) - 2, os.SEEK_END)
        file.write(b"#")
    orphan, found = left_by_a_dead_process(journal)
    assert found == some[:1]
    assert orphan.is_damaged
    orphan.remove()
    orphan.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".damaged"]
    assert list(orphans(tmp_path)) == []


def test_a_value_that_is_no_number_comes_back(tmp_path):
    journal = Journal(tmp_path, DESTINATION)
    values = (math.nan, math.inf, -math.inf, -0.0, 5e-324)
    fill(journal, [LogBatch(RUN_ID, tuple(Metric("m", value, 1) for value in values))])
    [record] = drain(journal)
    assert [repr(metric.value) for metric in record.metrics] == [repr(value) for value in values]
    journal.close()


def test_a_record_larger_than_what_is_read_at_once_comes_back(tmp_path):
    journal = Journal(tmp_path, DESTINATION)
    some = [
        WriteArtifact(RUN_ID, "a", bytes(100_000)),
        UpdateRun(RUN_ID, "n"),
        WriteArtifact(RUN_ID, "b", b"x" * 5_000),
    ]
    fill(journal, some)
    assert drain(journal) == some
    journal.close()


def test_what_the_store_has_is_cut_off_and_open_runs_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CUT", 10_000)
    journal = Journal(tmp_path, DESTINATION)
    for number in range(100):
        run_id = f"{number:032x}"
        fill(journal, [StartRun(run_id, "e", "n", "u", 1), WriteArtifact(run_id, "a", bytes(1_000))])
        if number % 10:
            fill(journal, [EndRun(run_id, RunStatus.FINISHED, 2)])
        assert len(drain(journal)) == (3 if number % 10 else 2)
        assert journal.path.stat().st_size < 20_000
    fill(journal, [UpdateRun(RUN_ID, "waits")])
    orphan, found = left_by_a_dead_process(journal)
    assert found == [UpdateRun(RUN_ID, "waits")]
    assert orphan.open_runs == {f"{number:032x}" for number in range(0, 100, 10)}
    orphan.close()


def test_open_runs_are_remembered_by_a_journal_that_is_begun_anew(tmp_path):
    journal = Journal(tmp_path, DESTINATION)
    fill(journal, [ResumeRun(RUN_ID)])
    journal.path.unlink()
    assert drain(journal) == [ResumeRun(RUN_ID)]
    fill(journal, [UpdateRun(RUN_ID, "n")])
    orphan, found = left_by_a_dead_process(journal)
    assert found == [UpdateRun(RUN_ID, "n")]
    assert orphan.open_runs == {RUN_ID}
    orphan.close()


def test_the_journal_of_a_living_process_is_nobody_elses(tmp_path):
    journal = Journal(tmp_path, DESTINATION)
    fill(journal, [UpdateRun(RUN_ID, "n")])

    def found_by_another():
        return subprocess.run(
            [sys.executable, "-c", COUNT_ORPHANS, str(tmp_path)], check=True, capture_output=True
        ).stdout

    assert list(orphans(tmp_path)) == []
    assert found_by_another() == b"0\n"
    # The scan of this process must not have given up its lock.
    assert found_by_another() == b"0\n"
    journal.forget()
    assert found_by_another() == b"1\n"


def test_an_orphan_is_one_process_at_a_times(tmp_path):
    journal = Journal(tmp_path, DESTINATION)
    fill(journal, [UpdateRun(RUN_ID, "n")])
    journal.forget()
    [orphan] = orphans(tmp_path)
    assert list(orphans(tmp_path)) == []
    orphan.close()
    [again] = orphans(tmp_path)
    assert again.read(100) == [UpdateRun(RUN_ID, "n")]
    again.close()


@pytest.mark.parametrize("content", [b"", b"JTJ1", b"hello " * 100, b"JTJ1" + bytes(100)])
def test_what_is_no_journal_is_left_alone(tmp_path, content):
    path = tmp_path / "notes.journal"
    path.write_bytes(content)
    assert list(orphans(tmp_path)) == []
    assert path.read_bytes() == content
