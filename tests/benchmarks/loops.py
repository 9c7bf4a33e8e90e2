"""What a loop costs when it is watched: the same cell bare and watched, taking turns in one process.

Run it as ``python tests/benchmarks/loops.py [repeats]``. Each row is one loop: iterations, the time of one bare
iteration, the slow-down (of the medians, and of the least times, which a busy machine disturbs less), what the watch
adds to an iteration, and the points that it got. Times are the processor's.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # Run from a tree as it is.

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.loops import LoopTransformer, LoopWatch, install
from jupyter_track.capture.streams import Ticker

#: By name: iterations, a cell that is run before, and the cell.
LOOPS: dict[str, tuple[int, str, str]] = {
    "10 M bare additions": (10_000_000, "", "loss = 0\nfor i in range(10_000_000):\n    loss = loss + 1.5"),
    "10 M in a function": (
        10_000_000,
        "def train():\n    loss = 0\n    for i in range(10_000_000):\n        loss = loss + 1.5\n    return loss",
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
        "loss = 1e7\nwhile loss > 0.5:\n    loss = loss - 1.0",
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


class Bench:
    """A shell in which a cell is run with and without a watch."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.random = random.Random(0)
        self.heap: list[float] = []
        self.shell = InteractiveShell(config=config)
        self.watch: LoopWatch | None = None
        self.shell.ast_transformers.append(LoopTransformer(lambda: self.watch))
        install()

    def run(self, cell: str) -> float:
        """Return the processor's seconds that a cell takes."""
        # Where numbers happen to be in memory makes tens of per cent of a bare addition: no two runs have it alike.
        self.heap = [float(number) for number in range(self.random.randrange(5_000))]
        self.heap = self.heap[:: self.random.randrange(1, 9)]
        began = time.process_time()
        self.shell.run_cell(cell, store_history=True).raise_error()
        return time.process_time() - began

    def watched(self, cell: str) -> tuple[float, dict[str, int]]:
        """Return the seconds that it takes when it is watched, and the points of each curve."""
        self.watch = LoopWatch(CellSource(self.shell.transform_cell(cell)), self.shell.user_ns)
        points: list[Any] = []
        take: Callable[[], None] = lambda: points.extend(self.watch.take(time.time_ns() // 1_000_000))  # noqa: E731
        self.watch.start()
        ticker = Ticker(take, 0.5)
        try:
            seconds = self.run(cell)
        finally:
            ticker.stop()
            self.watch.stop()
        take()
        if self.watch.notes:
            raise RuntimeError(self.watch.notes[0])
        self.watch = None
        counts: dict[str, int] = {}
        for point in points:
            counts[point.key] = counts.get(point.key, 0) + 1
        return seconds, counts


def main() -> None:
    """Measure and print."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    bench = Bench()
    print(f"{'loop':<34}{'iterations':>12}{'one, bare':>12}{'slower by':>11}{'least':>9}{'added':>11}  points")
    for name, (iterations, before, cell) in LOOPS.items():
        bench.run(before)
        bench.watched(cell)
        taken: dict[bool, list[float]] = {False: [], True: []}
        points: dict[str, int] = {}
        for turn in range(repeats):
            for with_watch in (turn % 2 == 0, turn % 2 != 0):
                gc.collect()
                if with_watch:
                    seconds, points = bench.watched(cell)
                else:
                    seconds = bench.run(cell)
                taken[with_watch].append(seconds)
        bare, watched = statistics.median(taken[False]), statistics.median(taken[True])
        least = min(taken[True]) / min(taken[False]) - 1
        added = 1e9 * (watched - bare) / iterations
        told = ", ".join(f"{key} {count:,}" for key, count in points.items())
        slower = 100 * (watched / bare - 1)
        print(
            f"{name:<34}{iterations:>12,}{1e9 * bare / iterations:>9,.0f} ns{slower:>9.1f} %{100 * least:>7.1f} %"
            f"{added:>8,.0f} ns  {told}",
            flush=True,
        )


if __name__ == "__main__":
    main()
