"""The order of a search: what it accepts, and what it says of the rest."""

import pytest
from hypothesis import given

from jupyter_track.entities import InvalidParameterValue
from jupyter_track.filters import (
    EXPERIMENTS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Key,
    Kind,
    OrderTerm,
    parse_order,
)

from .strategies import nonsense, refusal


@pytest.mark.parametrize(
    ("text", "kind", "name", "descending"),
    [
        ("metrics.loss", Kind.METRIC, "loss", False),
        ("metric.loss ASC", Kind.METRIC, "loss", False),
        ("metrics.loss desc", Kind.METRIC, "loss", True),
        ("  metrics.loss   DESC  ", Kind.METRIC, "loss", True),
        ("metrics.`a b` DESC", Kind.METRIC, "a b", True),
        ('params."a b"', Kind.PARAM, "a b", False),
        ("`metrics`.loss", Kind.METRIC, "loss", False),
        ("parameter.lr", Kind.PARAM, "lr", False),
        ("tags.mlflow.source.name", Kind.TAG, "mlflow.source.name", False),
        ("start_time DESC", Kind.ATTRIBUTE, "start_time", True),
        ("attributes.start_time", Kind.ATTRIBUTE, "start_time", False),
        ("attribute.end_time", Kind.ATTRIBUTE, "end_time", False),
        ("created", Kind.ATTRIBUTE, "start_time", False),
        ("`Run Name` DESC", Kind.ATTRIBUTE, "run_name", True),
        ("status", Kind.ATTRIBUTE, "status", False),
        ("metrics.asc", Kind.METRIC, "asc", False),
    ],
)
def test_a_term_means(text, kind, name, descending):
    assert parse_order([text], RUNS) == (OrderTerm(Key(kind, name), descending),)


def test_other_things_are_ordered_by_their_own_attributes():
    for vocabulary, name in (
        (EXPERIMENTS, "creation_time"),
        (REGISTERED_MODELS, "name"),
        (MODEL_VERSIONS, "version_number"),
    ):
        assert parse_order([name], vocabulary) == (OrderTerm(Key(Kind.ATTRIBUTE, name)),)
    assert parse_order(["timestamp"], REGISTERED_MODELS)[0].key.name == "last_updated_timestamp"


def test_a_key_that_comes_again_is_left_out():
    terms = parse_order(["metrics.a", "start_time", "metrics.a DESC", "created"], RUNS)
    assert [term.key.name for term in terms] == ["a", "start_time"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Cannot read the order ''"),
        ("metrics.a UP", "Cannot read the order"),
        ("metrics.a ASC DESC", "Cannot read the order"),
        ("metrics.a, metrics.b", "Cannot read the order"),
        ("metrics.a b", "Cannot read the order"),
        ("metrics.`a", "Cannot read the order"),
        ("metrics.", "Cannot order runs by 'metrics.'"),
        ("accuracy", "Did you mean metrics.accuracy or params.accuracy or tags.accuracy?"),
        ("statis DESC", "Did you mean status?"),
        ("dataset.name", "Cannot order runs by 'dataset.name'"),
        ("tags.\0", "NUL"),
        ("tags.\ud800", "surrogate"),
        ("x" * 100_000, "Cannot order runs by"),
    ],
)
def test_a_wrong_term_is_told(text, said):
    with pytest.raises(InvalidParameterValue) as error:
        parse_order([text], RUNS)
    assert said in str(error.value)
    assert len(str(error.value)) < 600


def test_an_order_has_at_most_twenty_terms():
    assert len(parse_order([f"metrics.m{number}" for number in range(20)], RUNS)) == 20
    with pytest.raises(InvalidParameterValue, match="21 terms"):
        parse_order(["metrics.m"] * 21, RUNS)


@given(nonsense)
def test_any_text_is_read_or_refused(text):
    assert refusal(parse_order, [text], RUNS) != ""
