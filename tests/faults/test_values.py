"""Values and names that a careless tracker would take for something else, lose, or keep half of."""

import math
import random
from contextlib import suppress

import pytest

import jupyter_track as jt
from jupyter_track.entities import InvalidParameterValue
from jupyter_track.tracking import process

from ..store.hostile import KEYS, TEXTS

TAGS = 10_000
CONTROL = (*"\x00\x01\x1b\x7f\x85\u2028\ufeff\ud800\udfff\uffff\u202e", "\x1b[31m", "e\u0301")


@pytest.fixture(params=["sqlite", "postgres"])
def run(request):
    """An active run in each kind of database."""
    jt.set_tracking_uri(request.getfixturevalue(f"{request.param}_uri"))
    with jt.start_run() as run:
        yield run
    assert process.connection().outbox.take_problems() == []


def read(run):
    return jt.get_run(run.info.run_id)


def history(run, key="m"):
    return jt.TrackClient().get_metric_history(run.info.run_id, key)


def test_numbers_that_are_none_and_those_without_bounds_are_kept(run, account):
    values = [math.nan, math.inf, -math.inf, 0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2**53 + 1.0]
    for step, value in enumerate(values):
        jt.log_metric("m", value, step=step)
    found = sorted(history(run), key=lambda point: point.step)
    assert [repr(point.value) for point in found] == [repr(value) for value in values]
    account.compare(range(len(values)), [point.step for point in found])
    assert account.is_balanced, account


def test_steps_with_gaps_and_repeats_and_timestamps_out_of_order_are_kept(run, account):
    chance = random.Random(5)
    points = [(step, timestamp) for step in (-(2**63), -7, 0, 0, 3, 10**12, 2**63 - 1) for timestamp in (1, 5, 9)]
    points = sorted(set(points), key=lambda point: chance.random())
    for step, timestamp in points:
        jt.log_metric("m", step / 3, step=step, timestamp=timestamp)
    found = [(point.step, point.timestamp) for point in history(run)]
    account.compare(points, found)
    assert account.is_balanced, account
    # The latest is that of the greatest step, whenever it came.
    assert read(run).data.metrics["m"] == (2**63 - 1) / 3


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 0.5, "x", math.nan])
def test_a_step_that_is_none_is_refused_at_the_call(run, value):
    with pytest.raises(InvalidParameterValue, match="'m'"):
        jt.log_metric("m", 1.0, step=value)
    assert list(history(run)) == []


def test_ten_megabytes_are_no_param_and_no_tag(run):
    text = "x" * 10 * 1024**2
    for call in (jt.log_param, jt.set_tag):
        with pytest.raises(InvalidParameterValue, match="10485760 characters") as caught:
            call("big", text)
        assert len(str(caught.value)) < 500
    # They are a file.
    jt.log_text(text, "big.txt")
    data = read(run).data
    assert "big" not in {**data.params, **data.tags}
    with open(f"{read(run).info.artifact_uri}/big.txt") as file:
        assert file.read() == text


@pytest.mark.parametrize("text", [*TEXTS, *CONTROL])
def test_a_text_is_kept_whole_or_refused_at_the_call(run, text):
    kept = set()
    attempts = {
        "param": lambda: jt.log_param("value", text),
        "tag": lambda: jt.set_tag("value", text),
        "param name": lambda: jt.log_param(f"of {text}", "1"),
        "tag name": lambda: jt.set_tag(f"of {text}", "1"),
        "metric name": lambda: jt.log_metric(f"of {text}", 1.0, step=1),
        "file": lambda: jt.log_text(text, "file.txt"),
    }
    for what, attempt in attempts.items():
        with suppress(InvalidParameterValue):
            attempt()
            kept.add(what)
    found = read(run)
    data = found.data
    own_tags = {key: value for key, value in data.tags.items() if not key.startswith("mlflow.")}
    assert data.params == {
        **({"value": text} if "param" in kept else {}),
        **({f"of {text}": "1"} if "param name" in kept else {}),
    }
    assert own_tags == {
        **({"value": text} if "tag" in kept else {}),
        **({f"of {text}": "1"} if "tag name" in kept else {}),
    }
    assert data.metrics == ({f"of {text}": 1.0} if "metric name" in kept else {})
    # Only what no database can hold is refused as a value.
    assert ("param" in kept) == ("tag" in kept) == (text not in ("\x00", "\ud800", "\udfff"))
    assert "file" in kept


@pytest.mark.parametrize("key", KEYS)
def test_a_name_with_signs_in_it_is_one_name_everywhere(run, key):
    jt.log_metric(key, 1.5)
    jt.log_param(key, "p")
    jt.set_tag(key, "t")
    data = read(run).data
    assert (data.metrics[key], data.params[key], data.tags[key]) == (1.5, "p", "t")
    quoted = key.replace("`", "")
    found = jt.search_runs(filter_string=f"params.`{quoted}` = 'p' AND metrics.`{quoted}` > 1", output_format="list")
    assert [each.info.run_id for each in found] == [run.info.run_id]


def test_ten_thousand_tags(run, account):
    jt.set_tags({f"t{number}": f"'{number}'; --" for number in range(TAGS)})
    tags = read(run).data.tags
    account.compare(range(TAGS), [number for number in range(TAGS) if tags.get(f"t{number}") == f"'{number}'; --"])
    assert account.is_balanced, account


@pytest.mark.parametrize("text", TEXTS)
def test_sql_in_every_field(run, text):
    experiment_id = jt.create_experiment(f"experiment {text}", tags={"note": text})
    with jt.start_run(
        experiment_id=experiment_id, run_name=f"run {text}", nested=True, tags={"mlflow.user": text}, description=text
    ) as inner:
        jt.log_metrics({"m": 1.0})
        jt.log_params({"p": text})
    found = jt.get_run(inner.info.run_id)
    assert found.info.run_name == f"run {text}"
    assert found.info.user_id == text
    assert found.data.params == {"p": text}
    assert found.data.tags["mlflow.note.content"] == text
    experiment = jt.get_experiment_by_name(f"experiment {text}")
    assert (experiment.experiment_id, experiment.tags["note"]) == (experiment_id, text)
    assert jt.get_run(run.info.run_id).info.experiment_id == "0"
