"""What the environment says while a tracked cell runs, and after it. The real MLflow is in tests/mlflow_plugin."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jupyter_track.capture.mlflow_environment import MlflowEnvironment, entered
from jupyter_track.config import CELL_RUN_VARIABLE
from jupyter_track.entities import RunStatus
from jupyter_track.tracking import default_client, process

NAMES = ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", CELL_RUN_VARIABLE)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The place of this test's runs, which nothing but the default says."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    process.close_all()
    yield f"sqlite:///{tmp_path}/jupyter-track/track.db"
    process.close_all()
    for name in NAMES:  # What a test has set itself.
        os.environ.pop(name, None)


@pytest.fixture
def recorder(place):
    return default_client().record("experiment", "run")


@pytest.fixture
def surroundings(recorder):
    return MlflowEnvironment(recorder)


def said():
    return {name: os.environ[name] for name in NAMES if name in os.environ}


def test_the_cell_is_told_the_store_and_the_run(surroundings, recorder, place):
    surroundings.enter()
    assert said() == {"MLFLOW_TRACKING_URI": f"jupyter-track+{place}", CELL_RUN_VARIABLE: recorder.run_id}
    assert entered == {recorder.run_id: surroundings}
    surroundings.leave(RunStatus.FINISHED)
    assert said() == entered == {}


def test_our_own_calls_stay_in_the_same_place(surroundings, place):
    before = process.connection()
    surroundings.enter()
    assert process.connection() is before
    assert process.get_tracking_uri() == place
    surroundings.leave(RunStatus.FINISHED)
    assert process.connection() is before


def test_a_program_that_the_cell_starts_means_the_same_store(surroundings, place):
    code = "from jupyter_track.config import resolve_tracking_uri; print(resolve_tracking_uri())"
    surroundings.enter()
    os.environ["JUPYTER_DATA_DIR"] = "/nowhere"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    surroundings.leave(RunStatus.FINISHED)
    assert told.strip() == place


def test_what_a_person_has_set_comes_back(surroundings, recorder, place):
    mine = {
        "MLFLOW_TRACKING_URI": place,
        "MLFLOW_EXPERIMENT_ID": "7",
        "MLFLOW_EXPERIMENT_NAME": "iris",
        "MLFLOW_RUN_ID": "f" * 32,
    }
    os.environ.update(mine)
    surroundings.enter()
    # Ids mean nothing in another store; a name does.
    assert said() == {
        "MLFLOW_TRACKING_URI": f"jupyter-track+{place}",
        "MLFLOW_EXPERIMENT_NAME": "iris",
        CELL_RUN_VARIABLE: recorder.run_id,
    }
    surroundings.leave(RunStatus.FINISHED)
    assert said() == mine


def test_what_the_cell_sets_stays(surroundings):
    surroundings.enter()
    mine = {"MLFLOW_TRACKING_URI": "http://elsewhere", "MLFLOW_EXPERIMENT_ID": "9", "MLFLOW_RUN_ID": "e" * 32}
    os.environ.update(mine)
    surroundings.leave(RunStatus.FINISHED)
    assert said() == mine


def test_what_the_cell_takes_away_stays_away(surroundings, place):
    os.environ["MLFLOW_TRACKING_URI"] = place
    surroundings.enter()
    del os.environ["MLFLOW_TRACKING_URI"]
    surroundings.leave(RunStatus.FINISHED)
    assert said() == {}


@pytest.mark.parametrize(
    "uri", ["http://server:5000", "file:/mlruns", "databricks", "jupyter-track+sqlite:////other.db"]
)
def test_a_person_who_has_chosen_another_place_for_mlflow_is_left_alone(tmp_path, uri):
    process.configure(f"sqlite:///{tmp_path}/chosen.db")
    surroundings = MlflowEnvironment(default_client().record("experiment", "run"))
    os.environ["MLFLOW_TRACKING_URI"] = uri
    surroundings.enter()
    assert said() == {"MLFLOW_TRACKING_URI": uri}
    surroundings.leave(RunStatus.FINISHED)
    assert said() == {"MLFLOW_TRACKING_URI": uri}


def test_a_person_who_has_chosen_our_store_for_mlflow_is_only_told_the_run(surroundings, recorder):
    mine = {"MLFLOW_TRACKING_URI": "jupyter-track:", "MLFLOW_EXPERIMENT_ID": "7"}
    os.environ.update(mine)
    surroundings.enter()
    assert said() == mine | {CELL_RUN_VARIABLE: recorder.run_id}
    surroundings.leave(RunStatus.FINISHED)
    assert said() == mine


def test_a_cell_inside_another_gives_way_to_it(surroundings, recorder, place):
    inner = MlflowEnvironment(default_client().record("experiment", "inner"))
    surroundings.enter()
    inner.enter()
    assert os.environ[CELL_RUN_VARIABLE] == inner.recorder.run_id
    inner.leave(RunStatus.FINISHED)
    assert said() == {"MLFLOW_TRACKING_URI": f"jupyter-track+{place}", CELL_RUN_VARIABLE: recorder.run_id}
    surroundings.leave(RunStatus.FINISHED)
    assert said() == {}


def test_to_leave_again_changes_nothing(surroundings):
    surroundings.enter()
    surroundings.leave(RunStatus.FINISHED)
    os.environ["MLFLOW_TRACKING_URI"] = "http://elsewhere"
    surroundings.leave(RunStatus.KILLED)
    assert said() == {"MLFLOW_TRACKING_URI": "http://elsewhere"}


def test_mlflow_is_not_imported(surroundings):
    surroundings.enter()
    surroundings.leave(RunStatus.FINISHED)
    assert not any(name.partition(".")[0] == "mlflow" for name in sys.modules)
