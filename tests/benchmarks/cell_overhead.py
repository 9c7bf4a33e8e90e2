"""What ``%%track`` costs: the round trip of an empty cell with and without it, and what importing takes.

Cells of a kernel without the extension, and bare and tracked ones of a kernel with it, take turns, so that whatever
else the machine does meets all alike. A round trip is the time from sending a cell until the kernel says that it is
idle, as a front end sees it. Cells follow each other without a pause: what is done in the background for one takes
its time from the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.kernels import Kernel

CELLS = 200
TRACKED = "%%track\npass"
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


def milliseconds(kernel: Kernel, cell: str) -> float:
    """Return what a cell takes, which must succeed."""
    start = time.perf_counter()
    execution = kernel.run(cell)
    taken = 1000 * (time.perf_counter() - start)
    if execution.reply["status"] != "ok" or bool(execution.cards) != (cell == TRACKED):
        raise RuntimeError(f"{cell!r} failed.")
    return taken


def round_trips(plain: Kernel, kernel: Kernel) -> tuple[list[float], list[float], list[float]]:
    """Return the milliseconds that cells take without the extension, beside tracked ones, and tracked."""
    kinds = [(plain, "pass"), (kernel, "pass"), (kernel, TRACKED)]
    for where, cell in kinds * 10:  # The first ones import, open and fill caches.
        milliseconds(where, cell)
    rounds = [[milliseconds(where, cell) for where, cell in kinds] for _ in range(CELLS)]
    without, beside, tracked = zip(*rounds, strict=True)
    return list(without), list(beside), list(tracked)


def row(name: str, values: list[float]) -> str:
    """Return a line of the table."""
    ordered = sorted(values)
    return f"{name:<34}{statistics.median(ordered):>10.1f}{ordered[int(0.99 * len(ordered))]:>10.1f}"


def measure_cells(title: str, environment: dict[str, str]) -> None:
    """Print the table for one kernel."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as kernels:
        plain, kernel = (Kernel(Path(folder), environment) for _ in range(2))
        kernels.callback(plain.close)
        kernels.callback(kernel.close)
        milliseconds(kernel, "%load_ext jupyter_track")
        first = milliseconds(kernel, TRACKED)
        without, beside, tracked = round_trips(plain, kernel)
    print(f"{title + ', ms':<34}{'median':>10}{'p99':>10}")
    print(row("  without the extension", without))
    print(row("  bare, between tracked ones", beside))
    print(row("  tracked", tracked))
    print(row("  tracked, more than without", [more - less for more, less in zip(tracked, without, strict=True)]))
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
    # With compiled modules, as an installed package has them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(IMPORTS + 1):
        for name, program in programs.items():
            timed = f"import time; start = time.perf_counter(); {program}; print(time.perf_counter() - start)"
            source = (load if "shell" in program else "") + timed
            command = [sys.executable, "-c", source]
            output = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
            taken[name].append(1000 * float(output.split()[-1]))
    print(f"{'importing, ms':<34}{'median':>10}")
    for name, values in taken.items():
        print(f"  {name:<32}{statistics.median(values[1:]):>10.1f}")


def main() -> None:
    """Measure and print."""
    measure_cells(f"{CELLS} empty cells", {})
    with tempfile.TemporaryDirectory() as folder:
        path = big_notebook(Path(folder) / "big.ipynb")
        measure_cells(f"notebook of {path.stat().st_size / 1e6:.1f} MB", {"JPY_SESSION_NAME": str(path)})
    measure_imports()


if __name__ == "__main__":
    main()
