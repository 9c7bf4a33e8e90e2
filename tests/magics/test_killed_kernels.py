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


def test_a_killed_kernels_run_is_ended_by_the_next_kernel(new_kernel: Callable[..., Kernel]) -> None:
    kernel = new_kernel()
    chance = random.Random(7)
    for _ in range(3):
        kernel.run("%load_ext jupyter_track")
        execution = kernel.submit(ENDLESS)
        kernel.wait_until(lambda seen=execution: "step 20 " in seen.stdout)
        time.sleep(chance.random() / 2)
        kernel.kill()
    kernel.run("%load_ext jupyter_track")
    wait_for(lambda: len(runs_of(kernel)) == 3)
    wait_for(lambda: all(run.info.status is RunStatus.KILLED for run in runs_of(kernel)))
    for run in runs_of(kernel):
        assert run.info.end_time is not None
        assert run.info.end_time >= run.info.start_time
    with closing(open_store(kernel.store_uri)) as store:
        history = store.get_metric_history(runs_of(kernel)[0].info.run_id, "loss")
    steps = [metric.step for metric in history]
    assert steps == list(range(len(steps)))
    assert len(steps) > 20
