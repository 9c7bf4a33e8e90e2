"""How what was printed and what was computed come together."""

import json
import math

import pytest

from jupyter_track.capture.captured import CapturedMetric, CapturedParam, Skipped
from jupyter_track.capture.findings import Findings, end_of_curves, merge_printed


def point(key, value, step=0):
    return CapturedMetric(key, value, "rule", 1, "expression", 5, step)


def param(key, value):
    return CapturedParam(key, value, "rule", 1, "expression")


def unchanged(text):
    return text


def test_the_first_rule_that_finds_a_param_has_it():
    findings = Findings()
    assert findings.add_params([param("lr", "0.1"), param("lr", "0.2")], unchanged) == {"lr": "0.1"}
    assert findings.add_params([param("lr", "0.3"), param("n", "1")], unchanged) == {"n": "1"}
    assert {key: each.value for key, each in findings.params.items()} == {"lr": "0.1", "n": "1"}


def test_the_latest_point_is_that_of_the_greatest_step_and_of_one_step_the_last():
    findings = Findings()
    findings.add_points([point("a", 1, 0), point("a", 3, 2), point("a", 2, 1), point("b", 1), point("b", 2)])
    assert {key: each.value for key, each in findings.latest().items()} == {"a": 3, "b": 2}


def test_params_are_no_metrics_unless_the_cell_computes_them_too():
    findings = Findings(computed=frozenset({"lr"}))
    findings.add_params([param("lr", "0.1"), param("n", "1")], unchanged)
    assert [each.key for each in findings.add_points([point("lr", 0.05), point("n", 1)])] == ["lr"]


def test_provenance_of_everything_but_no_more_than_is_readable():
    findings = Findings(exclude=frozenset({"secret", "noise"}))
    findings.add_params([param("a", "1"), param("secret", "2"), param("b", "key")], lambda text: text.replace("k", "?"))
    findings.add_points([point("loss", float(n), n) for n in range(1_500)])
    findings.add_points([point("noise", float(n), n) for n in range(3)])
    findings.add_points([point(f"m{n}", 1.0) for n in range(1_500)])
    words = json.loads(json.dumps(findings.in_words()))
    (a,) = words["params"]
    assert a.pop("timestamp") > 0
    assert a == {"key": "a", "value": "1", "rule": "rule", "line": 1, "expression": "expression", "later": []}
    assert (len(words["metrics"]), words["metrics"][0]["points"], words["metrics"][0]["value"]) == (1_000, 1_500, 1_499)
    assert [(each["key"], each["reason"]) for each in words["skipped"]] == [
        ("secret", "excluded"),
        ("b", "looks like a secret"),
        ("noise", "excluded"),
    ]
    assert findings.skipped[0] == Skipped("secret", "rule", 1, "excluded")


def test_renamed_values_are_recorded_under_the_other_name():
    findings = Findings(exclude=frozenset({"gone"}), rename={"acc": "accuracy", "cfg": "config", "x": "gone"})
    new = findings.add_params([param("cfg.lr", "1"), param("cfgs", "2"), param("x", "3")], unchanged)
    assert new == {"config.lr": "1", "cfgs": "2"}
    assert [each.key for each in findings.add_points([point("acc", 1), point("x", 1)])] == ["accuracy"]


@pytest.mark.parametrize(
    ("printed", "value", "decimals", "same"),
    [
        (0.33, 1 / 3, 2, True),
        (0.34, 1 / 3, 2, False),
        (33.3, 1 / 3, 1, True),
        (0.0, 0.004, 2, True),
        (math.nan, math.nan, 0, True),
        (math.inf, math.inf, 0, True),
        (math.inf, -math.inf, 0, False),
        (math.nan, 1.0, 0, False),
        (1e300, 1e300, 15, True),
    ],
)
def test_a_printed_number_is_a_variable_if_it_is_that_number_as_it_was_printed(printed, value, decimals, same):
    merged = merge_printed(
        {"acc": point("acc", value)}, {"Accuracy": point("Accuracy", printed)}, {"Accuracy": decimals}
    )
    assert merged == ({"Accuracy": "acc"} if same else {})


def test_equal_numbers_of_other_things_stay_apart():
    assert merge_printed({"loss": point("loss", 0.5)}, {"Accuracy": point("Accuracy", 0.5)}, {"Accuracy": 1}) == {}


@pytest.mark.parametrize(
    ("curve_end", "value", "decimals", "added"),
    [
        ((0.33, 4), 1 / 3, 2, [(1 / 3, 4)]),
        ((0.33, 4), 0.5, 2, [(0.5, 5)]),
        ((50.0, 4), 0.5, 1, []),
        ((math.nan, 4), math.nan, 0, [(math.nan, 4)]),
        (None, 0.5, 0, [(0.5, 0)]),
    ],
)
def test_the_end_of_a_curve_is_what_the_variable_holds(curve_end, value, decimals, added):
    curves = {"acc": point("acc", *curve_end)} if curve_end else {}
    found = end_of_curves({"acc": point("acc", value)}, curves, {"acc": decimals})
    assert repr([(each.value, each.step) for each in found]) == repr(added)
