"""What snapshots and outputs of a thousand runs take on disk, and how long one takes to write and to read.

A notebook of 2 MB with twelve pictures (noise, which no compression makes smaller) is run a thousand times. Each run
writes what a tracked cell does: the notebook, what the cell printed, its figure, its source, what was captured and
the packages. The same is written as plain files, for comparison, twenty times. Disk space is what ``du`` would say: the
blocks of all files and folders.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from jupyter_track.artifacts import LocalArtifactRepository
from jupyter_track.capture.environment import environment_json

PICTURES = 12
CELLS = 90
PLAIN_RUNS = 20

_COUNT = b'"execution_count": null'


def picture(seed: object, size: int) -> bytes:
    """Return a picture of noise, of a size in bytes."""
    return b"\x89PNG\r\n\x1a\n" + random.Random(str(seed)).randbytes(size - 8)


class Notebook:
    """The notebook of one run after another.

    Parameters
    ----------
    changed : int
        Bytes of the picture that each run draws anew; 0 if none is.
    """

    def __init__(self, changed: int) -> None:
        self._changed = changed
        text = random.Random(7)
        words = ["".join(text.choices("abcdefghijklmnop", k=text.randint(2, 9))) for _ in range(600)]
        self._sources = [
            "\n".join(f"{text.choice(words)} = {text.choice(words)}({text.random():.6f})" for _ in range(30))
            for _ in range(CELLS)
        ]
        self._printed = [
            "".join(f"epoch {epoch} {text.choice(words)} {text.random():.4f}\n" for epoch in range(40))
            for _ in range(CELLS)
        ]
        rest = 2_000_000 - changed * 4 // 3 - sum(map(len, self._sources)) - sum(map(len, self._printed)) - 60_000
        size = rest * 3 // 4 // (PICTURES - 1 if changed else PICTURES)
        self._first = picture(0, size)
        pictures = [picture(number, size) for number in range(1, PICTURES)]
        shown = [*pictures, *[None] * (CELLS - 1 - len(pictures))]
        self._others = [self._cell(n, self._printed[n], shown[n - 1]) for n in range(1, CELLS)]

    def files(self, run: int) -> Iterator[tuple[str, bytes]]:
        """Yield what a run writes, by path."""
        score = random.Random(run).random()
        printed = f"accuracy: {score:.6f}\n"
        drawn = picture(f"run {run}", self._changed) if self._changed else self._first
        yield "notebook.ipynb", self._notebook(run, printed, drawn)
        yield "output/stdout.txt", printed.encode()
        yield "output/figure-1.png", drawn
        yield "track/cell.py", b"%%track\n" + self._sources[0].encode()
        provenance = {"rule": "assigned constant", "line": 3, "expression": "accuracy", "time": run, "value": score}
        yield "track/capture.json", json.dumps({"metrics": [provenance] * 4, "run": run}, indent=1).encode()
        yield "track/environment.json", environment_json().encode()

    def _notebook(self, run: int, printed: str, drawn: bytes) -> bytes:
        cells = [self._cell(0, printed, drawn), *self._others]
        counted = (cell.replace(_COUNT, b'"execution_count": %d' % (run * CELLS + n)) for n, cell in enumerate(cells))
        return (
            b'{\n "cells": [\n  '
            + b",\n  ".join(counted)
            + b'\n ],\n "metadata": {},\n "nbformat": 4,\n "nbformat_minor": 5\n}\n'
        )

    def _cell(self, number: int, printed: str, drawn: bytes | None) -> bytes:
        """Return a cell as it stands in the file, without its execution count."""
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [_stream(printed), *([_shown(drawn)] if drawn is not None else [])],
            "source": self._sources[number].splitlines(keepends=True),
        }
        return json.dumps(cell, indent=1, sort_keys=True).encode().replace(b"\n", b"\n  ")


def _stream(text: str) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}


def _shown(data: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"data": {"image/png": encoded, "text/plain": ["<Figure>"]}, "metadata": {}, "output_type": "display_data"}


def disk_use(folder: Path) -> tuple[int, int]:
    """Return the bytes that a folder takes on the disk, folders included, and those of its files' contents."""
    blocks = apparent = 0
    for path in [folder, *folder.rglob("*")]:
        found = path.lstat()
        blocks += 512 * found.st_blocks
        apparent += 0 if path.is_dir() else found.st_size
    return blocks, apparent


def run_all(root: Path, notebook: Notebook, runs: int, shared: bool) -> tuple[list[float], list[float]]:
    """Write all runs, and return the milliseconds that writing and reading each snapshot took."""
    written, read = [], []
    for run in range(runs):
        repository = LocalArtifactRepository(root / uuid.uuid4().hex / "artifacts")
        files = dict(notebook.files(run))
        for path, data in files.items():
            start = time.perf_counter()
            repository.write(path, data, shared)
            if path == "notebook.ipynb":
                written.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        snapshot = repository.read("notebook.ipynb")
        read.append(1000 * (time.perf_counter() - start))
        if snapshot != files["notebook.ipynb"]:
            raise AssertionError("the snapshot is not what was written")
    os.sync()  # Blocks are counted once they are given out.
    return written, read


def measure(title: str, changed: int, runs: int) -> None:
    """Print the lines of one scenario."""
    notebook = Notebook(changed)
    print(title)
    for name, shared, count in (("kept as shared files", True, runs), ("as plain files", False, min(runs, PLAIN_RUNS))):
        with tempfile.TemporaryDirectory() as folder:
            written, read = run_all(Path(folder), notebook, count, shared)
            blocks, apparent = disk_use(Path(folder))
            factor = runs / count
            print(
                f"  {name:<24}{blocks * factor / 1e6:>10.1f}{apparent * factor / 1e6:>10.1f}"
                f"{statistics.median(written):>10.1f}{sorted(written)[int(0.99 * len(written))]:>10.1f}"
                f"{statistics.median(read):>10.1f}{'' if factor == 1 else f'   ({count} runs, times {factor:g})'}"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    size = len(next(Notebook(6_000).files(1))[1])
    print(f"{runs:,} runs of a notebook of {size / 1e6:.2f} MB with {PICTURES} pictures and {CELLS} cells")
    print(f"{'':<26}{'on disk':>10}{'contents':>10}{'write':>10}{'p99':>10}{'read':>10}")
    print(f"{'':<26}{'MB':>10}{'MB':>10}{'ms':>10}{'ms':>10}{'ms':>10}")
    measure("execution counts and a printed line change", 0, runs)
    measure("and one picture of 6 kB", 6_000, runs)
    measure("and one picture of 40 kB (alone 40 MB of new information)", 40_000, runs)


if __name__ == "__main__":
    main()
