import math
from functools import partial

import pytest

from jupyter_track.entities import (
    Dataset,
    DatasetInput,
    ExperimentTag,
    InputTag,
    InvalidParameterValue,
    Metric,
    Param,
    RunStatus,
    RunTag,
    ViewType,
)
from jupyter_track.entities.clock import now_ms

from .hostile import TEXTS


def names(found):
    return [run.info.run_name for run in found]


def pages(search, size, between=lambda: None):
    """Return what all pages hold, one list a page."""
    found, token = [], ""
    while not found or token:
        page = search(max_results=size, page_token=token)
        found.append(list(page))
        token = page.token
        between()
    return found


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


class SearchContract:
    def start(self, store, name, start_time=1, experiment_id="0", metrics=None, params=None, tags=None):
        run_id = store.create_run(experiment_id, start_time=start_time, run_name=name).info.run_id
        store.log_batch(
            run_id,
            [Metric(key, value, 1) for key, value in (metrics or {}).items()],
            [Param(key, value) for key, value in (params or {}).items()],
            [RunTag(key, value) for key, value in (tags or {}).items()],
        )
        return run_id

    # -- what is found

    def test_runs_of_the_experiments_asked_for_are_found_whole(self, store):
        first, second = store.create_experiment("first"), store.create_experiment("second")
        a = self.start(store, "a", 1, first, {"m": 1.0}, {"p": "1"}, {"t": "1"})
        b = self.start(store, "b", 2, second)
        self.start(store, "c", 3)
        assert store.search_runs([first]) == [store.get_run(a)]
        assert store.search_runs([first, second, first]) == [store.get_run(b), store.get_run(a)]
        assert names(store.search_runs(["0", first, second])) == ["c", "b", "a"]
        assert store.search_runs([]) == []
        assert store.search_runs(["77", "x", "", "9" * 30]) == []
        assert names(store.search_runs([str(number) for number in range(100_000)])) == ["c", "b", "a"]

    def test_a_view_shows_the_stages_it_is_of(self, store):
        self.start(store, "a")
        assert names(store.search_runs(["0"], view_type=ViewType.ACTIVE_ONLY)) == ["a"]
        assert names(store.search_runs(["0"], view_type=ViewType.ALL)) == ["a"]
        assert store.search_runs(["0"], view_type=ViewType.DELETED_ONLY) == []
        assert store.search_experiments(ViewType.DELETED_ONLY) == []

    @pytest.mark.parametrize("text", TEXTS)
    def test_a_text_is_found_by_itself_whatever_it_holds(self, store, text):
        self.start(store, "other", params={"p": "other"}, tags={"t": "other"})
        self.start(store, text, params={"p": text}, tags={"t": text})
        for key in ("params.p", "tags.t", "run_name"):
            assert names(store.search_runs(["0"], f"{key} = {quoted(text)}")) == [text]
            assert names(store.search_runs(["0"], f"{key} != {quoted(text)}")) == ["other"]
            assert names(store.search_runs(["0"], f"{key} IN ({quoted(text)})")) == [text]
            assert names(store.search_runs(["0"], f"{key} ILIKE {quoted(text.upper())}")) == [text]

    @pytest.mark.parametrize(
        ("operator", "pattern", "fitting"),
        [
            ("LIKE", "a%", ["a", "a%b", "a_b", "a\\b", "ab"]),
            ("LIKE", "a_b", ["a%b", "a_b", "a\\b"]),
            ("LIKE", "a%b", ["a%b", "a_b", "a\\b", "ab"]),
            ("LIKE", "a\\b", ["a\\b"]),
            ("LIKE", "a\\%", ["a\\b"]),
            ("LIKE", "A%", ["AB"]),
            ("LIKE", "a", ["a"]),
            ("LIKE", "", [""]),
            ("LIKE", "%", ["", "AB", "a", "a%b", "a_b", "a\\b", "ab", "É日"]),
            ("LIKE", "_日", ["É日"]),
            ("LIKE", "é%", []),
            ("ILIKE", "é%", ["É日"]),
            ("ILIKE", "aB", ["AB", "ab"]),
            ("ILIKE", "A\\_", ["a\\b"]),
            ("NOT LIKE", "a%", ["", "AB", "É日"]),
            ("NOT ILIKE", "A%", ["", "É日"]),
        ],
    )
    def test_patterns_mean_the_same_everywhere(self, store, operator, pattern, fitting):
        for text in ("", "AB", "a", "a%b", "a_b", "a\\b", "ab", "É日"):
            self.start(store, "x", params={"p": text})
        found = store.search_runs(["0"], f"params.p {operator} '{pattern}'", order_by=["params.p"])
        assert [run.data.params["p"] for run in found] == sorted(fitting)

    def test_a_filter_may_ask_for_all_kinds_at_once(self, store):
        self.start(store, "a", 5, metrics={"m": 1.0}, params={"p": "0.1"}, tags={"t": "x"})
        self.start(store, "b", 6, metrics={"m": 2.0}, params={"p": "1e-2"}, tags={"t": "y"})
        self.start(store, "c", 7, params={"p": "auto"})
        run = store.search_runs(["0"], "params.p < 0.05 AND metrics.m >= 2 and tags.t != 'x' AND start_time > 5.5")
        assert names(run) == ["b"]
        assert names(store.search_runs(["0"], "metrics.m IS NULL OR NOT (params.p BETWEEN 0 AND 0.05)")) == ["c", "a"]
        store.update_run_info(run[0].info.run_id, RunStatus.FINISHED, 10)
        assert names(store.search_runs(["0"], "status = 'FINISHED' AND end_time <= 10")) == ["b"]
        assert names(store.search_runs(["0"], "end_time != 10.5")) == ["b"]
        assert names(store.search_runs(["0"], f"run_id = '{run[0].info.run_id}'")) == ["b"]

    @pytest.mark.parametrize(
        ("condition", "found"),
        [
            ("start_time = 9007199254740993", ["b"]),
            ("start_time > 9007199254740992", ["b"]),
            ("start_time = 1.5", []),
            ("start_time != 1.5", ["b", "a"]),
            ("start_time < 1.5", ["a"]),
            ("start_time >= -1.5", ["b", "a"]),
            ("start_time > 1e300", []),
            ("start_time < 1e999", ["b", "a"]),
            ("start_time > -1e999", ["b", "a"]),
            ("start_time BETWEEN 0.5 AND 1.5", ["a"]),
            ("start_time BETWEEN 2 AND 1", []),
            ("start_time IN (1, 2.5, 99999999999999999999)", ["a"]),
            ("start_time NOT IN (1, 2.5)", ["b"]),
        ],
    )
    def test_integers_are_compared_exactly_with_any_number(self, store, condition, found):
        self.start(store, "a", 1)
        self.start(store, "b", 2**53 + 1)
        assert names(store.search_runs(["0"], condition)) == found

    def test_a_metric_may_be_searched_by_its_whole_history(self, store):
        histories = {"a": [1.0, 9.0, 5.0], "b": [4.0, math.nan, 6.0], "c": [math.nan], "d": [7.0], "e": []}
        for start, (name, values) in enumerate(histories.items()):
            run_id = self.start(store, name, start)
            store.log_batch(run_id, [Metric("m", value, 1, step) for step, value in enumerate(values)])
        for condition, found in (
            ("MAX(metrics.m) > 6", "da"),
            ("MIN(metrics.m) BETWEEN 1 AND 4", "ba"),
            ("LAST(metrics.m) > 5", "db"),
            ("MAX(m) != 9", "dcb"),
            ("MAX(metrics.m) IS NULL", "e"),
            ("NOT MIN(metrics.m) < 7", "edc"),
        ):
            assert names(store.search_runs(["0"], condition)) == list(found)
        for order, found in (("MAX(metrics.m) DESC", "adbce"), ("MIN(m)", "abdce"), ("LAST(metrics.m)", "abdce")):
            assert names(store.search_runs(["0"], order_by=[order])) == list(found)

    def test_runs_are_found_by_what_they_have_read(self, store):
        def read(run_id, name, digest, *context):
            tags = tuple(InputTag("mlflow.data.context", each) for each in context)
            store.log_inputs(run_id, [DatasetInput(Dataset(name, digest, "local", "{}"), tags)])

        a, b, c, _ = (self.start(store, name, start) for start, name in enumerate("abcd"))
        read(a, "iris", "1", "training")
        read(a, "wine", "2", "test")
        read(b, "iris", "2")
        elsewhere = self.start(store, "elsewhere", 9, store.create_experiment("other"))
        read(elsewhere, "iris", "1", "training")
        store.log_inputs(c, [DatasetInput(Dataset("Iris", "3", "local", "{}"), (InputTag("other", "training"),))])
        for condition, found in (
            ("datasets.name = 'iris'", "ba"),
            ("dataset.name != 'iris'", "ca"),
            ("datasets.name = 'iris' AND datasets.digest = '2'", "ba"),
            ("datasets.name ILIKE 'IR%'", "cba"),
            ("datasets.digest IN ('2', '3')", "cba"),
            ("datasets.context = 'training'", "a"),
            ("datasets.context IS NULL", "dcb"),
            ("datasets.name IS NULL", "d"),
            ("NOT datasets.name = 'iris'", "dc"),
        ):
            assert names(store.search_runs(["0"], condition)) == list(found)

    def test_a_bare_name_is_what_the_run_has_of_it(self, store):
        self.start(store, "metric", 1, metrics={"x": 0.5}, params={"x": "7"})
        self.start(store, "param", 2, params={"x": "0.9"}, tags={"x": "auto"})
        self.start(store, "text", 3, params={"x": "auto"})
        self.start(store, "tag", 4, tags={"x": "auto"})
        self.start(store, "none", 5)
        for condition, found in (
            ("x < 1", ["param", "metric"]),
            ("x = 7", []),
            ("x = 'auto'", ["tag", "text"]),
            ("`x` IS NULL", ["none"]),
            ("NOT x < 1", ["none", "tag", "text"]),
        ):
            assert names(store.search_runs(["0"], condition)) == found

    def test_an_order_by_a_bare_name_takes_metrics_then_numbers_then_texts_then_tags(self, store):
        for name, value in (("c", 0.5), ("b", 10.0)):
            self.start(store, name, metrics={"x": value}, params={"x": "5"})
        for name, value in (("f", "9"), ("e", "1e1"), ("d", "100"), ("h", "auto"), ("g", "b")):
            self.start(store, name, params={"x": value})
        self.start(store, "i", tags={"x": "z"})
        self.start(store, "j")
        assert names(store.search_runs(["0"], order_by=["x DESC"])) == list("bcdefghij")
        found = pages(lambda **page: store.search_runs(["0"], order_by=["x"], **page), 2)
        assert [name for page in found for name in names(page)] == list("cbfedhgij")

    def test_times_may_be_given_in_words(self, store):
        now = now_ms()
        for name, hours in (("now", 0), ("yesterday", 30), ("old", 24 * 8)):
            self.start(store, name, now - hours * 3_600_000)
        assert names(store.search_runs(["0"], "start_time > '1d ago'")) == ["now"]
        assert names(store.search_runs(["0"], "start_time BETWEEN '7d ago' AND '24 hours ago'")) == ["yesterday"]
        assert names(store.search_runs(["0"], "start_time < '1 week ago'")) == ["old"]
        assert names(store.search_runs(["0"], "start_time < '1970-01-02T00:00Z'")) == []
        assert store.search_experiments(filter_string="creation_time < '1d ago'") == []

    def test_times_in_words_mean_the_same_on_every_page(self, store, monkeypatch):
        hour = 3_600_000
        now = now_ms()
        for number in range(6):
            self.start(store, f"{number}", now - number * hour - hour // 2)
        search = partial(store.search_runs, ["0"], "start_time >= '3h ago'", max_results=2, order_by=["start_time"])
        first = search()
        assert names(first) == ["2", "1"]
        monkeypatch.setattr("time.time_ns", lambda: (now + 2 * hour) * 1_000_000)
        assert names(search(page_token=first.token)) == ["0"]
        assert names(search()) == ["0"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"filter_string": "metrics.m >"},
            {"filter_string": "attributes.nope = 'x'"},
            {"filter_string": "tags.t = '\0'"},
            {"filter_string": "tags.t = '\ud800'"},
            {"filter_string": "tags.t LIKE '" + "x" * 10_001 + "'"},
            {"filter_string": "x" * 100_001},
            {"order_by": ["metrics.m UP"]},
            {"order_by": ["attributes.nope"]},
            {"order_by": ["tags.`\ud800`"]},
            {"order_by": [""]},
            {"order_by": [f"metrics.m{number}" for number in range(21)]},
            {"page_token": "?"},
            {"page_token": "\ud800"},
            {"page_token": "e30="},
            {"max_results": 0},
            {"max_results": 50_001},
        ],
    )
    def test_what_cannot_be_read_is_refused(self, store, wrong):
        with pytest.raises(InvalidParameterValue):
            store.search_runs(["0"], **wrong)

    def test_a_token_is_good_for_the_search_that_gave_it(self, store):
        for name in "abc":
            self.start(store, name, params={"p": name})
        token = store.search_runs(["0"], max_results=1).token
        assert names(store.search_runs(["0"], page_token=token)) == ["b", "c"] or len(token) > 0
        for other in ({"filter_string": "params.p = 'a'"}, {"order_by": ["params.p"]}, {"order_by": ["start_time"]}):
            with pytest.raises(InvalidParameterValue, match="page token"):
                store.search_runs(["0"], page_token=token, **other)
        token = store.search_runs(["0"], max_results=1, order_by=["params.p"]).token
        with pytest.raises(InvalidParameterValue, match="page token"):
            store.search_runs(["0"], page_token=token, order_by=["params.q"])
        with pytest.raises(InvalidParameterValue, match="page token"):
            store.search_experiments(page_token=token)

    # -- order and pages

    def test_without_an_order_the_newest_come_first_and_then_the_ids_decide(self, store):
        ids = {name: self.start(store, name, start) for name, start in zip("abcd", (1, 3, 3, 2), strict=True)}
        same = sorted("bc", key=ids.get)
        assert names(store.search_runs(["0"])) == [*same, "d", "a"]

    @pytest.mark.parametrize("direction", ["ASC", "DESC"])
    def test_a_missing_value_comes_last_in_both_directions_and_nan_just_before(self, store, direction):
        values = {"low": -math.inf, "one": 1.0, "two": 2.0, "high": math.inf}
        for start, (name, value) in enumerate([*values.items(), ("nan", math.nan)]):
            self.start(store, name, start, metrics={"m": value}, params={"p": name})
        self.start(store, "none", 99)
        order = list(values) if direction == "ASC" else list(values)[::-1]
        assert names(store.search_runs(["0"], order_by=[f"metrics.m {direction}"])) == [*order, "nan", "none"]
        words = sorted([*values, "nan"], reverse=direction == "DESC")
        assert names(store.search_runs(["0"], order_by=[f"params.p {direction}"])) == [*words, "none"]
        store.update_run_info(store.search_runs(["0"], "run_name = 'two'")[0].info.run_id, end_time=5)
        assert names(store.search_runs(["0"], order_by=[f"end_time {direction}"]))[0] == "two"

    def test_texts_are_ordered_by_their_characters(self, store):
        texts = ["a", "B", "Z", "_", "1", "é", "z", "日", "aa", "A", ""]
        for text in texts:
            self.start(store, text or "blank", params={"p": text})
        found = store.search_runs(["0"], order_by=["params.p"])
        assert [run.data.params["p"] for run in found] == sorted(texts)

    def test_the_keys_of_an_order_decide_one_after_the_other(self, store):
        for name, m, p in (("a", 1.0, "x"), ("b", 2.0, "y"), ("c", 1.0, "y"), ("d", 2.0, "x")):
            self.start(store, name, metrics={"m": m}, params={"p": p})
        assert names(store.search_runs(["0"], order_by=["metrics.m DESC", "params.p"])) == ["d", "b", "a", "c"]
        assert names(store.search_runs(["0"], order_by=["params.p", "run_name DESC", "params.p DESC"])) == list("dacb")

    @pytest.mark.parametrize(
        "order",
        [
            (),
            ("metrics.m",),
            ("metrics.m DESC",),
            ("params.p DESC", "metrics.m"),
            ("start_time", "end_time"),
            ("tags.t",),
        ],
    )
    def test_pages_neither_repeat_nor_skip_while_runs_are_added(self, store, order):
        for number in range(23):
            self.start(
                store,
                f"run-{number}",
                number % 4,
                metrics={"m": (1.0, 2.0, math.nan, math.inf)[number % 4]} if number % 5 else {},
                params={"p": "abc"[number % 3]} if number % 2 else {},
            )
        whole = names(store.search_runs(["0"], "run_name LIKE 'run-%'", order_by=order))
        added = iter(range(1000))
        found = pages(
            lambda **page: store.search_runs(["0"], "run_name LIKE 'run-%'", order_by=order, **page),
            5,
            between=lambda: self.start(store, f"new-{next(added)}", 99, metrics={"m": 0.5}),
        )
        assert [name for page in found for name in names(page)] == whole
        assert [len(page) for page in found] == [5, 5, 5, 5, 3]

    def test_a_run_that_is_added_behind_the_page_is_found(self, store):
        for number in range(4):
            self.start(store, f"{number}", number)
        first = store.search_runs(["0"], max_results=2)
        self.start(store, "late", -1)
        assert names(first) + names(store.search_runs(["0"], page_token=first.token)) == ["3", "2", "1", "0", "late"]

    def test_a_full_last_page_has_no_token(self, store):
        for number in range(4):
            self.start(store, f"{number}", number)
        assert [len(page) for page in pages(lambda **page: store.search_runs(["0"], **page), 2)] == [2, 2]

    # -- experiments

    def test_experiments_are_found_newest_first_by_name_and_by_tag(self, store):
        ids = [store.create_experiment(f"e{number}", tags=[ExperimentTag("n", f"{number}")]) for number in range(11)]
        everything = store.search_experiments()
        times = [(-each.creation_time, int(each.experiment_id)) for each in everything]
        assert times == sorted(times)
        assert {each.experiment_id for each in everything} == {"0", *ids}
        assert [each.name for each in store.search_experiments(filter_string="tags.n = '3'")] == ["e3"]
        assert [each.name for each in store.search_experiments(filter_string="name ILIKE 'E1_'")] == ["e10"]
        assert [each.name for each in store.search_experiments(filter_string=f"experiment_id = '{ids[4]}'")] == ["e4"]
        by_id = store.search_experiments(order_by=["experiment_id"])
        assert [int(each.experiment_id) for each in by_id] == sorted(int(each) for each in ["0", *ids])
        by_name = pages(lambda **page: store.search_experiments(order_by=["name DESC"], **page), 5)
        assert [each.name for page in by_name for each in page] == sorted(
            (each.name for each in everything), reverse=True
        )
        with pytest.raises(InvalidParameterValue):
            store.search_experiments(filter_string="metrics.m > 1")

    # -- models

    def test_models_are_found_by_name_and_by_tag(self, store):
        for name in ("b", "a", "C", "é"):
            store.create_registered_model(name, {"team": name})
        assert [each.name for each in store.search_registered_models()] == ["C", "a", "b", "é"]
        assert [each.name for each in store.search_registered_models("tags.team != 'a'")] == ["C", "b", "é"]
        assert [each.name for each in store.search_registered_models("name ILIKE 'É' OR name = 'b'")] == ["b", "é"]
        descending = pages(lambda **page: store.search_registered_models(order_by=["name DESC"], **page), 3)
        assert [[each.name for each in page] for page in descending] == [["é", "b", "a"], ["C"]]
        for wrong in ({"max_results": 1001}, {"filter_string": "metrics.m > 1"}, {"order_by": ["version_number"]}):
            with pytest.raises(InvalidParameterValue):
                store.search_registered_models(**wrong)

    def test_versions_are_found_by_name_the_newest_first(self, store):
        for name in ("b", "a"):
            store.create_registered_model(name)
            for number in range(1, 12):
                store.create_model_version(name, f"s3://{name}/{number}", tags={"odd": f"{number % 2}"})
        everything = store.search_model_versions()
        expected = [(name, number) for name in "ab" for number in range(11, 0, -1)]
        assert [(each.name, each.version) for each in everything] == expected
        odd = store.search_model_versions("name = 'b' and tags.odd = '1' and version_number > 8")
        assert [(each.name, each.version) for each in odd] == [("b", 11), ("b", 9)]
        found = pages(lambda **page: store.search_model_versions(order_by=["version_number"], **page), 5)
        assert [each.version for page in found for each in page] == sorted([*range(1, 12)] * 2)
        assert len({(each.name, each.version) for page in found for each in page}) == 22
        assert store.search_model_versions("source_path LIKE 's3://a/1'")[0] == store.get_model_version("a", 1)
        with pytest.raises(InvalidParameterValue):
            store.search_model_versions(max_results=200_001)
