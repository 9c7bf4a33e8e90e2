"""How small slices are, and what the executed history costs: ``python tests/benchmarks/slices.py``.

The first table tells how many of the executed cells a slice keeps, and how many are left if cells are taken out of
it one by one as long as the tracked cell still gives the same, which nobody can know who only reads the text. The
second is of kernels in which 500 cells were executed: of 30 lines on frames, lists and functions, and of 6 lines that
put all into large dicts which refer to each other.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.history.slicing import slice_of
from tests.history.programs import entangled, executed, tried
from tests.history.test_reproduces import run

NOTEBOOKS = 60
CELLS, LINES = 500, 30

LINE_KINDS = (
    "x{i} = np.log(y{j}[{i}]) + {i}",
    "y{i} = [x{j}, {i}]",
    "df{i} = df{j}.groupby('a').mean()",
    "if x{i}: y{j}.append(x{i})",
    "def f{i}(a, b={i}): return a + b * x{j}",
    "m{i} = f{j}(x{i}, y{j})",
    "print(df{i}.head(), m{j})",
    "for k in range({i}): y{i}.append(k)",
    "z{i} = {{'a': x{i}, 'b': [y{j}]}}",
    "plt.plot(x{i}, y{j})",
)


def sizes(make):
    """Return the share of cells that slices keep, and the share that is left of them if one tries each."""
    cells = kept = least = 0
    for seed in range(NOTEBOOKS):
        sources = make(random.Random(seed))
        history, *outcome = run(sources)
        positions = list(slice_of(history, len(history)).positions)
        cells, kept = cells + len(sources), kept + len(positions)
        for position in positions[-2::-1]:
            without = [each for each in positions if each != position]
            if run([sources[each - 1] for each in without])[1:] == tuple(outcome):
                positions = without
        least += len(positions)
    return kept / cells, least / cells


def plain(cells):
    """Return the sources of cells of 30 lines."""
    names = "\n".join(
        f"x{i}, y{i}, df{i}, m{i} = 1.0, [1], pd.DataFrame(), 0\ndef f{i}(a): return a" for i in range(20)
    )
    sources = [f"import numpy as np, pandas as pd\nimport matplotlib.pyplot as plt\n{names}"]
    for cell in range(cells - 1):
        lines = (
            LINE_KINDS[(cell + line) % 10].format(i=(cell * 7 + line) % 20, j=(cell + line * 3) % 20)
            for line in range(LINES)
        )
        sources.append("\n".join(lines))
    return sources


def costs(sources):
    """Return the milliseconds that each cell took, and that a slice, a document and its JSON take at the end."""
    history = ExecutedHistory("kernel")
    each = []
    for source in sources:
        position = history.begin(None, source, None, 1, 0)
        history.end(position, "finished")
        history.parse(position)
        start = time.process_time()
        history.follow()
        each.append((time.process_time() - start) * 1e3)
    start = time.process_time()
    document = history.document(len(sources))
    made = time.process_time()
    size = len(document.to_bytes())
    return each, (made - start) * 1e3, (time.process_time() - made) * 1e3, size


def main():
    warnings.simplefilter("ignore")
    print(f"| {NOTEBOOKS} random notebooks | kept of the cells | least that reproduces |\n|---|---|---|")
    for name, make in (("four names that everything changes", executed), ("five models tried, one tracked", tried)):
        kept, least = sizes(make)
        print(f"| {name} | {kept:.0%} | {least:.0%} |")
    for name, sources in (
        (f"{CELLS} cells of {LINES} lines", plain(CELLS)),
        (f"{CELLS} cells of 6 lines on dicts that refer to each other", entangled(random.Random(1), CELLS)),
    ):
        each, document, encoded, size = costs(sources)
        last = each[-CELLS // 5 :]
        print(f"\n| {name} | ms of processor |\n|---|---|")
        print(f"| going through a cell, off its path: median | {statistics.median(each):.1f} |")
        print(f"| the same, of the last {len(last)} cells | {statistics.median(last):.1f} |")
        print(f"| the same, largest | {max(each):.1f} |")
        print(f"| slice and flags at the end of a run | {document:.1f} |")
        print(f"| as JSON ({size / 1e3:.0f} kB) | {encoded:.1f} |")


if __name__ == "__main__":
    main()
