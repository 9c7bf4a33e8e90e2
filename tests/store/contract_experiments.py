import time

import pytest

from jupyter_track.entities import (
    ExperimentTag,
    InvalidParameterValue,
    LifecycleStage,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
)
from jupyter_track.store import DEFAULT_EXPERIMENT_ID

from .hostile import KEYS, TEXTS


class ExperimentContract:
    def test_the_default_experiment_is_always_there(self, store):
        default = store.get_experiment(DEFAULT_EXPERIMENT_ID)
        assert (default.experiment_id, default.name) == ("0", "Default")
        assert store.get_experiment_by_name("Default") == default
        assert store.create_run("0").info.experiment_id == "0"

    def test_an_experiment_comes_back_as_it_was_made(self, store):
        before = time.time_ns() // 1_000_000
        experiment_id = store.create_experiment("iris", "s3://bucket/iris", [ExperimentTag("team", "a")])
        after = time.time_ns() // 1_000_000
        experiment = store.get_experiment(experiment_id)
        assert experiment == store.get_experiment_by_name("iris")
        assert experiment.experiment_id == experiment_id
        assert experiment.name == "iris"
        assert experiment.artifact_location == "s3://bucket/iris"
        assert experiment.lifecycle_stage is LifecycleStage.ACTIVE
        assert experiment.tags == {"team": "a"}
        assert before <= experiment.creation_time <= after
        assert experiment.last_update_time == experiment.creation_time

    def test_without_a_location_each_experiment_has_a_folder_of_its_own_below_the_root(self, store, tmp_path):
        places = [store.get_experiment(store.create_experiment(name)).artifact_location for name in "ab"]
        assert len({*places, store.get_experiment("0").artifact_location}) == 3
        assert all(place.startswith(f"{tmp_path}/artifacts/") for place in places)

    def test_a_relative_location_is_kept_absolute(self, store, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        experiment = store.get_experiment(store.create_experiment("here", "some/folder"))
        assert experiment.artifact_location == f"{tmp_path}/some/folder"

    def test_a_taken_name_is_refused_and_changes_nothing(self, store):
        first = store.get_experiment(store.create_experiment("iris", tags=[ExperimentTag("a", "1")]))
        with pytest.raises(ResourceAlreadyExists, match="iris"):
            store.create_experiment("iris", tags=[ExperimentTag("a", "2")])
        assert store.get_experiment_by_name("iris") == first

    @pytest.mark.parametrize("name", ["", "  \n", "x" * 501, "nul\0", "half \ud800"])
    def test_a_name_that_cannot_be_is_refused(self, store, name):
        with pytest.raises(InvalidParameterValue, match="experiment name"):
            store.create_experiment(name)
        assert [each.name for each in store.search_experiments()] == ["Default"]

    @pytest.mark.parametrize("name", [*TEXTS, "x" * 500])
    def test_any_other_name_is_kept(self, store, name):
        experiment_id = store.create_experiment(name, tags=[ExperimentTag("said", name)])
        assert store.get_experiment_by_name(name).experiment_id == experiment_id
        experiment = store.get_experiment(experiment_id)
        assert (experiment.name, experiment.tags) == (name, {"said": name})

    def test_tags_have_limits(self, store):
        kept = [ExperimentTag(key, "x" * 20_000) for key in KEYS]
        assert store.get_experiment(store.create_experiment("a", tags=kept)).tags == dict.fromkeys(KEYS, "x" * 20000)
        for tag in (ExperimentTag("a", "x" * 20_001), ExperimentTag("x" * 251, ""), ExperimentTag("a\0", "")):
            with pytest.raises(InvalidParameterValue, match="tag"):
                store.create_experiment("b", tags=[tag])
        assert store.get_experiment_by_name("b") is None

    @pytest.mark.parametrize("experiment_id", ["1", "-1", "abc", "", "9" * 30, "²", "0 OR 1=1", "\0"])
    def test_an_unknown_experiment_does_not_exist(self, store, experiment_id):
        with pytest.raises(ResourceDoesNotExist):
            store.get_experiment(experiment_id)
        with pytest.raises(ResourceDoesNotExist):
            store.create_run(experiment_id)

    def test_no_experiment_has_an_unknown_name(self, store):
        assert store.get_experiment_by_name("nobody") is None
        assert store.get_experiment_by_name("default") is None
        with pytest.raises(InvalidParameterValue):
            store.get_experiment_by_name("\ud800")
