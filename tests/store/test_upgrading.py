"""A file that an earlier version has written: upgraded when it is opened, with everything as it was."""

import math
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from jupyter_track.entities import Metric, Param, RunStatus, RunTag
from jupyter_track.housekeeping.fsck import fsck
from jupyter_track.store import open_store
from jupyter_track.store.sql.database import Database
from jupyter_track.store.sql.migrate import SCHEMA, VERSION_TABLE, upgrade_to_current

from .processes import in_processes

OLD = Path(__file__).parents[1] / "data" / "schema-0001.db"
RUN_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def file(tmp_path):
    return Path(shutil.copy(OLD, tmp_path / "track.db"))


def schema_of(file):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()[0]


def look_and_write(uri, number):
    """Open a store, read what its first run holds, write to it, and return the value of a param."""
    with closing(open_store(uri)) as store:
        value = store.get_run(RUN_ID).data.params["lr"]
        store.log_batch(RUN_ID, [Metric("later", number, number, number)])
        return value


def test_the_file_is_of_the_first_schema(file):
    assert schema_of(file) == "0001"


def test_everything_reads_as_before(file):
    with closing(open_store(f"sqlite:///{file}")) as store:
        churn = store.get_experiment_by_name("churn")
        assert (churn.artifact_location, churn.tags) == ("/artifacts/1", {"team": "growth"})
        (run,) = store.search_runs([churn.experiment_id], "params.lr < 0.1 AND metrics.loss = 0.02")
        assert (run.info.run_id, run.info.run_name, run.info.user_id) == (RUN_ID, "brave-fox", "ada")
        assert (run.info.status, run.info.start_time, run.info.end_time) == (
            RunStatus.FINISHED, 1_700_000_000_000, 1_700_000_060_000
        )  # fmt: skip
        assert run.data.params == {"lr": "0.01", "optimizer": "adam"}
        assert run.data.tags == {
            "mlflow.runName": "brave-fox", "mlflow.source.name": "churn.ipynb", "note": "première"
        }  # fmt: skip
        latest = run.data.metrics
        assert (latest["loss"], latest["inf"]) == (0.02, math.inf)
        assert math.isnan(latest["nan"])
        history = store.get_metric_history(RUN_ID, "loss")
        assert [(point.step, point.value) for point in history] == [(step, 1 / (step + 1)) for step in range(50)]
        version = store.get_model_version_by_alias("churn", "champion")
        assert (version.version, version.run_id, version.source) == (1, RUN_ID, f"runs:/{RUN_ID}/model")
        model = store.get_registered_model("churn")
        assert (model.description, model.tags) == ("Who leaves", {"owner": "ada"})
    assert schema_of(file) == SCHEMA


def test_everything_can_be_written(file):
    with closing(open_store(f"sqlite:///{file}")) as store:
        store.log_batch(RUN_ID, [Metric("loss", 0.01, 1, 50)], [Param("seed", "7")], [RunTag("note", "seconde")])
        run_id = store.create_run(store.create_experiment("next"), run_name="second").info.run_id
        assert store.create_model_version("churn", "s3://bucket/model", run_id=run_id).version == 2
    with closing(open_store(f"sqlite:///{file}")) as store:
        data = store.get_run(RUN_ID).data
        assert (data.metrics["loss"], data.params["seed"], data.tags["note"]) == (0.01, "7", "seconde")
        assert store.get_run(run_id).info.run_name == "second"


def test_eight_processes_that_open_the_same_old_file_all_succeed(file):
    uri = f"sqlite:///{file}"
    assert in_processes(look_and_write, [(uri, number) for number in range(8)]) == ["0.01"] * 8
    with closing(open_store(uri)) as store:
        assert {point.value for point in store.get_metric_history(RUN_ID, "later")} == set(range(8))
    assert schema_of(file) == SCHEMA


def test_a_server_is_upgraded_too(postgres, monkeypatch):
    upgrade = command.upgrade
    with postgres.database() as uri:
        with monkeypatch.context() as patched:
            patched.setattr(command, "upgrade", lambda config, _: upgrade(config, "0001"))
            with closing(Database(uri)) as database:
                upgrade_to_current(database)
        with closing(Database(uri)) as database, database.write() as connection:
            for statement in (
                "INSERT INTO experiments VALUES (1, 'old', '/artifacts/1', 'active', 1, 1)",
                f"INSERT INTO runs VALUES (1, '{RUN_ID}', 1, 'fox', '', 'FINISHED', 'active', 1, 2, '/artifacts/x')",
                "INSERT INTO names VALUES (1, 'loss')",
                "INSERT INTO metrics SELECT 1, 1, step, step, step, false FROM generate_series(-3000, 6000) AS step",
                "INSERT INTO metrics VALUES (1, 1, 2050, 1, 0, true)",
                "INSERT INTO latest_metrics VALUES (1, 1, 6000, 6000, 6000, false)",
            ):
                connection.exec_driver_sql(statement)
        with closing(open_store(uri)) as store:
            assert store.get_run(RUN_ID).data.metrics == {"loss": 6000}
            assert len(store.get_metric_history(RUN_ID, "loss")) == 9_002
        assert not any("curve" in str(finding) for finding in fsck(uri))


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(file, monkeypatch):
    upgrade = command.upgrade

    def upgrade_and_fail(*arguments):
        upgrade(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", upgrade_and_fail)
        with pytest.raises(KeyboardInterrupt):
            open_store(f"sqlite:///{file}")
    assert schema_of(file) == "0001"
    with closing(open_store(f"sqlite:///{file}")) as store:
        assert store.get_run(RUN_ID).data.params["lr"] == "0.01"
