"""What a name or a value may be."""

import pytest

from jupyter_track.entities import InvalidParameterValue
from jupyter_track.entities.limits import (
    MAX_EXPERIMENT_NAME,
    MAX_KEY,
    MAX_MODEL_NAME,
    check_alias,
    check_experiment_name,
    check_key,
    check_length,
    check_model_name,
    check_run_id,
)


@pytest.mark.parametrize(
    "key",
    ["a", "A-1_b.c d:e/f", "0", "a..b", "...", "größe", "精度", "a/b/c", "x" * MAX_KEY, " a", "a ", "a:b", "-", "_"],
)
def test_names_of_metrics_params_and_tags(key):
    check_key("metric", key)


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/./b", "a\n", "a\tb", "a\0", "a\\b", "a=b", "a@b",
        "a,b", "(a)", "a'b", 'a"b', "a%b", "\ud800", "x" * (MAX_KEY + 1),
    ],
)  # fmt: skip
def test_names_that_mlflow_would_refuse(key):
    with pytest.raises(InvalidParameterValue) as refused:
        check_key("metric", key)
    message = str(refused.value)
    assert "\n" not in message
    assert "metric name" in message
    assert len(message) < 500
    message.encode()


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (
            check_experiment_name,
            ["a", " a ", "a/b:c", "é" * MAX_EXPERIMENT_NAME],
            ["", " ", "\t\n", "é" * (MAX_EXPERIMENT_NAME + 1)],
        ),
        (
            check_model_name,
            ["a", "a b", "é.é", "m" * MAX_MODEL_NAME],
            ["", "  ", "a/b", "a:b", "m" * (MAX_MODEL_NAME + 1)],
        ),
        (
            check_alias,
            ["champion", "a_b-c", "v", "v1a", "version1", "latest2", "é", "3", "a" * 255],
            ["", "a b", "a.b", "latest", "LATEST", "v1", "V22", "a/b", "a\n", "a" * 256],
        ),
        (
            check_run_id,
            ["0" * 32, "0123456789abcdef" * 2],
            ["", "0" * 31, "0" * 33, "A" * 32, "g" * 32, "0" * 32 + "\n"],
        ),
    ],
)
def test_other_names(check, good, bad):
    for name in good:
        check(name)
    for name in bad:
        with pytest.raises(InvalidParameterValue):
            check(name)


def test_a_length_is_told_with_what_is_allowed():
    check_length("run name", "x" * 5, 5)
    with pytest.raises(InvalidParameterValue, match=r"The run name 'xxxxxx'.* has 6 characters; at most 5 are allowed"):
        check_length("run name", "x" * 6, 5)
