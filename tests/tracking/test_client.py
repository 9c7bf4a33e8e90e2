"""The client and its recorders, through a real outbox and into a real store."""

import math
from contextlib import closing

import pytest

from jupyter_track.config import data_dir, resolve_tracking_uri
from jupyter_track.entities import (
    InvalidParameterValue,
    Metric,
    Param,
    ResourceDoesNotExist,
    RunStatus,
    SchemaMismatch,
    StoreUnavailable,
)
from jupyter_track.outbox import LogBatch
from jupyter_track.store import open_store
from jupyter_track.tracking import TrackClient


def track(client, name="run", experiment="notebook.ipynb", model=False):
    """Record a run that ends, and return its id."""
    recorder = client.record(experiment, name, "ada", {"kind": "test"})
    recorder.log_params({"lr": "0.1"})
    recorder.log_metrics([Metric("loss", 0.5, 1, 0), Metric("loss", 0.25, 2, 1)])
    if model:
        recorder.log_artifact("model/MLmodel", b"flavors: {}")
    recorder.end(RunStatus.FINISHED)
    return recorder.run_id


class TestARun:
    def test_reads_see_what_this_process_has_written(self, client):
        recorder = client.record("notebook.ipynb", "first", "ada", {"kind": "test"})
        run = client.get_run(recorder.run_id)
        assert (run.info.run_name, run.info.user_id, run.info.status) == ("first", "ada", RunStatus.RUNNING)
        assert (run.info.start_time, run.info.end_time) == (recorder.start_time, None)
        assert run.data.tags == {"kind": "test", "mlflow.runName": "first"}
        recorder.log_params({"lr": "0.1"})
        assert client.search_runs(filter_string="params.lr = '0.1'")[0].info.run_id == recorder.run_id
        recorder.log_metrics([Metric("loss", math.nan, 1)])
        assert math.isnan(client.find_run("first").data.metrics["loss"])
        recorder.set_tags({"kind": "changed"})
        recorder.log_text("notes/a.txt", "é \ud800")
        end = recorder.start_time + 1234
        recorder.end(RunStatus.FAILED, end)
        run = client.get_run(recorder.run_id)
        assert (run.info.status, run.info.end_time, run.data.tags["kind"]) == (RunStatus.FAILED, end, "changed")
        assert client.artifacts(run).read("notes/a.txt") == "é \\ud800".encode()
        assert [each.name for each in client.search_experiments()] == ["notebook.ipynb", "Default"]

    def test_more_than_a_batch_holds_is_sent_in_several(self, client):
        recorder = client.record("notebook.ipynb", "large")
        recorder.log_params({f"p{number}": str(number) for number in range(250)})
        recorder.log_metrics([Metric("m", step, step, step) for step in range(2500)])
        recorder.set_tags({f"t{number}": "x" * 9000 for number in range(250)})
        data = client.get_run(recorder.run_id).data
        assert len(data.params) == 250
        assert data.latest_metrics == (Metric("m", 2499.0, 2499, 2499),)
        assert len(data.tags) == 251
        # Cut, as MLflow's client does.
        assert {len(value) for key, value in data.tags.items() if key.startswith("t")} == {8000}
        assert client.outbox.take_problems() == []

    def test_what_a_store_refuses_is_told_and_the_rest_arrives(self, client):
        recorder = client.record("notebook.ipynb", "run")
        recorder.log_params({"lr": "0.1"})
        client.put(LogBatch(recorder.run_id, params=(Param("lr", "0.2"),)))
        recorder.log_metrics([Metric("loss", 0.5, 1)])
        data = client.get_run(recorder.run_id).data
        assert (data.params, data.metrics) == ({"lr": "0.1"}, {"loss": 0.5})
        (problem,) = client.outbox.take_problems()
        assert problem.run_id == recorder.run_id
        assert "'lr'" in problem.message

    def test_another_process_reads_what_was_written(self, client, uri):
        run_id = track(client)
        written = client.get_run(run_id)
        with closing(open_store(uri)) as store:
            assert store.get_run(run_id) == written

    def test_runs_are_found_by_experiment_filter_and_order(self, client):
        for experiment, name in (("a", "first"), ("b", "second"), ("a", "third")):
            track(client, name, experiment)
        client.get_run(client.find_run("third").info.run_id)

        def names(**search):
            return [run.info.run_name for run in client.search_runs(**search)]

        assert sorted(names()) == ["first", "second", "third"]
        ids = {each.name: each.experiment_id for each in client.search_experiments()}
        assert sorted(names(experiment_ids=[ids["a"]])) == ["first", "third"]
        assert names(experiment_ids=[]) == []
        assert names(order_by=["run_name DESC"], max_results=2) == ["third", "second"]
        assert names(filter_string="run_name LIKE '%r%' AND metrics.loss < 1", order_by=["run_name"]) == [
            "first",
            "third",
        ]
        with pytest.raises(InvalidParameterValue, match=r"<>"):
            client.search_runs(filter_string="metrics.loss <> 1")

    def test_experiments_and_models_of_more_than_one_page_are_all_there(self, client, uri):
        with closing(open_store(uri)) as store:
            for number in range(1001):
                store.create_experiment(f"e{number}")
            for number in range(101):
                store.create_registered_model(f"m{number}")
        assert len({each.name for each in client.search_experiments(max_results=None)}) == 1002
        page = client.search_experiments()
        assert len(page) == 1000
        assert len(client.search_experiments(page_token=page.token)) == 2
        assert len({each.name for each in client.search_registered_models()}) == 101


class TestFindingARun:
    def test_a_run_is_found_by_its_id_the_beginning_of_it_and_its_name(self, client):
        run = client.get_run(track(client, "it's 100%"))
        for reference in (run.info.run_id, run.info.run_id[:8], run.info.run_id[:6].upper(), "it's 100%"):
            assert client.find_run(reference) == run

    def test_of_runs_with_one_name_the_newest_is_found(self, client, uri):
        with closing(open_store(uri)) as store:
            for start_time in (1, 3, 2):
                store.create_run("0", start_time=start_time, run_name="same")
        assert client.find_run("same").info.start_time == 3

    def test_a_beginning_that_fits_several_is_refused(self, client, uri):
        with closing(open_store(uri)) as store:
            for end in "01":
                store.create_run("0", run_id="abc" + end * 29)
        assert client.find_run("abc0").info.run_id == "abc" + "0" * 29
        with pytest.raises(InvalidParameterValue, match="Several runs"):
            client.find_run("abc")

    @pytest.mark.parametrize("reference", ["nobody", "' OR '1' = '1", "%", "_", "\0", "é" * 1000, "0" * 32, "\ud800"])
    def test_a_run_that_is_not_there_is_told(self, client, reference):
        track(client)
        with pytest.raises((ResourceDoesNotExist, InvalidParameterValue)) as error:
            client.find_run(reference)
        assert "\n" not in str(error.value).partition("Cannot read")[0]
        assert len(str(error.value)) < 400

    def test_no_reference_finds_nothing(self, client):
        track(client)
        with pytest.raises(InvalidParameterValue, match="Name a run"):
            client.find_run("")


class TestRegistering:
    def test_a_model_of_a_run_becomes_the_next_version(self, client):
        run = client.get_run(track(client, model=True))
        first = client.register_model(run, "churn", user_id="ada")
        second = client.register_model(run, "churn")
        assert [first.version, second.version] == [1, 2]
        assert (first.source, first.run_id, first.user_id) == (f"runs:/{run.info.run_id}/model", run.info.run_id, "ada")
        client.set_registered_model_alias("churn", "best", 2)
        client.set_registered_model_alias("churn", "best", 1)
        (model,) = client.search_registered_models()
        assert (model.name, model.aliases) == ("churn", {"best": 1})

    def test_a_model_that_is_still_on_its_way_is_waited_for(self, client):
        recorder = client.record("notebook.ipynb", "run")
        run = client.get_run(recorder.run_id)
        recorder.log_artifact("model/MLmodel", b"flavors: {}")
        assert client.register_model(run, "churn").version == 1

    def test_a_run_without_a_model_registers_nothing(self, client):
        run = client.get_run(track(client))
        with pytest.raises(ResourceDoesNotExist, match="no model at 'model'"):
            client.register_model(run, "churn")
        assert client.search_registered_models() == []

    def test_a_name_that_cannot_be_is_refused(self, client):
        run = client.get_run(track(client, model=True))
        with pytest.raises(InvalidParameterValue, match="'a/b'"):
            client.register_model(run, "a/b")


class TestAPlaceThatIsNoGood:
    def test_what_was_logged_waits_and_arrives_when_the_place_is_good(self, tmp_path):
        blocking = tmp_path / "folder"
        blocking.touch()
        client = TrackClient(f"sqlite:///{blocking}/track.db")
        run_id = track(client)
        with pytest.raises(StoreUnavailable, match="Cannot make the folder"):
            client.get_run(run_id)
        client.outbox.flush(5)
        assert client.outbox.waiting() == 4
        (problem,) = client.outbox.take_problems()
        assert "Cannot make the folder" in problem.message
        blocking.unlink()
        assert client.get_run(run_id).info.status is RunStatus.FINISHED
        assert client.close(5) == 0

    def test_closing_tells_how_much_could_not_be_delivered(self, tmp_path):
        (tmp_path / "file").touch()
        client = TrackClient(f"sqlite:///{tmp_path}/file/track.db")
        track(client)
        assert client.close(5) == 4

    def test_opening_tells_at_once(self, tmp_path):
        (tmp_path / "track.db").write_text("just a text")
        with pytest.raises(StoreUnavailable, match="not a database"):
            TrackClient(f"sqlite:///{tmp_path}/track.db").open()
        with pytest.raises(InvalidParameterValue, match="scheme 'ftp'"):
            TrackClient("ftp://host/").open()

    def test_a_newer_schema_tells_the_command_to_run(self, client, uri):
        track(client)
        assert client.close(5) == 0
        with closing(open_store(uri)) as store, store._database.write() as connection:
            connection.exec_driver_sql("UPDATE jupyter_track_schema SET version_num = '9999'")
        other = TrackClient(uri)
        with pytest.raises(SchemaMismatch, match="pip install --upgrade"):
            other.search_runs()
        assert other.close(5) == 0


class TestAddresses:
    def test_the_password_of_an_address_is_shown_nowhere(self):
        client = TrackClient("postgresql://ada:secret@127.0.0.1:1/db?sslpassword=secret")
        track(client)
        with pytest.raises(StoreUnavailable) as error:
            client.get_run("0" * 32)
        client.outbox.flush(10)
        (problem,) = client.outbox.take_problems()
        for shown in (client.shown_uri, str(error.value), problem.message):
            assert "ada@127.0.0.1:1/db" in shown
            assert "secret" not in shown
        assert client.tracking_uri.count("secret") == 2
        assert client.close(5) == 4

    def test_a_call_goes_before_the_environment_and_that_before_the_data_folder(self, process, monkeypatch, tmp_path):
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        assert data_dir() == tmp_path / "jupyter-track"
        assert TrackClient().tracking_uri == f"sqlite:///{tmp_path}/jupyter-track/track.db"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////elsewhere.db")
        assert TrackClient().tracking_uri == resolve_tracking_uri() == "sqlite:////elsewhere.db"
        assert TrackClient("sqlite://").tracking_uri == "sqlite://"

    def test_artifacts_go_where_the_client_says(self, uri, tmp_path):
        client = TrackClient(uri, artifact_root=str(tmp_path / "elsewhere"))
        recorder = client.record("notebook.ipynb", "run")
        recorder.log_text("a.txt", "hello")
        run = client.get_run(recorder.run_id)
        assert run.info.artifact_uri.startswith(str(tmp_path / "elsewhere"))
        assert client.artifacts(run).read("a.txt") == b"hello"
        assert client.close(5) == 0
