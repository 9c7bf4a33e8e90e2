"""``fsck``: a line for whatever refers to something that is not there, and none for a store in order."""

import math
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.entities import Dataset, DatasetInput, Metric, Param, RunTag
from jupyter_track.housekeeping.fsck import SNAPSHOT_TAG, fsck
from jupyter_track.outbox import journal_folder
from jupyter_track.store.sql.database import Database


def execute(uri, statement):
    with closing(Database(uri)) as database, database.write() as connection:
        connection.exec_driver_sql(statement)


def told(uri, **options):
    return [str(finding) for finding in fsck(uri, **options)]


@pytest.fixture
def run(store):
    """A run with something of everything."""
    run_id = store.create_run(store.create_experiment("a"), run_name="brave-fox").info.run_id
    points = [Metric("loss", 1 / (step + 1), step, step) for step in range(10)]
    # Of two points of one step and time, the greater value is the later, and NaN is the last.
    points += [Metric("odd", value, 1, 1) for value in (-math.inf, 0.0, math.nan)]
    store.log_batch(run_id, points, [Param("p", "1")], [RunTag(SNAPSHOT_TAG, "file")])
    store.log_inputs(run_id, [DatasetInput(Dataset("d", "1", "local", "x"))])
    run = store.get_run(run_id)
    open_repository(run.info.artifact_uri).write("model/MLmodel", b"flavors: {}")
    store.create_registered_model("churn")
    store.create_model_version("churn", f"runs:/{run_id}/model", run_id=run_id)
    store.set_registered_model_alias("churn", "champion", 1)
    return run


def test_a_store_in_order_has_no_findings(store, uri, run):
    assert fsck(uri) == []


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
class TestOwners:
    @pytest.mark.parametrize(
        ("table", "rows_of"),
        [
            ("runs", ["inputs", "latest_metrics", "metrics", "params", "tags"]),
            ("experiments", ["datasets", "runs"]),
            ("names", ["latest_metrics", "metrics", "params", "tags"]),
            ("datasets", ["inputs"]),
            ("registered_models", ["aliases", "model_versions"]),
            ("model_versions", ["aliases"]),
        ],
    )
    def test_rows_whose_owner_is_not_there_are_told(self, uri, run, file, table, rows_of):
        # As another program would, which does not ask SQLite to look after the keys.
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(f"DELETE FROM {table}")
        lines = told(uri)
        for each in rows_of:
            assert any(line.startswith(f"Table {each}: ") and "not there" in line for line in lines)
        assert ("Experiment 0: it is not there. It is made at the next use: jupyter-track runs" in lines) is (
            table == "experiments"
        )


class TestWhatIsKeptTwice:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE latest_metrics SET value = 7",
            "UPDATE latest_metrics SET step = 100",
            "DELETE FROM latest_metrics",
            "DELETE FROM metrics WHERE step = 9 OR step = 1",
        ],
    )
    def test_a_latest_value_that_is_not_that_of_the_history_is_told_and_mended(self, store, uri, run, statement):
        execute(uri, statement)
        lines = told(uri)
        assert len(lines) == 2
        assert lines[0].startswith(f"Run {run.info.run_id}: the latest value of 'loss' is not that of its history.")
        assert told(uri, repair=True) == []
        assert told(uri) == []
        history = store.get_metric_history(run.info.run_id, "loss")
        assert store.get_run(run.info.run_id).data.metrics["loss"] == history[-1].value

    def test_a_latest_value_without_any_history_is_told_and_removed(self, store, uri, run):
        execute(uri, "DELETE FROM metrics WHERE value > 0.5")
        execute(uri, "DELETE FROM metrics WHERE is_nan OR step = 1")
        assert any("'odd'" in line for line in told(uri))
        assert told(uri, repair=True) == []
        assert set(store.get_run(run.info.run_id).data.metrics) == {"loss"}

    def test_what_is_mended_is_found_by_who_looks_for_changed_runs(self, store, uri, run):
        with closing(Database(uri)) as database:
            revisions = []
            for _ in range(2):
                with database.read() as connection:
                    revisions.append(connection.exec_driver_sql("SELECT revision FROM runs").scalar_one())
                execute(uri, "UPDATE latest_metrics SET value = 7")
                fsck(uri, repair=True)
        assert revisions[1] > revisions[0]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE metric_blocks SET greatest = 7 WHERE block = 1",
            "UPDATE metric_blocks SET least = -1 WHERE block = -1",
            "UPDATE metric_blocks SET greatest_timestamp = 7 WHERE block = 1",
            "UPDATE metric_blocks SET nan_step = -5, nan_timestamp = 1 WHERE block = -1",
            "UPDATE metric_blocks SET nan_step = NULL WHERE block = 4",
            "DELETE FROM metric_blocks",
            "UPDATE metric_blocks SET block = 9 WHERE block = 1",
        ],
    )
    def test_a_curve_that_is_not_that_of_the_history_is_told_and_mended(self, store, uri, statement):
        run_id = store.create_run("0").info.run_id
        steps = [-3_000, -1, 0, 2_047, 2_048, 5_000, 5_001]
        store.log_batch(run_id, [Metric("long", step / 7, step + 9_000, step) for step in steps])
        store.log_batch(run_id, [Metric("long", math.nan, 1, 2_050), Metric("long", math.nan, 1, 10_000)])
        assert fsck(uri) == []
        execute(uri, statement)
        (line,) = told(uri)
        assert line.startswith(f"Run {run_id}: the curve of 'long' would not show what its history says.")
        assert told(uri, repair=True) == []
        assert told(uri) == []

    def test_a_name_that_differs_from_its_tag_is_told(self, store, uri, run):
        execute(uri, "UPDATE runs SET run_name = 'sly-fox'")
        (line,) = told(uri)
        assert line.startswith(f"Run {run.info.run_id}: its name is 'sly-fox' and its tag mlflow.runName says another.")
        store.update_run_info(run.info.run_id, run_name="sly-fox")
        assert fsck(uri) == []

    def test_a_state_that_is_none_is_told(self, uri, run):
        execute(uri, "UPDATE runs SET status = 'ASLEEP'")
        (line,) = told(uri)
        assert "its status 'ASLEEP'" in line


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
class TestFiles:
    def test_a_snapshot_whose_folder_is_gone_is_told_unless_the_run_is_deleted(self, store, uri, run):
        run_id = store.create_run("0", tags=[RunTag(SNAPSHOT_TAG, "file")]).info.run_id
        without = store.create_run("0").info.run_id
        (line,) = told(uri)
        assert line.startswith(f"Run {run_id}: its artifacts at ")
        assert without not in line
        store.delete_run(run_id)
        assert fsck(uri) == []

    def test_artifacts_in_the_folder_of_another_run_are_told(self, store, uri, run):
        run_id = store.create_run("0", run_name="other", tags=[RunTag(SNAPSHOT_TAG, "file")]).info.run_id
        execute(uri, f"UPDATE runs SET artifact_uri = '{run.info.artifact_uri}' WHERE run_id = '{run_id}'")
        lines = told(uri)
        assert any(line.startswith(f"Run {run_id}: ") and "not in a folder of its own" in line for line in lines)

    def test_model_versions_whose_files_are_gone_are_told(self, store, uri, run, tmp_path):
        for source in (
            f"runs:/{run.info.run_id}/elsewhere",
            f"runs:/{'0' * 32}/model",
            str(tmp_path / "nowhere"),
            f"file://{tmp_path}",
            "s3://bucket/model",
            "models:/m-1",
        ):
            store.create_model_version("churn", source)
        lines = told(uri)
        assert [line.partition(":")[0] for line in lines] == [
            f"Version {number} of model churn" for number in (2, 3, 4)
        ]
        assert "has no files" in lines[0]
        assert f"the run {'0' * 32} that it was made from is not there" in lines[1]
        assert f"{tmp_path}/nowhere is not there" in lines[2]

    def test_a_model_whose_runs_folder_is_gone_is_told(self, uri, run):
        shutil.rmtree(run.info.artifact_uri)
        lines = told(uri)
        assert [line.partition(":")[0] for line in lines] == [f"Run {run.info.run_id}", "Version 1 of model churn"]


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
class TestJournals:
    def test_the_journal_of_a_process_that_died_is_told(self, store, uri):
        program = (
            "import os, sys\n"
            "from jupyter_track.outbox import EndRun, journal_folder\n"
            "from jupyter_track.outbox.frames import frame\n"
            "from jupyter_track.outbox.journal import Journal\n"
            "from jupyter_track.entities import RunStatus\n"
            "journal = Journal(journal_folder(), {'tracking_uri': sys.argv[1], 'artifact_root': None})\n"
            "record = EndRun('0' * 32, RunStatus.FINISHED, 1)\n"
            "journal.append(record, frame(record))\n"
            "os._exit(0)\n"
        )
        subprocess.run([sys.executable, "-c", program, uri], check=True)
        for _ in range(2):
            (line,) = told(uri)
            assert line.startswith(f"Journal {journal_folder()}/")
            assert line.endswith("Run: jupyter-track recover")

    def test_a_damaged_journal_is_told(self, store, uri):
        journal_folder().mkdir(parents=True)
        (journal_folder() / "x.damaged").write_bytes(b"JTJ1")
        (line,) = told(uri)
        assert "its end cannot be read" in line
