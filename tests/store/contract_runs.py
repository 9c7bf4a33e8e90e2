import re
import time
from dataclasses import replace

import pytest

from jupyter_track.entities import (
    InvalidParameterValue,
    LifecycleStage,
    Metric,
    Param,
    ResourceDoesNotExist,
    RunStatus,
    RunTag,
)

from .hostile import TEXTS

RUN_ID = "0123456789abcdef" * 2
INT64 = 2**63


class RunContract:
    def test_a_run_comes_back_as_it_was_started(self, store):
        experiment_id = store.create_experiment("iris")
        run = store.create_run(experiment_id, "ada", 1234, [RunTag("a", "1")], "first", RUN_ID)
        assert store.get_run(RUN_ID) == run
        info = run.info
        assert (info.run_id, info.experiment_id, info.run_name, info.user_id) == (RUN_ID, experiment_id, "first", "ada")
        assert (info.status, info.lifecycle_stage) == (RunStatus.RUNNING, LifecycleStage.ACTIVE)
        assert (info.start_time, info.end_time) == (1234, None)
        assert info.artifact_uri == f"{store.get_experiment(experiment_id).artifact_location}/{RUN_ID}/artifacts"
        assert run.data.tags == {"a": "1", "mlflow.runName": "first"}
        assert (run.data.latest_metrics, run.data.params) == ((), {})

    def test_a_run_that_says_nothing_has_a_name_an_id_and_the_time(self, store):
        before = time.time_ns() // 1_000_000
        runs = [store.create_run("0") for _ in range(3)]
        after = time.time_ns() // 1_000_000
        assert len({run.info.run_id for run in runs}) == 3
        for run in runs:
            assert re.fullmatch("[0-9a-f]{32}", run.info.run_id)
            assert before <= run.info.start_time <= after
            assert run.info.run_name
            assert run.data.tags == {"mlflow.runName": run.info.run_name}

    def test_the_run_name_may_come_as_a_tag(self, store):
        run = store.create_run("0", tags=[RunTag("mlflow.runName", "tagged")])
        assert run.info.run_name == "tagged"
        named = store.create_run("0", tags=[RunTag("mlflow.runName", "tagged")], run_name="named")
        assert (named.info.run_name, named.data.tags["mlflow.runName"]) == ("named", "named")

    @pytest.mark.parametrize("start_time", [0, -1, INT64 - 1, -INT64])
    def test_any_time_of_64_bits_is_kept(self, store, start_time):
        run = store.create_run("0", start_time=start_time)
        assert store.get_run(run.info.run_id).info.start_time == start_time
        assert store.update_run_info(run.info.run_id, end_time=start_time).end_time == start_time

    def test_starting_a_run_again_changes_nothing(self, store):
        experiment_id = store.create_experiment("other")
        first = store.create_run("0", "ada", 1, [RunTag("a", "1")], "name", RUN_ID)
        store.log_batch(RUN_ID, [Metric("m", 1.0, 1)])
        store.update_run_info(RUN_ID, RunStatus.FINISHED, 5)
        before = store.get_run(RUN_ID)
        assert store.create_run("0", "bob", 2, [RunTag("a", "2"), RunTag("b", "")], "new", RUN_ID) == before
        assert store.get_run(RUN_ID) == before
        assert before.info == replace(first.info, status=RunStatus.FINISHED, end_time=5)
        with pytest.raises(InvalidParameterValue, match=RUN_ID):
            store.create_run(experiment_id, run_id=RUN_ID)
        assert len(store.search_runs(["0", experiment_id])) == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"run_id": "short"},
            {"run_id": RUN_ID.upper()},
            {"run_id": ""},
            {"run_name": "x" * 251},
            {"run_name": "\0"},
            {"user_id": "x" * 257},
            {"user_id": "\ud800"},
            {"start_time": INT64},
            {"start_time": -INT64 - 1},
            {"start_time": 1.5},
            {"tags": [RunTag("a", "x" * 8_001)]},
            {"tags": [RunTag("", "")]},
            {"tags": [RunTag("mlflow.runName", "x" * 251)]},
        ],
    )
    def test_what_no_run_can_have_is_refused(self, store, wrong):
        with pytest.raises(InvalidParameterValue):
            store.create_run("0", **wrong)
        assert store.search_runs(["0"]) == []

    @pytest.mark.parametrize("run_id", [RUN_ID, "", "' OR '1'='1", "\0", "\ud800", "x" * 10_000])
    def test_an_unknown_run_does_not_exist(self, store, run_id):
        for call in (
            lambda: store.get_run(run_id),
            lambda: store.update_run_info(run_id, RunStatus.FAILED),
            lambda: store.log_batch(run_id, params=[Param("a", "1")]),
            lambda: store.log_batch(run_id),
            lambda: store.get_metric_history(run_id, "m"),
        ):
            with pytest.raises(ResourceDoesNotExist):
                call()

    def test_what_is_given_is_changed_and_nothing_else(self, store):
        run = store.create_run("0", "ada", 1, run_name="before")
        run_id = run.info.run_id
        assert store.update_run_info(run_id) == run.info
        ended = store.update_run_info(run_id, RunStatus.FAILED, 99)
        assert ended == replace(run.info, status=RunStatus.FAILED, end_time=99)
        renamed = store.update_run_info(run_id, run_name="after")
        assert renamed == replace(ended, run_name="after")
        assert store.get_run(run_id).info == renamed
        assert store.get_run(run_id).data.tags == {"mlflow.runName": "after"}

    @pytest.mark.parametrize("status", RunStatus)
    def test_every_status_is_kept(self, store, status):
        run_id = store.create_run("0").info.run_id
        assert store.update_run_info(run_id, status).status is status
        assert store.get_run(run_id).info.status is status

    @pytest.mark.parametrize("wrong", [{"end_time": INT64}, {"run_name": "x" * 251}, {"run_name": "\0"}])
    def test_a_wrong_change_is_refused_whole(self, store, wrong):
        run = store.create_run("0")
        with pytest.raises(InvalidParameterValue):
            store.update_run_info(run.info.run_id, RunStatus.FAILED, **{"end_time": 1, **wrong})
        assert store.get_run(run.info.run_id) == run

    @pytest.mark.parametrize("text", TEXTS)
    def test_any_text_is_kept(self, store, text):
        run = store.create_run("0", user_id=text, run_name=text, tags=[RunTag("said", text)])
        store.log_batch(run.info.run_id, params=[Param("said", text)])
        kept = store.get_run(run.info.run_id)
        assert (kept.info.user_id, kept.info.run_name) == (text, text)
        assert kept.data.tags == {"mlflow.runName": text, "said": text}
        assert kept.data.params == {"said": text}
