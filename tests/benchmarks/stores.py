"""The databases that the benchmarks read: made when they are first asked for, and kept in one folder."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import make_url

from jupyter_track.entities import Metric, Param, RunTag
from jupyter_track.store import open_store
from jupyter_track.tracking.runs import every_run
from tests.benchmarks.generate import generate
from tests.benchmarks.mlflow_copy import copy_runs
from tests.benchmarks.subjects import Subject
from tests.store.postgres import postgres_server

__all__ = ["Stores", "bytes_of", "gather_statistics", "uri"]

_START = 1_700_000_000_000


def uri(path: Path) -> str:
    """Return the tracking URI of a SQLite file, the same in both packages."""
    return f"sqlite:///{path}"


def bytes_of(path: Path) -> int:
    """Return the size of a SQLite file, what is in its write-ahead log included."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path.stat().st_size


def gather_statistics(path: Path, keep: bool) -> None:
    """Let SQLite gather the statistics that it plans by, or let it have none, as a file is that nobody analyses."""
    connection = sqlite3.connect(path)
    connection.execute("ANALYZE")
    if not keep:
        connection.execute("DELETE FROM sqlite_stat1")
    connection.commit()
    connection.close()


class Stores:
    """Databases in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        A file that is there already is used as it is.
    theirs : Subject
        MLflow, which makes the tables of its own files.
    """

    def __init__(self, folder: Path, theirs: Subject) -> None:
        self._folder = folder
        self._theirs = theirs

    @contextmanager
    def _making(self, path: Path) -> Iterator[Path | None]:
        """Give a place for a file to be made, None if it is there; it has its name when it is whole."""
        if path.exists():
            yield None
            return
        print(f"  making {path.name} ...", file=sys.stderr, flush=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        for left in unfinished.parent.glob(f"{unfinished.name}*"):
            left.unlink()
        yield unfinished
        bytes_of(unfinished)
        unfinished.rename(path)

    def ours(self, runs: int) -> Path:
        """Return our file of so many generated runs."""
        path = self._folder / f"ours-{runs}.db"
        with self._making(path) as making:
            if making is not None:
                generate(uri(making), runs)
        return path

    def theirs(self, runs: int) -> Path:
        """Return MLflow's file of the same runs."""
        return self._copied(self.ours(runs), self._folder / f"mlflow-{runs}.db")

    def our_curve(self, points: int) -> Path:
        """Return our file with one curve of so many points."""
        path = self._folder / f"ours-curve-{points}.db"
        with self._making(path) as making:
            if making is not None:
                _draw(making, points)
        return path

    def their_curve(self, points: int) -> Path:
        """Return MLflow's file with the same curve."""
        return self._copied(self.our_curve(points), self._folder / f"mlflow-curve-{points}.db")

    def our_logged(self, runs: int) -> Path:
        """Return our file of so many of the generated runs, each logged through the store."""
        path = self._folder / f"ours-logged-{runs}.db"
        with self._making(path) as making:
            if making is not None:
                _log_again(self.ours(runs), making)
        return path

    def their_logged(self, runs: int) -> Path:
        """Return MLflow's file of the same runs; what `copy_runs` writes is as if logged."""
        return self._copied(self.our_logged(runs), self._folder / f"mlflow-logged-{runs}.db")

    @cached_property
    def their_empty(self) -> Path:
        """MLflow's file with its tables and the experiment, and no runs."""
        path = self._folder / "mlflow-empty.db"
        with self._making(path) as making:
            if making is not None:
                self._theirs.run("prepare", uri=uri(making))
        return path

    def _copied(self, ours: Path, path: Path) -> Path:
        with self._making(path) as making:
            if making is not None:
                shutil.copyfile(self.their_empty, making)
                copy_runs(ours, making)
        return path

    @contextmanager
    def postgres(self, runs: int) -> Iterator[str]:
        """Give the URI of a PostgreSQL database of so many generated runs."""
        with postgres_server().database() as there:
            print(f"  making {runs} runs in PostgreSQL ...", file=sys.stderr, flush=True)
            generate(there, runs)
            with postgres_server().connect(str(make_url(there).database)) as connection:
                # What a server does by itself a minute later.
                connection.execute("VACUUM (ANALYZE)")
            yield there


def _draw(path: Path, points: int) -> None:
    """Log one run, of which "loss" has so many points, falling and noisy, one a step."""
    store = open_store(uri(path))
    run_id = store.create_run(store.create_experiment("bench-0")).info.run_id
    for first in range(0, points, 1_000):
        steps = range(first, min(first + 1_000, points))
        noise = ((step * 7919 % 10007) / 100_070 for step in steps)
        values = (1_000 / (1_000 + step) + each for step, each in zip(steps, noise, strict=True))
        store.log_batch(
            run_id, [Metric("loss", value, _START + step, step) for step, value in zip(steps, values, strict=True)]
        )
    store.close()


def _log_again(source: Path, target: Path) -> None:
    """Log the runs of a file to another one."""
    read, written = open_store(uri(source)), open_store(uri(target))
    experiment_id = written.create_experiment("bench-0")
    for run in every_run(read, ["1"], order_by=["start_time"]):
        info, data = run.info, run.data
        written.create_run(experiment_id, info.user_id, info.start_time, run_name=info.run_name, run_id=info.run_id)
        params = [Param(key, value) for key, value in data.params.items()]
        written.log_batch(info.run_id, data.latest_metrics, params, [RunTag(*tag) for tag in data.tags.items()])
        written.update_run_info(info.run_id, info.status, info.end_time)
    read.close()
    written.close()
