import contextvars
import threading

import pytest

from jupyter_track.capture import background as module
from jupyter_track.capture.background import Background

PATIENCE = 30


@pytest.fixture
def failures():
    return []


@pytest.fixture
def background(failures):
    made = Background(failures.append)
    yield made
    made.close()


def test_jobs_are_done_in_their_order_on_one_thread_of_their_own(background):
    done = []
    for number in range(50):
        background.add(lambda number=number: done.append((number, threading.current_thread())))
    background.settle(PATIENCE)
    assert [number for number, _ in done] == list(range(50))
    assert len({thread for _, thread in done}) == 1
    assert done[0][1] is not threading.current_thread()


def test_a_job_runs_in_the_context_of_whoever_asked_for_it(background):
    cell = contextvars.ContextVar("cell", default="none")
    seen = []
    cell.set("first")
    background.add(lambda: seen.append(cell.get()))
    cell.set("second")
    background.settle(PATIENCE)
    assert seen == ["first"]


def test_a_job_that_fails_is_told_and_the_next_is_done(background, failures):
    done = []
    background.add(lambda: 1 / 0)
    background.add(done.append, "next")
    background.settle(PATIENCE)
    assert [type(error) for error in failures] == [ZeroDivisionError]
    assert done == ["next"]


def test_a_job_waits_while_others_keep_coming_but_not_for_ever(background, monkeypatch):
    monkeypatch.setattr(module, "QUIET_SECONDS", 3600.0)
    monkeypatch.setattr(module, "PATIENT_SECONDS", 0.05)
    done = threading.Event()
    background.add(done.set)
    assert done.wait(PATIENCE)


def test_a_job_is_done_as_soon_as_it_is_quiet(background, monkeypatch):
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(module, "PATIENT_SECONDS", 3600.0)
    done = threading.Event()
    background.add(done.set)
    assert done.wait(PATIENCE)


@pytest.mark.parametrize("hurry", [lambda made: made.settle(PATIENCE), Background.close])
def test_whoever_waits_for_the_jobs_does_not_wait_for_quiet(background, monkeypatch, hurry):
    monkeypatch.setattr(module, "QUIET_SECONDS", 3600.0)
    monkeypatch.setattr(module, "PATIENT_SECONDS", 3600.0)
    done = []
    background.add(done.append, 1)
    background.add(done.append, 2)
    assert done == []
    hurry(background)
    assert done == [1, 2]


def test_settling_gives_up_in_time(background, monkeypatch):
    release = threading.Event()
    background.add(release.wait)
    background.settle(0.01)
    assert not release.is_set()
    release.set()
