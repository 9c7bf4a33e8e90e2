"""What the outbox carries, applied to a real store: each record as often as one likes, with the effect of once."""

import threading

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    InvalidParameterValue,
    Metric,
    Param,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    RunStatus,
    RunTag,
)
from jupyter_track.outbox import (
    DeleteTag,
    EndRun,
    LogBatch,
    LogInputs,
    ResumeRun,
    StartRun,
    UpdateRun,
    WriteArtifact,
    records,
)
from jupyter_track.outbox.delivery import deliver
from jupyter_track.outbox.records import Place
from jupyter_track.store import open_store

RUN_ID = "0123456789abcdef" * 2


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'track.db'}")
    yield store
    store.close()


@pytest.fixture
def place(store):
    return Place(store)


def test_a_whole_run_written_twice(store, place):
    records = [
        StartRun(RUN_ID, "notebook", "keen-heron-1", "ada", 1_000, (RunTag("t", "v"),)),
        LogBatch(RUN_ID, (Metric("loss", 0.5, 1_001, 0), Metric("loss", 0.25, 1_002, 1)), (Param("lr", "0.1"),)),
        LogBatch(RUN_ID, tags=(RunTag("t", "w"),)),
        WriteArtifact(RUN_ID, "output/a.txt", b"text"),
        LogBatch(RUN_ID, tags=(RunTag("gone", "v"),)),
        DeleteTag(RUN_ID, "gone"),
        LogInputs(
            RUN_ID,
            (DatasetInput(Dataset("iris", "d1", "local", "{}"), (InputTag("mlflow.data.context", "training"),)),),
        ),
        UpdateRun(RUN_ID, "keen-heron-2"),
        EndRun(RUN_ID, RunStatus.FINISHED, 1_500),
        ResumeRun(RUN_ID),
        EndRun(RUN_ID, RunStatus.FAILED, 2_000),
    ]
    for record in (*records, *records):
        record.apply(place)
    run = store.get_run(RUN_ID)
    assert (run.info.run_name, run.info.user_id, run.info.start_time, run.info.end_time) == (
        "keen-heron-2",
        "ada",
        1_000,
        2_000,
    )
    assert run.info.status is RunStatus.FAILED
    assert (run.data.metrics, run.data.params, run.data.tags["t"]) == ({"loss": 0.25}, {"lr": "0.1"}, "w")
    assert "gone" not in run.data.tags
    [read] = run.inputs.dataset_inputs
    assert (read.dataset.name, [tag.value for tag in read.tags]) == ("iris", ["training"])
    assert len(store.get_metric_history(RUN_ID, "loss")) == 2
    assert open_repository(run.info.artifact_uri).read("output/a.txt") == b"text"
    assert store.get_experiment(run.info.experiment_id).name == "notebook"


def test_an_experiment_that_another_kernel_makes_at_the_same_time(store, place):
    get, create = store.get_experiment_by_name, store.create_experiment
    looked = []

    def look(name):
        looked.append(name)
        return None if len(looked) == 1 else get(name)

    def create_after_the_other(name):
        create(name)
        raise ResourceAlreadyExists(name)

    store.get_experiment_by_name, store.create_experiment = look, create_after_the_other
    StartRun(RUN_ID, "notebook", "n", "ada", 1).apply(place)
    assert store.get_run(RUN_ID).info.experiment_id == get("notebook").experiment_id


def test_a_record_of_a_run_that_never_started_is_refused(place):
    for record in (
        LogBatch(RUN_ID, params=(Param("a", "1"),)),
        WriteArtifact(RUN_ID, "a", b""),
        EndRun(RUN_ID, RunStatus.FINISHED, 1),
        ResumeRun(RUN_ID),
        UpdateRun(RUN_ID, "n"),
        DeleteTag(RUN_ID, "t"),
        LogInputs(RUN_ID, ()),
    ):
        with pytest.raises(ResourceDoesNotExist):
            record.apply(place)


def test_an_artifact_stays_below_its_run(place, tmp_path):
    StartRun(RUN_ID, "notebook", "n", "ada", 1).apply(place)
    with pytest.raises(InvalidParameterValue):
        WriteArtifact(RUN_ID, "../../escaped.txt", b"").apply(place)
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_record_waits_for_the_run_that_another_process_has_begun(store, place):
    starter = threading.Timer(0.3, StartRun(RUN_ID, "notebook", "n", "ada", 1).apply, [Place(store)])
    starter.start()
    assert (
        deliver(place, [LogBatch(RUN_ID, params=(Param("a", "1"),)), LogBatch(RUN_ID, tags=(RunTag("t", "v"),))]) == []
    )
    starter.join()
    data = store.get_run(RUN_ID).data
    assert (data.params, data.tags["t"]) == ({"a": "1"}, "v")


def test_a_run_that_never_comes_is_waited_for_once(place, monkeypatch):
    waited = []

    def find(store, run_id):
        waited.append(run_id)
        raise ResourceDoesNotExist(run_id)

    monkeypatch.setattr(records, "get_arriving_run", find)
    some = [UpdateRun(RUN_ID, "n"), LogBatch(RUN_ID, params=(Param("a", "1"),)), UpdateRun(RUN_ID, "n")]
    assert [type(error) for _, error in deliver(place, some)] == [ResourceDoesNotExist] * 3
    assert [type(error) for _, error in deliver(place, some)] == [ResourceDoesNotExist] * 3
    assert waited == [RUN_ID]
