"""Which names of a loop become curves, under which key, and why others do not."""

import pytest

from .running import Notebook


def watched(cell, *earlier):
    notebook = Notebook()
    for each in earlier:
        assert notebook.run(each).error is None
    told = notebook.run(cell, watched=True)
    assert (told.error, told.watch.notes) == (None, [])
    return told


@pytest.mark.parametrize(
    ("cell", "curves"),
    [
        ("for e in range(3):\n    loss = 1 / (e + 1)", {"loss": [1.0, 0.5, 1 / 3]}),
        ("for e in range(3):\n    valAcc = e / 2\n    hidden = e * 3", {"valAcc": [0, 0.5, 1]}),
        ("for e in range(2):\n    spread = e * 3\n    print(f'spread {spread:.2f}')", {"spread": [0, 3]}),
        ("for e in range(2):\n    spread = e * 3\n    print('spread', spread)", {"spread": [0, 3]}),
        ("kept = []\nfor e in range(2):\n    spread = e * 3\n    kept.append(spread)", {"spread": [0, 3]}),
        ("kept = {}\nfor e in range(2):\n    spread = e * 3\n    kept[e] = spread", {"spread": [0, 3]}),
        ("rows = []\nfor e in range(2):\n    spread = e * 3\n    rows.append(spread)", {}),
        ("old = 9.0\nwhile old > 1e-1:\n    new = old / 8\n    old = new", {"old": [9 / 8, 9 / 64, 9 / 512]}),
        ("best = 9\nfor e in range(2):\n    v = e * 3\n    if v < best:\n        pass", {"v": [0, 3]}),
        ("losses = []\nfor e in range(2):\n    losses.append(e * 3 / 2)", {"losses": [0, 1.5]}),
        ("h = {'loss': []}\nfor e in range(2):\n    h['loss'].append(e * 3 / 2)", {"h.loss": [0, 1.5]}),
        ("losses = []\nfor e in range(2):\n    loss = e / 2\n    losses.append(loss)", {"loss": [0, 0.5]}),
        ("for lr in [0.1, 0.2]:\n    score = lr * 10", {"score": [1.0, 2.0]}),
        ("loss = 5.0\nwhile (loss := loss - 2.0) > 0:\n    pass", {"loss": [3, 1]}),
        ("for e in range(2):\n    loss, acc = e * 2, e / 2", {"loss": [0, 2], "acc": [0, 0.5]}),
        (
            "for e in range(2):\n    total_loss = 0\n    for b in range(3):\n        total_loss += b + e",
            {"total_loss": [3, 6]},
        ),
        ("for e in range(2):\n    for b in range(2):\n        loss = e + b", {"loss": [0, 1, 1, 2]}),
        ("for a in range(2):\n    loss = a + 1\nfor b in range(2):\n    loss = b + 5", {"loss": [1, 2, 5, 6]}),
        (
            "if True:\n    with open('/dev/null'):\n        for e in range(2):\n            loss = e + 1",
            {"loss": [1, 2]},
        ),
        ("for e in range(2):\n    _loss = e / 2", {}),
        ("for e in range(2):\n    loss = 0.5", {}),
        ("for e in range(2):\n    loss = 'low'", {}),
    ],
)
def test_curves_are_what_is_named_printed_kept_or_compared_like_a_score(cell, curves):
    found = watched(cell).curves
    assert {key: [value for _, value in points] for key, points in found.items()} == curves
    assert all([step for step, _ in points] == list(range(len(points))) for points in found.values())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("n_errors += 1", "a counter, not a score"),
        ("error_size = len(str(e))", "a size, not a score"),
        ("cost_time = time.perf_counter()", "a clock reading, not a score"),
        ("step = e * 10", "a counter, not a score"),
        ("place = e * 10; x = things[place]", "an index, not a score"),
    ],
)
def test_what_only_looks_like_a_curve_is_left_out_with_the_reason(line, reason):
    name = line.split()[0]
    told = watched(f"import time\nthings = range(99)\nn_errors = 0\nfor e in range(3):\n    {line}\n    print({name})")
    assert (told.curves, told.skipped.get(name)) == ({}, reason)


def test_a_value_that_is_not_computed_each_time_has_the_steps_at_which_it_was():
    told = watched("for e in range(7):\n    if e % 3 == 0:\n        val_loss = e / 2")
    assert told.curves == {"val_loss": [(0, 0.0), (3, 1.5), (6, 3.0)]}


def test_points_know_rule_line_expression_and_time():
    told = watched("x = 1\nfor e in range(2):\n    loss = (e +\n        1)\n")
    first = told.points[0]
    assert (first.rule, first.line, first.expression) == ("assigned in a loop", 3, "e + 1")
    assert 0 < told.points[0].timestamp <= told.points[1].timestamp


TRAIN = "def train(epochs):\n    for e in range(epochs):\n        loss = 1 / (e + 1)\n    return loss"


@pytest.mark.parametrize(
    ("definition", "cell"),
    [
        (TRAIN, "train(3)"),
        (TRAIN, "[train(n) for n in (3,)]"),
        (TRAIN, "if True:\n    train(3)"),
        (TRAIN, "def run():\n    return train(3)\nrun()\nprint(run)"),
        (f"{TRAIN}\ncallbacks = [train]", "train(3)"),
        ("class Trainer:\n    def fit(self, n):\n{loop}", "Trainer().fit(3)"),
        ("class Trainer:\n    def fit(self, n):\n{loop}\ntrainer = Trainer()", "trainer.fit(n=3)"),
        ("class Trainer:\n    @staticmethod\n    def fit(n):\n{loop}", "Trainer.fit(3)"),
        ("class Trainer:\n    @classmethod\n    def fit(cls, n):\n{loop}", "Trainer.fit(3)"),
        ("class Trainer:\n    def fit(self, n=3, *, k=1):\n{loop}", "Trainer().fit()"),
        ("class A:\n    def fit(self, n):\n{loop}\nclass B(A):\n    pass", "B().fit(3)"),
        (
            "class A:\n    def fit(self, n):\n{loop}\n"
            "class B(A):\n    def fit(self, n):\n        return super().fit(n)",
            "B().fit(3)",
        ),
        (
            "class Trainer:\n    def __init__(self):\n        self.__n = 3\n"
            "    def fit(self):\n        self.__epochs(self.__n)\n    def __epochs(self, n):\n{loop}",
            "Trainer().fit()",
        ),
        (
            "from functools import wraps\ndef timed(f):\n    @wraps(f)\n    def wrapper(*args):\n"
            "        return f(*args)\n    return wrapper\n@timed\ndef train(n):\n{loop}",
            "train(3)",
        ),
        ("def train():\n    def epochs(n):\n{loop}\n    epochs(3)", "train()"),
        ("import asyncio\nasync def train(n):\n{loop}", "asyncio.run(train(3))"),
        (
            "import asyncio\nasync def numbers(n):\n    for e in range(n):\n        yield e\n"
            "async def train(n):\n    async for e in numbers(n):\n        loss = 1 / (e + 1)",
            "async def main():\n    await train(3)\nasyncio.run(main())",
        ),
    ],
)
def test_functions_and_methods_that_the_cell_calls_are_watched_wherever_they_were_defined(definition, cell):
    definition = definition.replace("{loop}", "        for e in range(n):\n            loss = 1 / (e + 1)")
    for told in (watched(f"{definition}\n{cell}"), watched(cell, definition)):
        assert told.curves == {"loss": [(0, 1.0), (1, 0.5), (2, 1 / 3)]}


def test_functions_called_by_functions_are_watched():
    told = watched("outer()", TRAIN, "def outer():\n    for k in range(2):\n        score = train(2) + k")
    assert told.curves == {"loss": [(0, 1.0), (1, 0.5), (2, 1.0), (3, 0.5)], "score": [(0, 0.5), (1, 1.5)]}


def test_a_name_that_a_loop_of_the_cell_computes_too_is_told_by_the_function():
    told = watched("for k in range(2):\n    loss = train(2) + k", TRAIN)
    assert told.curves == {
        "loss": [(0, 0.5), (1, 1.5)],
        "train.loss": [(0, 1.0), (1, 0.5), (2, 1.0), (3, 0.5)],
    }


def test_a_function_of_the_cell_is_watched_behind_a_decorator_of_an_earlier_one():
    decorator = "def timed(f):\n    def wrapper(*args):\n        return f(*args)\n    return wrapper"
    told = watched("@timed\ndef train(n):\n    for e in range(n):\n        loss = e / 2\ntrain(2)", decorator)
    assert told.curves == {"loss": [(0, 0.0), (1, 0.5)]}


def test_methods_of_the_same_name_have_a_curve_each():
    classes = "".join(
        f"class {name}:\n    def fit(self):\n        for e in range(2):\n            loss = e + {more}\n"
        for name, more in (("A", 1), ("B", 5))
    )
    told = watched("A().fit()\nB().fit()", classes)
    assert told.curves == {"loss": [(0, 1), (1, 2)], "B.fit.loss": [(0, 5), (1, 6)]}


def test_an_asynchronous_loop_that_is_not_watched_yet_has_the_steps_of_its_iterations():
    told = watched(
        "import asyncio\nasync def numbers():\n    for e in range(9):\n        yield e\n"
        "async def train():\n    async for e in numbers():\n        if e == 6:\n            break\n"
        "        if e % 3:\n            continue\n        loss = e / 2\n"
        "    async for e in numbers():\n        acc = e / 2\n    else:\n        acc = e\n    return acc\n"
        "final = asyncio.run(train())"
    )
    assert told.curves["loss"] == [(0, 0.0), (3, 1.5)]
    assert told.curves["acc"] == [(step, step / 2) for step in range(9)]


@pytest.mark.parametrize(
    "cell",
    [
        "list(map(train, [2, 2]))",
        "jobs = [train]\njobs[0](2)",
        "(lambda: train(2))()",
        "job = train\njob(2)",
        "def steps(n):\n    for e in range(n):\n        loss = e / 2\n        yield loss\nlist(steps(3))",
        "async def later(n):\n    for e in range(n):\n        loss = e / 2\nlater(1).close()",
    ],
)
def test_functions_that_others_than_the_notebook_call_and_generators_are_not_watched(cell):
    assert watched(cell, TRAIN).curves == {}


def test_no_function_or_class_is_changed_while_the_cell_runs():
    notebook = Notebook()
    notebook.run(
        f"class Trainer:\n    def fit(self, seen):\n        for e in range(2):\n            loss = e / seen()\n{TRAIN}"
    )
    functions = notebook.namespace["train"], notebook.namespace["Trainer"].fit
    plain = [each.__code__ for each in functions]
    told = notebook.run(
        "def seen():\n    seen.codes = [train.__code__, Trainer.fit.__code__]\n    return 2\n"
        "Trainer().fit(seen)\ntrain(2)",
        watched=True,
    )
    assert (told.error, list(told.curves)) == (None, ["loss", "train.loss"])
    assert all(one is other for one, other in zip(notebook.namespace["seen"].codes, plain, strict=True))


def test_a_function_that_is_not_what_its_cell_says_is_left_alone():
    changed = TRAIN + "\ntrain.__code__ = train.__code__.replace(co_consts=(None, 2))"
    assert watched("train(3)", changed).curves == {}
