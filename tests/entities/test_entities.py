"""The entities and the error tree."""

import dataclasses
import json
import random
import re
import subprocess
import sys

import pytest

from jupyter_track import entities
from jupyter_track.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    InvalidParameterValue,
    LifecycleStage,
    Metric,
    PagedList,
    Param,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunStatus,
    TrackError,
    ViewType,
)
from jupyter_track.entities.run_names import invent_run_name


def errors():
    return [
        each
        for each in map(vars(entities).get, entities.__all__)
        if isinstance(each, type) and issubclass(each, TrackError)
    ]


@pytest.mark.parametrize("error", errors())
def test_every_error_has_a_code_and_a_status_of_mlflow(error):
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", error.error_code)
    assert error.http_status in (400, 404, 500, 503)
    assert str(error("what was wrong")) == "what was wrong"


def test_the_drawing_of_the_error_tree_is_the_tree():
    drawn = re.findall(r"(\w+)\s+([A-Z_]+)\s+(\d{3})", sys.modules["jupyter_track.entities.errors"].__doc__)
    assert drawn == [
        (each.__name__, each.error_code, str(each.http_status)) for each in sorted(errors(), key=_order(drawn))
    ]


def _order(drawn):
    names = [name for name, *_ in drawn]
    return lambda error: names.index(error.__name__)


def test_a_wrong_value_is_a_value_error():
    assert issubclass(InvalidParameterValue, ValueError)


@pytest.mark.parametrize("name", entities.__all__)
def test_entities_cannot_be_changed(name):
    cls = getattr(entities, name)
    if dataclasses.is_dataclass(cls):
        assert cls.__dataclass_params__.frozen
        assert "__dict__" not in dir(cls)
        # A dataclass that says nothing of itself is given its signature.
        assert not cls.__doc__.startswith(name + "(")


@pytest.mark.parametrize("enumeration", [RunStatus, LifecycleStage, ViewType])
def test_enumerations_are_their_names_on_the_wire(enumeration):
    for member in enumeration:
        assert str(member) == f"{member}" == member.value
        assert enumeration(member.value) is member


def test_which_runs_have_ended():
    assert {status for status in RunStatus if not RunStatus.is_terminated(status)} == {
        RunStatus.RUNNING,
        RunStatus.SCHEDULED,
    }


def test_which_stages_a_view_shows():
    assert ViewType.ACTIVE_ONLY.stages == {LifecycleStage.ACTIVE}
    assert ViewType.DELETED_ONLY.stages == {LifecycleStage.DELETED}
    assert ViewType.ALL.stages == set(LifecycleStage)


def test_the_metrics_of_a_run_by_name():
    data = RunData((Metric("loss", 0.5, 1, 2), Metric("acc", 0.9, 1)))
    run = Run(RunInfo("0" * 32, "0", "name", "ada", RunStatus.RUNNING, 1, None, "/tmp"), data)
    assert run.data.metrics == {"loss": 0.5, "acc": 0.9}
    assert run.info.lifecycle_stage is LifecycleStage.ACTIVE
    assert run.inputs.dataset_inputs == ()


def test_a_dictionary_is_made_of_a_run_as_of_one_of_mlflow():
    info = RunInfo("0" * 32, "0", "name", "ada", RunStatus.RUNNING, 1, None, "/tmp")
    data = RunData((Metric("loss", 0.5, 1, 2),), {"lr": "0.1"}, {"t": "v"})
    read = DatasetInput(Dataset("iris", "d", "local", "{}", profile="p"), [InputTag("k", "v")])
    made = Run(info, data, RunInputs((read,))).to_dictionary()
    assert made == {
        "info": {
            "run_id": "0" * 32,
            "experiment_id": "0",
            "run_name": "name",
            "user_id": "ada",
            "status": "RUNNING",
            "start_time": 1,
            "end_time": None,
            "artifact_uri": "/tmp",
            "lifecycle_stage": "active",
        },
        "data": {"metrics": {"loss": 0.5}, "params": {"lr": "0.1"}, "tags": {"t": "v"}},
        "inputs": {
            "dataset_inputs": [
                {
                    "dataset": {
                        "name": "iris",
                        "digest": "d",
                        "source_type": "local",
                        "source": "{}",
                        "schema": None,
                        "profile": "p",
                    },
                    "tags": {"k": "v"},
                }
            ]
        },
    }
    assert json.loads(json.dumps(made)) == made
    assert made["info"] == dict(info)


def test_dict_takes_an_entity():
    assert dict(Param("lr", "0.1")) == {"key": "lr", "value": "0.1"}
    point = Metric("loss", 0.5, 1, 2)
    assert dict(point) == point.to_dictionary() == {"key": "loss", "value": 0.5, "timestamp": 1, "step": 2}


def test_a_page_is_a_list_with_a_token():
    page = PagedList([1, 2], "next")
    assert page == [1, 2]
    assert page.token == "next"
    assert PagedList().token == ""


def test_invented_names_are_readable_and_leave_the_persons_seeds_alone():
    random.seed(7)
    expected = random.random()
    random.seed(7)
    names = {invent_run_name() for _ in range(200)}
    assert random.random() == expected
    assert len(names) > 190
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-\d{1,3}", name) for name in names)


@pytest.mark.parametrize("room", ["entities", "wire"])
def test_the_ground_floor_needs_the_standard_library_only(room):
    code = (
        "import sys\nbefore = set(sys.modules)\n"
        f"import jupyter_track.{room}\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(loaded - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jupyter_track"]
