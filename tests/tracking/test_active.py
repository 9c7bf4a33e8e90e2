"""The active run of a thread, and the experiment that it belongs to."""

import threading

import pytest

import jupyter_track as jt
from jupyter_track.entities import InvalidParameterValue, ResourceDoesNotExist, RunStatus


@pytest.fixture(autouse=True)
def here(process, uri):
    """Keep runs in a store of the test."""
    jt.set_tracking_uri(uri)


def begin_cell(*arguments):
    """Begin the run of a tracked cell, in whose thread the caller is."""
    client = jt.TrackClient()
    recorder = client.record(*arguments)
    client.enter_cell(recorder)
    return recorder


class TestBlocks:
    def test_a_run_is_known_before_the_store_has_heard_of_it(self):
        with jt.start_run(run_name="named", tags={"k": 1}, description="about it") as run:
            stored = jt.get_run(run.info.run_id)
        assert dict(run) == dict(stored)

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (ValueError(), RunStatus.FAILED),
            (KeyboardInterrupt(), RunStatus.KILLED),
            (SystemExit(1), RunStatus.FAILED),
            (SystemExit(0), RunStatus.FINISHED),
            (SystemExit(), RunStatus.FINISHED),
        ],
    )
    def test_an_exception_that_leaves_a_block_gives_the_status(self, error, status):
        with pytest.raises(type(error)), jt.start_run() as run:
            raise error
        assert jt.get_run(run.info.run_id).info.status is status

    def test_a_block_ends_what_was_left_active_inside_it(self):
        with jt.start_run() as outer:
            inner = jt.start_run(nested=True)
        assert jt.active_run() is None
        assert {jt.get_run(run.info.run_id).info.status for run in (outer, inner)} == {RunStatus.FINISHED}

    def test_a_run_that_was_ended_inside_its_block_keeps_its_status(self):
        with jt.start_run() as run:
            jt.end_run("KILLED")
        assert jt.get_run(run.info.run_id).info.status is RunStatus.KILLED

    def test_a_second_run_must_be_nested(self):
        with jt.start_run() as run:
            with pytest.raises(InvalidParameterValue, match=f"{run.info.run_id}.*nested=True"):
                jt.start_run()
            assert jt.active_run() is run

    def test_names_and_parents_that_cannot_be_begin_nothing(self):
        for arguments in ({"run_name": "x" * 251}, {"tags": {"a?b": 1}}, {"tags": 3}):
            with pytest.raises(InvalidParameterValue):
                jt.start_run(**arguments)
        with pytest.raises(ResourceDoesNotExist):
            jt.start_run(parent_run_id="0" * 32)
        with jt.start_run() as gone:
            pass
        jt.delete_run(gone.info.run_id)
        with pytest.raises(InvalidParameterValue, match="deleted"):
            jt.start_run(parent_run_id=gone.info.run_id)
        assert jt.active_run() is None

    def test_a_run_goes_on_only_in_its_experiment(self):
        with jt.start_run() as run:
            pass
        other = jt.create_experiment("other")
        with pytest.raises(InvalidParameterValue, match="belongs to experiment 0"):
            jt.start_run(run_id=run.info.run_id, experiment_id=other)

    def test_system_metrics_are_declined_in_words(self, caplog):
        with jt.start_run(log_system_metrics=True):
            pass
        assert "log_system_metrics" in caplog.text


class TestThreads:
    def test_each_thread_has_its_own_run(self):
        found = {}

        def work():
            found["before"] = jt.active_run()
            jt.log_metric("loss", 1)
            found["run"] = jt.active_run()
            found["last"] = jt.last_active_run()

        with jt.start_run() as run:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            assert jt.active_run() is run
        assert found["before"] is None
        assert found["run"].info.run_id == found["last"].info.run_id != run.info.run_id
        assert jt.get_run(found["run"].info.run_id).data.metrics == {"loss": 1}

    def test_the_last_run_of_another_thread_is_better_than_none(self):
        thread = threading.Thread(target=lambda: jt.log_param("in", "thread"))
        thread.start()
        thread.join()
        assert jt.last_active_run().data.params == {"in": "thread"}


class TestTrackedCells:
    def test_what_a_cell_logs_goes_to_its_run(self, process):
        recorder = begin_cell("notebook.ipynb", "cell", "ada")
        recorder.log_params({"lr": "0.1"})
        jt.log_metric("loss", 0.5)
        jt.log_param("lr", 0.1)
        assert jt.active_run().info.run_id == recorder.run_id
        assert jt.active_run().info.run_name == "cell"
        jt.end_run()
        assert jt.get_run(recorder.run_id).info.status is RunStatus.RUNNING
        recorder.end(RunStatus.FINISHED)
        assert jt.active_run() is None
        run = jt.get_run(recorder.run_id)
        assert (run.data.params, run.data.metrics) == ({"lr": "0.1"}, {"loss": 0.5})

    def test_a_run_that_a_cell_begins_is_nested_in_the_cells(self):
        recorder = begin_cell("notebook.ipynb", "cell")
        with jt.start_run() as run:
            jt.log_param("of", "inner")
        jt.log_param("of", "cell")
        recorder.end(RunStatus.FINISHED)
        assert jt.get_parent_run(run.info.run_id).info.run_id == recorder.run_id
        assert jt.get_run(run.info.run_id).data.params == {"of": "inner"}
        assert jt.get_run(recorder.run_id).data.params == {"of": "cell"}

    def test_a_captured_param_is_not_written_over_and_the_cell_goes_on(self, caplog):
        recorder = begin_cell("notebook.ipynb", "cell")
        recorder.log_params({"epochs": "5"})
        jt.log_param("epochs", 3)
        jt.log_params({"epochs": 3, "other": 1})
        assert caplog.text.count("'epochs' was found in the tracked cell as '5'; '3' was not logged") == 2
        jt.log_param("mine", 1)
        with pytest.raises(InvalidParameterValue, match="'mine'"):
            jt.log_param("mine", 2)
        recorder.end(RunStatus.FINISHED)
        assert jt.get_run(recorder.run_id).data.params == {"epochs": "5", "other": "1", "mine": "1"}

    def test_in_a_cell_inside_another_one_the_inner_cells_run_is_active(self):
        outer, inner = (begin_cell("notebook.ipynb", name) for name in ("outer", "inner"))
        assert jt.active_run().info.run_id == inner.run_id
        inner.end(RunStatus.FINISHED)
        assert jt.active_run().info.run_id == outer.run_id
        outer.end(RunStatus.FINISHED)


class TestExperiments:
    def name_of_new_runs(self):
        with jt.start_run() as run:
            return jt.get_experiment(run.info.experiment_id).name

    def test_a_call_goes_before_the_environment_and_that_before_the_default(self, monkeypatch):
        assert self.name_of_new_runs() == "Default"
        by_id = jt.create_experiment("by id")
        monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", by_id)
        assert self.name_of_new_runs() == "by id"
        monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "by name")
        assert self.name_of_new_runs() == "by name"
        jt.set_experiment("by a call")
        assert self.name_of_new_runs() == "by a call"
        with jt.start_run(experiment_id=by_id) as run:
            assert run.info.experiment_id == by_id

    def test_run_names_and_runs_of_the_environment_are_taken(self, monkeypatch):
        monkeypatch.setenv("MLFLOW_RUN_NAME", "of the environment")
        with jt.start_run() as run:
            assert run.info.run_name == "of the environment"
        monkeypatch.setenv("MLFLOW_RUN_ID", run.info.run_id)
        jt.log_metric("loss", 1)
        assert jt.active_run().info.run_id == run.info.run_id

    def test_a_choice_that_fails_changes_nothing(self):
        jt.set_experiment("chosen")
        for arguments in ({"experiment_id": "987"}, {"experiment_name": " "}, {"experiment_name": 3}, {}):
            with pytest.raises((InvalidParameterValue, ResourceDoesNotExist)):
                jt.set_experiment(**arguments)
        assert self.name_of_new_runs() == "chosen"

    def test_a_name_that_was_chosen_means_that_name_in_another_store(self, tmp_path):
        jt.set_experiment("chosen")
        jt.set_tracking_uri(f"sqlite:///{tmp_path}/other.db")
        assert self.name_of_new_runs() == "chosen"

    def test_a_changed_experiment_is_asked_for_again(self):
        made = jt.set_experiment("old name")
        client = jt.TrackClient()
        client.rename_experiment(made.experiment_id, "new name")
        assert self.name_of_new_runs() == "old name"  # Made anew: it was chosen by its name.
        jt.set_experiment(experiment_id=made.experiment_id)
        assert self.name_of_new_runs() == "new name"
        jt.delete_experiment(made.experiment_id)
        with pytest.raises(InvalidParameterValue, match="deleted"):
            jt.start_run()
        client.restore_experiment(made.experiment_id)
        assert self.name_of_new_runs() == "new name"


class TestAStoreOutOfReach:
    @pytest.fixture
    def blocked(self, tmp_path):
        """Choose a place that is out of reach until the file that is returned is removed."""
        blocking = tmp_path / "blocking"
        blocking.touch()
        jt.set_tracking_uri(f"sqlite:///{blocking}/track.db")
        return blocking

    def test_runs_wait_in_the_journal_with_one_warning(self, blocked, caplog):
        caplog.clear()
        jt.set_experiment("offline")
        for number in range(2):
            with jt.start_run(run_name=f"run {number}"):
                jt.log_param("number", number)
                jt.log_metric("loss", 0.5)
                jt.log_text("x", "a.txt")
        assert caplog.text.count("Runs are kept on this machine") == 1
        blocked.unlink()
        found = {run.info.run_name: run for run in jt.search_runs(experiment_names=["offline"], output_format="list")}
        assert sorted(found) == ["run 0", "run 1"]
        assert found["run 1"].data.params == {"number": "1"}
        assert found["run 1"].info.status is RunStatus.FINISHED
        client = jt.TrackClient()
        assert [each.path for each in client.list_artifacts(found["run 0"].info.run_id)] == ["a.txt"]

    def test_params_are_still_written_once(self, blocked):
        jt.log_param("lr", 0.1)
        with pytest.raises(InvalidParameterValue, match="'lr'"):
            jt.log_param("lr", 0.2)
        blocked.unlink()
        jt.end_run()

    def test_a_name_that_cannot_be_is_refused_all_the_same(self, blocked):
        with pytest.raises(InvalidParameterValue, match="experiment name"):
            jt.set_experiment("x" * 501)
        blocked.unlink()
