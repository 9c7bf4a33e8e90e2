"""What reading printed text takes: lines a second, by what stands on them.

::

    python tests/benchmarks/capture_text.py

A loop prints the same sentence with other numbers, and is read far faster than lines of which none is like another;
the table tells both. Processor time of one thread, the best of several rounds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from jupyter_track.capture.rules import PrintedReader

LINES = 20_000
ROUNDS = 3

#: A line of each kind; ``{i}`` is a number, ``{w}`` a word that no other line has.
KINDS = {
    "no number": "nothing to be seen here at all, dear reader",
    "a number that is no metric": "reading the file number {i} of the list and going on",
    "an array": "{i} 0.12 0.33 0.55 0.9 12 3 4",
    "loss: 0.5": "loss: 0.{i}",
    "epoch, loss and accuracy": "Epoch {i}/100000, loss: 0.{i}, acc: 0.9{i}",
    "XGBoost": "[{i}]\ttrain-rmse:0.{i}\teval-rmse:0.{i}",
    "a Trainer's dict": "{{'loss': 0.{i}, 'learning_rate': 1e-05, 'epoch': 0.5}}",
    "each line another, no metric": "reading {w} number {i} of the list and going on",
    "each line another, one metric": "the file {w} gave loss: 0.{i}",
    "a progress bar": "\rTraining: 50%|███| {i}/100000 [00:00<00:00, 9it/s, loss=0.5]",
}


def lines_a_second(kind: str) -> float:
    """Return how many lines of a kind are read in a second of processor time."""
    end = "" if kind.startswith("\r") else "\n"
    words = ("".join(chr(97 + int(digit)) for digit in str(number)) for number in range(LINES))
    text = "".join(kind.format(i=number, w=word) + end for number, word in enumerate(words))
    best = float("inf")
    for _ in range(ROUNDS):
        reader = PrintedReader()
        start = time.thread_time()
        reader.feed(text, 0)
        reader.close(0)
        best = min(best, time.thread_time() - start)
    return LINES / best


def main() -> None:
    """Print the table."""
    print(f"{'lines that are read':<34}{'lines/s':>12}")
    for name, kind in KINDS.items():
        print(f"  {name:<32}{lines_a_second(kind):>12,.0f}")


if __name__ == "__main__":
    main()
