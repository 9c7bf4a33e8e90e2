"""A program with its loops watched is the same program, and the curves are what it computed."""

import math

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jupyter_track.capture.loops import sampling

from .programs import PRELUDE, programs
from .running import Notebook

EXAMPLES = 500


def run(text: str, watched: bool):
    notebook = Notebook()
    notebook.run(PRELUDE, filename="<prelude>")
    told = notebook.run(text, watched, filename="<program>")
    return notebook, told


def oracle(namespace, name):
    """Return the points of a curve as the program itself noted them."""
    return sorted(namespace["noted"].get(name, {}).items())


def same(one, other):
    return len(one) == len(other) and all(
        step == other_step and (value == other_value or (math.isnan(value) and math.isnan(other_value)))
        for (step, value), (other_step, other_value) in zip(one, other, strict=True)
    )


def does_the_same(program):
    """Run a program as it is and watched; return the oracle's namespace and what was told of the watched one."""
    plain, as_written = run(program.text, False)
    watched_notebook, watched = run(program.text, True)
    assert watched.watch.notes == []
    assert watched_notebook.namespace["said"] == plain.namespace["said"]
    assert watched.printed == as_written.printed
    assert (watched.error, watched.frames) == (as_written.error, as_written.frames)
    assert list(watched_notebook.values.items()) == list(plain.values.items())
    assert set(watched.curves) <= program.curves | program.maybe
    return plain.namespace, watched


for_programs = settings(
    max_examples=EXAMPLES,
    deadline=None,
    # To explain, Hypothesis traces, and under a tracer nothing is watched.
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@for_programs
@given(programs())
def test_random_programs_do_the_same_and_their_curves_are_what_they_computed(program):
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("GRACE", "FIRST_GRACE"):
            patch.setattr(sampling, limit, 1 << 60)  # However busy the machine is.
        namespace, watched = does_the_same(program)
    for name in program.curves - program.maybe:
        assert same(watched.curves.get(name, []), oracle(namespace, name)), name


@for_programs
@given(programs(), st.randoms(use_true_random=False))
def test_they_do_the_same_wherever_a_loop_is_left_to_itself_or_passed_by(program, random):
    def following(*_):
        return random.choice([(0, False), (1, True), (2, True), (1, False), (2, False), (7, False)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling.Pace, "next", following)
        patch.setattr(sampling.Pace, "may_begin", lambda *_: random.random() < 0.7)
        patch.setattr(sampling.Pace, "is_a_burden", lambda *_: random.random() < 0.1)
        namespace, watched = does_the_same(program)
    for name, points in watched.curves.items():
        steps = [step for step, _ in points]
        assert steps == sorted(set(steps))
        values = [value for _, value in oracle(namespace, name)]
        assert all(value in values or math.isnan(value) for _, value in points)
