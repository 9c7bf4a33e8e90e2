"""Searches that columns in memory answer: the database's own answer, at every moment."""

from contextlib import ExitStack
from itertools import count
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Text, cast, func, insert, update

from jupyter_track.entities import Metric, Param, RunStatus, RunTag, ViewType
from jupyter_track.housekeeping.erasing import deleted_runs, erase_runs
from jupyter_track.store import open_store
from jupyter_track.store.sql import schema
from jupyter_track.store.sql.database import Database

from ..filters import oracle
from ..filters.strategies import TIMES, filters, names, numbers, orders, runs, texts
from .postgres import postgres_server
from .processes import in_processes, in_threads
from .searching import answered, any_store_is_large, by_the_database

__all__ = ["answered", "any_store_is_large"]

pytestmark = pytest.mark.usefixtures("any_store_is_large")

_numbers = count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_uri(request, tmp_path_factory):
    """A store that two may open, the same one for all tests of this module."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('store')}/track.db"
    else:
        with postgres_server().database() as uri:
            yield uri


@pytest.fixture(scope="module")
def pair(shared_uri):
    """Two stores in one database."""
    with ExitStack() as stack:
        stores = []
        for _ in range(2):
            stores.append(open_store(shared_uri))
            stack.callback(stores[-1].close)
        yield stores


@pytest.fixture(scope="module")
def database(shared_uri):
    database = Database(shared_uri)
    yield database
    database.close()


def start(store, experiment_id, run):
    run_id = store.create_run(experiment_id, run["user_id"], run["start_time"], run_name=run["run_name"]).info.run_id
    log(store, run_id, run)
    if run["end"]:
        store.update_run_info(run_id, RunStatus(run["end"][0]), run["end"][1])
    return run_id


def log(store, run_id, run):
    store.log_batch(
        run_id,
        [Metric(key, value, 1) for key, value in run["metrics"].items()],
        [Param(key, value) for key, value in run["params"].items()],
        [RunTag(key, value) for key, value in run["tags"].items()],
    )


def told(found):
    """Return what runs are, with a NaN that is like another."""
    return [repr(run) for run in found]


def all_pages(store, experiment_ids, size, **search):
    """Return the runs of all pages, of which columns and database answer every other one."""
    found, token, turns = [], "", count()
    while True:
        with by_the_database() if next(turns) % 2 else ExitStack():
            page = store.search_runs(experiment_ids, max_results=size, page_token=token, **search)
        found += page
        token = page.token
        if not token:
            return found


# -- the same answer


@settings(max_examples=80, deadline=None)
@given(some=st.lists(runs, max_size=9), searches=st.lists(st.tuples(filters, orders), min_size=1, max_size=6))
def test_columns_answer_as_the_oracle_and_the_database_do(pair, some, searches):
    store = pair[0]
    experiment_id = store.create_experiment(f"experiment {next(_numbers)}")
    there = [store.get_run(start(store, experiment_id, run)) for run in some]
    for filter_string, order_by in searches:
        search = {"filter_string": filter_string, "order_by": order_by}
        expected = told(oracle.search(there, **search))
        assert told(store.search_runs([experiment_id], **search)) == expected
        with by_the_database():
            assert told(store.search_runs([experiment_id], **search)) == expected
        assert told(all_pages(store, [experiment_id], 2, **search)) == expected


_which = st.integers(0, 5)
_changes = st.one_of(
    st.tuples(st.just("start"), runs),
    st.tuples(st.just("metric"), _which, names, numbers),
    st.tuples(st.just("param"), _which, texts),
    st.tuples(st.just("tag"), _which, names, texts),
    st.tuples(st.just("untag"), _which, names),
    st.tuples(st.just("rename"), _which, st.sampled_from(["a", "É"])),
    st.tuples(st.just("end"), _which, st.sampled_from(TIMES)),
    st.tuples(st.just("delete"), _which),
    st.tuples(st.just("restore"), _which),
    st.tuples(st.just("erase")),
)
_search = st.tuples(st.just("search"), filters, orders, st.sampled_from(ViewType), st.integers(1, 4))


class Changing:
    """Runs of an experiment that change while they are searched."""

    def __init__(self, stores, database):
        self.stores = stores
        self.database = database
        self.experiment_id = stores[0].create_experiment(f"experiment {next(_numbers)}")
        self.run_ids = []
        self.steps = count(1)

    def change(self, store, what, *arguments):
        if what == "start":
            self.run_ids.append(start(store, self.experiment_id, *arguments))
        elif what == "erase":
            for some in deleted_runs(self.database, 2**62, None, [int(self.experiment_id)]):
                for run_id in erase_runs(self.database, some, True):
                    self.run_ids.remove(run_id)
        elif self.run_ids:
            which, *rest = arguments
            getattr(self, what)(store, store.get_run(self.run_ids[which % len(self.run_ids)]), *rest)

    def metric(self, store, run, name, value):
        if run.info.lifecycle_stage == "active":
            store.log_batch(run.info.run_id, [Metric(name, value, 1, next(self.steps))])

    def param(self, store, run, value):
        if run.info.lifecycle_stage == "active" and "a" not in run.data.params:
            store.log_batch(run.info.run_id, params=[Param("a", value)])

    def tag(self, store, run, name, value):
        if run.info.lifecycle_stage == "active":
            store.log_batch(run.info.run_id, tags=[RunTag(name, value)])

    def untag(self, store, run, name):
        if run.info.lifecycle_stage == "active" and name in run.data.tags:
            store.delete_tag(run.info.run_id, name)

    def rename(self, store, run, name):
        if run.info.lifecycle_stage == "active":
            store.update_run_info(run.info.run_id, run_name=name)

    def end(self, store, run, time):
        if run.info.lifecycle_stage == "active":
            store.update_run_info(run.info.run_id, RunStatus.FINISHED, time)

    def delete(self, store, run):
        store.delete_run(run.info.run_id)

    def restore(self, store, run):
        store.restore_run(run.info.run_id)

    def check(self, store, filter_string, order_by, view, size):
        there = [store.get_run(run_id) for run_id in self.run_ids]
        there = [run for run in there if run.info.lifecycle_stage in view.stages]
        histories = {
            run.info.run_id: {
                name: [point.value for point in store.get_metric_history(run.info.run_id, name)]
                for name in run.data.metrics
            }
            for run in there
        }
        expected = told(oracle.search(there, filter_string, order_by, histories))
        search = {"filter_string": filter_string, "order_by": order_by, "view_type": view}
        assert told(store.search_runs([self.experiment_id], **search)) == expected
        assert told(all_pages(store, [self.experiment_id], size, **search)) == expected


@settings(max_examples=60, deadline=None)
@given(
    first=st.lists(runs, min_size=2, max_size=5),
    steps=st.lists(st.tuples(st.integers(0, 1), _changes | _search), min_size=4, max_size=20),
    last=_search,
)
def test_no_answer_is_stale_whichever_store_has_written(pair, database, first, steps, last):
    changing = Changing(pair, database)
    for run in first:
        changing.change(pair[0], "start", run)
    for who, (what, *arguments) in [*steps, (0, last), (1, last)]:
        if what == "search":
            changing.check(pair[who], *arguments)
        else:
            changing.change(pair[who], what, *arguments)


# -- others who write


def write_in_step(uri, run_ids, rounds):
    """Give two metrics and a tag of each run the same value, in one batch, again and again."""
    store = open_store(uri)
    try:
        for number in range(1, rounds + 1):
            for run_id in run_ids:
                store.log_batch(
                    run_id,
                    [Metric("a", number, 1, number), Metric("b", number, 1, number)],
                    tags=[RunTag("t", str(number))],
                )
    finally:
        store.close()


def search_in_step(store, experiment_id, done):
    """Search until all is written; every answer has to be one moment's."""
    searches = 0
    while True:
        over = done.is_set()
        found = store.search_runs([experiment_id], "metrics.a >= 1 AND tags.t != ''", order_by=["metrics.b DESC"])
        values = [run.data.metrics["b"] for run in found]
        assert values == sorted(values, reverse=True)
        assert all(run.data.metrics["a"] == run.data.metrics["b"] == int(run.data.tags["t"]) for run in found)
        middle = store.search_runs([experiment_id], "metrics.a > 2 AND metrics.a < 5", order_by=["tags.t"])
        assert {run.data.tags["t"] for run in middle} <= {"3", "4"}
        searches += 1
        if over:
            return searches


def test_every_answer_is_of_one_moment_while_others_write(pair, shared_uri):
    store = pair[0]
    experiment_id = store.create_experiment("written to")
    run_ids = [store.create_run(experiment_id).info.run_id for _ in range(6)]
    done = Event()

    def write_elsewhere():
        in_processes(write_in_step, [(shared_uri, run_ids[:3], 25), (shared_uri, run_ids[3:], 25)])
        done.set()

    def search(which):
        assert search_in_step(which, experiment_id, done) > 1

    in_threads(lambda function, *some: function(*some), [(write_elsewhere,), *((search, each) for each in pair * 2)])
    found = store.search_runs([experiment_id], "metrics.a = 25 AND tags.t = '25'", order_by=["metrics.b"])
    assert {run.info.run_id for run in found} == set(run_ids)


def test_a_transaction_that_ends_after_a_later_one_is_seen_when_it_ends(postgres, answered):
    with postgres.database() as uri, ExitStack() as stack:
        store = open_store(uri)
        stack.callback(store.close)
        database = Database(uri)
        stack.callback(database.close)
        old = store.create_run("0", start_time=1, run_name="old").info.run_id

        def found():
            return [run.info.run_name for run in store.search_runs(["0"], "start_time > 0", order_by=["run_name"])]

        assert found() == ["old"]
        row = {"user_id": "", "status": "RUNNING", "lifecycle_stage": "active", "artifact_uri": "", "experiment_id": 0}
        revision = cast(cast(func.pg_current_xact_id(), Text), BigInteger)
        with database.write() as slow:
            slow.execute(
                insert(schema.runs).values(run_id="f" * 32, run_name="slow", start_time=5, revision=revision, **row)
            )
            slow.execute(
                update(schema.runs).where(schema.runs.c.run_id == old).values(run_name="new name", revision=revision)
            )
            assert found() == ["old"]
            store.create_run("0", start_time=2, run_name="quick")
            assert found() == ["old", "quick"]
            assert found() == ["old", "quick"]
        assert found() == ["new name", "quick", "slow"]
        store.log_batch("f" * 32, tags=[RunTag("mlflow.runName", "again")])
        assert found() == ["again", "new name", "quick"]
        assert set(answered) == {True}
