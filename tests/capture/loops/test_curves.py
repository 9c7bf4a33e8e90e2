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


def test_functions_of_this_and_earlier_cells_are_watched_while_the_cell_runs_and_only_then():
    for cell, earlier in ((f"{TRAIN}\ntrain(3)", []), ("train(3)", [TRAIN])):
        notebook = Notebook()
        for each in earlier:
            notebook.run(each)
        told = notebook.run(cell, watched=True)
        assert [value for _, value in told.curves["loss"]] == [1.0, 0.5, 1 / 3]
        assert notebook.namespace["train"].__code__.co_names == ("range",)


def test_functions_called_by_functions_are_watched():
    told = watched("outer()", TRAIN, "def outer():\n    for k in range(2):\n        score = train(2) + k")
    assert told.curves == {"loss": [(0, 1.0), (1, 0.5), (2, 1.0), (3, 0.5)], "score": [(0, 0.5), (1, 1.5)]}


def test_a_name_that_a_loop_of_the_cell_computes_too_is_told_by_the_function():
    told = watched("for k in range(2):\n    loss = train(2) + k", TRAIN)
    assert told.curves == {
        "loss": [(0, 0.5), (1, 1.5)],
        "train.loss": [(0, 1.0), (1, 0.5), (2, 1.0), (3, 0.5)],
    }


@pytest.mark.parametrize(
    "cell",
    [
        "list(map(train, [2, 2]))",
        "jobs = [train]\njobs[0](2)",
        "(lambda: train(2))()",
        "job = train\njob(2)",
        "def run():\n    return train(2)\nrun()\nprint(run)",
        "@(lambda f: f)\ndef decorated(n):\n    for e in range(n):\n        loss = e / 2\ndecorated(3)",
        "def steps(n):\n    for e in range(n):\n        loss = e / 2\n        yield loss\nlist(steps(3))",
        "async def later(n):\n    for e in range(n):\n        loss = e / 2\nlater(1).close()",
    ],
)
def test_functions_that_go_anywhere_but_into_a_call_are_left_alone(cell):
    codes = []
    notebook = Notebook()
    notebook.run(TRAIN)
    plain = notebook.namespace["train"].__code__
    notebook.namespace["seen"] = lambda: codes.append(notebook.namespace["train"].__code__)
    told = notebook.run(f"seen()\n{cell}", watched=True)
    assert (told.error, told.curves, codes) == (None, {}, [plain])


def test_a_function_that_something_else_holds_as_well_is_left_alone():
    assert watched("train(3)", TRAIN, "callbacks = [train]").curves == {}


def test_a_function_that_is_not_what_its_cell_says_is_left_alone():
    changed = TRAIN + "\ntrain.__code__ = train.__code__.replace(co_consts=(None, 2))"
    assert watched("train(3)", changed).curves == {}
