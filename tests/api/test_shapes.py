"""What each endpoint answers: MLflow's JSON, to the letter."""

import inspect
import math

import pytest

from jupyter_track.api import Service
from jupyter_track.artifacts import open_repository
from jupyter_track.entities import ExperimentTag, Metric, Param, RunStatus, RunTag
from jupyter_track.wire import ENDPOINTS

RUN_ID = "0123456789abcdef" * 2


@pytest.fixture
def run(store):
    """A run that has something of everything."""
    store.create_run("0", "ada", 1000, [RunTag("kind", "test")], "first", RUN_ID)
    store.log_batch(
        RUN_ID,
        [
            Metric("loss", 0.5, 1, 0),
            Metric("loss", 0.25, 2, 1),
            Metric("nan", math.nan, 3),
            Metric("up", math.inf, 4, -1),
            Metric("down", -math.inf, 5),
        ],
        [Param("lr", "0.1"), Param("empty", "")],
    )
    store.update_run_info(RUN_ID, RunStatus.FINISHED, 2000)
    return store.get_run(RUN_ID)


@pytest.fixture
def files(run):
    repository = open_repository(run.info.artifact_uri)
    repository.write("model/MLmodel", b"flavors: {}\n")
    repository.write("notes.txt", b"hello")
    return repository


def run_json(run):
    return {
        "info": {
            "run_id": RUN_ID,
            "run_uuid": RUN_ID,
            "run_name": "first",
            "experiment_id": "0",
            "user_id": "ada",
            "status": "FINISHED",
            "start_time": 1000,
            "end_time": 2000,
            "artifact_uri": run.info.artifact_uri,
            "lifecycle_stage": "active",
        },
        "data": {
            "metrics": [
                {"key": "down", "value": "-Infinity", "timestamp": 5, "step": 0},
                {"key": "loss", "value": 0.25, "timestamp": 2, "step": 1},
                {"key": "nan", "value": "NaN", "timestamp": 3, "step": 0},
                {"key": "up", "value": "Infinity", "timestamp": 4, "step": -1},
            ],
            "params": [{"key": "empty", "value": ""}, {"key": "lr", "value": "0.1"}],
            "tags": [{"key": "kind", "value": "test"}, {"key": "mlflow.runName", "value": "first"}],
        },
        "inputs": {},
        "outputs": {},
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_each_line_of_the_table_has_a_function_that_takes_its_fields(endpoint):
    parameters = inspect.signature(getattr(Service, endpoint.name)).parameters
    assert set(parameters) - {"self"} == {field.name for field in endpoint.request}


class TestExperiments:
    def test_an_experiment(self, call, store):
        experiment_id = store.create_experiment("iris", "s3://bucket", [ExperimentTag("a", "1")])
        made = store.get_experiment(experiment_id)
        expected = {
            "experiment_id": experiment_id,
            "name": "iris",
            "artifact_location": "s3://bucket",
            "lifecycle_stage": "active",
            "creation_time": made.creation_time,
            "last_update_time": made.last_update_time,
            "tags": [{"key": "a", "value": "1"}],
        }
        assert call.ok("GET", "experiments/get", {"experiment_id": experiment_id}) == {"experiment": expected}
        assert call.ok("GET", "experiments/get-by-name", {"experiment_name": "iris"}) == {"experiment": expected}
        assert "tags" not in call.ok("GET", "experiments/get", {"experiment_id": "0"})["experiment"]

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_search(self, call, store, method):
        for name in ("a", "b", "c"):
            store.create_experiment(name)
        first = call.ok(method, "experiments/search", {"max_results": 2, "order_by": ["name"]})
        assert [each["name"] for each in first["experiments"]] == ["Default", "a"]
        rest = {"max_results": "2", "order_by": ["name"], "page_token": first["next_page_token"]}
        second = call.ok(method, "experiments/search", rest)
        assert [each["name"] for each in second["experiments"]] == ["b", "c"]
        assert "next_page_token" not in second
        assert call.ok(method, "experiments/search", {"max_results": 5, "filter": "name = 'nobody'"}) == {}
        assert call.ok(method, "experiments/search", {"max_results": 5, "view_type": "DELETED_ONLY"}) == {}

    def test_errors_that_clients_depend_on(self, call):
        assert call.refused("GET", "experiments/get-by-name", {"experiment_name": "x"}) == (
            404, "RESOURCE_DOES_NOT_EXIST", "Could not find experiment with name 'x'",
        )  # fmt: skip
        assert call.refused("GET", "experiments/get", {"experiment_id": "77"}) == (
            404, "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=77 exists",
        )  # fmt: skip
        status, code, message = call.refused("POST", "experiments/search")
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert message == "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer"


class TestRuns:
    def test_a_run(self, call, run):
        expected = {"run": run_json(run)}
        assert call.ok("GET", "runs/get", {"run_id": RUN_ID}) == expected
        assert call.ok("GET", "runs/get", {"run_uuid": RUN_ID}) == expected

    def test_what_a_run_has_nothing_of_is_left_out(self, call, store):
        run = store.create_run("0", "", 0, run_name="bare")
        content = call.ok("GET", "runs/get", {"run_id": run.info.run_id})["run"]
        assert "end_time" not in content["info"]
        assert (content["info"]["user_id"], content["info"]["start_time"]) == ("", 0)
        assert content["data"] == {"tags": [{"key": "mlflow.runName", "value": "bare"}]}

    def test_a_search(self, call, run, store):
        store.create_run("0", start_time=1, run_name="second")
        found = call.ok("POST", "runs/search", {"experiment_ids": ["0"]})
        assert [each["info"]["run_name"] for each in found["runs"]] == ["first", "second"]
        assert found["runs"][0] == run_json(run)
        assert "next_page_token" not in found
        asked = {
            "experiment_ids": ["0"],
            "filter": "metrics.loss < 1",
            "order_by": ["metrics.loss DESC"],
            "max_results": 1,
        }
        assert call.ok("POST", "runs/search", asked) == {"runs": [run_json(run)]}
        page = call.ok("POST", "runs/search", {"experiment_ids": ["0"], "max_results": 1})
        rest = {"experiment_ids": ["0"], "max_results": 1, "page_token": page["next_page_token"]}
        assert [each["info"]["run_name"] for each in call.ok("POST", "runs/search", rest)["runs"]] == ["second"]
        assert call.ok("POST", "runs/search", {"experiment_ids": []}) == call.ok("POST", "runs/search") == {}
        assert call.ok("POST", "runs/search", {"experiment_ids": ["0"], "run_view_type": "DELETED_ONLY"}) == {}
        assert call.ok("POST", "runs/search", {"experiment_ids": ["0"], "run_view_type": 2}) == {}

    def test_a_wrong_filter_tells_where(self, call):
        asked = {"experiment_ids": ["0"], "filter": "metric.loss >> 1"}
        status, code, message = call.refused("POST", "runs/search", asked)
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert message.split("\n")[2] == "               ^"

    def test_a_run_that_is_not_there(self, call):
        for route in ("runs/get", "artifacts/list"):
            assert call.refused("GET", route, {"run_id": "x"}) == (
                404, "RESOURCE_DOES_NOT_EXIST", "Run with id=x not found",
            )  # fmt: skip

    def test_a_history(self, call, run):
        points = [
            {"key": "loss", "value": 0.5, "timestamp": 1, "step": 0},
            {"key": "loss", "value": 0.25, "timestamp": 2, "step": 1},
        ]
        asked = {"run_id": RUN_ID, "metric_key": "loss"}
        assert call.ok("GET", "metrics/get-history", asked) == {"metrics": points}
        page = call.ok("GET", "metrics/get-history", {**asked, "max_results": 1})
        assert page["metrics"] == points[:1]
        rest = {**asked, "max_results": 25000, "page_token": page["next_page_token"]}
        assert call.ok("GET", "metrics/get-history", rest) == {"metrics": points[1:]}
        assert call.ok("GET", "metrics/get-history", {"run_id": RUN_ID, "metric_key": "none"}) == {}
        assert call.ok("GET", "metrics/get-history", {"run_id": "f" * 32, "metric_key": "loss"}) == {}

    def test_curves_of_several_runs(self, call, run):
        asked = {"run_ids": [RUN_ID, "f" * 32], "metric_key": "loss"}
        points = [
            {"key": "loss", "value": 0.5, "timestamp": 1, "step": 0, "run_id": RUN_ID},
            {"key": "loss", "value": 0.25, "timestamp": 2, "step": 1, "run_id": RUN_ID},
        ]
        route = "metrics/get-history-bulk-interval"
        assert call.ok("GET", route, asked) == {"metrics": points}
        assert call.ok("GET", route, {**asked, "start_step": 1, "end_step": 5}) == {"metrics": points[1:]}
        assert call.ok("GET", route, {**asked, "metric_key": "none"}) == {}
        for wrong in ({"run_ids": ["f" * 32] * 101}, {"max_results": 0}, {"start_step": "x"}, {"start_step": 2**63}):
            assert call.refused("GET", route, asked | wrong)[:2] == (400, "INVALID_PARAMETER_VALUE")


class TestArtifacts:
    def test_a_listing(self, call, run, files):
        root = run.info.artifact_uri
        assert call.ok("GET", "artifacts/list", {"run_id": RUN_ID}) == {
            "root_uri": root,
            "files": [{"path": "model", "is_dir": True}, {"path": "notes.txt", "is_dir": False, "file_size": 5}],
        }
        assert call.ok("GET", "artifacts/list", {"run_id": RUN_ID, "path": "model/"}) == {
            "root_uri": root,
            "files": [{"path": "model/MLmodel", "is_dir": False, "file_size": 12}],
        }
        assert call.ok("GET", "artifacts/list", {"run_id": RUN_ID, "path": "none"}) == {"root_uri": root}

    def test_a_file_that_is_not_there(self, call, files):
        for path in ("none", "model", "notes.txt/x"):
            answer = call.answer("GET", "get-artifact", query=f"run_id={RUN_ID}&path={path}")
            assert answer.status == 404
            assert b"RESOURCE_DOES_NOT_EXIST" in answer.body


class TestRegistry:
    def version(self, version, **changed):
        return {
            "name": "churn",
            "version": str(version.version),
            "creation_timestamp": version.creation_timestamp,
            "last_updated_timestamp": version.last_updated_timestamp,
            "current_stage": "None",
            "description": "",
            "source": "s3://bucket/model",
            "run_id": "",
            "status": "READY",
            "run_link": "",
            **changed,
        }

    def test_a_model(self, call, store):
        made = call.ok("POST", "registered-models/create", {"name": "churn", "tags": [{"key": "a", "value": "1"}]})
        model = store.get_registered_model("churn")
        expected = {
            "name": "churn",
            "creation_timestamp": model.creation_timestamp,
            "last_updated_timestamp": model.last_updated_timestamp,
            "tags": [{"key": "a", "value": "1"}],
        }
        assert made == {"registered_model": expected}
        assert call.ok("GET", "registered-models/get", {"name": "churn"}) == made
        assert call.ok("GET", "registered-models/search") == {"registered_models": [expected]}
        bare = call.ok("POST", "registered-models/create", {"name": "bare", "description": "Who?"})["registered_model"]
        assert bare["description"] == "Who?"
        assert not {"tags", "aliases", "latest_versions"} & set(bare)

    def test_versions_and_aliases(self, call, store, run, files):
        call.ok("POST", "registered-models/create", {"name": "churn"})
        asked = {"name": "churn", "source": "s3://bucket/model"}
        first = call.ok("POST", "model-versions/create", asked)
        assert first == {"model_version": self.version(store.get_model_version("churn", 1))}
        asked = {
            "name": "churn",
            "source": f"runs:/{RUN_ID}/model",
            "run_id": RUN_ID,
            "description": "better",
            "run_link": "http://link",
            "tags": [{"key": "a", "value": "1"}, {"key": "b"}],
        }
        second = call.ok("POST", "model-versions/create", asked)
        expected = self.version(
            store.get_model_version("churn", 2),
            **{**asked, "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": ""}]},
        )
        assert second == {"model_version": expected}
        assert call.ok("POST", "registered-models/alias", {"name": "churn", "alias": "best", "version": "2"}) == {}
        expected["aliases"] = ["best"]
        for version in ("2", 2):
            asked = {"name": "churn", "version": version}
            assert call.ok("GET", "model-versions/get", asked) == {"model_version": expected}
            where = {"artifact_uri": expected["source"]}
            assert call.ok("GET", "model-versions/get-download-uri", asked) == where
        asked = {"name": "churn", "alias": "best"}
        assert call.ok("GET", "registered-models/alias", asked) == {"model_version": expected}
        found = call.ok("GET", "model-versions/search", {"filter": "name = 'churn'"})
        assert found == {"model_versions": [expected, first["model_version"]]}
        model = call.ok("GET", "registered-models/get", {"name": "churn"})["registered_model"]
        assert model["aliases"] == [{"alias": "best", "version": "2"}]
        assert model["latest_versions"] == [expected]
        assert call.ok("DELETE", "registered-models/alias", asked) == {}
        assert call.ok("DELETE", "registered-models/alias", asked) == {}

    def test_pages(self, call, store):
        for name in "abc":
            store.create_registered_model(name)
            store.create_model_version(name, "s3://x")
        for route, key in (
            ("registered-models/search", "registered_models"),
            ("model-versions/search", "model_versions"),
        ):
            page = call.ok("GET", route, {"max_results": 2, "order_by": ["name DESC"]})
            assert [each["name"] for each in page[key]] == ["c", "b"]
            asked = {"max_results": 2, "order_by": ["name DESC"], "page_token": page["next_page_token"]}
            assert [each["name"] for each in call.ok("GET", route, asked)[key]] == ["a"]

    def test_errors_that_clients_depend_on(self, call, store):
        store.create_registered_model("churn")
        store.create_model_version("churn", "s3://x")
        gone, taken, wrong = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS", "INVALID_PARAMETER_VALUE"
        for method, route, fields, status, code, message in (
            ("POST", "registered-models/create", {"name": "churn"}, 400, taken, "already exists"),
            ("GET", "registered-models/get", {"name": "zz"}, 404, gone, "Registered Model with name=zz not found"),
            ("GET", "model-versions/get", {"name": "churn", "version": "99"}, 404, gone,
             "Model Version (name=churn, version=99) not found"),
            ("GET", "model-versions/get", {"name": "churn", "version": "abc"}, 400, wrong,
             "Parameter 'version' must be an integer, got 'abc'."),
            ("GET", "registered-models/alias", {"name": "churn", "alias": "zz"}, 400, wrong,
             "Registered model alias zz not found."),
            ("GET", "registered-models/alias", {"name": "zz", "alias": "zz"}, 404, gone, "name=zz"),
            ("POST", "registered-models/alias", {"name": "churn", "alias": "v1", "version": 1}, 400, wrong, "reserved"),
            ("POST", "registered-models/alias", {"name": "churn", "alias": "a", "version": 9}, 404, gone, "version=9"),
            ("POST", "model-versions/create", {"name": "zz", "source": "s3://x"}, 404, gone, "name=zz"),
        ):  # fmt: skip
            found = call.refused(method, route, fields)
            assert found[:2] == (status, code)
            assert message in found[2]
