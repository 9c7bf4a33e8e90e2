"""The search language: what it accepts, what that means, and what it says of the rest."""

import re
import time

import pytest
from hypothesis import example, given, settings

from jupyter_track.entities import InvalidParameterValue
from jupyter_track.filters import (
    EXPERIMENTS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    And,
    Comparison,
    Key,
    Kind,
    Not,
    Or,
    parse_filter,
)

from .strategies import nonsense, refusal

VOCABULARIES = (RUNS, EXPERIMENTS, REGISTERED_MODELS, MODEL_VERSIONS)


def metric(operator, value, name="a", negated=False):
    return Comparison(Key(Kind.METRIC, name), operator, value, negated)


def param(operator, value=None, name="a", negated=False):
    return Comparison(Key(Kind.PARAM, name), operator, value, negated)


def tag(operator, value=None, name="a", negated=False):
    return Comparison(Key(Kind.TAG, name), operator, value, negated)


def attribute(name, operator, value=None, negated=False):
    return Comparison(Key(Kind.ATTRIBUTE, name), operator, value, negated)


A, B, C = metric(">", 1, "a"), metric(">", 2, "b"), metric(">", 3, "c")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", None),
        ("  \n ", None),
        # Comparisons of numbers.
        ("metrics.a > 1", metric(">", 1)),
        ("metric.a>=1.5", metric(">=", 1.5)),
        ("metrics.a = -1", metric("=", -1)),
        ("metrics.a != 1e3", metric("!=", 1e3)),
        ("metrics.a < .5", metric("<", 0.5)),
        ("metrics.a <= +5.", metric("<=", 5.0)),
        ("METRICS.a > 1", metric(">", 1)),
        ("metrics.a > 1e999", metric(">", float("inf"))),
        ("start_time > 1700000000001", attribute("start_time", ">", 1700000000001)),
        ("start_time = 9007199254740993", attribute("start_time", "=", 9007199254740993)),
        ("start_time > 1.5", attribute("start_time", ">", 1.5)),
        ("created > 1", attribute("start_time", ">", 1)),
        ("Created > 1", attribute("start_time", ">", 1)),
        ("end_time <= 1", attribute("end_time", "<=", 1)),
        # Comparisons of texts.
        ("params.a = 'x'", param("=", "x")),
        ('parameter.a != "x"', param("!=", "x")),
        ("parameters.a = ''", param("=", "")),
        ("param.a LIKE 'x%'", param("LIKE", "x%")),
        ("params.a ilike 'x_'", param("ILIKE", "x_")),
        ("params.a = 'it''s'", param("=", "it's")),
        ('params.a = "say ""hi"""', param("=", 'say "hi"')),
        ("params.a = 'AND OR (NOT)'", param("=", "AND OR (NOT)")),
        ("params.a = '日本\n'", param("=", "日本\n")),
        ("tags.a = 'x'", tag("=", "x")),
        ("tag.a IS NULL", tag("IS NULL")),
        ("tags.a is not null", tag("IS NULL", negated=True)),
        ("params.a IS NOT NULL", param("IS NULL", negated=True)),
        # Names.
        ("tags.mlflow.parentRunId = 'x'", tag("=", "x", "mlflow.parentRunId")),
        ("tags.a.b.c = 'x'", tag("=", "x", "a.b.c")),
        ("metrics.val-loss/top:5 > 1", metric(">", 1, "val-loss/top:5")),
        ("metrics.`a b` > 1", metric(">", 1, "a b")),
        ('metrics."a b" > 1', metric(">", 1, "a b")),
        ("`metrics`.a > 1", metric(">", 1)),
        ("`metrics`.`a b` > 1", metric(">", 1, "a b")),
        ('"metrics"."a b" > 1', metric(">", 1, "a b")),
        ("tags.`it's` = 'x'", tag("=", "x", "it's")),
        ("metrics.ключ > 1", metric(">", 1, "ключ")),
        ("metrics.and > 1", metric(">", 1, "and")),
        # Attributes.
        ("run_id = 'x'", attribute("run_id", "=", "x")),
        ("attributes.run_id IN ('a', \"b\")", attribute("run_id", "IN", ("a", "b"))),
        ("attribute.run_id NOT IN ('a')", attribute("run_id", "IN", ("a",), negated=True)),
        ("attr.status = 'RUNNING'", attribute("status", "=", "RUNNING")),
        ("run.status != 'RUNNING'", attribute("status", "!=", "RUNNING")),
        ("run_name = 'x'", attribute("run_name", "=", "x")),
        ("`run name` = 'x'", attribute("run_name", "=", "x")),
        ("attributes.`Run Name` = 'x'", attribute("run_name", "=", "x")),
        ("\"Run name\" = 'x'", attribute("run_name", "=", "x")),
        ("name = 'x'", attribute("run_name", "=", "x")),
        ("user_id LIKE 'x'", attribute("user_id", "LIKE", "x")),
        ("artifact_uri ILIKE 'x'", attribute("artifact_uri", "ILIKE", "x")),
        ("end_time IS NULL", attribute("end_time", "IS NULL")),
        # Several.
        ("metrics.a > 1 AND metrics.b > 2 and metrics.c > 3", And((A, B, C))),
        ("AND metrics.a > 1 AND AND metrics.b > 2 AND", And((A, B))),
        ("(metrics.a > 1 AND)", A),
        ("metrics.a > 1 AND OR metrics.b > 2", Or((A, B))),
        ("metrics.a > 1 OR metrics.b > 2 AND metrics.c > 3", Or((A, And((B, C))))),
        ("(metrics.a > 1 OR metrics.b > 2) AND metrics.c > 3", And((Or((A, B)), C))),
        ("NOT metrics.a > 1 AND metrics.b > 2", And((Not(A), B))),
        ("NOT (metrics.a > 1 AND NOT metrics.b > 2)", Not(And((A, Not(B))))),
        ("NOT NOT ((metrics.a > 1))", Not(Not(A))),
        # Beyond MLflow.
        ("params.a < 0.01", param("<", 0.01)),
        ("params.a IN (1, 2.5)", param("IN", (1, 2.5))),
        ("params.a = 1", param("=", 1)),
        ("metrics.a BETWEEN 1 AND 2 AND metrics.b > 2", And((metric("BETWEEN", (1, 2)), B))),
        ("metrics.a NOT BETWEEN 1 AND 2", metric("BETWEEN", (1, 2), negated=True)),
        ("params.a NOT LIKE 'x'", param("LIKE", "x", negated=True)),
        ("metrics.a IN (1, -2)", metric("IN", (1, -2))),
        ("metrics.a IS NULL", metric("IS NULL", None)),
    ],
)
def test_a_filter_means(text, meaning):
    assert parse_filter(text, RUNS) == meaning


@pytest.mark.parametrize(
    ("text", "vocabulary", "key"),
    [
        ("name LIKE 'x%'", EXPERIMENTS, "name"),
        ("attributes.experiment_id IN ('1', '2')", EXPERIMENTS, "experiment_id"),
        ("creation_time > 1", EXPERIMENTS, "creation_time"),
        ("last_update_time > 1", EXPERIMENTS, "last_update_time"),
        ("name IN ('x')", REGISTERED_MODELS, "name"),
        ("timestamp > 1", REGISTERED_MODELS, "last_updated_timestamp"),
        ("attribute.name = 'x'", MODEL_VERSIONS, "name"),
        ("run_id NOT IN ('x')", MODEL_VERSIONS, "run_id"),
        ("source_path LIKE 'x'", MODEL_VERSIONS, "source_path"),
        ("version_number >= 1", MODEL_VERSIONS, "version_number"),
    ],
)
def test_other_things_have_attributes_of_their_own(text, vocabulary, key):
    assert parse_filter(text, vocabulary).key == Key(Kind.ATTRIBUTE, key)
    assert parse_filter("tag.`mlflow.prompt.is_prompt` != 'true'", vocabulary) == tag(
        "!=", "true", "mlflow.prompt.is_prompt"
    )


def marked(text, vocabulary=RUNS):
    """Return what the message says, and what of the filter stands above the signs that show where."""
    with pytest.raises(InvalidParameterValue) as error:
        parse_filter(text, vocabulary)
    said, shown, signs = str(error.value).split("\n")
    begin, end = signs.index("^"), signs.rindex("^") + 1
    assert set(signs) <= {" ", "^"}
    assert signs[begin:end].strip("^") == ""
    return said.removeprefix("Cannot read the filter: "), shown[begin:end]


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("metrics.a >", "", "expected a number to compare a with, found the end"),
        ("metrics.a > 'x'", "'x'", "expected a number"),
        ("metrics.a > x", "x", "expected a number to compare a with, found x"),
        ("start_time > 'x'", "'x'", "expected a number to compare start_time with"),
        ("metrics.a", "", "expected a comparison such as = or <, found the end"),
        ("metrics.a == 1", "==", "Did you mean '='?"),
        ("metrics.a <> 1", "<>", "Did you mean '!='?"),
        ("metrics.a => 1", ">", "expected a number"),
        ("metrics.a LIKE '1'", "LIKE", "a is a number"),
        ("metrics. > 1", ">", "expected a name after 'metrics.'"),
        ("metrics. `a` > 1", "`a`", "expected a name after 'metrics.'"),
        ("`metrics`. a > 1", "a", "expected a name after 'metrics.'"),
        ("metrics.a b > 1", "b", "expected a comparison"),
        ("metrics.a > 1 metrics.b > 2", "metrics.b", "expected AND, OR or the end"),
        ("metrics.a > 1;", ";", "unexpected ';'"),
        ("metrics.a > 1 -- all", "-", "unexpected '-'"),
        ("metrics.a > 1.2.3", "1", "unexpected '1'"),
        ("metrics.a > 12abc", "1", "unexpected '1'"),
        ("params.a = x", "x", "expected a text in quotes or a number"),
        ("tags.a = 1", "1", "expected a text in quotes, found 1"),
        ("tags.a > '1'", "'1'", "Leave the quotes out"),
        ("params.a > 'x'", "'x'", "'>' compares numbers, and this is a text."),
        ("params.a = 'x", "'", "not closed"),
        ("params.a = ``", "`", "nothing stands in it"),
        ("params.a IN ()", ")", "expected a text in quotes or a number, found )"),
        ("params.a IN 'x'", "'x'", "expected '(' after IN"),
        ("params.a IN ('x', 1)", "'x'", "either texts or numbers"),
        ("params.a IN ('x' 'y')", "'y'", "expected ',' or ')'"),
        ("params.a BETWEEN 1 OR 2", "OR", "expected AND, as in BETWEEN 0.1 AND 0.5"),
        ("params.a BETWEEN 'a' AND 'b'", "'a'", "BETWEEN compares numbers"),
        ("params.a IS 1", "1", "expected NULL"),
        ("params.a NOT 1", "1", "expected IN, LIKE, ILIKE or BETWEEN"),
        ("'x' = params.a", "'x'", "expected a name before the comparison"),
        ("(metrics.a > 1", "", "expected ')', found the end"),
        ("metrics.a > 1)", ")", "expected AND, OR or the end"),
        ("OR metrics.a > 1", "OR", "expected a name"),
        ("NOT", "", "expected a name"),
        ("AND", "", "expected a name"),
        ("foo.a > 1", "foo.a", "runs have no 'foo'; they have metrics., params., tags., attributes."),
        ("dataset.name = 'x'", "dataset.name", "runs have no 'dataset'"),
        ("accuracy > 1", "accuracy", "Did you mean metrics.accuracy or params.accuracy or tags.accuracy?"),
        ("statis = 'x'", "statis", "Did you mean status?"),
        ("attributes.nope = 'x'", "attributes.nope", "unknown attribute 'nope'"),
        ("`a b` > 1", "`a b`", "unknown attribute 'a b'"),
        ("\n metrics.a\t> 'x'", "'x'", "expected a number"),
        (f"params.a = '{'x' * 500}' AND nope = 1 AND params.b = '{'x' * 500}'", "nope", "unknown attribute 'nope'"),
    ],
)
def test_a_wrong_filter_is_shown_where_and_why(text, where, said):
    message, shown = marked(text)
    assert said in message
    assert shown == where or (where == "" and shown in ("", "'"))


def test_other_things_have_no_metrics():
    assert marked("metrics.a > 1", EXPERIMENTS)[0] == "experiments have no 'metrics'; they have tags., attributes."
    assert marked("nme = 'x'", REGISTERED_MODELS)[0] == "unknown attribute 'nme'. Did you mean name?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NOT " * 51 + "metrics.a > 1", "more than 50 conditions within one another"),
        ("(" * 100_000, "more than 50 conditions within one another"),
        (" AND ".join(["metrics.a > 1"] * 201), "more than 200 comparisons"),
        ("params.a LIKE '" + "x" * 10_001 + "'", "LIKE takes at most 10000 characters"),
        ("x" * 100_001, "has 100001 characters; at most 100000"),
        ("params.a = '\0'", "NUL"),
        ("params.a = '\ud800'", "surrogate"),
    ],
)
def test_limits_are_told(text, said):
    with pytest.raises(InvalidParameterValue, match=re.escape(said)):
        parse_filter(text, RUNS)


def test_limits_leave_room():
    assert parse_filter("NOT " * 49 + "metrics.a > 1", RUNS)
    assert len(parse_filter(" AND ".join(["metrics.a > 1"] * 200), RUNS).parts) == 200
    ids = ", ".join([f"'{'a' * 32}'"] * 2500)
    assert len(parse_filter(f"run_id IN ({ids})", RUNS).value) == 2500


@pytest.mark.parametrize(
    "text", ["`" * 100_000, "'" * 99_999, "a." * 50_000, "a " * 50_000, " " * 99_999 + "'", "\"'" * 50_000]
)
def test_no_filter_takes_long_to_refuse(text):
    begin = time.process_time()
    with pytest.raises(InvalidParameterValue) as error:
        parse_filter(text, RUNS)
    assert time.process_time() - begin < 2
    assert len(str(error.value)) < 500


@settings(max_examples=500)
@given(nonsense)
@example("metrics.a > \u0661")
@example("metrics.a > 1e")
@example("`")
def test_any_text_is_read_or_refused(text):
    for vocabulary in VOCABULARIES:
        said = refusal(parse_filter, text, vocabulary)
        assert said is None or 1 <= len(said.split("\n")) <= 3
