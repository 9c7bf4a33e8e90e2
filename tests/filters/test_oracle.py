"""Random runs, filters and orders: SQLite and PostgreSQL give the answer that the oracle gives."""

from contextlib import closing, contextmanager
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_track.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunStatus, RunTag
from jupyter_track.store import open_store
from jupyter_track.store.sql import candidates

from ..store.postgres import postgres_server
from . import oracle
from .strategies import filters, nonsense, orders, refusal, runs

_names = count()


@contextmanager
def new_store(family):
    uri = "sqlite://" if family == "sqlite" else postgres_server().new_store()
    with closing(open_store(uri)) as store:
        yield store


@pytest.fixture(scope="module", params=["sqlite", "sqlite, as if there were many", "postgresql"])
def store(request):
    family, _, many = request.param.partition(", ")
    with pytest.MonkeyPatch.context() as patch, new_store(family) as store:
        if many:
            patch.setattr(candidates, "FEW", 2)
        yield store


def start(store, experiment_id, run):
    run_id = store.create_run(experiment_id, run["user_id"], run["start_time"], run_name=run["run_name"]).info.run_id
    store.log_batch(
        run_id,
        [Metric(key, value, 1, 5) for key, value in run["metrics"].items()]
        + [Metric(key, value, 1, step) for key, values in run["earlier"].items() for step, value in enumerate(values)],
        [Param(key, value) for key, value in run["params"].items()],
        [RunTag(key, value) for key, value in run["tags"].items()],
    )
    store.log_inputs(
        run_id,
        [
            DatasetInput(
                Dataset(name, digest, "local", "{}"), (InputTag("mlflow.data.context", context),) * bool(context)
            )
            for (name, digest), context in run["datasets"].items()
        ],
    )
    if run["end"]:
        store.update_run_info(run_id, RunStatus(run["end"][0]), run["end"][1])
    return store.get_run(run_id)


def history(run):
    """Return all values of each metric of a run."""
    points = {name: [value] for name, value in run["metrics"].items()}
    return {name: points.get(name, []) + run["earlier"].get(name, []) for name in {*run["metrics"], *run["earlier"]}}


def told(run):
    """Return what a run is, with a NaN that is like another."""
    return repr(run)


@settings(max_examples=120, deadline=None)
@given(some=st.lists(runs, max_size=7), searches=st.lists(st.tuples(filters, orders), min_size=1, max_size=6))
def test_a_store_finds_what_the_oracle_finds(store, some, searches):
    experiment_id = store.create_experiment(f"experiment {next(_names)}")
    there = [start(store, experiment_id, run) for run in some]
    histories = {run.info.run_id: history(each) for run, each in zip(there, some, strict=True)}
    for filter_string, order_by in searches:
        expected = [told(run) for run in oracle.search(there, filter_string, order_by, histories)]
        found = store.search_runs([experiment_id], filter_string, order_by=order_by)
        assert [told(run) for run in found] == expected
        paged, token = [], ""
        while True:
            page = store.search_runs([experiment_id], filter_string, order_by=order_by, max_results=2, page_token=token)
            paged += [told(run) for run in page]
            token = page.token
            if not token:
                break
        assert paged == expected


@settings(max_examples=200, deadline=None)
@given(filter_string=nonsense, order=nonsense, token=st.text())
def test_no_text_makes_a_search_fail_in_any_other_way(store, filter_string, order, token):
    for arguments in ({"filter_string": filter_string}, {"order_by": [order]}, {"page_token": token}):
        assert refusal(store.search_runs, ["0"], **arguments) != ""
