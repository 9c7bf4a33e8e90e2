"""What a client writes through the service: what the store then has, and what it is told."""

import math

import pytest

from jupyter_track.entities import Dataset, DatasetInput, InputTag, Metric, RunStatus

EXISTS, GONE, WRONG = "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"
DATASET = {"name": "iris", "digest": "d1", "source_type": "local", "source": '{"uri": "iris.csv"}'}


@pytest.fixture
def run_id(store):
    return store.create_run("0", "ada", 1000, run_name="first").info.run_id


class TestExperiments:
    def test_one_is_created_with_its_tags(self, call, store):
        asked = {"name": "iris", "tags": [{"key": "a", "value": "1"}], "artifact_location": "s3://bucket/iris"}
        answer = call.ok("POST", "experiments/create", asked)
        made = store.get_experiment_by_name("iris")
        assert answer == {"experiment_id": made.experiment_id}
        assert (made.tags, made.artifact_location) == ({"a": "1"}, "s3://bucket/iris")

    def test_without_a_location_its_artifacts_are_where_the_store_keeps_them(self, call, store):
        experiment_id = call.ok("POST", "experiments/create", {"name": "iris", "artifact_location": ""})[
            "experiment_id"
        ]
        default = store.get_experiment("0").artifact_location
        assert store.get_experiment(experiment_id).artifact_location == f"{default[:-1]}{experiment_id}"

    @pytest.mark.parametrize(
        "location", ["/etc", "etc", "..", "file:///etc", "FILE:/etc", "C:\\Users", "\\\\host\\share"]
    )
    def test_a_folder_of_the_servers_machine_is_not_for_clients_to_choose(self, call, store, location):
        asked = {"name": "iris", "artifact_location": location}
        status, code, message = call.refused("POST", "experiments/create", asked)
        assert (status, code) == (400, WRONG)
        assert "not chosen by its clients" in message
        assert store.get_experiment_by_name("iris") is None

    @pytest.mark.parametrize("location", ["s3://bucket/a#b", "s3://bucket/a?b=c"])
    def test_a_location_with_a_fragment_or_a_query_is_refused(self, call, location):
        asked = {"name": "iris", "artifact_location": location}
        assert call.refused("POST", "experiments/create", asked) == (
            400, WRONG, "'artifact_location' URL can't include fragments or params.",
        )  # fmt: skip

    def test_the_rest_of_its_life(self, call, store):
        experiment_id = store.create_experiment("iris")
        asked = {"experiment_id": experiment_id}
        assert call.ok("POST", "experiments/update", {**asked, "new_name": "flowers"}) == {}
        assert store.get_experiment(experiment_id).name == "flowers"
        assert call.ok("POST", "experiments/set-experiment-tag", {**asked, "key": "a", "value": "1"}) == {}
        assert store.get_experiment(experiment_id).tags == {"a": "1"}
        assert call.ok("POST", "experiments/delete-experiment-tag", {**asked, "key": "a"}) == {}
        assert store.get_experiment(experiment_id).tags == {}
        assert call.ok("POST", "experiments/delete", asked) == {}
        assert store.get_experiment(experiment_id).lifecycle_stage == "deleted"
        assert call.ok("POST", "experiments/restore", asked) == {}
        assert store.get_experiment(experiment_id).lifecycle_stage == "active"

    def test_errors_that_clients_depend_on(self, call, store):
        deleted = store.create_experiment("bin")
        store.delete_experiment(deleted)
        key = {"key": "zz"}
        for route, fields, status, code in (
            ("create", {"name": "Default"}, 400, EXISTS),
            ("create", {"name": "bin"}, 400, EXISTS),
            ("create", {"name": " "}, 400, WRONG),
            ("create", {"name": "a" * 501}, 400, WRONG),
            ("update", {"experiment_id": "77", "new_name": "a"}, 404, GONE),
            ("update", {"experiment_id": deleted, "new_name": "a"}, 400, WRONG),
            ("delete", {"experiment_id": "77"}, 404, GONE),
            ("restore", {"experiment_id": "77"}, 404, GONE),
            ("set-experiment-tag", {"experiment_id": "77", **key, "value": "1"}, 404, GONE),
            ("set-experiment-tag", {"experiment_id": "0", "key": "a" * 251, "value": "1"}, 400, WRONG),
            ("delete-experiment-tag", {"experiment_id": "0", **key}, 404, GONE),
        ):
            assert call.refused("POST", f"experiments/{route}", fields)[:2] == (status, code), (route, fields)


class TestRuns:
    def test_one_is_begun(self, call, store):
        asked = {"experiment_id": "0", "user_id": "ada", "start_time": "1000", "tags": [{"key": "a", "value": "1"}]}
        run = call.ok("POST", "runs/create", {**asked, "run_name": "first"})["run"]
        assert run == call.ok("GET", "runs/get", {"run_id": run["info"]["run_id"]})["run"]
        assert (run["info"]["user_id"], run["info"]["start_time"], run["info"]["status"]) == ("ada", 1000, "RUNNING")
        assert run["info"]["artifact_uri"].endswith(f"/{run['info']['run_id']}/artifacts")
        assert store.get_run(run["info"]["run_id"]).data.tags == {"a": "1", "mlflow.runName": "first"}

    def test_one_without_a_name_is_given_one(self, call):
        run = call.ok("POST", "runs/create", {"experiment_id": "0"})["run"]
        assert run["data"]["tags"] == [{"key": "mlflow.runName", "value": run["info"]["run_name"]}]
        assert run["info"]["start_time"] == 0

    @pytest.mark.parametrize("status", ["FAILED", 4])
    def test_one_ends(self, call, run_id, status):
        asked = {"run_uuid": run_id, "status": status, "end_time": 2000, "run_name": "second"}
        info = call.ok("POST", "runs/update", asked)["run_info"]
        assert (info["status"], info["end_time"], info["run_name"]) == ("FAILED", 2000, "second")
        assert info == call.ok("GET", "runs/get", {"run_id": run_id})["run"]["info"]

    def test_what_an_update_does_not_name_stays(self, call, store, run_id):
        call.ok("POST", "runs/update", {"run_id": run_id, "end_time": 5})
        info = store.get_run(run_id).info
        assert (info.status, info.run_name, info.end_time) == (RunStatus.RUNNING, "first", 5)

    def test_one_goes_into_the_bin_and_comes_back(self, call, store, run_id):
        assert call.ok("POST", "runs/delete", {"run_id": run_id}) == {}
        assert store.get_run(run_id).info.lifecycle_stage == "deleted"
        asked = {"run_id": run_id, "key": "a", "value": "1"}
        assert call.refused("POST", "runs/log-parameter", asked)[:2] == (400, WRONG)
        assert call.ok("POST", "runs/restore", {"run_id": run_id}) == {}
        assert call.ok("POST", "runs/log-parameter", asked) == {}

    def test_errors_that_clients_depend_on(self, call, run_id):
        gone = {"run_id": "x"}
        for route, fields, status, code in (
            ("create", {"experiment_id": "77"}, 404, GONE),
            ("update", gone, 404, GONE),
            ("delete", gone, 404, GONE),
            ("restore", gone, 404, GONE),
            ("log-metric", {**gone, "key": "a", "value": 1, "timestamp": 1}, 404, GONE),
            ("log-parameter", {**gone, "key": "a"}, 404, GONE),
            ("log-batch", {**gone, "tags": [{"key": "a"}]}, 404, GONE),
            ("log-inputs", {**gone, "datasets": [{"dataset": DATASET}]}, 404, GONE),
            ("set-tag", {**gone, "key": "a"}, 404, GONE),
            ("delete-tag", {"run_id": run_id, "key": "zz"}, 404, GONE),
        ):
            assert call.refused("POST", f"runs/{route}", fields)[:2] == (status, code), (route, fields)


class TestLogging:
    def test_a_metric(self, call, store, run_id):
        asked = {"run_id": run_id, "run_uuid": run_id, "key": "loss", "value": 0.5, "timestamp": "3", "model_id": "m-1"}
        assert call.ok("POST", "runs/log-metric", asked) == {}
        assert call.ok("POST", "runs/log-metric", {**asked, "value": "0.25", "step": "1"}) == {}
        assert store.get_metric_history(run_id, "loss") == [Metric("loss", 0.5, 3, 0), Metric("loss", 0.25, 3, 1)]

    def test_values_that_json_has_no_numbers_for(self, call, store, run_id):
        for key, value in (("nan", "NaN"), ("up", "Infinity"), ("down", "-Infinity"), ("true", True)):
            call.ok("POST", "runs/log-metric", {"run_id": run_id, "key": key, "value": value, "timestamp": 1})
        metrics = store.get_run(run_id).data.metrics
        assert math.isnan(metrics.pop("nan"))
        assert metrics == {"up": math.inf, "down": -math.inf, "true": 1.0}

    def test_a_param_is_written_once(self, call, store, run_id):
        asked = {"run_id": run_id, "key": "lr", "value": "0.1"}
        assert call.ok("POST", "runs/log-parameter", asked) == call.ok("POST", "runs/log-parameter", asked) == {}
        assert call.refused("POST", "runs/log-parameter", {**asked, "value": "0.2"})[:2] == (400, WRONG)
        assert store.get_run(run_id).data.params == {"lr": "0.1"}

    def test_values_that_are_too_long_are_cut(self, call, store, run_id):
        call.ok("POST", "runs/log-parameter", {"run_id": run_id, "key": "a", "value": "x" * 6001})
        call.ok("POST", "runs/set-tag", {"run_id": run_id, "key": "a", "value": "x" * 8001})
        data = store.get_run(run_id).data
        assert (data.params["a"], data.tags["a"]) == ("x" * 6000, "x" * 8000)

    def test_tags(self, call, store, run_id):
        assert call.ok("POST", "runs/set-tag", {"run_id": run_id, "key": "a", "value": "1"}) == {}
        assert store.get_run(run_id).data.tags["a"] == "1"
        assert call.ok("POST", "runs/delete-tag", {"run_id": run_id, "key": "a"}) == {}
        assert "a" not in store.get_run(run_id).data.tags

    def test_a_batch(self, call, store, run_id):
        asked = {
            "run_id": run_id,
            "metrics": [{"key": "loss", "value": 0.5, "timestamp": 1, "step": step} for step in range(1000)],
            "params": [{"key": f"p{number}", "value": "1"} for number in range(100)],
            "tags": [{"key": f"t{number}", "value": "1"} for number in range(100)],
        }
        assert call.ok("POST", "runs/log-batch", asked) == {}
        assert len(store.get_metric_history(run_id, "loss")) == 1000
        data = store.get_run(run_id).data
        assert (len(data.params), len(data.tags)) == (100, 101)

    def test_a_batch_is_written_whole_or_not_at_all(self, call, store, run_id):
        point = {"key": "loss", "value": 0.5, "timestamp": 1}
        twice = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
        for wrong, path in (
            ({"metrics": [point, {"key": "b", "value": "x", "timestamp": 1}]}, "metrics[1].value"),
            ({"metrics": [{"key": "b", "value": 1}]}, "metrics[0].timestamp"),
            ({"metrics": [point] * 1001}, "1001"),
            ({"metrics": [point], "params": twice}, "twice"),
            ({"metrics": [point], "tags": [{"value": "1"}]}, "tags[0].key"),
        ):
            status, code, message = call.refused("POST", "runs/log-batch", {"run_id": run_id, **wrong})
            assert (status, code) == (400, WRONG)
            assert path in message
        assert store.get_run(run_id).data.metrics == {}

    def test_inputs(self, call, store, run_id):
        tags = [{"key": "mlflow.data.context", "value": "training"}]
        asked = {"run_id": run_id, "datasets": [{"tags": tags, "dataset": DATASET}], "models": [{"model_id": "m-1"}]}
        assert call.ok("POST", "runs/log-inputs", asked) == call.ok("POST", "runs/log-inputs", asked) == {}
        expected = DatasetInput(Dataset(**DATASET), (InputTag("mlflow.data.context", "training"),))
        assert store.get_run(run_id).inputs.dataset_inputs == (expected,)
        status, _, message = call.refused(
            "POST", "runs/log-inputs", {"run_id": run_id, "datasets": [{"dataset": {"name": "a"}}]}
        )
        assert status == 400
        assert "datasets[0].dataset.digest" in message
