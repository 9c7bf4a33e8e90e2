"""The card under a tracked cell."""

import json
import math
from html import unescape

import pytest

from jupyter_track.capture.captured import CapturedMetric, CapturedParam, Skipped
from jupyter_track.capture.cell import CellSummary
from jupyter_track.capture.findings import Findings
from jupyter_track.entities import RunStatus
from jupyter_track.views import Card

from .test_pieces import HOSTILE, Reader

RUN_ID = "0123456789abcdef" * 2


def summary(params=(), metrics=(), status=RunStatus.FINISHED, **fields):
    findings = Findings()
    findings.add_params(
        [CapturedParam(key, value, "rule", 1, "expression") for key, value in params], lambda text: text
    )
    findings.add_points([CapturedMetric(key, value, "rule", 2, "expression", 0, step) for key, value, step in metrics])
    findings.skipped.append(Skipped("password", "rule", 3, "looks like a secret"))
    return CellSummary(
        run_id=RUN_ID,
        run_name=fields.pop("run_name", "keen-heron-1"),
        experiment_name=fields.pop("experiment_name", "notebook"),
        status=status,
        duration=1234,
        findings=findings,
        **fields,
    )


def test_as_text():
    card = Card(
        summary(
            [("lr", "0.1"), ("opt", "adam")],
            [("loss", 0.5, 1), ("loss", 0.25, 2), ("loss", 0.2500001, 2), ("acc", 1 / 3, 0)],
            model="LogisticRegression (scikit-learn 1.9)",
            notes=("a note",),
        )
    )
    assert str(card).splitlines() == [
        "✓ keen-heron-1  finished in 1.2 s  · notebook",
        "  params   lr=0.1  opt=adam",
        "  metrics  loss=0.25 (2 points)  acc=0.333333",
        "  model    LogisticRegression (scikit-learn 1.9)",
        "  note     a note",
        "  %track show 01234567",
    ]


@pytest.mark.parametrize(
    ("status", "sign"), [(RunStatus.FINISHED, "✓"), (RunStatus.FAILED, "✗"), (RunStatus.KILLED, "◼")]
)
def test_every_way_to_end_has_a_sign(status, sign):
    card = Card(summary(status=status))
    assert str(card).startswith(f"{sign} keen-heron-1  {status.value.lower()} in 1.2 s")
    assert sign in card.html()


def test_nothing_on_the_card_is_taken_for_html():
    hostile = summary(
        [("p", HOSTILE)],
        [("m", math.nan, 0)],
        run_name=HOSTILE,
        experiment_name=HOSTILE,
        model=HOSTILE,
        notes=(HOSTILE,),
    )
    reader = Reader(Card(hostile).html())
    assert set(reader.tags) == {"div", "span", "a", "b", "code"}
    shown = "".join(reader.texts)
    assert shown.count("<script>") == 4 + 1
    assert "m nan" in shown


def test_the_link_opens_the_run():
    html = Card(summary()).html()
    arguments = html.partition('data-commandlinker-args="')[2].partition('"')[0]
    assert json.loads(unescape(arguments)) == {"run_id": RUN_ID}


def test_long_values_and_many_values_stay_small():
    params = [("text", "x\n" * 5_000)] + [(f"p{number}", "1") for number in range(40)]
    card = Card(summary(params, [(f"m{number}", 1.0, 0) for number in range(40)]))
    assert "p10=1  +29 more" in str(card)
    assert "m11=1  +28 more" in str(card)
    assert max(map(len, str(card).splitlines())) < 200
    assert len(card.html()) < 10_000


def test_a_dry_run_shows_what_and_by_which_rule():
    dry = summary([("lr", HOSTILE)], [("loss", 0.5, 0)], recorded=False, model="Ridge", notes=("--metric x: no",))
    lines = str(Card(dry)).splitlines()
    assert lines[0].split() == ["name", "value", "rule", "line", "from"]
    assert lines[1].startswith("param     lr        <script>")
    assert lines[1].endswith("rule         1     expression")
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["metric", "loss", "0.5"],
        ["left", "out", "password"],
        ["model", "Ridge", "--log-model"],
    ]
    assert lines[5:] == ["A dry run: nothing was recorded.", "--metric x: no"]
    assert "script" not in Reader(Card(dry).html()).tags


def test_a_dry_run_of_nothing():
    findings = Findings()
    nothing = CellSummary("", "", "", RunStatus.FINISHED, 1, findings, recorded=False)
    assert str(Card(nothing)) == "A dry run: there is nothing to capture in this cell."
