"""Each change of a run is found by its revision, and a deletion by its time."""

import time
from contextlib import closing

import pytest
from sqlalchemy import select

from jupyter_track.entities import Dataset, DatasetInput, Metric, Param, RunStatus, RunTag
from jupyter_track.store import open_store
from jupyter_track.store.sql import schema

CHANGES = {
    "metric": lambda store, run_id: store.log_batch(run_id, [Metric("m", 1.0, 1)]),
    "param": lambda store, run_id: store.log_batch(run_id, params=[Param("p", "1")]),
    "tag": lambda store, run_id: store.log_batch(run_id, tags=[RunTag("t", "2")]),
    "name by tag": lambda store, run_id: store.log_batch(run_id, tags=[RunTag("mlflow.runName", "new")]),
    "tag deleted": lambda store, run_id: store.delete_tag(run_id, "t"),
    "input": lambda store, run_id: store.log_inputs(run_id, [DatasetInput(Dataset("d", "1", "code", ""))]),
    "status": lambda store, run_id: store.update_run_info(run_id, RunStatus.FAILED),
    "end": lambda store, run_id: store.update_run_info(run_id, end_time=5),
    "name": lambda store, run_id: store.update_run_info(run_id, run_name="new"),
    "deletion": lambda store, run_id: store.delete_run(run_id),
    "experiment's deletion": lambda store, run_id: store.delete_experiment("0"),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path, postgres):
    if request.param == "sqlite":
        with closing(open_store(f"sqlite:///{tmp_path}/track.db")) as store:
            yield store
    else:
        with postgres.database() as uri, closing(open_store(uri)) as store:
            yield store


def column(store, name, table=schema.runs):
    """Return a column of the table by the first id of each row."""
    key = table.c.run_id if table is schema.runs else table.c.experiment_id
    with store._database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(select(key, table.c[name]))}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_run_has_a_revision_above_all_and_no_other_run_a_new_one(store, change):
    run_id = store.create_run("0", tags=[RunTag("t", "1")]).info.run_id
    elsewhere = store.create_run(store.create_experiment("other")).info.run_id
    before = column(store, "revision")
    assert 0 < before[run_id] < before[elsewhere]
    change(store, run_id)
    after = column(store, "revision")
    assert after[run_id] > before[elsewhere] == after[elsewhere]


def test_runs_that_come_back_are_found_too(store):
    run_id = store.create_run("0").info.run_id
    for delete, restore in (
        (lambda: store.delete_run(run_id), lambda: store.restore_run(run_id)),
        (lambda: store.delete_experiment("0"), lambda: store.restore_experiment("0")),
    ):
        delete()
        deleted = column(store, "revision")[run_id]
        restore()
        assert column(store, "revision")[run_id] > deleted


def test_reading_and_what_is_refused_leave_the_revision_alone(store):
    run_id = store.create_run("0", run_id="f" * 32).info.run_id
    store.log_batch(run_id, params=[Param("p", "1")])
    before = column(store, "revision")
    store.get_run(run_id)
    store.search_runs(["0"])
    store.create_run("0", run_id=run_id)
    with pytest.raises(ValueError, match="'p'"):
        store.log_batch(run_id, params=[Param("p", "2")])
    assert column(store, "revision") == before


def test_since_when_a_run_is_deleted_is_kept_until_it_is_restored(store):
    experiment_id = store.create_experiment("e")
    first, second = (store.create_run(experiment_id).info.run_id for _ in range(2))
    before = time.time_ns() // 1_000_000
    store.delete_run(first)
    times = column(store, "deleted_time")
    assert before <= times[first] <= time.time_ns() // 1_000_000
    assert times[second] is None
    store.delete_run(first)
    store.delete_experiment(experiment_id)
    # The one that was in the bin already has been there for as long as before.
    deleted = column(store, "deleted_time")
    assert deleted[first] == times[first] <= deleted[second]
    assert column(store, "deleted_time", schema.experiments)[int(experiment_id)] is not None
    store.restore_experiment(experiment_id)
    assert set(column(store, "deleted_time").values()) == {None}
    assert set(column(store, "deleted_time", schema.experiments).values()) == {None}
