"""The client of a process, and moving it to another place."""

import subprocess
import sys
from contextlib import closing

import pytest

import jupyter_track
from jupyter_track.entities import InvalidParameterValue, RunStatus, StoreUnavailable
from jupyter_track.store import open_store
from jupyter_track.tracking import (
    TrackClient,
    configure,
    default_client,
    get_tracking_uri,
    is_tracking_uri_set,
    move_to,
    set_tracking_uri,
)


def runs_at(uri):
    with closing(open_store(uri)) as store:
        experiments = [experiment.experiment_id for experiment in store.search_experiments()]
        return {run.info.run_name: run for run in store.search_runs(experiments)}


@pytest.fixture
def there(tmp_path):
    return f"sqlite:///{tmp_path}/there.db"


def test_a_process_has_one_client(process, tmp_path):
    assert default_client() is default_client()
    assert (
        get_tracking_uri() == jupyter_track.get_tracking_uri() == f"sqlite:///{tmp_path}/jupyter/jupyter-track/track.db"
    )


def test_setting_the_uri_moves_what_comes_next(process, uri, there):
    set_tracking_uri(uri)
    default_client().record("notebook.ipynb", "first").end(RunStatus.FINISHED)
    jupyter_track.set_tracking_uri(there)
    assert get_tracking_uri() == there
    default_client().record("notebook.ipynb", "second").end(RunStatus.FINISHED)
    assert [run.info.run_name for run in default_client().search_runs()] == ["second"]
    assert list(runs_at(uri)) == ["first"]


def test_a_run_that_goes_on_while_the_uri_is_set_ends_where_it_began(process, uri, there):
    set_tracking_uri(uri)
    recorder = default_client().record("notebook.ipynb", "going on")
    set_tracking_uri(there)
    recorder.log_params({"after": "1"})
    recorder.end(RunStatus.FINISHED)
    process.close_all()
    run = runs_at(uri)["going on"]
    assert (run.info.status, run.data.params) == (RunStatus.FINISHED, {"after": "1"})
    assert runs_at(there) == {}


def test_what_waits_for_a_place_that_is_no_good_moves_along_with_what_follows(process, tmp_path, there):
    (tmp_path / "file").touch()
    configure(f"sqlite:///{tmp_path}/file/track.db")
    recorder = default_client().record("notebook.ipynb", "moved")
    recorder.log_params({"before": "1"})
    set_tracking_uri(there)
    recorder.log_params({"after": "1"})
    recorder.end(RunStatus.FINISHED)
    run = default_client().find_run("moved")
    assert (run.info.status, run.data.params) == (RunStatus.FINISHED, {"before": "1", "after": "1"})


def test_moving_to_a_place_that_is_no_good_leaves_the_present_one_in_force(process, uri, tmp_path):
    move_to(uri)
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        move_to(f"sqlite:///{tmp_path}/file/track.db")
    with pytest.raises(InvalidParameterValue):
        move_to("ftp://host/")
    with pytest.raises(InvalidParameterValue):
        set_tracking_uri("ftp://host/")
    assert get_tracking_uri() == uri


def test_a_place_out_of_reach_is_set_with_a_warning_and_used_when_it_is_back(process, tmp_path, caplog):
    (tmp_path / "file").touch()
    set_tracking_uri(f"sqlite:///{tmp_path}/file/track.db")
    assert "Cannot make the folder" in caplog.text
    default_client().record("notebook.ipynb", "waiting").end(RunStatus.FINISHED)
    (tmp_path / "file").unlink()
    assert default_client().find_run("waiting").info.status is RunStatus.FINISHED


def test_without_a_choice_the_environment_is_followed(process, uri, there, monkeypatch):
    assert not is_tracking_uri_set()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert (get_tracking_uri(), is_tracking_uri_set()) == (uri, True)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", there)
    assert get_tracking_uri() == TrackClient().tracking_uri == there
    set_tracking_uri(uri)
    assert (get_tracking_uri(), is_tracking_uri_set()) == (uri, True)
    set_tracking_uri("")
    assert get_tracking_uri() == there


def test_clients_of_one_place_share_what_they_have_written(process, uri):
    first, second = TrackClient(uri), TrackClient(uri)
    run = first.create_run("0")
    first.log_param(run.info.run_id, "lr", 1)
    assert second.get_run(run.info.run_id).data.params == {"lr": "1"}
    with pytest.raises(InvalidParameterValue, match="'lr'"):
        second.log_param(run.info.run_id, "lr", 2)
    assert first.close(5) == 0
    second.set_terminated(run.info.run_id)
    assert second.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert second.close(5) == 0


def test_models_are_kept_where_runs_are(process, uri, there):
    assert TrackClient(uri, registry_uri=uri).tracking_uri == uri
    with pytest.raises(InvalidParameterValue, match="registry_uri"):
        TrackClient(uri, registry_uri=there)


def test_configuring_opens_nothing(process, tmp_path):
    configure(f"sqlite:///{tmp_path}/new/track.db")
    assert get_tracking_uri() == f"sqlite:///{tmp_path}/new/track.db"
    assert not (tmp_path / "new").exists()
    assert default_client().search_runs() == []
    assert (tmp_path / "new" / "track.db").exists()


def test_setting_the_same_place_again_keeps_the_client(process, uri, tmp_path):
    set_tracking_uri(uri)
    client = default_client()
    set_tracking_uri(uri)
    configure(uri)
    assert default_client() is client
    set_tracking_uri(uri, str(tmp_path / "artifacts of its own"))
    assert default_client() is not client


def test_the_end_of_a_process_waits_for_what_has_not_arrived(uri):
    program = (
        "import sys; from jupyter_track.entities import RunStatus; from jupyter_track.tracking import *; "
        "configure(sys.argv[1]); recorder = default_client().record('notebook.ipynb', 'last'); "
        "[recorder.log_text(f'{number}.txt', 'x') for number in range(100)]; recorder.end(RunStatus.FINISHED)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program, uri], check=True)
    assert runs_at(uri)["last"].info.status is RunStatus.FINISHED


def test_the_end_of_a_process_does_not_wait_for_a_place_that_is_no_good(tmp_path):
    (tmp_path / "file").touch()
    program = (
        "import sys; from jupyter_track.tracking import *; "
        "configure(sys.argv[1]); default_client().record('notebook.ipynb', 'lost')"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path}/file/track.db"]
    done = subprocess.run(command, check=True, timeout=9, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
