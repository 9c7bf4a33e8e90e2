import time

import pytest

from jupyter_track.entities import InvalidParameterValue, ResourceAlreadyExists, ResourceDoesNotExist

from .hostile import KEYS, TEXTS

RUN_ID = "0123456789abcdef" * 2
MODEL_NAMES = [text for text in (*TEXTS, "x" * 256) if not set("/:") & set(text)]
WRONG_MODEL_NAMES = ["", " ", "a/b", "a:b", "x" * 257, "\0", "\ud800"]


class RegistryContract:
    # -- registered models

    def test_a_model_comes_back_as_it_was_registered(self, store):
        before = time.time_ns() // 1_000_000
        made = store.create_registered_model("churn", {"team": "a"}, "Who leaves?")
        after = time.time_ns() // 1_000_000
        assert store.get_registered_model("churn") == made
        assert (made.name, made.tags, made.description) == ("churn", {"team": "a"}, "Who leaves?")
        assert (made.aliases, made.latest_versions) == ({}, ())
        assert before <= made.creation_timestamp <= after
        assert made.last_updated_timestamp == made.creation_timestamp

    def test_a_taken_model_name_is_refused_and_changes_nothing(self, store):
        made = store.create_registered_model("churn", {"a": "1"})
        with pytest.raises(ResourceAlreadyExists, match="churn"):
            store.create_registered_model("churn", {"a": "2"}, "other")
        assert store.get_registered_model("churn") == made
        assert store.create_registered_model("Churn").name == "Churn"

    @pytest.mark.parametrize("name", WRONG_MODEL_NAMES)
    def test_a_model_name_that_cannot_be_is_refused(self, store, name):
        with pytest.raises(InvalidParameterValue, match="model name"):
            store.create_registered_model(name)
        assert store.search_registered_models() == []

    @pytest.mark.parametrize("name", MODEL_NAMES)
    def test_any_other_model_name_is_kept(self, store, name):
        store.create_registered_model(name, {"said": name}, name)
        version = store.create_model_version(name, f"s3://{name}", tags={"said": name}, description=name, run_link=name)
        store.set_registered_model_alias(name, "best", 1)
        model = store.get_registered_model(name)
        assert (model.name, model.tags, model.description) == (name, {"said": name}, name)
        (kept,) = model.latest_versions
        assert (kept.name, kept.source, kept.tags, kept.description) == (name, f"s3://{name}", {"said": name}, name)
        assert kept.run_link == version.run_link == name
        assert store.get_model_version_by_alias(name, "best") == kept

    def test_an_unknown_model_does_not_exist(self, store):
        for call in (
            lambda: store.get_registered_model("nobody"),
            lambda: store.create_model_version("nobody", "s3://x"),
            lambda: store.get_model_version("nobody", 1),
            lambda: store.set_registered_model_alias("nobody", "best", 1),
            lambda: store.delete_registered_model_alias("nobody", "best"),
            lambda: store.get_model_version_by_alias("nobody", "best"),
        ):
            with pytest.raises(ResourceDoesNotExist, match="nobody"):
                call()

    def test_tags_of_models_and_versions_have_limits(self, store):
        tags = dict.fromkeys(KEYS, "x" * 100000)
        assert store.create_registered_model("churn", tags).tags == tags
        assert store.create_model_version("churn", "s3://x", tags=tags).tags == tags
        for wrong in ({"a": "x" * 100_001}, {"x" * 251: ""}, {"a": "\0"}):
            with pytest.raises(InvalidParameterValue):
                store.create_registered_model("other", wrong)
            with pytest.raises(InvalidParameterValue):
                store.create_model_version("churn", "s3://x", tags=wrong)
        assert len(store.search_registered_models()) == len(store.search_model_versions()) == 1

    # -- versions

    def test_versions_count_from_one_and_come_back_as_they_were_made(self, store, model):
        made = [
            store.create_model_version(model, f"runs:/{RUN_ID}/model", RUN_ID, {"a": "1"}, "link", "text", "ada"),
            store.create_model_version(model, "s3://bucket/model"),
        ]
        assert [version.version for version in made] == [1, 2]
        assert [store.get_model_version(model, number) for number in (1, 2)] == made
        first, second = made
        assert (first.name, first.source, first.run_id) == (model, f"runs:/{RUN_ID}/model", RUN_ID)
        assert (first.tags, first.run_link, first.description, first.user_id) == ({"a": "1"}, "link", "text", "ada")
        assert (first.current_stage, first.status, first.aliases) == ("None", "READY", ())
        assert (second.run_id, second.tags, second.description) == ("", {}, "")
        kept = store.get_registered_model(model)
        assert kept.latest_versions == (second,)
        assert kept.last_updated_timestamp == second.creation_timestamp
        assert store.create_model_version(store.create_registered_model("other").name, "s3://x").version == 1

    @pytest.mark.parametrize("version", [0, -1, 2, 2**31, 2**63, 2**100])
    def test_an_unknown_version_does_not_exist(self, store, model, version):
        store.create_model_version(model, "s3://x")
        with pytest.raises(ResourceDoesNotExist, match=f"version={version}"):
            store.get_model_version(model, version)
        with pytest.raises(ResourceDoesNotExist):
            store.set_registered_model_alias(model, "best", version)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"source": "\0"},
            {"run_id": "not a run id"},
            {"run_id": "\0"},
            {"run_link": "\ud800"},
            {"description": "\0"},
            {"user_id": "\0"},
            {"user_id": "x" * 257},
        ],
    )
    def test_what_no_version_can_have_is_refused(self, store, model, wrong):
        with pytest.raises(InvalidParameterValue):
            store.create_model_version(model, **{"source": "s3://x", **wrong})
        assert store.search_model_versions() == []
        assert store.create_model_version(model, "s3://x").version == 1

    # -- aliases

    def test_an_alias_points_at_one_version_and_moves(self, store, model):
        for _ in range(3):
            store.create_model_version(model, "s3://x")
        store.set_registered_model_alias(model, "best", 1)
        store.set_registered_model_alias(model, "also", 1)
        assert store.get_model_version_by_alias(model, "best").version == 1
        assert store.get_model_version(model, 1).aliases == ("also", "best")
        for _ in range(2):
            store.set_registered_model_alias(model, "best", 3)
            assert store.get_model_version_by_alias(model, "best") == store.get_model_version(model, 3)
            assert [store.get_model_version(model, number).aliases for number in (1, 2, 3)] == [
                ("also",),
                (),
                ("best",),
            ]
            assert store.get_registered_model(model).aliases == {"also": 1, "best": 3}

    def test_a_removed_alias_is_gone_and_removing_it_again_is_no_error(self, store, model):
        store.create_model_version(model, "s3://x")
        store.set_registered_model_alias(model, "best", 1)
        for _ in range(2):
            store.delete_registered_model_alias(model, "best")
            assert store.get_registered_model(model).aliases == {}
            with pytest.raises(InvalidParameterValue, match="best"):
                store.get_model_version_by_alias(model, "best")

    def test_the_same_alias_of_two_models_is_two_aliases(self, store, model):
        store.create_registered_model("other")
        store.create_model_version(model, "s3://x")
        store.create_model_version("other", "s3://y")
        store.set_registered_model_alias(model, "best", 1)
        store.set_registered_model_alias("other", "best", 1)
        store.delete_registered_model_alias("other", "best")
        assert store.get_model_version_by_alias(model, "best").source == "s3://x"

    @pytest.mark.parametrize("alias", ["", "a b", "a/b", "latest", "Latest", "v1", "V12", "x" * 256, "a\0"])
    def test_an_alias_that_is_no_word_or_reads_as_a_version_is_refused(self, store, model, alias):
        store.create_model_version(model, "s3://x")
        with pytest.raises(InvalidParameterValue, match="alias"):
            store.set_registered_model_alias(model, alias, 1)
        assert store.get_registered_model(model).aliases == {}

    @pytest.mark.parametrize("alias", ["a", "v1x", "lateste", "geändert", "最新", "x" * 255])
    def test_any_other_alias_is_kept(self, store, model, alias):
        store.create_model_version(model, "s3://x")
        store.set_registered_model_alias(model, alias, 1)
        assert store.get_model_version_by_alias(model, alias).version == 1
