"""The order of a search: what it accepts, and what it says of the rest."""

import pytest
from hypothesis import given

from jupyter_track.entities import InvalidParameterValue
from jupyter_track.filters import (
    EXPERIMENTS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    Aggregate,
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


@pytest.mark.parametrize(
    ("text", "aggregate", "descending"),
    [
        ("MAX(metrics.`a b`) DESC", Aggregate.MAX, True),
        ('min( metric."a b" )', Aggregate.MIN, False),
        ("LAST(metrics.`a b`) asc", None, False),
        ("MAX(`a b`)", Aggregate.MAX, False),
    ],
)
def test_a_term_may_be_of_a_history(text, aggregate, descending):
    assert parse_order([text], RUNS) == (OrderTerm(Key(Kind.METRIC, "a b", aggregate), descending),)


@pytest.mark.parametrize("text", ["lr DESC", "`lr` DESC", '"lr" desc'])
def test_a_bare_name_is_the_metric_then_the_param_as_a_number_and_as_a_text_then_the_tag(text):
    metric, param, tag = (Key(kind, "lr") for kind in (Kind.METRIC, Kind.PARAM, Kind.TAG))
    assert parse_order([text], RUNS) == (
        OrderTerm(metric, True),
        OrderTerm(param, True, as_number=True),
        OrderTerm(param, True),
        OrderTerm(tag, True),
    )


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
        ("metrics.", "Cannot order runs by 'metrics.'. Write a name after 'metrics.'."),
        ("attributes.accuracy", "Did you mean metrics.accuracy or params.accuracy or tags.accuracy?"),
        ("metrc.a", "Did you mean metrics.a?"),
        ("a-b.c", "A name with a dot in it stands in backticks: `a-b.c`."),
        ("AVG(metrics.a)", "there are MAX, MIN, LAST of a metric, and nothing else"),
        ("MAX(params.a)", "there are MAX, MIN, LAST of a metric, and nothing else"),
        ("MAX(metrics.a", "Cannot read the order"),
        ("metrics.a)", "Cannot read the order"),
        ("statis DESC", "Did you mean status?"),
        ("dataset.name", "Cannot order runs by 'dataset.name'. One may have read several datasets."),
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
    with pytest.raises(InvalidParameterValue, match="more than 20 terms"):
        parse_order([f"metrics.m{number}" for number in range(21)], RUNS)
    assert len(parse_order(["a", "b", "c", "d", "e", "a DESC"], RUNS)) == 20
    with pytest.raises(InvalidParameterValue, match="more than 20 terms, of which a bare name counts as four"):
        parse_order(["a", "b", "c", "d", "e", "f"], RUNS)


@given(nonsense)
def test_any_text_is_read_or_refused(text):
    assert refusal(parse_order, [text], RUNS) != ""
