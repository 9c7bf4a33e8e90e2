from dataclasses import replace

import pytest

from jupyter_track.entities import (
    ExperimentTag,
    InvalidParameterValue,
    LifecycleStage,
    Metric,
    Param,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    RunStatus,
    RunTag,
    ViewType,
)

from .hostile import TEXTS
from .processes import in_threads

ACTIVE, DELETED = LifecycleStage.ACTIVE, LifecycleStage.DELETED
NOBODY = "f" * 32


def stages(store, *run_ids):
    return [store.get_run(run_id).info.lifecycle_stage for run_id in run_ids]


class LifecycleContract:
    @pytest.fixture
    def experiment_id(self, store):
        return store.create_experiment("iris", tags=[ExperimentTag("team", "a")])

    # -- experiments

    def test_a_deleted_experiment_is_in_the_bin_with_its_runs_and_comes_back_with_them(self, store, experiment_id):
        run_ids = [store.create_run(experiment_id).info.run_id for _ in range(3)]
        elsewhere = store.create_run("0")
        store.delete_run(run_ids[0])
        before = store.get_experiment(experiment_id)
        store.delete_experiment(experiment_id)
        deleted = store.get_experiment(experiment_id)
        assert deleted == replace(before, lifecycle_stage=DELETED, last_update_time=deleted.last_update_time)
        assert deleted.last_update_time >= before.last_update_time
        assert store.get_experiment_by_name("iris") == deleted
        assert [each.name for each in store.search_experiments()] == ["Default"]
        assert store.search_experiments(ViewType.DELETED_ONLY) == [deleted]
        assert stages(store, *run_ids) == [DELETED] * 3
        assert store.get_run(elsewhere.info.run_id) == elsewhere
        assert store.search_runs([experiment_id]) == []
        assert len(store.search_runs([experiment_id], view_type=ViewType.DELETED_ONLY)) == 3
        store.restore_experiment(experiment_id)
        assert store.get_experiment(experiment_id).lifecycle_stage is ACTIVE
        # As in MLflow, the one that was deleted by itself too.
        assert stages(store, *run_ids) == [ACTIVE] * 3
        assert len(store.search_runs([experiment_id])) == 3

    def test_nothing_is_started_in_or_told_of_a_deleted_experiment(self, store, experiment_id):
        store.delete_experiment(experiment_id)
        before = store.get_experiment(experiment_id)
        for call in (
            lambda: store.create_run(experiment_id),
            lambda: store.rename_experiment(experiment_id, "other"),
            lambda: store.set_experiment_tag(experiment_id, ExperimentTag("a", "1")),
            lambda: store.delete_experiment_tag(experiment_id, "team"),
        ):
            with pytest.raises(InvalidParameterValue, match="'iris' is deleted"):
                call()
        assert store.get_experiment(experiment_id) == before
        with pytest.raises(ResourceAlreadyExists):
            store.create_experiment("iris")

    def test_deleting_and_restoring_again_changes_nothing(self, store, experiment_id):
        run_id = store.create_run(experiment_id).info.run_id
        store.delete_experiment(experiment_id)
        deleted = store.get_experiment(experiment_id)
        store.restore_run(run_id)
        store.delete_experiment(experiment_id)
        assert store.get_experiment(experiment_id) == deleted
        # A run that was taken out of the bin since stays out of it.
        assert stages(store, run_id) == [ACTIVE]
        store.restore_experiment(experiment_id)
        restored = store.get_experiment(experiment_id)
        store.delete_run(run_id)
        store.restore_experiment(experiment_id)
        assert store.get_experiment(experiment_id) == restored
        assert stages(store, run_id) == [DELETED]

    @pytest.mark.parametrize("name", [*TEXTS, "x" * 500])
    def test_an_experiment_takes_any_other_name(self, store, experiment_id, name):
        before = store.get_experiment(experiment_id)
        store.rename_experiment(experiment_id, name)
        after = store.get_experiment_by_name(name)
        assert after == replace(before, name=name, last_update_time=after.last_update_time)
        assert after.last_update_time >= before.last_update_time
        assert store.get_experiment_by_name("iris") is None
        store.rename_experiment(experiment_id, name)
        assert store.get_experiment(experiment_id) == after

    @pytest.mark.parametrize("name", ["", " ", "x" * 501, "nul\0", "half \ud800"])
    def test_an_experiment_takes_no_name_that_cannot_be_one(self, store, experiment_id, name):
        with pytest.raises(InvalidParameterValue, match="experiment name"):
            store.rename_experiment(experiment_id, name)
        assert store.get_experiment(experiment_id).name == "iris"

    @pytest.mark.parametrize("deleted", [False, True])
    def test_an_experiment_takes_no_name_of_another(self, store, experiment_id, deleted):
        other = store.create_experiment("other")
        if deleted:
            store.delete_experiment(other)
        before = store.get_experiment(experiment_id)
        with pytest.raises(ResourceAlreadyExists, match="other"):
            store.rename_experiment(experiment_id, "other")
        assert store.get_experiment(experiment_id) == before

    def test_of_many_who_take_the_same_name_one_succeeds(self, store):
        def take(experiment_id):
            try:
                store.rename_experiment(experiment_id, "wanted")
            except ResourceAlreadyExists:
                return False
            return True

        experiment_ids = [store.create_experiment(name) for name in "abcdefgh"]
        assert sum(in_threads(take, [(each,) for each in experiment_ids])) == 1

    def test_the_last_experiment_tag_counts_until_it_is_deleted(self, store, experiment_id):
        before = store.get_experiment(experiment_id)
        for value in ("1", "2", "2", "x" * 20_000, *TEXTS):
            store.set_experiment_tag(experiment_id, ExperimentTag("a", value))
            assert store.get_experiment(experiment_id) == replace(before, tags={"a": value, "team": "a"})
        store.delete_experiment_tag(experiment_id, "a")
        assert store.get_experiment(experiment_id) == before
        for key in ("a", "never", "\ud7ff", "' OR 1=1 --"):
            with pytest.raises(ResourceDoesNotExist, match="No tag"):
                store.delete_experiment_tag(experiment_id, key)
        for tag in (ExperimentTag("a", "x" * 20_001), ExperimentTag("", "1"), ExperimentTag("a", "\0")):
            with pytest.raises(InvalidParameterValue, match="tag"):
                store.set_experiment_tag(experiment_id, tag)
        assert store.get_experiment(experiment_id) == before

    @pytest.mark.parametrize("experiment_id", ["99", "-1", "", "9" * 30, "0 OR 1=1"])
    def test_an_unknown_experiment_is_neither_changed_nor_moved(self, store, experiment_id):
        for call in (
            lambda: store.rename_experiment(experiment_id, "x"),
            lambda: store.delete_experiment(experiment_id),
            lambda: store.restore_experiment(experiment_id),
            lambda: store.set_experiment_tag(experiment_id, ExperimentTag("a", "1")),
            lambda: store.delete_experiment_tag(experiment_id, "a"),
        ):
            with pytest.raises(ResourceDoesNotExist):
                call()

    # -- runs

    def test_nothing_is_written_to_a_deleted_run_until_it_is_restored(self, store, run_id):
        store.log_batch(run_id, [Metric("m", 1.0, 1)], [Param("p", "1")], [RunTag("t", "1")])
        before = store.get_run(run_id)
        store.delete_run(run_id)
        deleted = store.get_run(run_id)
        assert deleted == replace(before, info=replace(before.info, lifecycle_stage=DELETED))
        for call in (
            lambda: store.log_batch(run_id, [Metric("m", 2.0, 2)]),
            lambda: store.log_batch(run_id),
            lambda: store.update_run_info(run_id, RunStatus.FAILED),
            lambda: store.delete_tag(run_id, "t"),
            lambda: store.log_inputs(run_id),
        ):
            with pytest.raises(InvalidParameterValue, match="is deleted"):
                call()
        assert store.get_run(run_id) == deleted
        assert len(store.get_metric_history(run_id, "m")) == 1
        assert store.search_runs(["0"]) == []
        assert store.search_runs(["0"], view_type=ViewType.DELETED_ONLY) == [deleted]
        store.delete_run(run_id)
        assert store.get_run(run_id) == deleted
        for _ in range(2):
            store.restore_run(run_id)
            assert store.get_run(run_id) == before
        store.log_batch(run_id, [Metric("m", 2.0, 2)])
        assert store.search_runs(["0"]) == [store.get_run(run_id)]

    def test_a_run_may_be_restored_whose_experiment_is_deleted(self, store, experiment_id):
        run_id = store.create_run(experiment_id).info.run_id
        store.delete_experiment(experiment_id)
        store.restore_run(run_id)
        assert stages(store, run_id) == [ACTIVE]
        assert store.get_experiment(experiment_id).lifecycle_stage is DELETED

    def test_a_tag_is_deleted_once(self, store, run_id):
        before = store.get_run(run_id)
        store.log_batch(run_id, tags=[RunTag("t", "1"), RunTag("ключ", "1")])
        store.delete_tag(run_id, "t")
        assert "t" not in store.get_run(run_id).data.tags
        store.delete_tag(run_id, "ключ")
        assert store.get_run(run_id) == before
        for key in ("t", "never", "", "' OR 1=1 --"):
            with pytest.raises(ResourceDoesNotExist, match="No tag"):
                store.delete_tag(run_id, key)
        store.log_batch(run_id, tags=[RunTag("t", "2")])
        assert store.get_run(run_id).data.tags["t"] == "2"

    def test_an_unknown_run_is_neither_moved_nor_untagged(self, store):
        for run_id in (NOBODY, "", "' OR '1'='1"):
            for call in (store.delete_run, store.restore_run, lambda run_id: store.delete_tag(run_id, "t")):
                with pytest.raises(ResourceDoesNotExist, match="Run"):
                    call(run_id)
