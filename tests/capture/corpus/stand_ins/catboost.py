"""Plays back what CatBoost prints while it trains (learn/test/best lines, bestTest); a decision tree predicts."""

import math

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


class Pool:
    def __init__(self, data, label=None, cat_features=None, **_):
        self.data, self.label = data, label


def _at(step, iterations, start, gap=0.0):
    """The loss after a step; a gap makes the test loss turn up again at the end."""
    done = step / iterations
    return start * (0.18 + 0.82 * math.exp(-5 * done)) + gap * (0.3 + max(0.0, done - 0.7))


class _CatBoost:
    loss, start, tree = "RMSE", 75.0, DecisionTreeRegressor

    def __init__(self, **params):
        self._params = params

    def fit(self, X, y=None, eval_set=None, cat_features=None, verbose=None, **_):
        if isinstance(X, Pool):
            X, y = X.data, X.label
        p = self._params
        total = p.get("iterations", p.get("n_estimators", 1000))
        verbose = p.get("verbose", not p.get("silent", False)) if verbose is None else verbose
        every = 1 if verbose is True else int(verbose or 0)
        if every and "learning_rate" not in p and "eta" not in p:
            print(f"Learning rate set to {math.log10(len(X)) / 30:.6f}")
        best, best_at, self.evals_result_ = math.inf, 0, {"learn": {self.loss: []}, "validation": {self.loss: []}}
        for i in range(total):
            learn, test = _at(i, total, self.start), _at(i, total, self.start, gap=self.start / 8)
            self.evals_result_["learn"][self.loss].append(learn)
            self.evals_result_["validation"][self.loss].append(test)
            if test < best:
                best, best_at = test, i
            if every and (i % every == 0 or i == total - 1):
                scores = f"\ttest: {test:.7f}\tbest: {best:.7f} ({best_at})" if eval_set is not None else ""
                left = f"{(total - 1 - i) * 2.3:.3g}ms" if i < total - 1 else "0us"
                print(f"{i}:\tlearn: {learn:.7f}{scores}\ttotal: {(i + 1) * 2.3:.3g}ms\tremaining: {left}")
        self.best_score_ = {"learn": {self.loss: learn}}
        if eval_set is not None:
            self.best_score_["validation"], self.best_iteration_ = {self.loss: best}, best_at
            if every:
                print(f"\nbestTest = {best:.9f}\nbestIteration = {best_at}\n")
                if best_at < total - 1:
                    print(f"Shrink model to first {best_at + 1} iterations.")
        self._model = self.tree(max_depth=p.get("depth", 6), random_state=0).fit(X, np.ravel(y))
        return self

    def predict(self, X):
        return self._model.predict(X.data if isinstance(X, Pool) else X)

    def get_feature_importance(self, *_, **__):
        return 100 * self._model.feature_importances_


class CatBoostRegressor(_CatBoost):
    def score(self, X, y):
        return self._model.score(X, y)


class CatBoostClassifier(CatBoostRegressor):
    loss, start, tree = "Logloss", 0.6931, DecisionTreeClassifier

    def predict_proba(self, X):
        return self._model.predict_proba(X)


def cv(pool, params, fold_count=3, verbose=None, **_):
    total, loss = params.get("iterations", 100), params.get("loss_function", "RMSE")
    test = [_at(i, total, 0.6931, gap=0.08) for i in range(total)]
    columns = {f"test-{loss}-mean": test, f"test-{loss}-std": [0.01] * total}
    return pd.DataFrame({"iterations": range(total), **columns})
