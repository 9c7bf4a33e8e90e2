"""Estimators that a cell fits: what a person set is a param, the whole set is kept beside."""

import json

import pytest

from jupyter_track.capture.estimators import find_estimators

from .situations import outcome, values

EARLIER = """
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X = np.arange(16.0).reshape(8, 2)
y = np.array([0, 1] * 4)
"""


def found(cell, earlier="", **settings):
    params, complete = find_estimators(outcome(cell, EARLIER, earlier, **settings))
    return values(params), complete


@pytest.mark.parametrize(
    ("earlier", "cell", "expected"),
    [
        (
            "clf = ExtraTreesClassifier(5, max_depth=2, n_jobs=1)",
            "clf.fit(X, y)",
            {"n_estimators": "5", "max_depth": "2", "n_jobs": "1"},
        ),
        ("clf = Ridge(alpha=3)", "cross_val_score(clf, X, y, cv=2)", {"alpha": "3"}),
        ("clf = Ridge(alpha=3).fit(X, y)", "clf.predict(X)", {}),
        ("clf = Ridge()", "clf.fit(X, y)", {}),
        ("", "clf = Ridge(alpha=3)\nclf.fit(X, y)", {}),
        ("def make(): return Ridge(alpha=3)", "clf = make()\nclf.fit(X, y)", {"alpha": "3"}),
        (
            "p = make_pipeline(StandardScaler(with_mean=False), LogisticRegression(C=3.0))",
            "p.fit(X, y)",
            {"with_mean": "False", "C": "3.0"},
        ),
        (
            "a, b = Ridge(alpha=3), Ridge(alpha=4)",
            "a.fit(X, y)\nb.fit(X, y)",
            {"alpha": "3", "Ridge.alpha": "4"},
        ),
        (
            "search = GridSearchCV(LogisticRegression(), {'C': [1, 2]}, cv=2)",
            "search.fit(X, y)",
            {"cv": "2", "param_grid.C": "[1, 2]", "best_params.C": "1"},
        ),
        (
            "import torch\nopt = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.5, weight_decay=0.02)",
            "opt.step()",
            {"lr": "0.5", "weight_decay": "0.02"},
        ),
        (
            "import xgboost\nbooster = xgboost.XGBClassifier(max_depth=3, n_estimators=2)",
            "booster.fit(X, y)",
            {"max_depth": "3", "n_estimators": "2"},
        ),
        (
            "from sklearn.base import BaseEstimator\nclass Mine(BaseEstimator):\n"
            "    def __init__(self, a=1): self.a = a\n    def get_params(self, deep=True): raise AssertionError\n"
            "    def fit(self, X, y): pass\nmine = Mine(a=3)",
            "mine.fit(X, y)",
            {},
        ),
    ],
)  # fmt: skip
def test_what_differs_from_the_default_is_a_param(earlier, cell, expected):
    assert found(cell, earlier)[0] == expected


def test_what_a_name_carries_is_not_found_again():
    assert found("clf.fit(X, y)", "clf = Ridge(alpha=3, tol=0.1)", known=frozenset({"cfg.Alpha"}))[0] == {"tol": "0.1"}


def test_all_settings_are_kept_as_json():
    complete = found("p.fit(X, y)", "p = make_pipeline(StandardScaler(), Ridge(alpha=np.float64(3)))")[1]
    assert list(complete) == ["p", "p.standardscaler", "p.ridge"]
    assert complete["p.ridge"]["class"] == "sklearn.linear_model._ridge.Ridge"
    assert complete["p.ridge"]["params"]["alpha"] == "3.0"
    assert complete["p.ridge"]["params"]["fit_intercept"] is True
    assert json.loads(json.dumps(complete)) == complete


def test_the_estimator_that_a_cell_displays_is_found():
    result = outcome("Ridge(alpha=3).fit(X, y)", EARLIER)
    from sklearn.linear_model import Ridge

    shown = type(result)(result.situation, result.after, Ridge(alpha=3), False, 0)
    assert [each["params"]["alpha"] for each in find_estimators(shown)[1].values()] == [3]


def test_kerass_optimizers_tell_their_configuration(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    complete = found("rate = optimizer.learning_rate", "import keras\noptimizer = keras.optimizers.Adam(0.001)")[1]
    assert complete["optimizer"]["params"]["learning_rate"] == 0.001
