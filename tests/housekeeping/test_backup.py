"""``backup``: a sound copy of one moment, whoever writes meanwhile, or nothing."""

import os
import sqlite3
import time
from contextlib import closing
from threading import Event, Thread

import pytest

from jupyter_track.entities import InvalidParameterValue, Metric, ResourceAlreadyExists, StoreUnavailable
from jupyter_track.housekeeping import backup
from jupyter_track.housekeeping.backup import STALE_SECONDS, back_up
from jupyter_track.store import open_store

RUN_ID = "0123456789abcdef" * 2


@pytest.fixture
def uri(file):
    return f"sqlite:///{file}"


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder / "copy.db"


def test_a_copy_holds_everything_and_is_one_file(store, uri, copy):
    store.create_run("0", run_id=RUN_ID, run_name="kept")
    store.log_batch(RUN_ID, [Metric("m", step, step, step) for step in range(1_000)])
    assert back_up(uri, str(copy)) == copy.stat().st_size
    assert os.listdir(copy.parent) == ["copy.db"]
    with closing(open_store(f"sqlite:///{copy}")) as copied:
        assert copied.get_run(RUN_ID) == store.get_run(RUN_ID)
        assert copied.get_metric_history(RUN_ID, "m") == store.get_metric_history(RUN_ID, "m")
        copied.log_batch(RUN_ID, [Metric("m", 1_000, 1_000, 1_000)])


def test_copies_made_while_somebody_writes_are_each_of_one_moment(store, uri, copy, monkeypatch):
    # So that a copy takes many steps, between which the writer writes.
    monkeypatch.setattr(backup, "PAGES_AT_ONCE", 1)
    store.create_run("0", run_id=RUN_ID)
    for start in range(0, 10_000, 1_000):
        store.log_batch(RUN_ID, [Metric("filler", step, step, step) for step in range(start, start + 1_000)])
    begun, ended, written, during = Event(), Event(), [], 0

    def write():
        while not ended.is_set():
            step = len(written)
            store.log_batch(RUN_ID, [Metric("a", step, step, step), Metric("b", step, step, step)])
            written.append(step)
            begun.set()

    writer = Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        for number in range(5):
            before = len(written)
            back_up(uri, str(copy), force=number > 0)
            after = len(written)
            during += after - before
            with closing(sqlite3.connect(copy)) as copied:
                a, b, filler = (
                    copied.execute(
                        "SELECT count(*) FROM metrics JOIN names USING (name_id) WHERE name = ?", (name,)
                    ).fetchone()[0]
                    for name in ("a", "b", "filler")
                )
            assert (a, filler) == (b, 10_000)
            # The one that is just being written is not counted yet.
            assert before <= a <= after + 1
    finally:
        ended.set()
        writer.join()
    assert during > 0


def test_a_file_that_is_there_is_kept_unless_forced(store, uri, copy):
    copy.write_bytes(b"precious")
    with pytest.raises(ResourceAlreadyExists, match="--force"):
        back_up(uri, str(copy))
    assert copy.read_bytes() == b"precious"
    back_up(uri, str(copy), force=True)
    assert copy.read_bytes().startswith(b"SQLite format 3")


def test_a_file_that_comes_there_meanwhile_is_kept(store, uri, copy, monkeypatch):
    link = os.link

    def link_late(*arguments):
        copy.write_bytes(b"precious")
        link(*arguments)

    monkeypatch.setattr(os, "link", link_late)
    with pytest.raises(ResourceAlreadyExists, match="--force"):
        back_up(uri, str(copy))
    assert copy.read_bytes() == b"precious"
    assert os.listdir(copy.parent) == ["copy.db"]


def test_the_database_itself_and_another_one_in_use_are_no_targets(store, uri, file, copy):
    os.link(file, copy)
    for target in (file, copy):
        with pytest.raises(InvalidParameterValue, match="Name another file"):
            back_up(uri, str(target), force=True)
    other = copy.with_name("other.db")
    with closing(open_store(f"sqlite:///{other}")), pytest.raises(InvalidParameterValue, match="in use"):
        back_up(uri, str(other), force=True)


def test_a_target_that_cannot_be_written_is_told_and_nothing_is_left(store, uri, copy, tmp_path, monkeypatch):
    with pytest.raises(InvalidParameterValue, match="Make it first"):
        back_up(uri, str(tmp_path / "nowhere" / "copy.db"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreUnavailable, match=r"Cannot back up .*copy\.db: No space left on device\.$"):
        back_up(uri, str(copy), force=True)
    assert os.listdir(copy.parent) == []


def test_a_damaged_database_is_not_taken_for_a_backup(store, uri, file, copy):
    store.create_run("0", run_id=RUN_ID)
    store.close()
    with file.open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xaa" * 50_000)
    with pytest.raises(StoreUnavailable):
        back_up(uri, str(copy))
    assert os.listdir(copy.parent) == []


def test_what_interrupted_backups_have_left_is_removed_a_day_later(store, uri, copy):
    old, new = (copy.with_name(f"{backup._PARTIAL}{name}") for name in ("old", "new"))
    for partial in (old, new):
        partial.write_bytes(b"x")
    moment = time.time() - STALE_SECONDS - 60
    os.utime(old, (moment, moment))
    back_up(uri, str(copy))
    assert sorted(os.listdir(copy.parent)) == [new.name, "copy.db"]


def test_postgresql_is_left_to_its_own_program(postgres, copy):
    with pytest.raises(InvalidParameterValue, match="pg_dump") as error:
        back_up(postgres.new_store(), str(copy))
    assert "\n" not in str(error.value)
