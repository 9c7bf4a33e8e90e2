"""The capture is right about cells of the kinds that people write: at least as often as it was found to be."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Precision and recall over all cells; what was reached, and must not be lost again.
FLOORS = {"params": (0.99, 0.99), "metrics": (0.98, 0.98), "curves": (0.97, 0.97)}


def test_the_corpus_is_captured():
    ran = subprocess.run(
        [sys.executable, "-m", "tests.capture.corpus_runner"],
        cwd=ROOT,
        # Small models on several threads wait for each other more than they compute.
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    print(ran.stdout)
    assert "RAISED" not in ran.stdout
    (cells, *figures) = re.findall(r"[\d.]+", ran.stdout.splitlines()[-1])
    assert int(cells) >= 150
    for place, (kind, floors) in enumerate(FLOORS.items()):
        _, precision, recall = map(float, figures[3 * place : 3 * place + 3])
        assert precision >= floors[0], kind
        assert recall >= floors[1], kind
