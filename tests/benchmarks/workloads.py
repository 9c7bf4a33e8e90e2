"""What is measured, written once for both packages, which have the same calls.

::

    python workloads.py MODULE WORKLOAD '{"uri": "sqlite:////tmp/runs.db", "count": 100}'

runs one workload in this process, with the package of that name, and prints what it took as JSON: ``seconds`` and
``cpu``, the seconds of processor time of the whole process, are lists of samples, each of one call. A loop of log
calls is one sample, everything else is timed call by call. `engine.py` runs this file with the interpreter of either
package.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

#: Calls before the clock starts: they open the database and fill whatever is kept in memory.
WARM = 5
#: Params that each run is given.
PARAMS = 100
#: Metric points of a batch.
BATCH = 1_000
#: The best of the runs that are good at something else and were made in one way.
FILTER = "metrics.val_accuracy > {threshold} and params.optimizer = 'adam'"
ORDER = ["metrics.loss ASC"]
PAGE = 100


def client(module: Any) -> Any:
    """Return the client of the tracking URI in force."""
    return module.TrackClient() if is_ours(module) else module.MlflowClient()


def is_ours(module: Any) -> bool:
    """Return whether the package is ours, which a few workloads have to know."""
    return bool(module.__name__ == "jupyter_track")


def settle(module: Any) -> None:
    """Wait until the database has what was logged; MLflow's has it when a call returns."""
    if is_ours(module):
        assert client(module).outbox.flush(timeout=600)


def begin(module: Any, uri: str) -> None:
    """Choose the database, and an experiment in it."""
    module.set_tracking_uri(uri)
    module.set_experiment("logged")


class Clock:
    """Takes samples."""

    def __init__(self) -> None:
        self.samples: dict[str, list[float]] = {"seconds": [], "cpu": []}
        self._total = [0.0, 0.0]
        self._since = [0.0, 0.0]

    def start(self) -> None:
        """Let the clock run."""
        self._since = [time.perf_counter(), time.process_time()]

    def stop(self) -> None:
        """Let the clock stand."""
        now = time.perf_counter(), time.process_time()
        self._total = [total + until - since for total, since, until in zip(self._total, self._since, now, strict=True)]

    def sample(self, calls: int = 1) -> None:
        """Take a sample of so many calls, and begin anew."""
        for samples, total in zip(self.samples.values(), self._total, strict=True):
            samples.append(total / calls)
        self._total = [0.0, 0.0]


def each(count: int, call: Callable[[int], object], warm: int = WARM) -> dict[str, Any]:
    """Time each of `count` calls."""
    for number in range(warm):
        call(number)
    clock = Clock()
    for number in range(warm, warm + count):
        clock.start()
        call(number)
        clock.stop()
        clock.sample()
    return dict(clock.samples)


def loop(module: Any, count: int, call: Callable[[int], object]) -> dict[str, Any]:
    """Time `count` calls, and with them, as ``committed``, until the database has what they logged."""
    for number in range(WARM):
        call(number)
    settle(module)
    clock, committed = Clock(), Clock()
    committed.start()
    clock.start()
    for number in range(WARM, WARM + count):
        call(number)
    clock.stop()
    settle(module)
    committed.stop()
    clock.sample(count)
    committed.sample(count)
    return {**clock.samples, "committed": committed.samples["seconds"]}


# -- logging


def log_metric(module: Any, uri: str, count: int) -> dict[str, Any]:
    """Log the points of one curve, one by one."""
    begin(module, uri)
    with module.start_run():
        return loop(module, count, lambda step: module.log_metric("loss", 1 / (1 + step), step=step))


def log_param(module: Any, uri: str, count: int) -> dict[str, Any]:
    """Log params one by one, so many to a run; beginning the runs and ending them is not timed."""
    begin(module, uri)
    clock, committed = Clock(), Clock()
    for _ in range(count // PARAMS):
        with module.start_run():
            settle(module)
            committed.start()
            clock.start()
            for number in range(PARAMS):
                module.log_param(f"param_{number}", number)
            clock.stop()
            settle(module)
            committed.stop()
            clock.sample(PARAMS)
            committed.sample(PARAMS)
    return {**clock.samples, "committed": committed.samples["seconds"]}


def log_batch(module: Any, uri: str, count: int, names: int) -> dict[str, Any]:
    """Log batches of 1,000 points of so many metrics, each until it is committed."""
    begin(module, uri)
    metric = importlib.import_module(f"{module.__name__}.entities").Metric
    steps = BATCH // names
    with module.start_run() as run:
        logging, run_id = client(module), run.info.run_id
        batches = [
            [
                metric(f"metric_{name}", 0.5, 1_700_000_000_000 + step, step)
                for step in range(number * steps, (number + 1) * steps)
                for name in range(names)
            ]
            for number in range(WARM + count)
        ]
        return each(count, lambda number: logging.log_batch(run_id, metrics=batches[number], synchronous=True))


def cycle(module: Any, uri: str, count: int) -> dict[str, Any]:
    """Begin runs and end them."""
    begin(module, uri)

    def call(_: int) -> None:
        module.start_run()
        module.end_run()

    return loop(module, count, call)


# -- reading


def experiments(module: Any, uri: str) -> list[str]:
    """Choose the database, and return the experiment whose runs are read."""
    module.set_tracking_uri(uri)
    return [module.get_experiment_by_name("bench-0").experiment_id]


def search(
    module: Any,
    uri: str,
    count: int,
    warm: int = WARM,
    warm_seconds: float = 0,
    filter: str = FILTER,
    threshold: float = 0.9,
) -> dict[str, Any]:
    """Find the best runs of those that pass a filter, which is a slightly different one each time.

    `warm_seconds`: for so long there is a search now and then before the clock starts, since what very many runs are
    answered from is read in the background.
    ``found`` are the ids of the runs that the first of these filters finds, and ``sizes`` how much each of them has.
    """
    where, searching = experiments(module, uri), client(module)
    pages: dict[int, Any] = {}

    def call(number: int) -> None:
        asked = filter.format(threshold=round(threshold + number / 10_000, 4))
        pages[0] = searching.search_runs(where, asked, max_results=PAGE, order_by=ORDER)

    deadline = time.monotonic() + warm_seconds
    while time.monotonic() < deadline:
        call(0)
        time.sleep(0.5)
    taken = each(count, call, warm)
    call(0)
    sizes = [[len(run.data.metrics), len(run.data.params), len(run.data.tags)] for run in pages[0]]
    return {**taken, "found": [run.info.run_id for run in pages[0]], "sizes": sizes}


def first_search(module: Any, uri: str) -> dict[str, Any]:
    """Search once, in this new process: the database has to be opened, and nothing is in memory."""
    clock = Clock()
    clock.start()
    where = experiments(module, uri)
    client(module).search_runs(where, FILTER.format(threshold=0.9), max_results=PAGE, order_by=ORDER)
    clock.stop()
    clock.sample()
    return dict(clock.samples)


def pages(module: Any, uri: str, count: int, number: int) -> dict[str, Any]:
    """Read the first page of the newest runs again and again, then, as ``late``, the page of that number."""
    where, searching = experiments(module, uri), client(module)

    def page(token: str | None) -> Any:
        return searching.search_runs(where, max_results=PAGE, page_token=token)

    token: str | None = None
    first = each(count, lambda _: page(None))
    for _ in range(number - 1):
        token = page(token).token
        assert token, f"There are no {number} pages."
    return {**first, "late": each(count, lambda _: page(token))["seconds"]}


def frame(module: Any, uri: str, count: int, warm: int = WARM) -> dict[str, Any]:
    """Read 1,000 runs into a pandas frame; ``shape``: its rows and columns."""
    where = experiments(module, uri)
    frames: dict[int, Any] = {}

    def call(_: int) -> None:
        frames[0] = module.search_runs(experiment_ids=where, max_results=1_000)

    return {**each(count, call, warm), "shape": list(frames[0].shape)}


def curve(module: Any, uri: str, count: int, warm: int = WARM) -> dict[str, Any]:
    """Read a curve of 1,000 points as the plots of either user interface do; ``points``: how many came."""
    where = experiments(module, uri)
    run_id = client(module).search_runs(where, max_results=1)[0].info.run_id
    store = _store_of_plots(module, uri)
    curves: dict[int, Any] = {}

    def call(_: int) -> None:
        curves[0] = store.get_metric_history_bulk_interval([run_id], "loss", 1_000, None, None)

    taken = each(count, call, warm)
    return {**taken, "points": len(curves[0][run_id] if is_ours(module) else curves[0])}


def _store_of_plots(module: Any, uri: str) -> Any:
    """Return what answers a server's request for a curve to draw."""
    if is_ours(module):
        from jupyter_track.store import open_store

        return open_store(uri)
    from mlflow.server.handlers import _get_tracking_store  # type: ignore[import-not-found]

    return _get_tracking_store()


# -- what both are, and what they read


def versions(module: Any) -> dict[str, str]:
    """Return the versions of all that takes part."""
    import platform
    import sqlite3

    import sqlalchemy

    return {
        module.__name__: module.__version__,
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "SQLAlchemy": sqlalchemy.__version__,
    }


def prepare(module: Any, uri: str) -> dict[str, Any]:
    """Make an empty database with the experiment whose runs are read."""
    module.set_tracking_uri(uri)
    module.create_experiment("bench-0")
    return {}


def main() -> None:
    """Run what the command line asks for."""
    module, workload, arguments = importlib.import_module(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    print(json.dumps(globals()[workload](module, **arguments)))


if __name__ == "__main__":
    main()
