"""Scores that the cell holds as a sequence."""

import pytest

from jupyter_track.capture.rules.sequences import score_sequences

from .situations import outcome

CROSS_VALIDATION = """
import numpy as np

def cross_val_score(folds=3):
    return np.array([0.5, 0.25, 0.75])[:folds]

def score_samples():
    return np.array([0.5, 0.25, 0.75])
"""
FRAME = """
import pandas as pd

def cv():
    return pd.DataFrame({"round": [0, 1], "test-Logloss-mean": [0.5, 0.25]})

def compare():
    return pd.DataFrame({"alpha": [0.1, 1.0], "score": [0.5, 0.25]})
"""


def curves(cell, *earlier):
    found = {}
    for point in score_sequences(outcome(cell, *earlier)):
        found.setdefault(point.key, []).append(point.value)
        assert point.step == len(found[point.key]) - 1
    return found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("scores = cross_val_score()", {"scores": [0.5, 0.25, 0.75]}),
        ("s = cross_val_score()", {"s": [0.5, 0.25, 0.75]}),
        ("s = score_samples()", {}),
        ("s, t, u = cross_val_score()", {}),
        ("for n in (2, 3):\n    s = cross_val_score(n)", {}),
        ("errors = np.array([0.5, 0.25])", {}),
        ("scores = {'svm': [0.5, 0.25]}", {}),
        ("scores = {}\nscores['svm'] = cross_val_score()", {}),
    ],
)
def test_what_a_call_that_scores_returns_is_a_curve(cell, found):
    assert curves(cell, CROSS_VALIDATION) == found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("final_losses[rate] = loss / 2", {"final_losses": [4.5, 4.25]}),
        ("final_losses[rate] = loss", {"final_losses": [9.0, 8.5]}),
        ("loss -= 1; final_losses[rate] = loss", {"final_losses": [8.0, 7.5]}),
        ("loss = 9 - rate; final_losses[rate] = loss", {}),
        ("final_losses[str(rate)] = loss / 2", {}),
    ],
)
def test_scores_by_what_was_tried_are_a_curve_unless_the_loop_computes_it_itself(statement, found):
    inner = "for loss in (9.5 - 5 * rate,):\n        pass"
    cell = f"final_losses = {{}}\nfor rate in (0.1, 0.2):\n    {inner}\n    {statement}"
    assert {key: pytest.approx(values) for key, values in found.items()} == curves(cell)


def test_a_frame_of_scores_is_curves_and_one_of_settings_and_scores_a_table():
    assert curves("scores = cv()", FRAME) == {"scores.test-Logloss-mean": [0.5, 0.25]}
    assert curves("scores = compare()", FRAME) == {}
