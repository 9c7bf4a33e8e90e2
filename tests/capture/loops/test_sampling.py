"""Loops too quick to be looked at each time: their steps stay true, their points few, and their ends known."""

import ast

import pytest

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.loops import LoopTransformer, LoopWatch, sampling
from jupyter_track.capture.loops.sampling import Pace

from .running import Notebook

UNIT = 1_000  # nanoseconds


@pytest.mark.parametrize(
    "cell",
    [
        "for i in range(200_000):\n    loss = i * 0.5",
        "for i in range(200_000):\n    loss = sum((i, 0)) * 0.5",
        "def train():\n    for i in range(200_000):\n        loss = i * 0.5\ntrain()",
        "i = -1\nwhile i < 199_999:\n    i += 1\n    loss = i * 0.5",
        "for k in range(200):\n    for j in range(1_000):\n        loss = (k * 1_000 + j) * 0.5",
    ],
)
def test_each_point_has_the_true_step_and_the_first_ones_are_all_there(cell):
    told = Notebook().run(cell, watched=True)
    points = told.curves["loss"]
    assert all(value == step * 0.5 for step, value in points)
    assert [step for step, _ in points[:50]] == list(range(50))
    assert len(points) < 20_000


def test_the_last_value_of_a_quick_loop_at_the_top_level_is_there():
    told = Notebook().run("for i in range(300_000):\n    loss = i * 0.5\nloss = 'something else'", watched=True)
    assert told.curves["loss"][-1] == (299_999, 149_999.5)


def test_a_quick_loop_is_looked_at_from_outside_while_it_runs_and_no_longer():
    namespace, told = {"__name__": "__main__"}, []
    cell = (
        "for i in range(400_000):\n    loss = i * 0.5\n    if i in (150_000, 250_000):\n        take()\n"
        "    if i == 300_000:\n        break\nloss = -1.0\ntake()\n"
    )
    watch = LoopWatch(CellSource(cell), namespace)
    namespace["take"] = lambda: told.append([point for point in watch.take(1 << 60) if point.step > 100_000])
    watch.start()
    tree = LoopTransformer(lambda: watch).visit(ast.parse(cell))
    try:
        exec(compile(tree, "<quick>", "exec"), namespace)
    finally:
        watch.stop()
    at_work, later, afterwards = ([(point.step, point.value) for point in points] for points in told)
    assert (at_work[-1], later[-1]) == ((150_000, 75_000.0), (250_000, 125_000.0))
    assert all(value == step * 0.5 for step, value in afterwards)


def stretches(pace, iterations, unit, reading, ahead=0):
    """Play a loop whose iterations and readings take so many nanoseconds; return what was looked at."""
    looked_at, done, (size, looks) = [], 0, pace.first(ahead)
    while size and done < iterations:
        size = min(size, iterations - done)
        pace.reading = reading * size if looks else 0
        looked_at += range(done, done + size) if looks else []
        done += size
        size, looks = pace.next(size, looks, size * unit + pace.reading, 1_000)
    return looked_at, done


@pytest.mark.parametrize(("unit", "reading"), [(10**6, 2_000), (10**9, 100_000), (300_000, 2_000)])
def test_slow_iterations_are_all_looked_at(unit, reading):
    looked_at, _ = stretches(Pace(1, 0, 0), 5_000, unit, reading)
    assert looked_at == list(range(5_000))


@pytest.mark.parametrize(("unit", "reading"), [(5_000, 2_000), (25_000, 1_500), (100_000, 50_000), (10**6, 10**6)])
def test_reading_takes_two_hundredths_of_the_time_at_most(unit, reading):
    looked_at, done = stretches(Pace(1, 0, 0), 200_000, unit, reading)
    spent = len(looked_at) * (reading + 2 * (1_000 + sampling.STRETCH))
    assert done == 200_000
    assert spent <= sampling.MACHINERY_SHARE * unit * done + 20 * sampling.GRACE + 20 * reading
    steps = {later - earlier for earlier, later in zip(looked_at[-20:], looked_at[-19:], strict=False)}
    assert len(steps) == 1


@pytest.mark.parametrize(
    ("ahead", "first"), [(0, sampling.FIRST), (5_000, sampling.FIRST), (10**7, sampling.FIRST_OF_LONG)]
)
def test_quick_iterations_are_left_to_themselves_after_the_first_ones_the_sooner_the_more_are_to_come(ahead, first):
    looked_at, done = stretches(Pace(1, 0, 0), 10**7, 30, 1_000, ahead)
    assert looked_at == list(range(done))
    assert done == first


def test_slow_iterations_are_all_looked_at_however_many_are_to_come():
    looked_at, _ = stretches(Pace(1, 0, 0), 5_000, 10**6, 2_000, 10**7)
    assert looked_at == list(range(5_000))


def test_of_very_many_points_fewer_and_fewer_are_kept():
    looked_at, _ = stretches(Pace(1, 0, 0), 1_000_000, 10**6, 1_000)
    assert len(looked_at) < 60_000
    assert looked_at[-1] - looked_at[-2] >= 64


def test_a_loop_that_is_entered_very_often_is_passed_by():
    pace = Pace(1, 0, 0)
    begun = [pace.may_begin(now) for now in range(0, 100_000 * 5 * UNIT, 5 * UNIT)]
    assert begun[:100] == [True] * 100
    assert sum(begun) * sampling.ACTIVATION <= sampling.SHARE * 100_000 * 5 * UNIT + 2 * sampling.GRACE
    assert pace.is_a_burden(100_000 * 5 * UNIT)
