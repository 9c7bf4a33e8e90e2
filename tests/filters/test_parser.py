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
    Aggregate,
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


def metric(operator, value=None, name="a", negated=False, aggregate=None):
    return Comparison(Key(Kind.METRIC, name, aggregate), operator, value, negated)


def param(operator, value=None, name="a", negated=False):
    return Comparison(Key(Kind.PARAM, name), operator, value, negated)


def tag(operator, value=None, name="a", negated=False):
    return Comparison(Key(Kind.TAG, name), operator, value, negated)


def attribute(name, operator, value=None, negated=False):
    return Comparison(Key(Kind.ATTRIBUTE, name), operator, value, negated)


def dataset(name, operator, value=None, negated=False):
    return Comparison(Key(Kind.DATASET, name), operator, value, negated)


def first_of(one, other):
    """Return what a bare name means: the one comparison, or the other for a run that lacks what the one is of."""
    return Or((one, And((Comparison(one.key, "IS NULL"), other))))


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
        ("metrics.a IS NULL", metric("IS NULL")),
        # Data that was read.
        ("datasets.name = 'x'", dataset("name", "=", "x")),
        ("dataset.digest LIKE 'x%'", dataset("digest", "LIKE", "x%")),
        ("datasets.`context` NOT IN ('x', \"y\")", dataset("context", "IN", ("x", "y"), negated=True)),
        ("datasets.name IS NULL", dataset("name", "IS NULL")),
        # Aggregates.
        ("MAX(metrics.a) > 1", metric(">", 1, aggregate=Aggregate.MAX)),
        ("min ( metric.`a b` ) < 1", metric("<", 1, "a b", aggregate=Aggregate.MIN)),
        ("LAST(metrics.a) > 1", metric(">", 1)),
        ("MAX(a) BETWEEN 1 AND 2", metric("BETWEEN", (1, 2), aggregate=Aggregate.MAX)),
        ("Min(b) NOT IN (1)", metric("IN", (1,), "b", negated=True, aggregate=Aggregate.MIN)),
        ("metrics.max > 1", metric(">", 1, "max")),
        # Bare names.
        ("a > 1", first_of(metric(">", 1), param(">", 1))),
        ("`a b` <= 1", first_of(metric("<=", 1, "a b"), param("<=", 1, "a b"))),
        ("\"a b\" = 'x'", first_of(param("=", "x", "a b"), tag("=", "x", "a b"))),
        ("`a.b` = 1", first_of(metric("=", 1, "a.b"), param("=", 1, "a.b"))),
        ("a IN (1, 2)", first_of(metric("IN", (1, 2)), param("IN", (1, 2)))),
        ("a NOT IN ('x')", first_of(param("IN", ("x",), negated=True), tag("IN", ("x",), negated=True))),
        ("a LIKE 'x'", first_of(param("LIKE", "x"), tag("LIKE", "x"))),
        ("a NOT BETWEEN 1 AND 2", first_of(*(each("BETWEEN", (1, 2), negated=True) for each in (metric, param)))),
        ("a IS NULL", And((metric("IS NULL"), param("IS NULL"), tag("IS NULL")))),
        ("a IS NOT NULL", Or(tuple(each("IS NULL", negated=True) for each in (metric, param, tag)))),
        ("max > 1", first_of(metric(">", 1, "max"), param(">", 1, "max"))),
        ("run_time > 1", first_of(metric(">", 1, "run_time"), param(">", 1, "run_time"))),
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


NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("7d ago", NOW - 7 * 86_400_000),
        ("7 days ago", NOW - 7 * 86_400_000),
        ("1.5h ago", NOW - 5_400_000),
        (" 30 Min  AGO ", NOW - 1_800_000),
        ("0s ago", NOW),
        ("2w ago", NOW - 14 * 86_400_000),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-02 00:00:01.5z", 86_401_500),
        ("1970-01-01T02:00:00.0009+02:00", 0),
        ("1969-12-31T19:00-0500", 0),
        ("0001-01-01T00:00Z", -62_135_596_800_000),
        ("999999999w ago", NOW - 999_999_999 * 7 * 86_400_000),
    ],
)
def test_a_time_may_be_a_text(text, moment):
    assert parse_filter(f"start_time > '{text}'", RUNS, NOW) == attribute("start_time", ">", moment)


@pytest.fixture
def zone(monkeypatch):
    """Return a function that sets the zone of the process."""

    def set_zone(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("name", "text", "moment"),
    [
        ("UTC", "today", "2023-11-14T00:00Z"),
        ("UTC", "yesterday", "2023-11-13T00:00Z"),
        ("Asia/Tokyo", "today", "2023-11-14T15:00Z"),  # It is the 15th there.
        ("Asia/Tokyo", "yesterday", "2023-11-13T15:00Z"),
        ("Asia/Tokyo", "2023-11-01", "2023-10-31T15:00Z"),
        ("Europe/Berlin", "2023-07-01T12:00", "2023-07-01T10:00Z"),
        ("Europe/Berlin", "2023-12-01T12:00:30", "2023-12-01T11:00:30Z"),
        ("Europe/Berlin", "2023-12-01T12:00Z", "2023-12-01T12:00Z"),
    ],
)
def test_a_time_without_a_zone_is_local(zone, name, text, moment):
    zone(name)
    found, expected = (parse_filter(f"end_time <= '{each}'", RUNS, NOW) for each in (text, moment))
    assert found == expected


def test_times_may_stand_wherever_numbers_of_a_time_may():
    day = 86_400_000
    between = parse_filter("start_time BETWEEN '2d ago' AND 'now'", RUNS, NOW)
    assert between == attribute("start_time", "BETWEEN", (NOW - 2 * day, NOW))
    assert parse_filter("created IN (1, 'now')", RUNS, NOW) == attribute("start_time", "IN", (1, NOW))
    for vocabulary in (EXPERIMENTS, REGISTERED_MODELS, MODEL_VERSIONS):
        name = next(each.name for each in vocabulary.attributes if "time" in each.name)
        assert parse_filter(f"{name} < '1d ago'", vocabulary, NOW) == attribute(name, "<", NOW - day)


def test_words_of_time_count_from_the_moment_of_the_call():
    before = time.time_ns() // 1_000_000
    found = parse_filter("start_time < 'now'", RUNS).value
    assert before <= found <= time.time_ns() // 1_000_000


@pytest.mark.parametrize(
    "text",
    ["", "soon", "7 ago", "7x ago", "-7d ago", "7d", "1e3d ago", "2026-13-01", "2026-02-30", "2026-11-01T24:00",
     "20261101", "2026-11-01T12:00+99:00", "2026-11-01T12:00+01:99", "9999999999d ago", "\u0667d ago"],
)  # fmt: skip
def test_what_is_no_time_is_told(text):
    message, shown = marked(f"start_time > '{text}'")
    assert "expected a time to compare start_time with: milliseconds since 1970, or a text such as '7d ago'" in message
    assert shown == f"'{text}'"


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
        ("start_time > 'x'", "'x'", "expected a time to compare start_time with"),
        ("start_time > '1700000000000'", "'1700000000000'", "Leave the quotes out"),
        ("start_time LIKE '2026%'", "LIKE", "start_time is a number"),
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
        ("foo.a > 1", "foo.a", "runs have no 'foo'. They have attributes., metrics., params., tags., datasets."),
        ("foo.a > 1", "foo.a", "A name with a dot in it stands in backticks: `foo.a`."),
        ("metrc.a > 1", "metrc.a", "runs have no 'metrc'. Did you mean metrics.a?"),
        ("datasets.nam = 'x'", "datasets.nam", "Use one of: datasets.name, datasets.digest, datasets.context."),
        ("datasets.name > 1", "1", "expected a text in quotes, found 1"),
        ("statis = 'x'", "statis", "Did you mean status? If not, write metrics.statis or params.statis or tags.statis"),
        ("STATUS = 'x'", "STATUS", "Did you mean status?"),
        ("start_tme > 1", "start_tme", "Did you mean start_time?"),
        ("a > 'x'", "'x'", "'>' compares numbers, and this is a text."),
        ("a = x", "x", "expected a text in quotes or a number"),
        ("AVG(metrics.a) > 1", "AVG", "there is no AVG(). Of a metric there are MAX, MIN, LAST."),
        ("MAX(status) > 1", "status", "only metrics have a MAX"),
        ("MAX(params.a) > 1", "params.a", "only metrics have a MAX, and this is none."),
        ("MAX(attributes.status) > 1", "attributes.status", "only metrics have a MAX"),
        ("MAX(metrics.a > 1)", ">", "expected ')', found >"),
        ("MAX(MIN(a)) > 1", "(", "expected ')', found ("),
        ("MAX() > 1", ")", "expected a name, found )"),
        ("MAX(metrics.a) > 'x'", "'x'", "expected a number to compare a with"),
        ("attributes.nope = 'x'", "attributes.nope", "unknown attribute 'nope'"),
        (f"{'x' * 251} > 1", "x" * 76, "unknown attribute 'xxx"),
        ("\n metrics.a\t> 'x'", "'x'", "expected a number"),
        (
            f"params.a = '{'x' * 500}' AND run_nme = 1 AND params.b = '{'x' * 500}'",
            "run_nme",
            "unknown attribute 'run_nme'",
        ),
    ],
)
def test_a_wrong_filter_is_shown_where_and_why(text, where, said):
    message, shown = marked(text)
    assert said in message
    assert shown == where or (where == "" and shown in ("", "'"))


def test_other_things_have_no_metrics():
    assert marked("metrics.a > 1", EXPERIMENTS)[0] == "experiments have no 'metrics'. They have attributes., tags."
    assert marked("accuracy > 1", EXPERIMENTS)[0] == "unknown attribute 'accuracy'. Did you mean tags.accuracy?"
    assert (
        marked("nme = 'x'", REGISTERED_MODELS)[0]
        == "unknown attribute 'nme'. Did you mean name? If not, write tags.nme."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NOT " * 51 + "metrics.a > 1", "more than 50 conditions within one another"),
        ("(" * 100_000, "more than 50 conditions within one another"),
        (" AND ".join(["metrics.a > 1"] * 201), "more than 200 comparisons"),
        (" AND ".join(["a > 1"] * 67), "more than 200 comparisons (a bare name counts as three)"),
        ("MAX(" * 20_000, "expected ')', found ("),
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
