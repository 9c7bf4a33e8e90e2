"""Which searches columns in memory answer, and what is kept for that."""

import os
import signal
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from jupyter_track.entities import Metric, Param, RunTag, ViewType
from jupyter_track.filters import RUNS, parse_order
from jupyter_track.housekeeping.erasing import deleted_runs, erase_runs
from jupyter_track.store import open_store
from jupyter_track.store.sql import schema
from jupyter_track.store.sql.columns import cache, frame, reading
from jupyter_track.store.sql.columns.masks import matcher
from jupyter_track.store.sql.database import Database

from ..filters import oracle
from ..filters.strategies import TEXTS
from .searching import answered, any_store_is_large, by_the_database

__all__ = ["answered", "any_store_is_large"]

pytestmark = pytest.mark.usefixtures("any_store_is_large")


@pytest.fixture
def store(sqlite_uri):
    store = open_store(sqlite_uri)
    yield store
    store.close()


def ten_runs(store):
    for number in range(10):
        run_id = store.create_run("0", start_time=number, run_name=f"run {number}").info.run_id
        store.log_batch(
            run_id, [Metric("m", number, 1), Metric("n", -number, 1)], [Param("p", str(number)), Param("q", "x")]
        )


def run_names(found):
    return [run.info.run_name for run in found]


def test_columns_answer_and_keep_what_they_have_read(store, answered):
    ten_runs(store)
    for _ in range(2):
        assert run_names(store.search_runs(["0"], "metrics.m > 7", order_by=["metrics.n"])) == ["run 9", "run 8"]
    assert answered == {True: 2}


@pytest.mark.parametrize(
    "search",
    [
        {"filter_string": "run_id != ''"},
        {"filter_string": "artifact_uri LIKE '%x%'"},
        {"filter_string": "MAX(metrics.m) > 1"},
        {"filter_string": "datasets.name = 'x'"},
        {"filter_string": "metrics.m > 1", "order_by": ["MIN(metrics.m)"]},
        {"filter_string": "metrics.m > 1", "order_by": ["run_id"]},
        {},
    ],
)
def test_what_no_column_holds_the_database_answers(store, answered, search):
    ten_runs(store)
    store.search_runs(["0"], **search)
    assert answered == {False: 1}


def test_a_small_store_is_searched_without_numpy(store, monkeypatch, answered):
    ten_runs(store)
    with by_the_database():
        assert run_names(store.search_runs(["0"], "metrics.m > 8")) == ["run 9"]
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert run_names(store.search_runs(["0"], "metrics.m > 8")) == ["run 9"]
    assert answered == {False: 2}


def test_columns_stay_within_their_budget_and_those_unused_for_longest_go(store, monkeypatch, answered):
    ten_runs(store)
    search = {"m": "metrics.m > 7", "n": "metrics.n < -7", "p": "params.p > 7", "text": "params.q = 'x'"}
    for text in search.values():
        store.search_runs(["0"], text)
    assert answered == {True: 4}
    monkeypatch.setattr(cache, "BUDGET", 60_000)  # Enough for one column or two, each with room for 1,000 runs more.
    for name in ("m", "n", "p", "m", "m"):
        assert run_names(store.search_runs(["0"], search[name])) == ["run 9", "run 8"]
    assert answered == {True: 9}
    monkeypatch.setattr(cache, "BUDGET", 1_000)
    assert run_names(store.search_runs(["0"], search["m"])) == ["run 9", "run 8"]
    assert answered == {True: 9, False: 1}


def test_texts_that_are_all_different_are_left_to_the_database(store, monkeypatch, answered):
    ten_runs(store)
    monkeypatch.setattr(reading, "SAMPLE", 5)
    assert run_names(store.search_runs(["0"], "params.p = '3'")) == ["run 3"]
    assert run_names(store.search_runs(["0"], "params.q = 'x'", max_results=1)) == ["run 9"]
    assert answered == {False: 1, True: 1}


def test_a_column_that_gets_too_many_texts_is_given_up(store, monkeypatch, answered):
    ten_runs(store)
    monkeypatch.setattr(frame, "MAX_WORDS", 2)
    assert run_names(store.search_runs(["0"], "params.q = 'x'", max_results=1)) == ["run 9"]
    for number in range(3):
        run_id = store.create_run("0", run_name=f"more {number}").info.run_id
        store.log_batch(run_id, params=[Param("q", f"{number}")])
    assert run_names(store.search_runs(["0"], "params.q = '2'")) == ["more 2"]
    assert answered == {True: 1, False: 1}


def test_when_much_has_changed_all_is_read_again(store, monkeypatch, answered):
    ten_runs(store)
    monkeypatch.setattr(frame, "MAX_CHANGED", 3)
    assert len(store.search_runs(["0"], "metrics.m < 5")) == 5
    for run in store.search_runs(["0"]):
        store.log_batch(run.info.run_id, [Metric("m", 1, 2, 1)])
    assert len(store.search_runs(["0"], "metrics.m < 5")) == 10


def test_erased_runs_take_no_place_on_a_page(store, answered):
    ten_runs(store)
    search = {"filter_string": "metrics.m >= 0", "order_by": ["metrics.m"], "view_type": ViewType.ALL}
    for run in store.search_runs(["0"], **search)[:3]:
        store.delete_run(run.info.run_id)
    assert run_names(store.search_runs(["0"], max_results=2, **search)) == ["run 0", "run 1"]
    for some in deleted_runs(store._database, 2**62, None, None):
        erase_runs(store._database, some, False)
    page = store.search_runs(["0"], max_results=2, **search)
    assert run_names(page) == ["run 3", "run 4"]
    rest = store.search_runs(["0"], page_token=page.token, **search)
    assert run_names(rest) == ["run 5", "run 6", "run 7", "run 8", "run 9"]
    assert answered == {True: 4}


def test_what_was_taken_away_is_gone(store, answered):
    run_id = store.create_run("0", run_name="tagged", tags=[RunTag("t", "x")]).info.run_id
    assert run_names(store.search_runs(["0"], "tags.t = 'x'")) == ["tagged"]
    store.delete_tag(run_id, "t")
    assert store.search_runs(["0"], "tags.t = 'x'") == []
    assert run_names(store.search_runs(["0"], "tags.t IS NULL")) == ["tagged"]
    assert answered == {True: 3}


def test_a_name_that_comes_later_is_found(store, answered):
    ten_runs(store)
    assert store.search_runs(["0"], "metrics.later > 0") == []
    run_id = store.create_run("0", run_name="with it").info.run_id
    store.log_batch(run_id, [Metric("later", 1.0, 1)])
    assert run_names(store.search_runs(["0"], "metrics.later > 0")) == ["with it"]
    assert answered == {True: 2}


def test_more_runs_than_there_was_room_for_are_found(store, answered):
    ten_runs(store)
    search = {"filter_string": "metrics.m = 3 OR tags.mlflow.runName = 'new'", "order_by": ["params.p", "end_time"]}
    assert run_names(store.search_runs(["0"], **search)) == ["run 3"]
    for _ in range(1_100):
        store.create_run("0", run_name="new")
    assert run_names(store.search_runs(["0"], max_results=5_000, **search)) == ["run 3"] + ["new"] * 1_100
    assert answered == {True: 2}


def test_a_page_may_begin_behind_a_text_that_no_run_has_any_more(store):
    ten_runs(store)
    page = store.search_runs(["0"], order_by=["tags.mlflow.runName"], max_results=3)
    store.update_run_info(page[2].info.run_id, run_name="zzz")
    rest = store.search_runs(["0"], order_by=["tags.mlflow.runName"], page_token=page.token)
    assert run_names(rest) == ["run 3", "run 4", "run 5", "run 6", "run 7", "run 8", "run 9", "zzz"]


def test_nothing_is_kept_of_a_file_that_was_replaced(tmp_path, store):
    ten_runs(store)
    assert len(store.search_runs(["0"], "metrics.m >= 0")) == 10
    for path in (tmp_path / "folder").glob("track.db*"):
        path.unlink()
    run_id = store.create_run("0", run_name="new").info.run_id
    store.log_batch(run_id, [Metric("m", 1_000, 1)])
    assert store.search_runs(["0"], "metrics.m < 10") == []
    assert run_names(store.search_runs(["0"], "metrics.m > 10")) == ["new"]


def test_after_an_error_of_the_database_the_next_search_is_right(store, monkeypatch):
    ten_runs(store)
    assert len(store.search_runs(["0"], "metrics.m > 4")) == 5
    store.log_batch(store.search_runs(["0"])[0].info.run_id, [Metric("m", 0, 2, 1)])

    def fail(*_):
        raise RuntimeError("in the middle")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame.Frame, "_take_in_named", fail)
        with pytest.raises(RuntimeError, match="in the middle"):
            store.search_runs(["0"], "metrics.m > 4")
    assert len(store.search_runs(["0"], "metrics.m > 4")) == 4


def test_a_forked_child_does_not_wait_for_a_turn_that_a_thread_of_its_parent_has():
    columns = cache.ColumnCache()
    read = Database("sqlite://").read
    question = cache.Question(None, parse_order(["start_time"], RUNS), [0], ViewType.ALL)
    with columns.turn(question, read):
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            with columns.turn(question, read):
                os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_of_very_many_runs_columns_are_read_while_the_database_answers(store, answered, monkeypatch):
    monkeypatch.setattr(cache, "MAX_RUNS_TO_WAIT", 0)
    for value in range(9):
        store.log_batch(store.create_run("0").info.run_id, [Metric("m", value, 1)])
    expected = store.search_runs(["0"], "metrics.m > 4")
    assert len(expected) == 4
    assert answered[False] == 1
    store._columns._reading.join()
    assert store.search_runs(["0"], "metrics.m > 4") == expected
    assert answered[True] == 2  # The thread itself, and the search.
    # What is logged meanwhile is found, whoever answers.
    run_id = store.create_run("0").info.run_id
    store.log_batch(run_id, [Metric("m", 5, 1), Metric("n", 1, 1)])
    for filter_string in ("metrics.m > 4", "metrics.n = 1", "metrics.n = 1"):
        assert run_id in [run.info.run_id for run in store.search_runs(["0"], filter_string)]


def test_changed_runs_are_read_by_their_keys(store):
    """Of a metric that a million runs have, only the values of those that changed."""
    query = select(schema.latest_metrics).where(
        schema.latest_metrics.c.run_key.in_([1, 2]), schema.latest_metrics.c.name_id.in_([1, 2])
    )
    sql = str(query.compile(compile_kwargs={"literal_binds": True}))
    with Database(f"sqlite:///{store._database.file}").read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    assert "PRIMARY KEY (run_key=? AND name_id=?)" in plan[0][3]


# -- patterns


@settings(max_examples=500)
@given(text=st.sampled_from(TEXTS) | st.text("abA%_é\n", max_size=8), pattern=st.text("abAB%_é", max_size=8))
def test_a_pattern_fits_what_the_oracle_says(text, pattern):
    assert matcher(pattern, False)(text) == oracle.like(text, pattern)
    assert matcher(pattern, True)(text) == oracle.like(text.lower(), pattern.lower())


@pytest.mark.timeout(5)
def test_no_pattern_takes_long():
    assert not matcher("%a" * 2_000 + "%b", False)("a" * 8_000)
