"""What ``%%track`` costs: the round trip of an empty cell with and without it, and what importing takes.

Tracked and bare cells take turns in one kernel, so that whatever else the machine does meets both alike. A round
trip is the time from sending a cell until the kernel says that it is idle, as a front end sees it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.kernels import Kernel

CELLS = 200
IMPORTS = 7


def big_notebook(path: Path) -> Path:
    """Write a notebook of 2 MB: half of it text, half of it pictures."""
    cell = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "source": "print('x')\n" * 20}
    text = {"output_type": "stream", "name": "stdout", "text": "epoch 1 loss: 0.1234\n" * 220}
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 450}}
    cells = [{**cell, "id": f"cell-{number}", "outputs": [text, picture]} for number in range(200)]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def round_trips(kernel: Kernel) -> tuple[list[float], list[float]]:
    """Return the milliseconds that bare and tracked cells take."""
    taken: dict[str, list[float]] = {"pass": [], "%%track\npass": []}
    for cell in list(taken) * 10:  # The first ones import, open and fill caches.
        kernel.run(cell)
    for _ in range(CELLS):
        for cell, milliseconds in taken.items():
            start = time.perf_counter()
            kernel.run(cell)
            milliseconds.append(1000 * (time.perf_counter() - start))
    return taken["pass"], taken["%%track\npass"]


def row(name: str, values: list[float]) -> str:
    """Return a line of the table."""
    ordered = sorted(values)
    return f"{name:<34}{statistics.median(ordered):>10.1f}{ordered[int(0.99 * len(ordered))]:>10.1f}"


def measure_cells(title: str, environment: dict[str, str]) -> None:
    """Print the table for one kernel."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = Kernel(Path(folder), environment)
        try:
            kernel.run("%load_ext jupyter_track")
            first = time.perf_counter()
            kernel.run("%%track\npass")
            first = 1000 * (time.perf_counter() - first)
            bare, tracked = round_trips(kernel)
        finally:
            kernel.close()
    print(f"{title + ', ms':<34}{'median':>10}{'p99':>10}")
    print(row("  bare cell", bare))
    print(row("  tracked cell", tracked))
    print(row("  difference", [with_it - without for with_it, without in zip(tracked, bare, strict=True)]))
    print(f"{'  the first tracked cell':<34}{first:>10.1f}\n")


def measure_imports() -> None:
    """Print what importing and loading take, each in a process of its own, taking turns."""
    load = "from IPython.core.interactiveshell import InteractiveShell; shell = InteractiveShell.instance(); "
    programs = {
        "import IPython": "import IPython",
        "import jupyter_track": "import jupyter_track",
        "%load_ext jupyter_track": "import jupyter_track; shell.extension_manager.load_extension('jupyter_track')",
    }
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(IMPORTS):
        for name, program in programs.items():
            timed = f"import time; start = time.perf_counter(); {program}; print(time.perf_counter() - start)"
            source = (load if "shell" in program else "") + timed
            output = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
            taken[name].append(1000 * float(output.split()[-1]))
    print(f"{'importing, ms':<34}{'median':>10}")
    for name, values in taken.items():
        print(f"  {name:<32}{statistics.median(values):>10.1f}")


def main() -> None:
    """Measure and print."""
    measure_cells(f"{CELLS} empty cells", {})
    with tempfile.TemporaryDirectory() as folder:
        path = big_notebook(Path(folder) / "big.ipynb")
        measure_cells(f"notebook of {path.stat().st_size / 1e6:.1f} MB", {"JPY_SESSION_NAME": str(path)})
    measure_imports()


if __name__ == "__main__":
    main()
