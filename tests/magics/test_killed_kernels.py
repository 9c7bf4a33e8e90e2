"""Kernels that are killed while they record: what was captured is there, and the runs say what became of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import closing

from jupyter_track.entities import Run, RunStatus
from jupyter_track.store import open_store

from ..kernels import PATIENCE, Kernel

ENDLESS = """%%track --name endless
import itertools, time
rate = 0.5
for step in itertools.count():
    print(f"step {step} loss={1 / (1 + step)}")
    time.sleep(0.001)
"""


def runs_of(kernel: Kernel) -> list[Run]:
    with closing(open_store(kernel.store_uri)) as store:
        ids = [experiment.experiment_id for experiment in store.search_experiments()]
        return list(store.search_runs(ids))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def steps_of(kernel: Kernel, run: Run) -> list[int]:
    with closing(open_store(kernel.store_uri)) as store:
        return [metric.step for metric in store.get_metric_history(run.info.run_id, "loss")]


def test_a_killed_kernels_run_is_ended_by_the_next_kernel(new_kernel: Callable[..., Kernel]) -> None:
    kernel = new_kernel()
    chance = random.Random(7)
    seen = 0
    for number in range(3):
        kernel.run("%load_ext jupyter_track")
        kernel.submit(ENDLESS)
        # What is printed is logged every half second; the kernel dies somewhere between.
        wait_for(lambda number=number: len(runs_of(kernel)) > number and len(steps_of(kernel, runs_of(kernel)[0])) > 0)
        time.sleep(chance.random())
        seen = len(steps_of(kernel, runs_of(kernel)[0]))
        kernel.kill()
    kernel.run("%load_ext jupyter_track")
    wait_for(lambda: all(run.info.status is RunStatus.KILLED for run in runs_of(kernel)))
    for run in runs_of(kernel):
        assert run.info.end_time is not None
        assert run.info.end_time >= run.info.start_time
    steps = steps_of(kernel, runs_of(kernel)[0])
    assert steps == list(range(len(steps)))
    assert len(steps) >= seen > 0
