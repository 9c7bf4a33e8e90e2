"""Records of every kind with numbers, so that each can be told from all others when it is found again."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jupyter_track as jt


def log_record(number):
    """Log one record to the active run: mostly points of a metric, some params, tags and files between them."""
    match number % 40:
        case 5:
            jt.log_param(f"p{number}", f"param {number}")
        case 25:
            jt.set_tag(f"t{number}", f"tag {number}")
        case 31:
            jt.log_text(f"text {number}", f"f{number}.txt")
        case _:
            jt.log_metric("m", number / 7, step=number)


def found_records(store, run_id):
    """Return the numbers of all records that the store has of a run, and check that each is whole."""
    run = store.get_run(run_id)
    points = store.get_metric_history(run_id, "m")
    assert all(point.value == point.step / 7 for point in points)
    params = {int(key[1:]): value for key, value in run.data.params.items()}
    assert all(value == f"param {number}" for number, value in params.items())
    tags = {int(key[1:]): value for key, value in run.data.tags.items() if not key.startswith("mlflow.")}
    assert all(value == f"tag {number}" for number, value in tags.items())
    files = {int(path.stem[1:]): path.read_text() for path in Path(run.info.artifact_uri).glob("f*.txt")}
    assert all(text == f"text {number}" for number, text in files.items())
    return [point.step for point in points] + [*params, *tags, *files]


@dataclass
class Account:
    """What was acknowledged under one fault, and what became of it."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    invented: int = 0

    def compare(self, acknowledged, found, written=()):
        """Enter what was acknowledged, and what was found; `written` may be there or not."""
        acknowledged = set(acknowledged)
        counts = Counter(found)
        self.acknowledged += len(acknowledged)
        self.lost += len(acknowledged - counts.keys())
        self.doubled += counts.total() - len(counts)
        self.invented += len(counts.keys() - acknowledged - set(written))

    @property
    def is_balanced(self):
        return self.acknowledged > 0 and (self.lost, self.doubled, self.invented) == (0, 0, 0)
