import math
import struct

import pytest

from jupyter_track.entities import InvalidParameterValue, Metric, Param, RunTag

from .hostile import KEYS

INT64 = 2**63
NAN = math.nan
INF = math.inf

WRONG = [
    pytest.param({"metrics": [Metric("a", 1.0, 1)] * 1001}, id="metrics"),
    pytest.param({"params": [Param(f"p{i}", "") for i in range(101)]}, id="params"),
    pytest.param({"tags": [RunTag(f"t{i}", "") for i in range(101)]}, id="tags"),
    pytest.param({"params": [Param("a", "x" * 6001)]}, id="param value"),
    pytest.param({"tags": [RunTag("a", "x" * 8001)]}, id="tag value"),
    pytest.param({"tags": [RunTag("mlflow.runName", "x" * 251)]}, id="run name"),
    pytest.param({"params": [Param("a", "1"), Param("a", "2")]}, id="param twice"),
    pytest.param({"params": [Param("a", "\0")]}, id="NUL"),
    pytest.param({"tags": [RunTag("a", "\udfff")]}, id="surrogate"),
    pytest.param({"metrics": [Metric("a", 1.0, INT64)]}, id="timestamp"),
    pytest.param({"metrics": [Metric("a", 1.0, 0, -INT64 - 1)]}, id="step"),
    pytest.param({"metrics": [Metric("a", 1.0, 0, 1.5)]}, id="half a step"),
    pytest.param({"metrics": [Metric("a", 10**400, 0)]}, id="huge"),
    pytest.param({"metrics": [Metric("a", "much", 0)]}, id="no number"),
    *(
        pytest.param(batch(name), id=f"{what} {name[:10]!r}")
        for name in ("", "x" * 251, "a\0", "a,b", "'", "../a", "/a", "a//b", "a/", "\ud800", "a\nb")
        for what, batch in (
            ("metric", lambda name: {"metrics": [Metric(name, 1.0, 0)]}),
            ("param", lambda name: {"params": [Param(name, "1")]}),
            ("tag", lambda name: {"tags": [RunTag(name, "1")]}),
        )
    ),
]


def points(store, run_id, key="m", **page):
    return [(each.timestamp, each.step, each.value) for each in store.get_metric_history(run_id, key, **page)]


def bits(value):
    return struct.pack(">d", value)


class LoggingContract:
    def test_everything_that_was_logged_is_there(self, store, run_id):
        store.log_batch(
            run_id,
            [Metric("loss", 0.5, 10, 0), Metric("loss", 0.25, 20, 1), Metric("acc", 1, 10)],
            [Param("lr", "0.1"), Param("empty", "")],
            [RunTag("note", "hello")],
        )
        data = store.get_run(run_id).data
        assert data.latest_metrics == (Metric("acc", 1.0, 10, 0), Metric("loss", 0.25, 20, 1))
        assert data.params == {"empty": "", "lr": "0.1"}
        assert data.tags["note"] == "hello"
        assert store.get_metric_history(run_id, "loss") == [Metric("loss", 0.5, 10, 0), Metric("loss", 0.25, 20, 1)]

    def test_logging_again_changes_nothing(self, store, run_id):
        batch = (
            [Metric("m", NAN, 1, 1), Metric("m", INF, 2, 2), Metric("m", 0.1, 3, 3), Metric("m", 0.1, 3, 3)],
            [Param("p", "1"), Param("p", "1")],
            [RunTag("t", "1")],
        )
        store.log_batch(run_id, *batch)
        before, history = store.get_run(run_id), points(store, run_id)
        assert [(timestamp, step) for timestamp, step, _ in history] == [(1, 1), (2, 2), (3, 3)]
        store.log_batch(run_id, *batch)
        assert store.get_run(run_id) == before
        assert repr(points(store, run_id)) == repr(history)

    @pytest.mark.parametrize(
        "value",
        [INF, -INF, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 3, 2.0**53, -1e-17, 3, True],
    )
    def test_a_number_comes_back_bit_for_bit(self, store, run_id, value):
        store.log_batch(run_id, [Metric("m", value, 1, 1)])
        (point,) = store.get_metric_history(run_id, "m")
        (latest,) = store.get_run(run_id).data.latest_metrics
        assert bits(point.value) == bits(latest.value) == bits(float(value))

    def test_a_nan_comes_back_as_a_nan(self, store, run_id):
        store.log_batch(run_id, [Metric("m", NAN, 1, 1)])
        (point,) = store.get_metric_history(run_id, "m")
        assert math.isnan(point.value)
        assert math.isnan(store.get_run(run_id).data.metrics["m"])

    def test_a_zero_has_no_sign(self, store, run_id):
        store.log_batch(run_id, [Metric("m", -0.0, 1, 1), Metric("m", 0.0, 1, 1)])
        (point,) = store.get_metric_history(run_id, "m")
        assert bits(point.value) == bits(0.0)

    def test_steps_and_timestamps_have_64_bits(self, store, run_id):
        ends = (-INT64, -1, 0, INT64 - 1)
        store.log_batch(run_id, [Metric("m", 1.0, timestamp, step) for timestamp in ends for step in ends])
        assert points(store, run_id) == [(timestamp, step, 1.0) for timestamp in ends for step in ends]
        assert store.get_run(run_id).data.latest_metrics == (Metric("m", 1.0, INT64 - 1, INT64 - 1),)

    def test_the_history_is_in_order_of_timestamp_step_and_value(self, store, run_id):
        given = [(2, 0, 1.0), (1, 1, 5.0), (1, 0, 3.0), (1, 0, -INF), (1, 0, INF), (1, 0, -2.0), (0, 9, 0.0)]
        for timestamp, step, value in given:
            store.log_batch(run_id, [Metric("m", value, timestamp, step)])
        assert points(store, run_id) == sorted(given)

    def test_the_latest_point_is_the_greatest_by_step_timestamp_and_value_whatever_came_last(self, store, run_id):
        for point in [(5, 1, 0.0), (1, 2, 3.0), (2, 2, 4.0), (2, 2, 9.0), (2, 2, 8.0), (2, 1, 7.0), (9, -1, 1.0)]:
            store.log_batch(run_id, [Metric("m", point[2], point[0], point[1])])
        assert store.get_run(run_id).data.latest_metrics == (Metric("m", 9.0, 2, 2),)

    @pytest.mark.parametrize("values", [(0.0, NAN), (NAN, 0.0)])
    def test_the_latest_of_a_nan_and_a_zero_does_not_depend_on_which_came_first(self, store, run_id, values):
        for value in values:
            store.log_batch(run_id, [Metric("m", value, 1, 1)])
        assert len(store.get_metric_history(run_id, "m")) == 2
        assert math.isnan(store.get_run(run_id).data.metrics["m"])

    def test_steps_may_have_gaps_and_repeat_and_time_may_run_backwards(self, store, run_id):
        given = [(100, 7, 1.0), (90, 7, 2.0), (80, 10**9, 3.0), (70, -4, 4.0), (70, -4, 5.0), (60, 7, 1.0)]
        store.log_batch(run_id, [Metric("m", value, timestamp, step) for timestamp, step, value in given])
        assert points(store, run_id) == sorted(given)
        assert store.get_run(run_id).data.latest_metrics == (Metric("m", 3.0, 80, 10**9),)

    def test_a_metric_that_is_not_there_has_no_points(self, store, run_id):
        assert store.get_metric_history(run_id, "nothing") == []
        store.log_batch(store.create_run("0").info.run_id, [Metric("m", 1.0, 1)])
        assert store.get_metric_history(run_id, "m") == []

    def test_pages_of_a_history_neither_repeat_nor_skip_while_it_grows(self, store, run_id):
        given = [Metric("m", value, step // 3, step % 3) for step in range(20) for value in (NAN, 1.0, 0.0)]
        store.log_batch(run_id, given)
        whole = points(store, run_id)
        seen, token = [], ""
        for page in range(100):
            found = store.get_metric_history(run_id, "m", max_results=7, page_token=token)
            seen += [(each.timestamp, each.step, each.value) for each in found]
            # One that belongs to a page that was seen already.
            store.log_batch(run_id, [Metric("m", -1.0, -1, page)])
            token = found.token
            if not token:
                break
        assert repr(seen) == repr(whole)
        assert len(seen) == 60

    def test_a_batch_of_a_thousand_metrics_a_hundred_params_and_tags(self, store, run_id):
        metrics = [Metric(f"m{step % 10}", step / 3, step, step) for step in range(1000)]
        params = [Param(f"p{i}", "x" * 6000) for i in range(100)]
        tags = [RunTag(f"t{i}", "x" * 8000) for i in range(100)]
        store.log_batch(run_id, metrics, params, tags)
        data = store.get_run(run_id).data
        assert [metric.step for metric in data.latest_metrics] == list(range(990, 1000))
        assert data.params == {param.key: param.value for param in params}
        assert len(data.tags) == 101
        assert len(store.get_metric_history(run_id, "m3")) == 100

    @pytest.mark.parametrize("key", KEYS)
    def test_any_allowed_name_is_kept(self, store, run_id, key):
        store.log_batch(run_id, [Metric(key, 1.0, 1)], [Param(key, "p")], [RunTag(key, "t")])
        data = store.get_run(run_id).data
        assert (data.metrics, data.params, data.tags[key]) == ({key: 1.0}, {key: "p"}, "t")
        assert store.get_metric_history(run_id, key) == [Metric(key, 1.0, 1, 0)]

    def test_names_that_differ_in_case_or_a_blank_are_different_names(self, store, run_id):
        names = ["a", "A", "é", "É", "a "]
        store.log_batch(run_id, params=[Param(name, name) for name in names])
        assert store.get_run(run_id).data.params == {name: name for name in names}

    def test_the_last_tag_counts(self, store, run_id):
        store.log_batch(run_id, tags=[RunTag("a", "1"), RunTag("a", "2")])
        assert store.get_run(run_id).data.tags["a"] == "2"
        store.log_batch(run_id, tags=[RunTag("a", "3"), RunTag("mlflow.runName", "renamed")])
        run = store.get_run(run_id)
        assert (run.data.tags["a"], run.info.run_name) == ("3", "renamed")

    def test_a_param_is_written_once_and_a_batch_that_changes_it_leaves_nothing(self, store, run_id):
        store.log_batch(run_id, params=[Param("lr", "0.1")])
        before = store.get_run(run_id)
        with pytest.raises(InvalidParameterValue, match=r"'lr'.*'0\.1'.*'0\.2'"):
            store.log_batch(
                run_id, [Metric("m", 1.0, 1)], [Param("new", "1"), Param("lr", "0.2")], [RunTag("mlflow.runName", "x")]
            )
        assert store.get_run(run_id) == before
        assert store.get_metric_history(run_id, "m") == []

    @pytest.mark.parametrize("wrong", WRONG)
    def test_a_batch_with_something_wrong_is_refused_whole(self, store, run_id, wrong):
        before = store.get_run(run_id)
        good = {"metrics": [Metric("m", 1.0, 1)], "params": [Param("ok", "1")], "tags": [RunTag("ok", "1")]}
        with pytest.raises(InvalidParameterValue):
            store.log_batch(run_id, **{kind: good[kind] + wrong.get(kind, []) for kind in good})
        assert store.get_run(run_id) == before
        assert store.get_metric_history(run_id, "m") == []

    def test_an_empty_batch_is_no_error(self, store, run_id):
        before = store.get_run(run_id)
        store.log_batch(run_id)
        assert store.get_run(run_id) == before

    def test_a_run_may_have_ten_thousand_tags(self, store, run_id):
        tags = {f"t{number:05}": f"'{number}'" for number in range(10_000)}
        for first in range(0, 10_000, 100):
            keys = [f"t{number:05}" for number in range(first, first + 100)]
            store.log_batch(run_id, tags=[RunTag(key, tags[key]) for key in keys])
        (run,) = store.search_runs(["0"], "tags.t09999 = \"'9999'\"")
        assert run == store.get_run(run_id)
        name = run.data.tags.pop("mlflow.runName")
        assert (name, run.data.tags) == (run.info.run_name, tags)
        store.delete_tag(run_id, "t00000")
        assert len(store.get_run(run_id).data.tags) == 10_000

    @pytest.mark.parametrize(
        ("batch", "told"),
        [
            ({"params": [Param("huge", "x" * 10_000_000)]}, "value of param 'huge'.* 10000000 .*at most 6000"),
            ({"tags": [RunTag("huge", "x" * 10_000_000)]}, "value of tag 'huge'.* 10000000 .*at most 8000"),
            ({"params": [Param("x" * 10_000_000, "1")]}, "param name.* 10000000 .*at most 250"),
            ({"metrics": [Metric("x" * 10_000_000, 1.0, 1)]}, "metric name.* 10000000 .*at most 250"),
        ],
        ids=["param", "tag", "param name", "metric name"],
    )
    def test_ten_megabytes_are_refused_in_a_short_line(self, store, run_id, batch, told):
        before = store.get_run(run_id)
        with pytest.raises(InvalidParameterValue, match=told) as refused:
            store.log_batch(run_id, **batch)
        assert len(str(refused.value)) < 300
        assert "\n" not in str(refused.value)
        assert store.get_run(run_id) == before
