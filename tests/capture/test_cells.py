"""Cells as people write them, and what a careful person would write down of each."""

import math

import pytest

MODEL = """
class Model:
    def __init__(self, **settings): self.settings = settings
    def fit(self, X, y): return self
    def score(self, X, y): return 0.9333333333333333
    best_score_ = 0.95
    best_params_ = {"C": 1}
def make(*positional, **settings): return Model(**settings)
def split(*arrays, **settings): return arrays
def evaluate(): return 0.5, 0.9
X, y = [[1]] * 50, [1] * 50
"""


def cases(*each):
    return pytest.mark.parametrize(
        ("earlier", "cell", "params", "metrics"), [pytest.param(*case[1:], id=case[0]) for case in each]
    )


@cases(
    (
        "an estimator with named settings",
        MODEL,
        """
C = 0.5
max_iter = 200
model = make(C=C, max_iter=max_iter, random_state=0).fit(X, y)
accuracy = model.score(X, y)
print(f"accuracy: {accuracy:.3f}")
""",
        {"C": "0.5", "max_iter": "200", "random_state": "0"},
        {"accuracy": 0.9333333333333333},
    ),
    (
        "settings are written into the calls",
        MODEL,
        """
X_train, X_test = split(X, y, test_size=0.2, random_state=42)
model = make(n_estimators=100, max_depth=None)
model.fit(X_train, X_test).score(X_test, y)
""",
        {"test_size": "0.2", "random_state": "42", "n_estimators": "100", "max_depth": "None"},
        {"score": 0.9333333333333333},
    ),
    (
        "one keyword with two values is told apart by the call",
        MODEL,
        "a = make(depth=3)\nb = split(depth=5)",
        {"make.depth": "3", "split.depth": "5"},
        {},
    ),
    (
        "a keyword with another value than the variable of that name",
        MODEL,
        "depth = 3\na = make(depth=5)",
        {"depth": "3", "make.depth": "5"},
        {},
    ),
    (
        "values of earlier cells",
        MODEL + "lr = 0.1\nepochs = 3\nunused = 7",
        "model = make(lr=lr, epochs=epochs)\nscore = model.score(X, y)",
        {"lr": "0.1", "epochs": "3"},
        {"score": 0.9333333333333333},
    ),
    (
        "a value of an earlier cell that only a function of this cell uses",
        "base = 2",
        "def f(x):\n    return x * base\nout = f(0.25)",
        {"base": "2", "x": "0.25"},
        {"out": 0.5},
    ),
    (
        "a dict of settings",
        "",
        """
config = {"lr": 0.01, "optimizer": {"name": "adam", "betas": (0.9, 0.999)}, "amp": True}
lr = config["lr"]
loss = lr * 2
""",
        {
            "config.lr": "0.01",
            "config.optimizer.name": "adam",
            "config.optimizer.betas": "(0.9, 0.999)",
            "config.amp": "True",
        },
        {"loss": 0.02},
    ),
    (
        "a dict of settings, some of which are computed",
        "device = 'cpu'",
        'config = {"lr": 0.01, "device": device, "steps": len("abc"), "opt": dict(name="sgd", nesterov=False)}',
        {"device": "cpu", "config.lr": "0.01", "config.opt.name": "sgd", "config.opt.nesterov": "False"},
        {},
    ),
    (
        "a call of dict",
        MODEL,
        "params = dict(max_depth=3, eta=0.1)\nscore = make(**params, n_jobs=4).score(X, y)",
        {"params.max_depth": "3", "params.eta": "0.1", "n_jobs": "4"},
        {"score": 0.9333333333333333},
    ),
    (
        "constants of every kind",
        "",
        """
seed: int = 42
lr, decay = 1e-3, 0.5
a = b = 1_000
hidden = [64, 32]
name = "bert"
size = 2 ** 10
shift = -1.5
nothing = None
z = 2j
""",
        {
            "seed": "42",
            "lr": "0.001",
            "decay": "0.5",
            "a": "1000",
            "b": "1000",
            "hidden": "[64, 32]",
            "name": "bert",
            "size": "1024",
            "shift": "-1.5",
            "nothing": "None",
            "z": "2j",
        },
        {},
    ),
    (
        "what counts is no choice, and no score either",
        "",
        """
correct = 0
total = 0
history = []
best = None
for i in range(10):
    total += 1
    if i % 2:
        correct += 1
    best = i if best is None else max(best, i)
    history.append(i)
accuracy = correct / total
""",
        {},
        {"accuracy": 0.5, "best": 9},
    ),
    (
        "the best so far",
        "",
        """
best_loss = float("inf")
least = 1e9
best_acc = -1
patience = 3
for epoch in range(4):
    loss = 1 / (epoch + 1)
    if loss < best_loss:
        best_loss = loss
    least = min(least, loss)
    best_acc = max(best_acc, 1 - loss)
""",
        {"patience": "3"},
        {"best_loss": 0.25, "loss": 0.25, "least": 0.25, "best_acc": 0.75},
    ),
    (
        "what goes in and changes",
        "",
        "lr = 0.1\nfor epoch in range(2):\n    lr *= 0.5\n",
        {"lr": "0.1"},
        {"lr": 0.025},
    ),
    (
        "a constant that no branch replaces",
        "",
        "threshold = 0.5\nif threshold > 1:\n    threshold = threshold / 2\nf1 = 0.8 + threshold / 5",
        {"threshold": "0.5"},
        {"f1": 0.9},
    ),
    ("sizes, clocks and counters", "import time", "t0 = time.time()\nn = len([1])\n", {}, {}),
    ("names that begin with an underscore", "", "_seed = 1\n_, acc = 3, 0.5 * sum([1])", {}, {"acc": 0.5}),
    (
        "the last value is a dict of numbers",
        "acc = 0.1 * 9",
        '{"accuracy": acc, "f1": 0.8, "model": "svm", "n": True}',
        {"acc": "0.9"},
        {"accuracy": 0.9, "f1": 0.8},
    ),
    ("the last value is a named number", MODEL, "loss, acc = evaluate()\nround(acc, 3)", {}, {"loss": 0.5, "acc": 0.9}),
    ("the last value has no name", "a = [1, 2]", "sum(a) / len(a)", {"a": "[1, 2]"}, {"result": 1.5}),
    ("the last value is a constant", "", "42", {}, {}),
    ("the last value is a param", "", "lr = 0.1\nlr", {"lr": "0.1"}, {}),
    ("the last value is a truth", "", "1 > 0", {}, {}),
    (
        "params that are printed",
        "lr = 0.1",
        'batch_size = 32\nprint(f"lr: {lr}, batch_size={batch_size}")\nprint("Learning rate:", lr)',
        {"lr": "0.1", "batch_size": "32"},
        {},
    ),
    (
        "what is drawn is not what was tried",
        """
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.pyplot import subplots
import pandas as pd
frame = pd.DataFrame({"a": [1.0, 2.0, 4.0]})
""",
        """
fig, ax = plt.subplots(figsize=(8, 6))
ax.plot([1, 2], label="a", alpha=0.5)
ax2 = subplots(ncols=2)[1]
frame.plot(kind="line", ax=ax)
plt.close("all")
mean = frame["a"].mean()
""",
        {},
        {"mean": 7 / 3},
    ),
    (
        "NumPy",
        "import numpy as np",
        """
rng = np.random.default_rng(seed=7)
w = np.ones(4)
mse = np.mean(w ** 2)
one = np.array([[0.5]])
n_hits = (w > 0).sum()
is_good = np.bool_(True)
""",
        {"seed": "7"},
        {"mse": 1.0, "one": 0.5, "n_hits": 4.0},
    ),
    (
        "a tracked %%time",
        "",
        '%%time\nlr = 0.1\n!true\nscore = lr * 2\nprint("score:", score)',
        {"lr": "0.1"},
        {"score": 0.2},
    ),
    ("magics in magics", "", "%%capture out\n%%time\nlr = 0.1\nscore = lr * 2", {"lr": "0.1"}, {"score": 0.2}),
    ("line magics", "", "lr = 0.3\n%time score = lr * 2", {"lr": "0.3"}, {"score": 0.6}),
    ("top-level await", "async def f(): return 0.5", "score = await f()", {}, {"score": 0.5}),
)
def test_a_cell_that_ends_well(track, earlier, cell, params, metrics):
    tracked = track(cell, earlier)
    assert tracked.error is None
    assert tracked.params == params
    assert tracked.metrics == pytest.approx(metrics)


@cases(
    (
        "one line an epoch",
        "",
        """
for epoch in range(3):
    loss, acc = 1 / (epoch + 3), 0.5 + epoch / 10
    print(f"Epoch {epoch + 1}/3, loss: {loss:.4f}, acc={acc:.2%}")
""",
        {},
        {
            "loss": [(1, 0.3333), (2, 0.25), (3, 0.2), (3, 0.2)],
            "acc": [(1, 0.5), (2, 0.6), (3, 0.7), (3, 0.7)],
        },
    ),
    (
        "a heading an epoch",
        "",
        """
for epoch in range(2):
    print(f"Epoch {epoch}")
    for batch in range(3):
        print("loss: %.2f  [%5d/60000]" % (1 / (1 + batch + 3 * epoch), batch))
    print(f"Test error: \\n Accuracy: 50.0%, Avg loss: 0.25 \\n")
""",
        {},
        {
            "loss": [(0, 1.0), (1, 0.5), (2, 0.33), (3, 0.25), (4, 0.2), (5, 0.17)],
            "Accuracy": [(0, 50.0), (1, 50.0)],
            "Avg loss": [(0, 0.25), (1, 0.25)],
        },
    ),
    (
        "no steps at all",
        "",
        'for v in (0.5, 0.4, 0.3):\n    print("val_loss:", v)',
        {"v": "[0.5, 0.4, 0.3]"},
        {"val_loss": [(0, 0.5), (1, 0.4), (2, 0.3)]},
    ),
    (
        "a curve whose last value was not printed",
        "",
        """
for step in range(0, 30):
    loss = 3 / (step + 1)
    if step % 10 == 0:
        print(f"step {step}: loss={loss:.3f}")
""",
        {},
        {"loss": [(0, 3.0), (10, 0.273), (20, 0.143), (21, 0.1)]},
    ),
    (
        "percent by hand",
        "",
        """
for epoch in (1, 2):
    acc = 0.45 * epoch
    print(f"epoch {epoch} acc: {100 * acc:.1f}%")
""",
        {},
        {"acc": [(1, 0.45), (2, 0.9), (2, 0.9)]},
    ),
    (
        "folds, and their mean",
        "",
        """
scores = [0.8, 0.82]
for fold, s in enumerate(scores):
    print(f"Fold {fold}: accuracy={s:.3f}")
mean = sum(scores) / 2
print(f"Mean accuracy: {mean:.3f} (+/- {0.01:.3f})")
print(f"CV: {mean:.3f}")
""",
        {"scores": "[0.8, 0.82]"},
        {"accuracy": [(0, 0.8), (1, 0.82)], "mean": [(0, 0.81)]},
    ),
    (
        "one name printed for two variables",
        MODEL,
        'loss, acc = evaluate()\nprint(f"Train: {loss}")\nprint(f"Train: {acc}")',
        {},
        {"loss": [(0, 0.5)], "acc": [(0, 0.9)]},
    ),
    (
        "parts of a list are no curve",
        "score = [0.5, 0.9]",
        'print("Test loss:", score[0])\nprint("Test accuracy:", score[1])',
        {"score": "[0.5, 0.9]"},
        {"Test loss": [(0, 0.5)], "Test accuracy": [(0, 0.9)]},
    ),
    (
        "a variable that is printed is one metric",
        MODEL,
        """
loss, acc = evaluate()
print("Test loss:", loss)
print("Test accuracy: %.1f%%" % (100 * acc))
print("Validation accuracy: {:.1f}".format(acc))
""",
        {},
        {"loss": [(0, 0.5)], "acc": [(0, 0.9)]},
    ),
    (
        "a learning rate that is printed as it decays",
        "lr = 0.4",
        'for epoch in range(2):\n    lr *= 0.5\n    print(f"epoch {epoch} lr={lr}")',
        {"lr": "0.4"},
        {"lr": [(0, 0.2), (1, 0.1), (1, 0.1)]},
    ),
)
def test_curves(track, earlier, cell, params, metrics):
    tracked = track(cell, earlier)
    assert tracked.error is None
    assert tracked.params == params
    assert {key: [pytest.approx(point) for point in curve] for key, curve in metrics.items()} == tracked.curves


def test_a_cell_that_fails_keeps_what_it_came_to(track):
    tracked = track("lr = 0.1\nloss = lr * 3\nraise ValueError('no')\nacc = loss * 2", "acc = 0.5 * 1")
    assert isinstance(tracked.error, ValueError)
    assert tracked.params == {"lr": "0.1"}
    assert tracked.metrics == {"loss": pytest.approx(0.3)}
    assert tracked.skipped == {"acc": "it is still the value from an earlier cell"}


def test_a_cell_that_removes_its_own_variables_says_so(track):
    tracked = track("tmp = sum([1, 2])\nscore = tmp / 4\ndel tmp")
    assert tracked.metrics == {"score": 0.75}
    assert tracked.skipped == {"tmp": "the cell removed it, or did not come that far"}


def test_every_captured_value_knows_its_rule_line_and_expression(track):
    tracked = track(
        "lr = 1e-3  # chosen\n\nf(alpha=0.5,\n  beta=2)\nloss = (a *\n        lr)\nprint('acc: 0.5')",
        "def f(**settings): pass\na = 2",
    )
    found = tracked.summary.findings
    assert {key: (each.rule, each.line, each.expression) for key, each in found.params.items()} == {
        "lr": ("assigned constant", 1, "1e-3"),
        "a": ("read from an earlier cell", 5, "a"),
        "alpha": ("keyword argument", 3, "f(alpha=0.5)"),
        "beta": ("keyword argument", 4, "f(beta=2)"),
    }
    assert {each.key: (each.rule, each.line, each.expression) for each in found.points} == {
        "loss": ("computed name", 5, "a * lr"),
        "acc": ("printed", 0, "acc: 0.5"),
    }


def test_excluded_names_are_left_out_with_their_parts(track):
    tracked = track(
        'lr = 0.1\nconfig = {"a": 1, "b": {"c": 2}}\nloss = lr * 2\nprint("acc: 0.5")\nconfigured = 3',
        exclude=frozenset({"lr", "config", "loss", "acc"}),
    )
    assert tracked.params == {"configured": "3"}
    assert tracked.metrics == {}
    assert set(tracked.skipped.values()) == {"excluded"}
    assert set(tracked.skipped) == {"lr", "config.a", "config.b.c", "loss", "acc"}


def test_params_and_metrics_added_by_hand(track):
    tracked = track(
        "scores = [0.5, 0.7]",
        "config = {'depth': 3}\nopaque = object()",
        params={"note": "first try", "config": None, "opaque": None, "absent": None},
        metrics={"mean": "sum(scores) / 2", "broken": "1 / 0", "text": "'a'"},
    )
    assert tracked.params == {"note": "first try", "config.depth": "3", "scores": "[0.5, 0.7]"}
    assert tracked.metrics == {"mean": pytest.approx(0.6)}
    assert tracked.summary.notes == (
        "--param opaque: not a simple value, so it was not recorded.",
        "--param absent: no variable of that name, so it was not recorded.",
        "--metric broken: ZeroDivisionError: division by zero",
        "--metric text: \"'a'\" is not one number, so it was not recorded.",
    )


def test_nan_and_the_infinities_are_metrics(track):
    tracked = track("loss = float('nan') * 1\nb = -loss if loss == loss else float('-inf')\nprint('c: nan\\nd=-inf')")
    assert math.isnan(tracked.metrics["loss"])
    assert math.isnan(tracked.metrics["c"])
    assert (tracked.metrics["b"], tracked.metrics["d"]) == (-math.inf, -math.inf)


def test_names_over_the_limit_are_left_out_with_a_reason(track):
    tracked = track(f"{'p' * 251} = 1\n{'m' * 251} = sum([1])\nprint('{'q' * 251}: 1.5')\nok = 2")
    assert tracked.params == {"ok": "2"}
    assert tracked.metrics == {}
    assert len(tracked.skipped) == 3
    assert all("at most 250 are allowed" in reason for reason in tracked.skipped.values())


def test_a_library_that_prints_in_pieces_is_read_by_lines(track):
    tracked = track(
        "import sys\nfor piece in ('lo', 'ss', ': 0', '.2', '5\\nac', 'c: 0.5'):\n    sys.stdout.write(piece)"
    )
    assert tracked.metrics == {"loss": 0.25, "acc": 0.5}
    assert tracked.printed == "loss: 0.25\nacc: 0.5"


def test_a_progress_bar_is_read_as_a_terminal_shows_it(track):
    tracked = track("for i in range(5):\n    print(f'\\r{i + 1}/5 loss: {1 / (i + 1):.2f}', end='')\nprint()")
    assert tracked.curves == {"loss": [(0, 0.2)]}
