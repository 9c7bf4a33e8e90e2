"""Params: what a careful person would say went into the cell."""

import pytest

from jupyter_track.analysis.earlier import EarlierNames
from jupyter_track.capture.rules.params import find_made, find_params

from .situations import outcome, situation, values


def params(cell, *earlier, **settings):
    return values(find_params(situation(cell, *earlier), **settings)[0])


def skipped(cell, *earlier, **settings):
    return {each.key: each.reason for each in find_params(situation(cell, *earlier), **settings)[1]}


def made(cell, *earlier):
    begun = find_params(situation(cell, *earlier))[0]
    return values(find_made(outcome(cell, *earlier, known=frozenset(begun)))[0])


# -- through the functions of the notebook


TRAIN = "LR = 0.1\ndef train(): return LR"


@pytest.mark.parametrize(
    ("earlier", "cell", "expected"),
    [
        (TRAIN, "train()", {"LR": "0.1"}),
        ("LR = 0.1\ndef inner(): return LR\ndef train(): return inner()", "train()", {"LR": "0.1"}),
        (
            "A = 1\nB = 2\ndef even(n): return A or odd(n)\ndef odd(n): return B or even(n)",
            "even(len('a'))",
            {"A": "1", "B": "2"},
        ),
        ("LR = 0.1\ntrain = lambda: [LR for _ in range(3)]", "train()", {"LR": "0.1"}),
        ("LR = 0.1\ndef train():\n    def step():\n        return LR\n    return step()", "train()", {"LR": "0.1"}),
        (
            "import functools\nLR = 0.1\nTIMES = 2\ndef twice(f):\n    @functools.wraps(f)\n    def run(*a):\n"
            "        return [f(*a) for _ in range(TIMES)]\n    return run\n@twice\ndef train(): return LR",
            "train()",
            {"LR": "0.1", "TIMES": "2"},
        ),
        ("import functools\nLR = 0.1\n@functools.lru_cache\ndef train(): return LR", "train()", {"LR": "0.1"}),
        ("import functools\nLR = 0.1\ndef f(x): return LR\ntrain = functools.partial(f, 1)", "train()", {"LR": "0.1"}),
        (
            "LR = 0.1\nUNUSED = 2\nclass Trainer:\n    def fit(self): return self._step()\n"
            "    def _step(self): return LR\n    def save(self): return UNUSED\ntrainer = Trainer()",
            "trainer.fit()",
            {"LR": "0.1"},
        ),
        ("LR = 0.1\nclass Trainer:\n    def fit(self): return LR\nfit = Trainer().fit", "fit()", {"LR": "0.1"}),
        (
            "P = 0.5\nimport ast\nclass V(ast.NodeVisitor):\n    def visit_Name(self, n): return P\nv = V()",
            "v.visit(0)",
            {"P": "0.5"},
        ),
        ("class CFG:\n    lr = 0.1\n    _hidden = 2\ndef train(): return CFG.lr", "train()", {"CFG.lr": "0.1"}),
        (
            "cfg = {'lr': 0.1, 'net': {'depth': 3}}\ndef train(): return cfg['lr']",
            "train()",
            {"cfg.lr": "0.1", "cfg.net.depth": "3"},
        ),
        ("LR = 0.1\nimport statistics\ndef train(LR): return LR", "train(2)\nstatistics.mean([1])", {"LR": "2"}),
        (
            "count = 0\nLR = 0.1\ndef train():\n    global count\n    count += LR",
            "train()\nprint(count)",
            {"LR": "0.1"},
        ),
        (TRAIN, "print(train)", {"LR": "0.1"}),
        (TRAIN, "LR = f()\ntrain()", {}),
        (TRAIN, "train()\nLR = f()", {"LR": "0.1"}),
        (TRAIN, "LR = 0.3\ntrain()", {"LR": "0.3"}),
        ("LR = 0.1", "def train(): return LR", {}),
    ],
)  # fmt: skip
def test_what_the_cell_reads_through_functions(earlier, cell, expected):
    assert params(cell, earlier) == expected


def test_a_param_of_a_function_says_where_it_is_read():
    (found,) = find_params(situation("x = 2 * y\nz = train()", "LR = 0.1\ndef train(): return LR"))[0].values()
    assert (found.line, found.expression, found.rule) == (2, "LR, in train()", "read from an earlier cell")


def test_the_globals_of_a_library_are_its_own():
    assert params("json.dumps(x)\nfractions.Fraction(1)", "import json, fractions\nx = object()") == {}


def test_what_earlier_cells_have_computed_is_no_choice():
    earlier = ("n = 3\nk = 2\nlayers = [1]\nmode = 'a' if n else 'b'", "n = len('abcd')\nk = 4")
    names = EarlierNames()
    for text in earlier:
        names.add(text)
    computed = names.computed
    assert computed == {"n"}
    assert params("f(n, k, layers, mode)", *earlier, computed_before=computed) == {
        "k": "4", "layers": "[1]", "mode": "a",
    }  # fmt: skip
    assert skipped("f(n)", *earlier, computed_before=computed) == {"n": "computed in an earlier cell: no choice"}


@pytest.mark.parametrize("value", ["1 / 3", "2 ** 0.5", "__import__('numpy').float64(0.5)"])
def test_nobody_writes_such_numbers_by_hand(value):
    assert params("f(x)", f"x = {value}") == {}


# -- assigned


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("name = f'run-{3}'", {"name": "run-3"}),
        ("lr = 0.1\nname = f'lr={lr}'", {"lr": "0.1", "name": "lr=0.1"}),
        ("if (n := 10) > 5: pass", {"n": "10"}),
        ("lr: float = 0.1", {"lr": "0.1"}),
        ("a, (b, c) = 1, (2, 3)", {"a": "1", "b": "2", "c": "3"}),
        ("hidden = [2 * 32, 32]", {"hidden": "[64, 32]"}),
        ("seconds = 60 * 60", {"seconds": "3600"}),
        ("columns = ['age', 'fare']", {}),
        ("weights = {0: 1.0, 1: 8.0}", {"weights.0": "1.0", "weights.1": "8.0"}),
        ("text = '''a\nb'''", {}),
        ("links = {'a/b c!': 1, 'd': 2}", {}),
        ("total = 0\nfor x in xs: total += x", {}),
        ("i = 1\nwhile go(): i += 1", {}),
        ("done = False\nwhile not done:\n    if go(): done = True", {}),
        ("best_threshold = 0.5\nfor t in ts:\n    if f(t): best_threshold = t", {}),
        ("best = float('inf')\nbest = min(best, f())", {}),
        ("eps = 1.0\nfor x in xs: eps *= 0.9", {"eps": "1.0"}),
        ("model = f()\nmodel = 0.5", {"model": "0.5"}),
        ("def main():\n    lr = 0.1\n    total = 0\n    for x in xs: total += lr\nmain()", {"lr": "0.1"}),
        ("def main(x):\n    lr = 0.1\nmain(3)", {}),
        ("np.random.seed(7)", {"seed": "7"}),
        ("rng = np.random.default_rng(3)", {"seed": "3"}),
    ],
)
def test_names_set_to_constants(cell, expected):
    assert params(cell, "import numpy as np\ndef f(*a): return 1\nxs = ts = ()") == expected


def test_what_a_name_is_set_to_later_is_kept():
    (found,) = find_params(situation("lr = 0.1\ny = lr\nlr = 0.1\nlr = 0.01\nif x: lr = 1"))[0].values()
    assert (found.value, found.line, found.later) == ("0.1", 1, ((4, "0.01"), (5, "1")))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("lr = 0.1\nseed = 7\nlr = 0.05\nf(lr)", "0.05"),
        ("lr = 0.1\nlr = 0.05", "0.05"),
        ("lr = 0.1\nf()\nlr = 0.05", "0.1"),  # The function may have looked at it.
        ("lr = 0.1\ny = lr * 2\nlr = 0.05", "0.1"),
        ("lr = 0.1\nif y: lr = 0.05", "0.1"),
        ("lr = 0.1\nfor i in y: lr = 0.05", "0.1"),
        ("lr = 0.1\nz = [lr for i in y]\nlr = 0.05", "0.1"),
    ],
)
def test_a_value_that_nothing_has_used_when_the_next_is_set_is_none(cell, value):
    found = find_params(situation(cell, "def f(*a): return 1\ny = ()"))[0]
    assert found["lr"].value == value


def test_what_is_only_drawn_with_is_no_param():
    cell = (
        "WIDTH = 2\ncolors = '#fff'\nlr = 0.1\nplt.plot([1], lw=WIDTH, c=colors)\nprint(WIDTH)\nplt.title(f(lr))\nf(lr)"
    )
    assert params(cell, "import matplotlib.pyplot as plt\ndef f(x): pass") == {"lr": "0.1"}


# -- swept


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("for lr in [0.1, 0.01]: f(lr)", {"lr": "[0.1, 0.01]"}),
        ("for opt in ('adam', 'sgd'): results[opt] = f(opt)", {"opt": "['adam', 'sgd']"}),
        ("for column in ['a', 'b']: f(frame[column])", {}),
        ("for c in np.logspace(-2, 0, 3): f(c)", {"c": "[0.01, 0.1, 1.0]"}),
        ("alphas = np.linspace(0, 1, 3)", {"alphas": "[0.0, 0.5, 1.0]"}),
        ("grid = np.linspace(0, 1, 300)", {}),
        ("for i in np.arange(10): f(i)", {}),
        ("for _ in (1, 5): f()", {}),
        ("for epoch in (1, 2): f(epoch)", {}),
    ],
)
def test_values_that_are_tried(cell, expected):
    assert params(cell, "import numpy as np\ndef f(*a): return 1\nresults = {}\nframe = {'a': 1, 'b': 2}") == {
        **expected, **({"frame.a": "1", "frame.b": "2"} if "frame" in cell else {}),
    }  # fmt: skip


# -- settings

CONFIG = """
from dataclasses import dataclass, field
@dataclass
class Net:
    depth: int = 2
@dataclass
class Config:
    lr: float = 0.1
    epochs: int = 3
    name: str = "x"
    net: Net = field(default_factory=Net)
"""


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("cfg = Config(0.2, epochs=7)", {"cfg.lr": "0.2", "cfg.epochs": "7", "cfg.name": "x"}),
        ("class CFG:\n    lr = 0.1\n    data_dir = 'd'\nf(CFG.lr)", {"CFG.lr": "0.1"}),
        ("class CFG:\n    lr = 0.1\n    def run(self): pass\nCFG().run()", {}),
        ("base['lr'] = 0.5\nf(base)", {"base.lr": "0.5", "base.depth": "3"}),
        ("base.update(lr=0.5)\nf(base)", {"base.lr": "0.5", "base.depth": "3"}),
        ("ns = SimpleNamespace(a=1)\nns.a = 2", {"ns.a": "2"}),
        ("results = {}\nresults['acc'] = 0.5", {}),
        ("if x: base['lr'] = 0.5", {"base.lr": "0.1", "base.depth": "3", "x": "1"}),
    ],
)
def test_objects_of_settings(cell, expected):
    earlier = "from types import SimpleNamespace\nbase = {'lr': 0.1, 'depth': 3}\nx = 1\ndef f(*a): pass"
    assert params(cell, CONFIG, earlier) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("cfg = Config(0.2, epochs=7)", {"cfg.net.depth": "2"}),
        ("args = parser.parse_args([])", {"args.lr": "0.1", "args.epochs": "3"}),
        ("cfg = {**base, 'lr': 0.5}", {"cfg.depth": "3"}),
        ("cfg = base | {'lr': 0.5}", {"cfg.lr": "0.5", "cfg.depth": "3"}),
        ("cfg = copy.deepcopy(base)", {"cfg.lr": "0.1", "cfg.depth": "3"}),
        ("cfg = json.loads('{\"lr\": 0.1}')", {"cfg.lr": "0.1"}),
        ("cfg = OmegaConf.create({'lr': 0.1, 'net': {'depth': 3}})", {"cfg.lr": "0.1", "cfg.net.depth": "3"}),
        ("report = evaluate()", {}),
        ("history = fit()", {}),
        ("config = SimpleNamespace(lr=f'{0.1}', depth=len(base))", {"config.depth": "2"}),
        ("if base: mode = 'a'\nelse: mode = 'b'", {"mode": "a"}),
    ],
)
def test_settings_that_show_when_the_cell_has_ended(cell, expected):
    earlier = """
import argparse, copy, json
from collections import namedtuple
from types import SimpleNamespace
from omegaconf import OmegaConf
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=3)
base = {'lr': 0.1, 'depth': 3}
def fit(): return SimpleNamespace(loss=[0.5, 0.4], epochs=2)
def evaluate(): return namedtuple("Result", "acc loss")(0.9, 0.1)
"""
    assert made(cell, CONFIG, earlier) == expected


# -- arguments


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("m = Ridge(alpha=0.5)", {"alpha": "0.5"}),
        ("m = Ridge(0.5)", {"alpha": "0.5"}),
        ("m = SGD(net.parameters(), 0.1)", {"lr": "0.1"}),
        ("m = nn.Linear(784, 128)", {}),
        ("m = nn.Dropout(0.2)", {"p": "0.2"}),
        ("m = train(0.1, 10)", {"lr": "0.1", "epochs": "10"}),
        ("a = Ridge(alpha=0.5)\nb = Lasso(alpha=0.7)", {"Ridge.alpha": "0.5", "Lasso.alpha": "0.7"}),
        ("m.fit(x, epochs=6)\nm.fit(x, epochs=4)", {"fit.epochs": "[6, 4]"}),
        ("EPOCHS = 6\nm.fit(x, epochs=6)", {"EPOCHS": "6"}),
        ("EPOCHS = 6\nm.fit(x, epochs=4)", {"EPOCHS": "6", "fit.epochs": "4"}),
        ("m.fit(x, class_weight={0: 1, 1: 8})", {"class_weight.0": "1", "class_weight.1": "8"}),
        ("GridSearchCV(Ridge(), {'alpha': [0.1, 1.0]})", {"param_grid.alpha": "[0.1, 1.0]"}),
        ("frame.sort_values('a', ascending=False, inplace=True)", {}),
        ("frame.rolling(window=7, min_periods=2).mean()", {"window": "7", "min_periods": "2"}),
        ("series = frame['a'].fillna(0)\nseries.value_counts(normalize=True, dropna=False)", {}),
        ("plt.plot([1], alpha=0.5)\nfig, ax = plt.subplots(figsize=(8, 3))\nax.set(title='t')", {}),
        ("sorted(x, reverse=True)\nprint(1, end='')\njson.dumps(x, indent=2)", {}),
        ("load(return_X_y=True, as_frame=True, verbose=0, n_jobs=2)", {"n_jobs": "2"}),
        ("def make():\n    return Ridge(alpha=0.5)\nmake()", {"alpha": "0.5"}),
        ("def make():\n    return Ridge(alpha=0.5)", {}),
        ("@decorated(limit=3)\ndef f(): pass", {}),
    ],
)
def test_what_is_given_to_calls(cell, expected):
    earlier = """
import json
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import GridSearchCV
from torch import nn
from torch.optim import SGD
frame = pd.DataFrame({"a": [1, 2]})
x = object()
class Model: pass
m = Model()
net = nn.Linear(1, 1)
def train(lr, epochs): pass
"""
    assert params(cell, earlier) == expected


def test_arguments_by_place_are_named_when_the_library_is_there():
    assert made("from sklearn.linear_model import Ridge as Machine\nm = Machine(0.5)\nm.alpha") == {}
    assert made("import fractions\nclass Net:\n    def __init__(self, depth): pass\nnet = Net(3)") == {"depth": "3"}


# -- secrets


def test_secrets_are_left_out_unless_a_person_allows_them():
    cell = "api_key = 'abc'\nuse_auth = True\nkeys = {'token': 'xyz', 'n': 3}\nother = 'sk-abcdefghijklmnopqrstuvwx'"
    assert params(cell) == {"use_auth": "True", "keys.n": "3"}
    assert set(skipped(cell).values()) == {"looks like a secret"}
    assert params(cell, allow_secrets={"api_key", "keys"}) == {
        "api_key": "abc", "use_auth": "True", "keys.token": "xyz", "keys.n": "3",
    }  # fmt: skip


def test_secrets_are_no_part_of_what_a_name_is_set_to_later():
    (found,) = find_params(situation("a = 'x'\nb = a\na = 'sk-abcdefghijklmnopqrstuvwx'"))[0].values()
    assert found.later == ()
