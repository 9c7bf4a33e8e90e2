from dataclasses import replace

import pytest

from jupyter_track.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    InvalidParameterValue,
    ResourceDoesNotExist,
    RunInputs,
)

from .hostile import TEXTS
from .processes import in_threads

IRIS = Dataset("iris", "a1b2", "local", '{"uri": "/data/iris.csv"}', '{"columns": []}', '{"num_rows": 150}')
TRAINING = InputTag("mlflow.data.context", "training")


def inputs(store, run_id):
    return store.get_run(run_id).inputs.dataset_inputs


class InputsContract:
    def test_a_run_has_no_inputs_until_they_are_logged(self, store, run_id):
        assert store.get_run(run_id).inputs == RunInputs()
        store.log_inputs(run_id)
        assert store.get_run(run_id).inputs == RunInputs()

    def test_inputs_come_back_as_they_were_logged_in_that_order(self, store, run_id):
        plain = DatasetInput(Dataset("zebra", "1", "code", "{}"))
        given = (plain, DatasetInput(IRIS, (InputTag("b", ""), TRAINING)), DatasetInput(replace(IRIS, digest="c3")))
        store.log_inputs(run_id, given)
        later = DatasetInput(Dataset("ant", "1", "code", "{}"))
        store.log_inputs(run_id, [later])
        assert inputs(store, run_id) == (*given, later)
        (found,) = store.search_runs(["0"])
        assert found == store.get_run(run_id)

    def test_logging_inputs_again_changes_nothing(self, store, run_id):
        store.log_inputs(run_id, [DatasetInput(IRIS, [TRAINING])])
        before = store.get_run(run_id)
        assert before.inputs.dataset_inputs == (DatasetInput(IRIS, (TRAINING,)),)
        store.log_inputs(run_id, [DatasetInput(IRIS, [TRAINING])] * 2)
        store.log_inputs(run_id, [DatasetInput(replace(IRIS, source="other"), [InputTag("new", "1")])])
        assert store.get_run(run_id) == before

    def test_a_dataset_is_what_it_was_first_within_its_experiment(self, store):
        elsewhere = store.create_run(store.create_experiment("other")).info.run_id
        runs = [store.create_run("0").info.run_id for _ in range(2)]
        other = replace(IRIS, source_type="s3", source="s3://iris", profile=None)
        for run_id, dataset in zip([*runs, elsewhere], [IRIS, other, other], strict=True):
            store.log_inputs(run_id, [DatasetInput(dataset, [InputTag("of", run_id)])])
        for run_id, dataset in zip([*runs, elsewhere], [IRIS, IRIS, other], strict=True):
            assert inputs(store, run_id) == (DatasetInput(dataset, (InputTag("of", run_id),)),)

    @pytest.mark.parametrize("text", [*TEXTS, ""])
    def test_any_text_is_kept_of_a_dataset(self, store, run_id, text):
        name = text[:36]
        given = DatasetInput(Dataset(name, name, name, text, text, text), (InputTag(text, text),))
        store.log_inputs(run_id, [given])
        assert inputs(store, run_id) == (given,)

    def test_a_dataset_may_be_as_long_as_with_mlflow(self, store, run_id):
        longest = Dataset("n" * 500, "d" * 36, "t" * 36, "s" * 65_535, "c" * 1_048_575, "p" * 16_777_215)
        given = DatasetInput(longest, (InputTag("k" * 250, "v" * 500),))
        store.log_inputs(run_id, [given])
        assert inputs(store, run_id) == (given,)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "x" * 501),
            ("digest", "x" * 37),
            ("source_type", "x" * 37),
            ("source", "x" * 65_536),
            ("schema", "x" * 1_048_576),
            ("profile", "x" * 16_777_216),
            *((name, wrong) for name in ("name", "digest", "source_type", "source") for wrong in ("\0", None)),
            ("schema", "\ud800"),
            ("profile", "\0"),
        ],
        ids=lambda each: repr(each)[:12],
    )
    def test_what_no_dataset_can_have_is_refused_whole(self, store, run_id, field, value):
        wrong = replace(IRIS, **{"digest": "2", field: value})
        with pytest.raises(InvalidParameterValue, match=f"{field} of a dataset"):
            store.log_inputs(run_id, [DatasetInput(IRIS), DatasetInput(wrong)])
        assert inputs(store, run_id) == ()

    @pytest.mark.parametrize(
        "tags",
        [
            [InputTag("x" * 251, "1")],
            [InputTag("a", "x" * 501)],
            [InputTag("a\0", "1")],
            [InputTag("a", "\udfff")],
            [InputTag("a", "1"), InputTag("a", "2")],
        ],
    )
    def test_tags_that_an_input_cannot_have_are_refused_whole(self, store, run_id, tags):
        with pytest.raises(InvalidParameterValue, match="tag"):
            store.log_inputs(run_id, [DatasetInput(IRIS, tags)])
        assert inputs(store, run_id) == ()

    @pytest.mark.parametrize("run_id", ["f" * 32, "", "' OR '1'='1"])
    def test_an_unknown_run_has_read_nothing(self, store, run_id):
        for given in ([], [DatasetInput(IRIS)]):
            with pytest.raises(ResourceDoesNotExist):
                store.log_inputs(run_id, given)

    def test_many_who_log_the_same_datasets_keep_each_once(self, store):
        datasets = [Dataset(f"d{number}", "1", "code", "{}") for number in range(10)]

        def log(writer):
            run_id = store.create_run("0").info.run_id
            # In another order each, as a database might lock the rows in that order.
            given = tuple(map(DatasetInput, datasets[writer:] + datasets[:writer]))
            store.log_inputs(run_id, given)
            return inputs(store, run_id) == given

        assert in_threads(log, [(writer,) for writer in range(8)]) == [True] * 8
