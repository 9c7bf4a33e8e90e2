"""What a loop costs when it is watched: the same cell bare and watched, taking turns in one process.

Run it as ``python tests/benchmarks/loops.py [seconds for each loop] [words of its name]``; it takes three minutes. Each
row is one loop: iterations, the time of one bare iteration, the slow-down, that of a *control*, what the watch adds to
an iteration, and the points that it got.

The control is the watched cell with nobody watching: the loop as it was written stands behind a copy that is left at
once, and nothing of ours runs. By as much as it is slower or quicker than the bare cell, the machine tells two places
of the same code in memory apart. Each turn compiles all three anew, in random order and on a heap of another shape;
the slow-downs are medians of those within a turn. Times are the processor's.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # Run from a tree as it is.

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.captured import CapturedMetric
from jupyter_track.capture.loops import LoopTransformer, LoopWatch, install
from jupyter_track.capture.loops.site import Site
from jupyter_track.capture.streams import Ticker

#: By name: iterations, a cell that is run before, and the cell.
LOOPS: dict[str, tuple[int, str, str]] = {
    "10 M bare additions": (10_000_000, "", "for i in range(10_000_000):\n    loss = i + 1.5"),
    "10 M in a function": (
        10_000_000,
        "def train():\n    for i in range(10_000_000):\n        loss = i + 1.5\n    return loss",
        "final = train()",
    ),
    "10 M over a generator": (
        10_000_000,
        "def numbers():\n    for i in range(10_000_000):\n        yield i",
        "for i in numbers():\n    loss = i * 0.5",
    ),
    "10 M turns of while": (
        10_000_000,
        "",
        "n = 0\nwhile n < 10_000_000:\n    loss = n + 1.5\n    n += 1",
    ),
    "1 M short sums": (
        1_000_000,
        "",
        "for i in range(1_000_000):\n    loss = sum((i, 1, 2, 3, 4, 5, 6, 7, 8, 9)) * abs(i)",
    ),
    "1 M short sums, four curves": (
        1_000_000,
        "",
        "for i in range(1_000_000):\n"
        "    loss = sum(range(i, i + 40)) * 0.5\n    acc = i / 7\n    mae = i / 3\n    mse = i / 2",
    ),
    "100 k NumPy updates": (
        100_000,
        "import numpy as np\nw, g = np.zeros(1000), np.full(1000, 1e-6)",
        "for i in range(100_000):\n    w += g\n    loss = float(w @ w)",
    ),
    "20 k NumPy products": (
        20_000,
        "import numpy as np\nm = np.random.default_rng(0).normal(size=(60, 60))",
        "for i in range(20_000):\n    loss = float((m @ m).sum())",
    ),
    "1,000 of 1 ms": (
        1_000,
        "import time",
        "for i in range(1_000):\n    end = time.perf_counter_ns() + 1_000_000\n"
        "    while time.perf_counter_ns() < end:\n        pass\n    loss = i * 0.5",
    ),
    "200 k turns of while": (
        200_000,
        "n = 0",
        "err, n = 1.0, 0\nwhile n < 200_000:\n    err = sum(range(200)) / (n + 1)\n    n += 1",
    ),
    "1 M inner iterations, 10 each": (
        1_000_000,
        "",
        "for i in range(100_000):\n    for j in range(10):\n        loss = i + j * 0.5\n    acc = loss / 2",
    ),
    "1 M inner iterations, 1,000 each": (
        1_000_000,
        "",
        "for i in range(1_000):\n    for j in range(1_000):\n        loss = i + j * 0.5\n    acc = loss / 2",
    ),
    "200 k calls of a short loop": (
        1_000_000,
        "def total(k):\n    cost = 0.0\n    for j in range(5):\n        cost += k * j\n    return cost",
        "for i in range(200_000):\n    loss = total(i)",
    ),
}


class Unwatched(LoopWatch):
    """Lets the loops that it has rewritten be."""

    def add_site(self, site: Site) -> None:
        """Leave a loop to itself before it begins."""
        site.close()


class Bench:
    """A shell in which a cell is run bare, or watched in one way or the other."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.random = random.Random(0)
        self.heap: list[float] = []
        self.points: Counter[str] = Counter()
        self.shell = InteractiveShell(config=config)
        self.watch: LoopWatch | None = None
        self.shell.ast_transformers.append(LoopTransformer(lambda: self.watch))
        install()

    def run(self, cell: str, kind: type[LoopWatch] | None = None) -> float:
        """Return the processor's seconds that a cell takes."""
        gc.collect()
        # Where numbers happen to be in memory makes tens of per cent of a bare addition: no two runs have it alike.
        self.heap = [float(number) for number in range(self.random.randrange(5_000))]
        self.heap = self.heap[:: self.random.randrange(1, 9)]
        began = time.process_time()
        if kind is None:
            self.shell.run_cell(cell, store_history=True).raise_error()
        else:
            self._run_watched(cell, kind(CellSource(self.shell.transform_cell(cell)), self.shell.user_ns))
        return time.process_time() - began

    def _run_watched(self, cell: str, watch: LoopWatch) -> None:
        points: list[CapturedMetric] = []
        ticker = Ticker(lambda: points.extend(watch.take(time.time_ns() // 1_000_000)), 0.5)
        self.watch = watch
        watch.start()
        try:
            self.shell.run_cell(cell, store_history=True).raise_error()
        finally:
            ticker.stop()
            watch.stop()
            self.watch = None
        if watch.notes:
            raise RuntimeError(watch.notes[0])
        points += watch.take(time.time_ns() // 1_000_000)
        self.points = Counter(point.key for point in points) or self.points

    def turns(self, cell: str, seconds: float) -> list[list[float]]:
        """Return what a cell takes bare, watched and as a control, turn by turn, for about so many seconds."""
        ways: list[type[LoopWatch] | None] = [None, LoopWatch, Unwatched]
        taken: list[list[float]] = []
        until = time.monotonic() + seconds
        while len(taken) < 5 or time.monotonic() < until:
            order = self.random.sample(range(3), 3)
            turn = {way: self.run(cell, ways[way]) for way in order}
            taken.append([turn[way] for way in range(3)])
        return taken


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 12.0
    wanted = " ".join(sys.argv[2:])
    bench = Bench()
    print(f"{'loop':<34}{'iterations':>12}{'one, bare':>12}{'slower by':>11}{'control':>9}{'added':>11}  points")
    for name, (iterations, before, cell) in LOOPS.items():
        if wanted not in name:
            continue
        bench.run(before)
        turns = bench.turns(cell, seconds)
        one = 1e9 * statistics.median(bare for bare, _, _ in turns) / iterations
        slower, control = (statistics.median(turn[way] / turn[0] - 1 for turn in turns) for way in (1, 2))
        told = ", ".join(f"{key} {count:,}" for key, count in bench.points.items())
        print(
            f"{name:<34}{iterations:>12,}{one:>9,.0f} ns{100 * slower:>9.1f} %{100 * control:>7.1f} %"
            f"{one * slower:>8,.0f} ns  {told}",
            flush=True,
        )


if __name__ == "__main__":
    main()
