"""What a cell displays: several numbers with names, and tables."""

import json

import pytest


@pytest.mark.parametrize(
    ("cell", "metrics"),
    [
        ("{'acc': 0.5, 'f1': 0.25, 'runtime': 3.0, 'name': 'x'}", {"acc": 0.5, "f1": 0.25}),
        ("best, worst = sum([0.5]), sum([0.25])\nbest, worst", {"best": 0.5, "worst": 0.25}),
        ("pd.Series({'acc': 0.5, 'f1': 0.25})", {"acc": 0.5, "f1": 0.25}),
        ("pd.DataFrame({'acc': [0.5], 'f1': [0.25]})", {"acc": 0.5, "f1": 0.25}),
        ("Scores(0.5, 0.25)", {"acc": 0.5, "f1": 0.25}),
        ("acc / f1", {"acc / f1": 2.0}),
        ("round(acc / f1, 2)", {"acc / f1": 2.0}),
        ("pd.DataFrame({'g': 'aab', 'acc': [0.5, 0.7, 0.9]}).groupby('g').acc.mean()", {}),
        ("pd.Series([0.5, 0.25])", {}),
        ("(0.5, 0.25)", {}),
        ("pd.DataFrame({'acc': [0.5, 0.7]})", {}),
    ],
)
def test_displayed_values(track, cell, metrics):
    earlier = (
        "import pandas as pd\nfrom collections import namedtuple\nScores = namedtuple('Scores', 'acc f1')\n"
        "acc, f1 = sum([0.5]), sum([0.25])"
    )
    assert track(cell, earlier).metrics == metrics


class Recorded:
    """Keeps the text files that a recorder would write."""

    def __init__(self):
        from jupyter_track.tracking import Recorder

        self.records = []
        self.recorder = Recorder(self, "experiment", "run")

    def put(self, record):
        self.records.append(record)
        return 0

    def files(self):
        return {each.path: each.data for each in self.records if hasattr(each, "path")}


def test_a_displayed_frame_is_kept_as_a_table(track):
    recorded = Recorded()
    track(
        "df.groupby('g').mean()",
        "import pandas as pd\ndf = pd.DataFrame({'g': ['a', 'b', 'b'], 'x': [1.0, 2.0, 4.0]})",
        recorder=recorded.recorder,
    )
    table = json.loads(recorded.files()["output/result.json"])
    assert table == {"columns": ["g", "x"], "data": [["a", 1.0], ["b", 3.0]]}


def test_estimators_and_data_sets_are_kept_in_full(track):
    recorded = Recorded()
    tracked = track(
        "model = Ridge(alpha=0.5).fit(X, y)",
        "import numpy as np\nfrom sklearn.linear_model import Ridge\nX = np.ones((3, 2))\ny = X.sum(axis=1)",
        recorder=recorded.recorder,
    )
    assert tracked.params == {"alpha": "0.5"}
    estimators = json.loads(recorded.files()["track/estimators.json"])
    assert estimators["model"]["class"].endswith("Ridge")
    assert estimators["model"]["params"]["alpha"] == 0.5
    assert estimators["model"]["params"]["fit_intercept"] is True
