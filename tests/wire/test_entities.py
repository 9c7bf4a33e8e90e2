"""Entities as MLflow's JSON: what is sent always, and what is left out when it is empty."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.entities import (
    Dataset,
    DatasetInput,
    Experiment,
    FileInfo,
    InputTag,
    LifecycleStage,
    Metric,
    ModelVersion,
    PagedList,
    RegisteredModel,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunStatus,
)
from jupyter_track.wire import ENDPOINTS, FILE, ArtifactListing, Response, encode_response

INFO = RunInfo("0" * 32, "7", "keen-heron-1", "", RunStatus.RUNNING, 0, None, "/artifacts/run")


def encode(entity):
    return encode_response(Response("it", type(entity)), entity)["it"]


def test_a_run_as_it_begins():
    assert encode(Run(INFO, RunData())) == {
        "info": {
            "run_id": "0" * 32,
            "run_uuid": "0" * 32,
            "run_name": "keen-heron-1",
            "experiment_id": "7",
            "user_id": "",
            "status": "RUNNING",
            "start_time": 0,
            "artifact_uri": "/artifacts/run",
            "lifecycle_stage": "active",
        },
        "data": {},
        "inputs": {},
        "outputs": {},
    }


def test_a_run_that_has_ended():
    info = RunInfo("0" * 32, "7", "n", "ada", RunStatus.KILLED, 1, 0, "/a", LifecycleStage.DELETED)
    data = RunData((Metric("loss", 0.5, 3, 0), Metric("acc", math.nan, 3, -2)), {"lr": "0.1", "empty": ""}, {"t": "v"})
    encoded = encode(Run(info, data))
    assert (encoded["info"]["end_time"], encoded["info"]["status"]) == (0, "KILLED")
    assert encoded["info"]["lifecycle_stage"] == "deleted"
    assert encoded["data"] == {
        "metrics": [
            {"key": "loss", "value": 0.5, "timestamp": 3, "step": 0},
            {"key": "acc", "value": "NaN", "timestamp": 3, "step": -2},
        ],
        "params": [{"key": "lr", "value": "0.1"}, {"key": "empty", "value": ""}],
        "tags": [{"key": "t", "value": "v"}],
    }


def test_a_run_that_has_read_something():
    plain = DatasetInput(Dataset("iris", "d1", "code", ""))
    full = DatasetInput(Dataset("iris", "d2", "local", "{}", "s", "p"), (InputTag("mlflow.data.context", "training"),))
    assert encode(Run(INFO, RunData(), RunInputs((plain, full))))["inputs"] == {
        "dataset_inputs": [
            {"dataset": {"name": "iris", "digest": "d1", "source_type": "code", "source": ""}},
            {
                "tags": [{"key": "mlflow.data.context", "value": "training"}],
                "dataset": {
                    "name": "iris",
                    "digest": "d2",
                    "source_type": "local",
                    "source": "{}",
                    "schema": "s",
                    "profile": "p",
                },
            },
        ]
    }


@given(st.floats())
def test_every_number_is_json_and_comes_back(value):
    sent = json.loads(json.dumps(encode(Metric("m", value, 1)), allow_nan=False))["value"]
    back = float(sent)
    assert back == value or (math.isnan(back) and math.isnan(value))
    assert isinstance(sent, str) == (not math.isfinite(value))


def test_an_experiment():
    plain = Experiment("0", "Default", "/a", LifecycleStage.ACTIVE, 1, 2)
    expected = {
        "experiment_id": "0",
        "name": "Default",
        "artifact_location": "/a",
        "lifecycle_stage": "active",
        "creation_time": 1,
        "last_update_time": 2,
    }
    assert encode(plain) == expected
    tagged = Experiment("0", "Default", "/a", LifecycleStage.ACTIVE, 1, 2, {"k": "v"})
    assert encode(tagged) == {**expected, "tags": [{"key": "k", "value": "v"}]}


def test_a_model_version_sends_its_empty_texts():
    assert encode(ModelVersion("m", 1, 2, 3, "runs:/r/model")) == {
        "name": "m",
        "version": "1",
        "creation_timestamp": 2,
        "last_updated_timestamp": 3,
        "current_stage": "None",
        "description": "",
        "source": "runs:/r/model",
        "run_id": "",
        "status": "READY",
        "run_link": "",
    }
    full = encode(
        ModelVersion("m", 12, 2, 3, "s", "r", "d", "ada", status_message="m", tags={"k": "v"}, aliases=("b", "a"))
    )
    assert (full["version"], full["aliases"], full["user_id"], full["status_message"]) == ("12", ["b", "a"], "ada", "m")
    assert full["tags"] == [{"key": "k", "value": "v"}]


def test_a_registered_model_leaves_its_empty_texts_out():
    assert encode(RegisteredModel("m", 1, 2)) == {"name": "m", "creation_timestamp": 1, "last_updated_timestamp": 2}
    newest = ModelVersion("m", 3, 2, 3, "s")
    full = encode(RegisteredModel("m", 1, 2, "d", {"k": "v"}, {"champion": 3}, (newest,)))
    assert full["description"] == "d"
    assert full["aliases"] == [{"alias": "champion", "version": "3"}]
    assert full["latest_versions"] == [encode(newest)]
    assert full["tags"] == [{"key": "k", "value": "v"}]


def test_a_listing_of_artifacts():
    listing = ArtifactListing("/root", [FileInfo("a", True), FileInfo("b", False, 0)])
    response = Response(entity=ArtifactListing)
    assert encode_response(response, listing) == {
        "root_uri": "/root",
        "files": [{"path": "a", "is_dir": True}, {"path": "b", "is_dir": False, "file_size": 0}],
    }
    assert encode_response(response, ArtifactListing("/root", [])) == {"root_uri": "/root"}


def test_pages():
    response = Response("metrics", Metric, paged=True)
    metric = Metric("a", 1.0, 2)
    assert encode_response(response, PagedList()) == {}
    assert encode_response(response, PagedList([metric])) == {"metrics": [encode(metric)]}
    assert encode_response(response, PagedList([metric], "t")) == {"metrics": [encode(metric)], "next_page_token": "t"}


def test_an_empty_answer():
    assert encode_response(Response(), None) == {}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_endpoint_of_the_table_can_be_answered(endpoint):
    """The table and the encoders know the same entities, and field names are given once."""
    if endpoint.response.paged:
        assert encode_response(endpoint.response, PagedList()) == {}
    elif endpoint.response.entity is None:
        assert encode_response(endpoint.response, None) == {}
    elif endpoint.response.entity is str:
        assert encode_response(endpoint.response, "7") == {endpoint.response.key: "7"}
    elif endpoint.response is not FILE:
        with pytest.raises(AttributeError):
            encode_response(endpoint.response, object())
    names = [field.name for field in endpoint.request]
    assert len(names) == len(set(names))
    assert endpoint.methods


def test_no_two_endpoints_stand_at_one_place():
    places = [(method, path) for each in ENDPOINTS for method in each.methods for path in each.paths]
    assert len(places) == len(set(places))
    assert ("GET", "ajax-api/2.0/mlflow/runs/get") in places
    assert len({each.name for each in ENDPOINTS}) == len(ENDPOINTS)
