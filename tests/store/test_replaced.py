"""A database file that is removed or replaced while a store is open."""

import os
import shutil
from contextlib import closing

import pytest

from jupyter_track.entities import Metric, Param, ResourceDoesNotExist, StoreUnavailable
from jupyter_track.store import open_store

from .processes import in_threads


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "track.db"


@pytest.fixture
def store(file):
    with closing(open_store(f"sqlite:///{file}")) as store:
        yield store


def remove(file):
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def others_see(file, run_id):
    with closing(open_store(f"sqlite:///{file}")) as other:
        return other.get_run(run_id)


def test_what_is_written_after_the_file_was_removed_is_in_a_new_file(store, file, run_id):
    store.log_batch(run_id, [Metric("m", 1.0, 1)], [Param("p", "1")])
    remove(file)
    with pytest.raises(ResourceDoesNotExist):
        store.get_run(run_id)
    new = store.create_run("0").info.run_id
    # Names that the store knew before.
    store.log_batch(new, [Metric("m", 2.0, 1)], [Param("p", "2")])
    assert others_see(file, new) == store.get_run(new)
    assert store.get_run(new).data.params == {"p": "2"}


def test_the_first_that_happens_after_the_removal_may_be_a_write(store, file, run_id):
    file.unlink()  # What SQLite keeps beside it is left.
    new = store.create_run("0")
    assert others_see(file, new.info.run_id) == new


def test_names_are_not_taken_for_others_of_the_file_that_was_there(store, file, run_id, tmp_path):
    store.log_batch(run_id, params=[Param("a", "1"), Param("b", "1")])
    with closing(open_store(f"sqlite:///{tmp_path}/other.db")) as other:
        run_id = other.create_run("0").info.run_id
        other.log_batch(run_id, params=[Param("b", "2")])
        other.log_batch(run_id, params=[Param("c", "2")])
    remove(file)
    os.replace(tmp_path / "other.db", file)
    store.log_batch(run_id, [Metric("a", 1.0, 1)], [Param("a", "2")])
    run = others_see(file, run_id)
    assert (run.data.params, run.data.metrics) == ({"a": "2", "b": "2", "c": "2"}, {"a": 1.0})


def test_the_folder_is_made_again(store, file):
    shutil.rmtree(file.parent)
    run = store.create_run("0")
    assert others_see(file, run.info.run_id) == run


def test_a_folder_that_cannot_be_made_again_is_told_until_it_can(store, file):
    shutil.rmtree(file.parent)
    file.parent.touch()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="Cannot make the folder"):
            store.create_run("0")
    file.parent.unlink()
    run = store.create_run("0")
    assert others_see(file, run.info.run_id) == run


def test_a_file_put_in_its_place_is_the_one_that_is_read(store, file, run_id, tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path}/other.db")) as other:
        run = other.create_run(other.create_experiment("restored"))
        other.log_batch(run.info.run_id, [Metric("m", 1.0, 1)])
    remove(file)
    os.replace(tmp_path / "other.db", file)
    assert store.get_experiment_by_name("restored") is not None
    store.log_batch(run.info.run_id, [Metric("m", 2.0, 2, 2), Metric("n", 1.0, 1)])
    assert store.get_run(run.info.run_id).data.metrics == {"m": 2.0, "n": 1.0}


def test_threads_that_find_the_file_removed_all_write_to_the_new_one(store, file):
    def write(number):
        store.log_batch(store.create_run("0", run_name=f"{number}").info.run_id, [Metric("m", number, 1)])

    in_threads(write, [(number,) for number in range(4)])
    remove(file)
    in_threads(write, [(number,) for number in range(8)])
    assert sorted(run.data.metrics["m"] for run in store.search_runs(["0"])) == list(range(8))
