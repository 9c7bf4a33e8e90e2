"""``db stats``: exact counts of what is there, and its sizes."""

from jupyter_track.artifacts import open_repository
from jupyter_track.entities import ExperimentTag, Metric, Param, RunStatus, RunTag
from jupyter_track.housekeeping.stats import stats
from jupyter_track.store.sql.database import Database


def test_everything_is_counted(store, uri, file):
    experiment_id = store.create_experiment("a", tags=[ExperimentTag("team", "x")])
    ids = [store.create_run(experiment_id).info.run_id for _ in range(3)]
    store.log_batch(ids[0], [Metric("m", step, step, step) for step in range(5)], [Param("p", "1")], [RunTag("t", "v")])
    store.update_run_info(ids[1], RunStatus.FINISHED, 1)
    store.create_registered_model("model")
    store.create_model_version("model", "s3://bucket/1")
    open_repository(store.get_run(ids[0]).info.artifact_uri).write("folder/file", b"x" * 1_000)
    counted = stats(uri, artifacts=True)
    assert (counted.experiments, counted.deleted_experiments) == (2, 0)
    assert (counted.runs, counted.deleted_runs) == ({"FINISHED": 1, "RUNNING": 2}, 0)
    assert (counted.metric_points, counted.params) == (5, 1)
    assert counted.tags == 4  # Every run has its name as a tag, too.
    assert (counted.registered_models, counted.model_versions) == (1, 1)
    assert counted.artifact_bytes == 1_000
    assert counted.bytes_per_run == counted.database_bytes / 3
    if uri.startswith("sqlite"):
        assert counted.database_bytes >= file.stat().st_size
        assert counted.log_bytes == file.with_name("track.db-wal").stat().st_size > 0
    else:
        assert counted.database_bytes > 100_000
        assert counted.log_bytes is None


def test_deleted_runs_and_experiments_are_counted_apart(store, uri):
    store.create_run(store.create_experiment("a"))
    database = Database(uri)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'a'")
        connection.exec_driver_sql("UPDATE runs SET lifecycle_stage = 'deleted'")
    database.close()
    counted = stats(uri)
    assert (counted.experiments, counted.deleted_experiments) == (1, 1)
    assert (counted.runs, counted.deleted_runs) == ({}, 1)


def test_without_runs_there_is_no_size_for_each(store, uri):
    counted = stats(uri)
    assert counted.bytes_per_run is None
    assert counted.artifact_bytes is None


def test_a_folder_within_the_folder_of_another_experiment_is_counted_once(store, uri, tmp_path):
    outer = store.create_experiment("outer", str(tmp_path / "files"))
    inner = store.create_experiment("inner", str(tmp_path / "files" / "inner"))
    store.create_experiment("elsewhere", "s3://bucket/files")
    for experiment_id in (outer, inner):
        open_repository(store.create_run(experiment_id).info.artifact_uri).write("file", b"x" * 10)
    assert stats(uri, artifacts=True).artifact_bytes == 20
