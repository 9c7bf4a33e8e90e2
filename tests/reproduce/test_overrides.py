"""Other values for params, put where the params came from."""

from __future__ import annotations

import pytest

from jupyter_track.entities import InvalidParameterValue
from jupyter_track.reproduce.overrides import apply_overrides
from jupyter_track.reproduce.program import Program, ProgramCell
from jupyter_track.reproduce.recorded import Provenance, RecordedCell

READ, SET, GIVEN, OBJECT = "read from an earlier cell", "assigned constant", "keyword argument", "settings object"


def overridden(cells: list[str], key: str, value: str, rule: str, expression: str = "", old: str = "") -> list[str]:
    numbered = tuple(ProgramCell(source, f"cell {place}") for place, source in enumerate(cells, 1))
    program = Program(numbered, (len(cells) - 1,))
    recorded = RecordedCell(
        cells[-1], {key: Provenance(key, rule, 1, expression or key)}, renamed={old: key} if old else {}
    )
    changed, (override,) = apply_overrides(program, [recorded], {key: "what it was"}, {key: value})
    assert override.key == key
    return [cell.source for cell in changed.cells]


@pytest.mark.parametrize(
    ("before", "key", "value", "rule", "after"),
    [
        # A name that the tracked cell sets: the first value is what was recorded.
        (["lr = 0.1", "lr = 0.2\nfit(lr)"], "lr", "0.5", SET, ["lr = 0.1", "lr = 0.5\nfit(lr)"]),
        (["lr = 0.2\nlr = 0.3"], "lr", "0.5", SET, ["lr = 0.5\nlr = 0.3"]),
        (["lr: float = 0.2"], "lr", "1e-3", SET, ["lr: float = 0.001"]),
        (["lr, n = 0.2, 3"], "n", "4", SET, ["lr, n = 0.2, 4"]),
        (["a = b = 2"], "b", "3", SET, ["a = b = 3"]),
        (["fit(n := 3)"], "n", "4", SET, ["fit(n := 4)"]),
        (["n = -3"], "n", "-4", SET, ["n = -4"]),
        (["sizes = [1, 2]"], "sizes", "(3,)", SET, ["sizes = (3,)"]),
        (["with open('x') as f:\n    n = 3"], "n", "4", SET, ["with open('x') as f:\n    n = 4"]),
        # One from a cell before: the last that sets it counts.
        (["n = 1", "n = 2", "fit(n)"], "n", "5", READ, ["n = 1", "n = 5", "fit(n)"]),
        (["n = 1\nn = 2", "fit(n)"], "n", "5", READ, ["n = 1\nn = 5", "fit(n)"]),
        (["n = 1", "n = n + 1"], "n", "5", READ, ["n = 5", "n = n + 1"]),
        (["%pip list\nn = 1", "fit(n)"], "n", "5", READ, ["%pip list\nn = 5", "fit(n)"]),
        (["n = 1", "def f():\n    n = 2\n    return n", "f(n)"], "n", "5", READ,
         ["n = 5", "def f():\n    n = 2\n    return n", "f(n)"]),
        # Settings.
        (["cfg = {'lr': 0.1, 'net': {'n': 1}}", "fit(cfg)"], "cfg.net.n", "5", READ,
         ["cfg = {'lr': 0.1, 'net': {'n': 5}}", "fit(cfg)"]),
        (["cfg = dict(lr=0.1)", "fit(cfg)"], "cfg.lr", "5", READ, ["cfg = dict(lr=5)", "fit(cfg)"]),
        (["cfg = {'lr': 0.1}", "cfg['lr'] = 0.2", "fit(cfg)"], "cfg.lr", "5", READ,
         ["cfg = {'lr': 0.1}", "cfg['lr'] = 5", "fit(cfg)"]),
        (["cfg = NS(lr=0.1)\ncfg.lr = 0.2", "fit(cfg)"], "cfg.lr", "5", READ,
         ["cfg = NS(lr=0.1)\ncfg.lr = 5", "fit(cfg)"]),
        (["@dataclass\nclass C:\n    lr: float = 0.1\n    n: int = 2", "c = C(n=3)"], "c.lr", "5", OBJECT,
         ["@dataclass\nclass C:\n    lr: float = 5\n    n: int = 2", "c = C(n=3)"]),
        (["class C:\n    lr = 0.1", "fit(C.lr)"], "C.lr", "5", READ, ["class C:\n    lr = 5", "fit(C.lr)"]),
    ],
)  # fmt: skip
def test_a_value_is_put_where_the_param_came_from(
    before: list[str], key: str, value: str, rule: str, after: list[str]
) -> None:
    assert overridden(before, key, value, rule) == after


@pytest.mark.parametrize(
    ("before", "key", "expression", "value", "after"),
    [
        ("m = Ridge(alpha=1.0)", "alpha", "Ridge(alpha=1.0)", "2", "m = Ridge(alpha=2)"),
        # Several calls that give the same, under one name.
        ("a = A(seed=0)\nb = B(seed=0)", "seed", "A(seed=0)", "7", "a = A(seed=7)\nb = B(seed=7)"),
        ("m = A(alpha=1)\nplt.plot(x, alpha=1)", "alpha", "A(alpha=1)", "2", "m = A(alpha=2)\nplt.plot(x, alpha=1)"),
        # Calls that give different values are told apart by what is called.
        ("a = A(n=1)\nb = B(n=2)", "B.n", "B(n=2)", "7", "a = A(n=1)\nb = B(n=7)"),
        ("SGD(lr=0.1, step=1)\nSGD.step(lr=0.1)", "lr", "SGD(lr=0.1)", "7", "SGD(lr=7, step=1)\nSGD.step(lr=7)"),
        ("np.random.seed(0)", "seed", "seed(seed=0)", "7", "np.random.seed(7)"),
        ("m = A(kind='x')", "kind", "A(kind='x')", "y", "m = A(kind='y')"),
    ],
)
def test_an_argument_of_a_call_is_replaced(before: str, key: str, expression: str, value: str, after: str) -> None:
    assert overridden([before], key, value, GIVEN, expression) == [after]


@pytest.mark.parametrize(
    ("written", "value", "after"),
    [
        ("'adam'", "sgd", "'sgd'"),
        ("'adam'", "'sgd'", "'sgd'"),
        ("'2'", "3", "'3'"),
        ("2", "3", "3"),
        ("True", "False", "False"),
        ("None", "3", "3"),
        ("1.0", "inf", 'float("inf")'),
        ("1.0", "-inf", 'float("-inf")'),
        ("'a'", "it's", '"it\'s"'),
        ("1", "__import__('os')", "\"__import__('os')\""),
    ],
)
def test_a_value_is_of_the_kind_that_it_replaces_and_is_never_code(written: str, value: str, after: str) -> None:
    assert overridden([f"x = {written}"], "x", value, SET) == [f"x = {after}"]


def test_a_param_that_was_renamed_is_found_under_its_own_name() -> None:
    assert overridden(["lr = 1"], "learning rate", "2", SET, old="lr") == ["lr = 2"]


@pytest.mark.parametrize(
    ("cells", "key", "rule", "why"),
    [
        (["fit(n)"], "n", READ, "no cell that is executed sets it"),
        (["n = len(data)", "fit(n)"], "n", READ, r"cell 1 sets it to what is not written out: n = len\(data\)"),
        (["n = 1\nn += 1", "fit(n)"], "n", READ, "not written out"),
        (["if x:\n    n = 1", "fit(n)"], "n", READ, "in a branch or loop"),
        (["n = 1", "for n in [1, 2]:\n    fit(n)"], "n", SET, "not written out: for n in"),
        (["from config import n", "fit(n)"], "n", READ, "not written out: from config import n"),
        (["n = = 1", "fit(n)"], "n", READ, "cell 1, which has its name, is more than Python can tell"),
        (["cfg = load()", "fit(cfg)"], "cfg.lr", READ, r"not written out: cfg = load\(\)"),
        (["n = 1"], "n", "added by hand", "a text that"),
        (["A(n=1)\nA(n=2)"], "A.n", GIVEN, "give it different values"),
    ],
)
def test_a_param_that_cannot_be_replaced_for_certain_is_an_error(
    cells: list[str], key: str, rule: str, why: str
) -> None:
    expression = {GIVEN: "A(n=1)", "added by hand": "--param n=1"}.get(rule, "")
    with pytest.raises(InvalidParameterValue, match=why):
        overridden(cells, key, "5", rule, expression)


def test_a_param_that_the_run_has_not_is_an_error_that_tells_those_it_has() -> None:
    program, cell = Program((ProgramCell("n = 1", "cell 1"),), (0,)), RecordedCell("n = 1")
    with pytest.raises(InvalidParameterValue, match=r"no param 'm'. It has: a, n\."):
        apply_overrides(program, [cell], {"n": "1", "a": "2"}, {"m": "3"})
    with pytest.raises(InvalidParameterValue, match="the code logs it itself"):
        apply_overrides(program, [cell], {"n": "1"}, {"n": "3"})
