"""Log calls: what is refused at the call, when they wait, and what they cost."""

import math
import time

import numpy
import pytest

import jupyter_track as jt
from jupyter_track.entities import (
    Dataset,
    InvalidParameterValue,
    Metric,
    Param,
    ResourceDoesNotExist,
    RunTag,
    StoreUnavailable,
)
from jupyter_track.store import open_store


@pytest.fixture(autouse=True)
def run(process, uri):
    """Keep runs in a store of the test, and begin one."""
    jt.set_tracking_uri(uri)
    with jt.start_run() as run:
        yield run


def data(run):
    return jt.get_run(run.info.run_id).data


class TestRefused:
    @pytest.mark.parametrize("key", ["", "a?b", "a//b", "../a", "/a", "k" * 251, 3, None, ["a"], "a\n", "a\0"])
    def test_names_that_cannot_be(self, run, key):
        for log in (jt.log_metric, jt.log_param, jt.set_tag):
            with pytest.raises(InvalidParameterValue, match="name"):
                log(key, 1)
        assert data(run).metrics == data(run).params == {}

    @pytest.mark.parametrize(
        "value",
        ["much", None, [1.0], numpy.array([1, 2]), {}, object(), 10**400, 1j],
        ids=lambda value: repr(value)[:20],
    )
    def test_values_that_are_no_number(self, run, value):
        with pytest.raises(InvalidParameterValue, match="'loss'"):
            jt.log_metric("loss", value)
        with pytest.raises(InvalidParameterValue, match="'loss'"):
            jt.log_metrics({"fine": 1, "loss": value})
        assert data(run).metrics == {}

    @pytest.mark.parametrize("step", ["1", 1.5, 2**63, math.nan, [1]])
    def test_steps_that_are_no_whole_number(self, run, step):
        with pytest.raises(InvalidParameterValue, match="'loss'"):
            jt.log_metric("loss", 1, step=step)
        assert data(run).metrics == {}

    def test_a_param_with_another_value(self, run):
        jt.log_param("lr", 0.1)
        jt.log_param("lr", "0.1")
        with pytest.raises(InvalidParameterValue, match=r"'lr'.*'0\.1'.*'0\.2'"):
            jt.log_param("lr", 0.2)
        with pytest.raises(InvalidParameterValue, match="'lr'"):
            jt.log_params({"new": 1, "lr": 0.2})
        assert data(run).params == {"lr": "0.1"}

    def test_a_param_of_a_run_that_others_have_written_to(self, run, uri):
        store = open_store(uri)
        jt.flush_async_logging()
        other = store.create_run("0")
        store.log_batch(other.info.run_id, params=[Param("lr", "0.1")])
        store.close()
        jt.log_params({"lr": 0.1, "mine": 1}, run_id=other.info.run_id)
        with pytest.raises(InvalidParameterValue, match="'lr'"):
            jt.log_params({"lr": 0.2}, run_id=other.info.run_id)
        with pytest.raises(InvalidParameterValue, match="'mine'"):
            jt.TrackClient().log_param(other.info.run_id, "mine", 2)
        assert data(other).params == {"lr": "0.1", "mine": "1"}

    def test_a_value_so_long_that_it_is_a_file(self, run, caplog, monkeypatch):
        for log in (jt.log_param, jt.set_tag):
            with pytest.raises(InvalidParameterValue, match=r"10000000 characters.*log_text"):
                log("text", "x" * 10_000_000)
        jt.log_param("cut", "x" * 7_000)
        assert "the first 6000 are kept" in caplog.text
        monkeypatch.setenv("MLFLOW_TRUNCATE_LONG_VALUES", "false")
        with pytest.raises(InvalidParameterValue, match="7000 characters"):
            jt.log_param("whole", "x" * 7_000)
        assert {key: len(value) for key, value in data(run).params.items()} == {"cut": 6_000}

    def test_text_that_no_store_can_keep(self, run):
        for value in ("\0", "\ud800"):
            with pytest.raises(InvalidParameterValue):
                jt.log_param("text", value)
            with pytest.raises(InvalidParameterValue):
                jt.set_tag("text", value)
        assert data(run).params == {}

    def test_a_batch_with_one_wrong_value_logs_nothing(self, run):
        client = jt.TrackClient()
        with pytest.raises(InvalidParameterValue):
            client.log_batch(run.info.run_id, [Metric("fine", 1, 1), Metric("a?b", 1, 1)], [Param("p", "1")])
        assert data(run).metrics == data(run).params == {}

    def test_a_run_without_an_id(self):
        for run_id in ("", 3):
            with pytest.raises(InvalidParameterValue, match="run id"):
                jt.log_metric("loss", 1, run_id=run_id)

    def test_a_tag_that_is_not_there_cannot_be_deleted(self):
        with pytest.raises(ResourceDoesNotExist, match="nothing"):
            jt.delete_tag("nothing")


class TestTaken:
    def test_numbers_of_every_kind(self, run):
        values = {
            "int": 3,
            "float": 0.5,
            "bool": True,
            "float32": numpy.float32(0.25),
            "int64": numpy.int64(7),
            "0-d": numpy.array(2.0),
            "1 element": numpy.array([[3.0]]),
            "text": "1e-3",
            "infinite": -math.inf,
        }
        jt.log_metrics(values)
        for key, value in values.items():
            jt.log_metric(f"one {key}", value)
        kept = data(run).metrics
        expected = {"int": 3, "float": 0.5, "bool": 1, "float32": 0.25, "int64": 7, "0-d": 2, "1 element": 3}
        expected |= {"text": 0.001, "infinite": -math.inf}
        assert kept == {**expected, **{f"one {key}": value for key, value in expected.items()}}

    def test_steps_and_times_of_every_kind(self, run):
        for step in (None, -2, numpy.int32(3), 4.0, 2**63 - 1):
            jt.log_metric("loss", 1, step=step, timestamp=numpy.int64(1_600_000_000_000))
        history = jt.TrackClient().get_metric_history(run.info.run_id, "loss")
        assert [point.step for point in history] == [-2, 0, 3, 4, 2**63 - 1]
        assert {point.timestamp for point in history} == {1_600_000_000_000}

    def test_more_than_a_batch_holds(self, run):
        jt.log_params({f"p{number}": number for number in range(250)})
        jt.set_tags({f"t{number}": number for number in range(250)})
        points = [Metric("loss", step, 1_600_000_000_000, step) for step in range(2500)]
        client = jt.TrackClient()
        client.log_batch(run.info.run_id, points, [Param("q", "1")], [RunTag("u", "1")])
        assert len(data(run).params) == 251
        assert {"t249", "u"} <= set(data(run).tags)
        assert len(client.get_metric_history(run.info.run_id, "loss")) == 2500

    def test_datasets_by_what_they_tell_of_themselves(self, run):
        entity = Dataset("entity", "1", "local", "{}")
        jt.log_input(entity, context="training")
        jt.log_input(jt.data.from_numpy(numpy.zeros(3), name="array"), tags={"k": 1})
        names = {each.dataset.name: each for each in jt.get_run(run.info.run_id).inputs.dataset_inputs}
        assert names["entity"].dataset == entity
        assert [(tag.key, tag.value) for tag in names["array"].tags] == [("k", "1")]
        with pytest.raises(InvalidParameterValue, match="str is no dataset"):
            jt.log_input("train.csv")
        with pytest.raises(InvalidParameterValue, match="one length"):
            jt.log_inputs([entity], ["a", "b"])


class TestWaiting:
    def other_reader(self, uri, run):
        """Return what a process that does not know what waits here would read."""
        store = open_store(uri)
        try:
            return store.get_run(run.info.run_id).data
        finally:
            store.close()

    def test_a_synchronous_call_returns_when_the_store_has_it(self, run, uri):
        assert jt.log_metric("loss", 1, synchronous=True) is None
        assert jt.log_param("lr", 1, synchronous=True) == 1
        jt.set_tag("k", 1, synchronous=True)
        read = self.other_reader(uri, run)
        assert (read.metrics, read.params, read.tags["k"]) == ({"loss": 1}, {"lr": "1"}, "1")

    def test_what_a_call_promises_can_be_waited_for(self, run, uri):
        jt.log_params({"a": 1}, synchronous=False)
        jt.log_metric("loss", 1, synchronous=False).wait()
        read = self.other_reader(uri, run)
        assert (read.metrics, read.params) == ({"loss": 1}, {"a": "1"})

    def test_the_environment_makes_every_call_wait(self, run, uri, monkeypatch):
        monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "false")
        with jt.start_run(nested=True) as waiting:
            jt.log_metric("loss", 1)
            jt.log_param("lr", 1)
            read = self.other_reader(uri, waiting)
            assert (read.metrics, read.params) == ({"loss": 1}, {"lr": "1"})
        store = open_store(uri)
        assert store.get_run(waiting.info.run_id).info.status == "FINISHED"
        store.close()

    def test_a_call_that_waits_raises_what_the_store_refuses(self, run, uri):
        jt.flush_async_logging()
        store = open_store(uri)
        store.log_batch(run.info.run_id, params=[Param("lr", "0.1")])
        store.close()
        with pytest.raises(InvalidParameterValue, match="lr"):
            jt.log_param("lr", 0.2, synchronous=True)

    def test_a_call_that_waits_tells_that_the_store_is_out_of_reach(self, tmp_path):
        (tmp_path / "file").touch()
        jt.set_tracking_uri(f"sqlite:///{tmp_path}/file/track.db")
        with jt.start_run(nested=True):
            with pytest.raises(StoreUnavailable):
                jt.log_metric("loss", 1, synchronous=True)
            (tmp_path / "file").unlink()
            jt.log_metric("loss", 2, synchronous=True)


def test_a_log_call_costs_little(run):
    """A hundred times the time that it takes on a free machine, and still a tenth of what a store would take."""
    jt.log_metric("loss", 0)
    began = time.process_time()
    for step in range(5_000):
        jt.log_metric("loss", 0.5, step=step)
    assert (time.process_time() - began) / 5_000 < 1e-3


def test_a_run_that_begins_and_ends_asks_no_store(run, monkeypatch):
    connection = jt.tracking.process.connection()
    jt.flush_async_logging()
    with jt.start_run(nested=True):
        pass  # The experiment is known from now on.

    def refuse(*arguments, **options):
        raise AssertionError("the store was asked")

    with monkeypatch.context() as patched:
        patched.setattr(type(connection), "store", refuse)
        patched.setattr(type(connection.outbox), "flush", refuse)
        for _ in range(20):
            with jt.start_run(nested=True):
                jt.log_metric("loss", 1)
                jt.log_param("lr", 1)
