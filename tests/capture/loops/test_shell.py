"""Loops of cells that IPython itself runs, with the transformer among its own."""

import pytest

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.loops import LoopTransformer, LoopWatch

TRAIN = "def train(epochs):\n    for e in range(epochs):\n        loss = 1 / (e + 1)\n    return loss"


@pytest.fixture
def watched(shell):
    active = []
    transformer = LoopTransformer(lambda: active[-1] if active else None)
    shell.ast_transformers.append(transformer)

    def run(cell):
        watch = LoopWatch(CellSource(shell.transform_cell(cell)), shell.user_ns)
        active.append(watch)
        watch.start()
        try:
            result = shell.run_cell(cell, store_history=True)
        finally:
            watch.stop()
            active.pop()
        assert watch.notes == []
        assert transformer in shell.ast_transformers
        return result, [(point.key, point.step, point.value, point.line) for point in watch.take(1 << 60)]

    yield run
    shell.ast_transformers.remove(transformer)


def test_a_cell(watched):
    result, points = watched("for e in range(2):\n    loss = e / 2\nloss")
    assert (result.result, points) == (0.5, [("loss", 0, 0.0, 2), ("loss", 1, 0.5, 2)])


def test_a_function_of_an_earlier_cell(watched, shell):
    shell.run_cell(TRAIN, store_history=True).raise_error()
    result, points = watched("train(2)")
    assert (result.result, points) == (0.5, [("loss", 0, 1.0, 0), ("loss", 1, 0.5, 0)])


def test_a_function_of_the_cell(watched):
    result, points = watched(f"{TRAIN}\ntrain(2)")
    assert (result.result, points) == (0.5, [("loss", 0, 1.0, 3), ("loss", 1, 0.5, 3)])


def test_a_timed_cell_knows_the_lines_that_the_person_sees(watched, capsys):
    result, points = watched("%%time\nfor e in range(2):\n    loss = e / 2\nfor e in range(2):\n    acc = e / 2\n")
    assert result.success
    assert points == [("loss", 0, 0.0, 3), ("loss", 1, 0.5, 3), ("acc", 0, 0.0, 5), ("acc", 1, 0.5, 5)]


def test_a_cell_that_is_timed_again_and_again_is_left_alone(watched, capsys):
    result, points = watched("%%timeit -n 3 -r 1\nfor e in range(2):\n    loss = e / 2\n")
    assert (result.success, points) == (True, [])


def test_an_asynchronous_cell(watched):
    cell = "import asyncio\nfor e in range(2):\n    await asyncio.sleep(0)\n    loss = e / 2\n"
    result, points = watched(cell)
    assert (result.success, points) == (True, [("loss", 0, 0.0, 4), ("loss", 1, 0.5, 4)])


def test_cells_that_are_not_watched_are_as_they_were(watched, shell):
    watched("for e in range(2):\n    loss = e / 2")
    assert shell.run_cell("for e in range(3):\n    loss = e / 2\nloss", store_history=True).result == 1.0
