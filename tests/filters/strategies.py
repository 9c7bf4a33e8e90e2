"""Random runs, filters and orders that are likely to have to do with one another."""

import math

from hypothesis import strategies as st

from jupyter_track.entities import InvalidParameterValue

TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "a%",
    "%",
    "_",
    "É",
    "é",
    "日本",
    "1",
    "0.5",
    "1e3",
    "-1",
    "nan",
    "inf",
    "it's",
    "a\\b",
    "\\",
]
NUMBERS = [0.0, 1.0, -1.0, 0.5, 1e3, 1e300, 2.0**53, math.inf, -math.inf, math.nan, 5e-324, 0.1]
TIMES = [0, 1, 2, 1000, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), -1]
WRITTEN_NUMBERS = [
    "0", "1", "-1", "+1", "0.5", ".5", "1e3", "1000", "1e300", "-1e999", "1e999", "9007199254740992",
    "9007199254740993", "9223372036854775807", "99999999999999999999", "5e-324", "0.1", "1.5",
]  # fmt: skip
NAMES = ["a", "b", "a b", "a.b", "ключ"]

texts, numbers, names = st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.sampled_from(NAMES)

#: A run as the arguments that make it.
runs = st.fixed_dictionaries(
    {
        "run_name": st.sampled_from(["a", "A", "ab", "é", "it's", "100%"]),
        "user_id": texts,
        "start_time": st.sampled_from(TIMES),
        "end": st.none() | st.tuples(st.sampled_from(["FINISHED", "FAILED"]), st.sampled_from(TIMES)),
        # Before the latest point of a metric.
        "earlier": st.dictionaries(names, st.lists(numbers, min_size=1, max_size=3), max_size=2),
        "metrics": st.dictionaries(names, numbers, max_size=3),
        "params": st.dictionaries(names, texts, max_size=3),
        "tags": st.dictionaries(names, texts, max_size=3),
        # By name and digest, with what they were read for.
        "datasets": st.dictionaries(
            st.tuples(st.sampled_from("ab"), st.sampled_from("aA")), st.none() | st.sampled_from(["a", "%"]), max_size=2
        ),
    }
)


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def written(name):
    return name if name.replace(".", "").isalnum() else f"`{name}`"


def bare(name):
    return name if name.isalnum() else f"`{name}`"


def lists(values):
    return st.lists(values, min_size=1, max_size=3).map(lambda some: f"({', '.join(some)})")


_equal, _ordered = st.sampled_from(["=", "!="]), st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_in, _like = st.sampled_from(["IN", "NOT IN", "in"]), st.sampled_from(["LIKE", "ILIKE", "NOT LIKE", "not ilike"])
_null, _between = st.sampled_from(["IS NULL", "IS NOT NULL"]), st.sampled_from(["BETWEEN", "NOT BETWEEN"])
_texts, _numbers = texts.map(quoted), st.sampled_from(WRITTEN_NUMBERS)

_patterns = (texts | st.text("aAbé%_\\", max_size=4)).map(quoted)
of_text = st.one_of(
    st.tuples(_equal, _texts), st.tuples(_in, lists(_texts)), st.tuples(_like, _patterns), st.tuples(_null)
)
of_number = st.one_of(
    st.tuples(_ordered, _numbers),
    st.tuples(_in, lists(_numbers)),
    st.tuples(_between, _numbers, st.just("AND"), _numbers),
    st.tuples(_null),
)
_keys_of_text = st.one_of(
    names.map(lambda name: f"params.{written(name)}"),
    names.map(lambda name: f'tags."{name}"'),
    st.sampled_from(["run_name", "status", "user_id", "attributes.user_id", "run.status", "tags.mlflow.runName"]),
    names.map(bare),
)
_keys_of_number = st.one_of(
    names.map(lambda name: f"metrics.{written(name)}"),
    names.map(lambda name: f"params.{written(name)}"),
    st.sampled_from(["start_time", "end_time", "attribute.start_time", "created"]),
    st.tuples(st.sampled_from(["MAX", "min", "Last"]), names).map(
        lambda pair: f"{pair[0]}(metrics.{written(pair[1])})"
    ),
    names.map(bare),
)
_keys_of_time = st.sampled_from(["start_time", "end_time"])
_keys_of_datasets = st.sampled_from(["datasets.name", "dataset.digest", "datasets.`context`"])
_times = st.sampled_from(["'1970-01-01T00:00Z'", "'1970-01-01T00:00:00.001Z'", "'1970-01-01 00:00:01Z'", "'now'"])
comparisons = st.one_of(
    st.tuples(_keys_of_text | _keys_of_datasets, of_text),
    st.tuples(_keys_of_number, of_number),
    st.tuples(_keys_of_time, st.tuples(_ordered, _times)),
).map(lambda parts: " ".join([parts[0], *parts[1]]))
filters = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        inner.map(lambda part: f"NOT ({part})"),
        inner.map(lambda part: f"({part})"),
        st.tuples(inner, st.sampled_from([" AND ", " and ", " OR ", " or "]), inner).map("".join),
    ),
    max_leaves=6,
)
orders = st.lists(
    st.tuples(_keys_of_text | _keys_of_number, st.sampled_from(["", " ASC", " DESC", " desc"])).map("".join), max_size=3
)

PIECES = [
    "AND", "OR", "NOT", "IN", "LIKE", "IS", "NULL", "BETWEEN", "(", ")", ",", ".", "=", "!=", "<", "==", "metrics.a",
    "params.a", "`b`", "a", "MAX(", "LAST", "datasets.name", "'7d ago'", "metrics.", "tags.", "'x'", '"y"', "1",
    "-1e5", "status", "start_time", "run_name", "'", '"', "`", ";", "--", "%", "",
]  # fmt: skip

#: Anything at all, and the language's own pieces in any order.
nonsense = st.one_of(
    st.text(),
    st.lists(
        st.one_of(
            st.sampled_from(PIECES),
            st.text(max_size=3),
            comparisons,
        ),
        max_size=12,
    ).map(" ".join),
)


def refusal(function, *arguments, **options):
    """Return what a call is refused with, or None if it is not; any other error is raised."""
    try:
        function(*arguments, **options)
    except InvalidParameterValue as error:
        return str(error)
    return None
