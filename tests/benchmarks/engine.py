"""The engine beside MLflow: one command that measures both on this machine and prints a table.

::

    python tests/benchmarks/engine.py                       # all of it, in less than a quarter of an hour
    python tests/benchmarks/engine.py --only search         # one part
    python tests/benchmarks/engine.py --data /tmp/bench     # keep the databases for the next time

How to read it
--------------
Each line holds medians of one call, ours and MLflow's, how many times as long MLflow's takes, and the goal. The column
"by CPU" compares the processor time of the two processes instead of the time on the clock: on a machine that does
other things besides it is the steadier one. All samples are summed up below the table: how many there were, the least,
the median, and that below which 95 of 100 are.

What is compared
----------------
Both packages run the same code (`workloads.py`), each in processes of its own and, where a workload is short, taking
turns. Both have their default settings and a SQLite file. MLflow's log calls return when the row is committed. Ours
return when the record is in the journal, where it survives the death of the process, and the line below each of them
tells the rate through to committed rows, with the wait for the database counted in. `log_batch` is compared
from committed rows to committed rows.

The runs that both search are the same, and so is what is found, which is checked. The filter is another one at every
search, so that no answer can be remembered. Everything is warm but where the line says "first". SQLite plans MLflow's
search badly without statistics about the file, which MLflow never has it gather (ANALYZE): the goal is held against
the search with them, and the line below tells what the search takes without. The largest databases are ours alone;
there, "few" are some in a hundred of the runs, "many" up to a third.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import subjects
from tests.benchmarks.report import Row, at_least, at_most, grows, heading, line, ratio_of_sizes, summary
from tests.benchmarks.stores import Stores, bytes_of, gather_statistics, uri

#: How often the two take turns.
ROUNDS = 3
#: Seconds after which the largest databases are warm.
WARM_SECONDS = 10
TEXT_FILTER = "metrics.val_accuracy > {threshold} and params.optimizer = 'adam'"
NUMBER_FILTER = "metrics.val_accuracy > {threshold} and params.learning_rate < 0.5"

Taken = dict[str, Any]


class Engine:
    """Measures; each method whose name is that of a part yields lines of the table.

    Parameters
    ----------
    options : argparse.Namespace
    folder : pathlib.Path
        Where databases are kept.
    """

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self.subjects = subjects.ours(folder / "home"), subjects.mlflow(options.mlflow)
        self._ours, self._theirs = self.subjects
        self._stores = Stores(folder, self._theirs)
        #: All that was measured, by what it is: seconds, and seconds of processor time.
        self.samples: dict[str, tuple[list[float], list[float]]] = {}

    def _keep(self, name: str, taken: Taken) -> Taken:
        self.samples[name] = taken["seconds"], taken.get("cpu", [])
        for kind in ("committed", "late"):
            if kind in taken:
                self.samples[f"{name}, {kind}"] = taken[kind], []
        return taken

    def _in_turns(self, workload: str, ours: int, theirs: int, **more: int) -> tuple[Taken, Taken]:
        """Run a workload that writes, in new databases each time: so many calls of each package."""
        all_ours: Taken = {}
        all_theirs: Taken = {}
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
                file = Path(scratch) / "mlflow.db"
                file.write_bytes(self._stores.their_empty.read_bytes())
                for taken, told in (
                    (all_ours, self._ours.run(workload, uri=uri(Path(scratch) / "ours.db"), count=ours, **more)),
                    (all_theirs, self._theirs.run(workload, uri=uri(file), count=theirs, **more)),
                ):
                    for kind, samples in told.items():
                        taken.setdefault(kind, []).extend(samples)
        name = " ".join([workload, *(f"{name}={value}" for name, value in more.items())])
        self._keep(f"{name}, ours", all_ours)
        self._keep(f"{name}, MLflow", all_theirs)
        return all_ours, all_theirs

    # -- the parts

    def importing(self) -> Iterator[Row]:
        # A kernel's shell, for that is where extensions are loaded.
        shell = "import ipykernel.kernelapp; from IPython import InteractiveShell; shell = InteractiveShell.instance()"
        load = "import jupyter_track; shell.extension_manager.load_extension('jupyter_track')"
        ours, theirs = [], []
        for number in range(2 * ROUNDS):
            mine, its = self._ours.importing(shell, load), self._theirs.importing("import sys", "import mlflow")
            if number:  # The first ones may have had to compile.
                ours.append(mine)
                theirs.append(its)
        self._keep("import, ours", {"seconds": ours})
        self._keep("import, MLflow", {"seconds": theirs})
        yield at_least("import and %load_ext beside import mlflow, CPU", ours, theirs, 20)

    def log_metric(self) -> Iterator[Row]:
        ours, theirs = self._in_turns("log_metric", 20_000, 200)
        yield _compared("log_metric, 20,000 one by one", ours, theirs, 1_000)
        yield at_least("  through to committed rows", ours["committed"], theirs["committed"], None)
        many = self._ours_only("log_metric", 200_000)
        yield at_least("  200,000 one by one, while they are being committed", many["seconds"], theirs["seconds"], None)

    def _ours_only(self, workload: str, count: int) -> Taken:
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            taken = self._ours.run(workload, uri=uri(Path(scratch) / "ours.db"), count=count)
        return self._keep(f"{workload} x {count}, ours", taken)

    def log_param(self) -> Iterator[Row]:
        ours, theirs = self._in_turns("log_param", 5_000, 200)
        yield _compared("log_param, one by one, 100 a run", ours, theirs, 500)
        yield at_least("  through to committed rows", ours["committed"], theirs["committed"], None)

    def log_batch(self) -> Iterator[Row]:
        for names in (10, 1_000):
            ours, theirs = self._in_turns("log_batch", 50, 8, names=names)
            yield _compared(
                f"log_batch, 1,000 points of {names:,} metrics, through to committed rows", ours, theirs, 50
            )

    def cycles(self) -> Iterator[Row]:
        ours, theirs = self._in_turns("cycle", 1_000, 40)
        yield _compared("start_run and end_run", ours, theirs, 50)
        yield at_least("  through to committed rows", ours["committed"], theirs["committed"], None)

    def search(self) -> Iterator[Row]:
        runs = self._options.shared_runs
        file = self._stores.theirs(runs)
        ours = self._keep("search, ours", self._ours.run("search", uri=uri(self._stores.ours(runs)), count=40))
        for statistics, count, goal in ((True, 5, 200), (False, 1, None)):
            gather_statistics(file, keep=statistics)
            theirs = self._theirs.run("search", uri=uri(file), count=count, warm=int(statistics))
            self._keep(f"search{' with statistics' if statistics else ''}, MLflow", theirs)
            _same(ours, theirs, "found", "sizes")
            name = f"search, 100 best of {runs:,} runs, MLflow with statistics"
            yield _compared(name if statistics else "  MLflow's file as MLflow leaves it", ours, theirs, goal)

    def frame(self) -> Iterator[Row]:
        runs = self._options.shared_runs
        read = uri(self._stores.ours(runs)), uri(self._stores.theirs(runs))
        ours = self._keep("frame, ours", self._ours.run("frame", uri=read[0], count=20))
        theirs = self._keep("frame, MLflow", self._theirs.run("frame", uri=read[1], count=4, warm=1))
        _same(ours, theirs, "shape")
        yield _compared("search_runs, 1,000 runs to pandas", ours, theirs, 20)

    def curve(self) -> Iterator[Row]:
        points = self._options.points
        read = uri(self._stores.our_curve(points)), uri(self._stores.their_curve(points))
        ours = self._keep("curve, ours", self._ours.run("curve", uri=read[0], count=20))
        theirs = self._keep("curve, MLflow", self._theirs.run("curve", uri=read[1], count=2, warm=0))
        name = f"curve of {ours['points']:,} points ({theirs['points']:,}) out of {points:,}"
        yield _compared(name, ours, theirs, 100)

    def disk(self) -> Iterator[Row]:
        runs = self._options.logged_runs
        ours, theirs = bytes_of(self._stores.our_logged(runs)), bytes_of(self._stores.their_logged(runs))
        yield ratio_of_sizes(f"bytes of a run, of {runs:,} that were logged", ours / runs, theirs / runs, 3)
        runs = self._options.shared_runs
        ours, theirs = bytes_of(self._stores.ours(runs)), bytes_of(self._stores.theirs(runs))
        yield ratio_of_sizes(f"  of {runs:,}, our indexes made afterwards", ours / runs, theirs / runs, None)

    def million(self) -> Iterator[Row]:
        runs = self._options.runs
        yield from self._large("SQLite", uri(self._stores.ours(runs)), 0.05)

    def postgresql(self) -> Iterator[Row]:
        with self._stores.postgres(self._options.runs) as there:
            yield from self._large("PostgreSQL", there, 0.15)

    def _large(self, database: str, there: str, seconds: float) -> Iterator[Row]:
        runs = f"{self._options.runs:,} runs, {database}"
        first = {"seconds": [self._ours.run("first_search", uri=there)["seconds"][0] for _ in range(ROUNDS)]}
        yield at_most(f"first search after start, {runs}", self._keep(f"first search, {runs}", first)["seconds"], 2)
        for what, filter in (("by text", TEXT_FILTER), ("by number", NUMBER_FILTER)):
            for found, threshold in (("few", 0.9), ("many", 0.3)):
                taken = self._large_search(there, filter, threshold)
                name = f"search, params {what}, {found} match, {runs}"
                yield at_most(name, self._keep(name, taken)["seconds"], seconds)
        number = min(1_000, self._options.runs // 200)
        taken = self._keep(f"newest, {database}", self._ours.run("pages", uri=there, count=40, number=number))
        yield at_most(f"newest 100, {runs}", taken["seconds"], 0.015)
        yield grows(f"page {number:,} to page 1 of the newest, {database}", taken["seconds"], taken["late"], 1.5)

    def _large_search(self, there: str, filter: str, threshold: float) -> Taken:
        return self._ours.run(
            "search", uri=there, count=40, warm_seconds=WARM_SECONDS, filter=filter, threshold=threshold
        )

    def growth(self) -> Iterator[Row]:
        sizes = 10_000, self._options.runs
        few, many = (self._large_search(uri(self._stores.ours(runs)), TEXT_FILTER, 0.9) for runs in sizes)
        self._keep("search of 10,000, ours", few)
        yield grows(f"search, from {sizes[0]:,} to {sizes[1]:,} runs", few["seconds"], many["seconds"], 3)


def _compared(work: str, ours: Taken, theirs: Taken, goal: float | None) -> Row:
    return at_least(work, ours["seconds"], theirs["seconds"], goal, (ours["cpu"], theirs["cpu"]))


def _same(ours: Taken, theirs: Taken, *kinds: str) -> None:
    """Make sure that both have answered the same."""
    for kind in kinds:
        if ours[kind] != theirs[kind]:
            raise AssertionError(f"Not the same {kind}: {ours[kind]!r:.500} and {theirs[kind]!r:.500}")


#: The parts in the order of the table.
PARTS: dict[str, Callable[[Engine], Iterator[Row]]] = {
    part.__name__: part
    for part in (
        Engine.importing,
        Engine.log_metric,
        Engine.log_param,
        Engine.log_batch,
        Engine.cycles,
        Engine.search,
        Engine.frame,
        Engine.curve,
        Engine.disk,
        Engine.million,
        Engine.growth,
        Engine.postgresql,
    )
}


def measure(options: argparse.Namespace, folder: Path) -> bool:
    """Print the table and return whether every goal was met."""
    engine = Engine(options, folder)
    print(heading(), flush=True)
    start, met = time.monotonic(), True
    for part in options.only or PARTS:
        for row in PARTS[part](engine):
            print(line(row), flush=True)
            met &= row.met
    print(f"\n{summary(engine.samples)}")
    for subject in engine.subjects:
        print(", ".join(f"{name} {version}" for name, version in subject.run("versions").items()))
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {time.monotonic() - start:.0f} s in all")
    return met


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description="Measure the engine beside MLflow.")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be repeated")
    parser.add_argument("--data", type=Path, help="keep the databases in this folder, and use those that are there")
    parser.add_argument("--runs", type=int, default=1_000_000, help="runs in the largest databases (%(default)s)")
    parser.add_argument("--shared-runs", type=int, default=100_000, help="runs that both search (%(default)s)")
    parser.add_argument("--logged-runs", type=int, default=3_000, help="runs whose bytes are counted (%(default)s)")
    parser.add_argument("--points", type=int, default=1_000_000, help="points of the curve (%(default)s)")
    python = subjects.ROOT / ".venv-mlflow" / "bin" / "python"
    parser.add_argument("--mlflow", type=Path, default=python, help="the interpreter that has MLflow (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        met = measure(options, folder.resolve())
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
