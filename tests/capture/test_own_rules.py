"""Rules that a person adds: what they find is recorded, and what they do wrong harms nothing."""

import pytest

import jupyter_track
from jupyter_track.capture.rules import own


@pytest.fixture(autouse=True)
def no_rules(monkeypatch):
    for kind in ("_params", "_metrics", "_lines"):
        monkeypatch.setattr(own, kind, own._Rules())


def test_a_metric_rule_sees_the_namespace_and_the_last_value(track):
    @jupyter_track.metric_rule("dice of a matrix")
    def dice(outcome):
        a, b, c = outcome.after["matrix"]
        yield "dice", 2 * a / (2 * a + b + c)
        yield "shown", outcome.value

    tracked = track("matrix = [8, 1, 3]\n7")
    assert tracked.metrics["dice"] == 0.8
    assert tracked.metrics["shown"] == 7
    assert {point.rule for point in tracked.summary.findings.points if point.key == "dice"} == {"dice of a matrix"}


def test_a_param_rule_sees_the_values_that_the_cell_reads(track):
    @jupyter_track.param_rule()
    def corpus_size(situation):
        """How many texts there are."""
        if "texts" in situation.before:
            yield "texts", len(situation.before["texts"])

    tracked = track("print(len(texts))", "texts = ['a', 'b']")
    assert tracked.params["texts"] == "2"
    assert tracked.summary.findings.params["texts"].rule == "How many texts there are"


def test_a_line_rule_makes_curves(track):
    @jupyter_track.line_rule("our log")
    def our_log(line):
        if line.startswith("@@"):
            yield "odd loss", float(line[2:])

    @jupyter_track.line_rule("with steps")
    def with_steps(line):
        if line.startswith("##"):
            step, value = line[2:].split()
            yield "even loss", float(value), int(step)

    tracked = track("print('@@0.5')\nprint('## 10 0.25')\nprint('@@0.4')\nprint('## 20 0.2', end='')")
    assert tracked.curves["odd loss"] == [(0, 0.5), (1, 0.4)]
    assert tracked.curves["even loss"] == [(10, 0.25), (20, 0.2)]


def test_a_rule_that_is_defined_again_replaces_the_first(track):
    for value in (1, 2):

        @jupyter_track.metric_rule("mine")
        def mine(outcome, value=value):
            yield "mine", value

    assert track("pass").curves["mine"] == [(0, 2)]


def test_a_rule_that_raises_is_told_once_and_the_others_go_on(track):
    @jupyter_track.line_rule("broken")
    def broken(line):
        raise RuntimeError("not mine")

    @jupyter_track.metric_rule("strange")
    def strange(outcome):
        yield "text", "no number"
        yield "", 1
        yield "after", 1

    @jupyter_track.metric_rule("good")
    def good(outcome):
        yield "good", 1

    tracked = track("print('a')\nprint('b')")
    assert tracked.metrics == {"good": 1}
    assert tracked.skipped["text"] == "not one number"
    (note, other) = sorted(tracked.summary.notes)
    assert note == "The rule 'broken' raised RuntimeError: not mine"
    assert other.startswith("The rule 'strange':")
    assert tracked.error is None


def test_rules_of_packages_are_loaded_by_their_entry_points(track, tmp_path, monkeypatch):
    (tmp_path / "lab_rules.py").write_text(
        "import jupyter_track\n\n@jupyter_track.metric_rule('of the lab')\n"
        "def of_the_lab(outcome):\n    yield 'lab', 5\n"
    )
    info = tmp_path / "lab_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[jupyter_track.rules]\nlab = lab_rules\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(own, "_loaded", False)
    assert track("pass").metrics == {"lab": 5}


def test_a_package_that_cannot_be_loaded_is_told_and_the_cell_is_recorded(track, tmp_path, monkeypatch):
    info = tmp_path / "gone-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[jupyter_track.rules]\ngone = module_that_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(own, "_loaded", False)
    tracked = track("lr = 0.1")
    assert tracked.params == {"lr": "0.1"}
    assert any("module_that_is_not_there" in note for note in tracked.summary.notes)
