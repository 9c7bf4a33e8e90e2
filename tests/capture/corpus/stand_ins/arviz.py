"""Plays back ArviZ: summary as a table of posterior statistics, hdi, and a trace plot of the draws."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

__version__ = "0.18.0"


def _rhat(x):
    half = x.shape[1] // 2
    split = np.concatenate([x[:, :half], x[:, half : 2 * half]])
    within, between = split.var(axis=1, ddof=1).mean(), half * split.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((half - 1) / half * within + between / half) / within))


def _ess(x):
    n = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)
    rho = [1.0]
    while rho[-1] > 0.05 and len(rho) < n // 2:
        lag = len(rho)
        rho.append(float((centred[:, lag:] * centred[:, :-lag]).mean() / (centred**2).mean()))
    return x.size / (2 * sum(rho) - 1)


def hdi(ary, hdi_prob=0.94):
    ordered = np.sort(np.asarray(ary).ravel())
    span = int(np.floor(hdi_prob * len(ordered)))
    start = int(np.argmin(ordered[span:] - ordered[: len(ordered) - span]))
    return np.array([ordered[start], ordered[start + span]])


def summary(data, var_names=None, round_to=3, hdi_prob=0.94):
    low, high = (1 - hdi_prob) / 2 * 100, (1 + hdi_prob) / 2 * 100
    rows = {}
    for name in var_names or list(data.posterior):
        x = np.asarray(data.posterior[name])
        lo, hi = hdi(x, hdi_prob)
        ess = _ess(x)
        rows[name] = {
            "mean": x.mean(),
            "sd": x.std(ddof=1),
            f"hdi_{low:g}%": lo,
            f"hdi_{high:g}%": hi,
            "mcse_mean": x.std(ddof=1) / np.sqrt(ess),
            "ess_bulk": ess,
            "r_hat": _rhat(x),
        }
    return pd.DataFrame(rows).T.round(round_to)


def plot_trace(data, var_names=None, figsize=None):
    names = var_names or list(data.posterior)
    _, axes = plt.subplots(len(names), 2, figsize=figsize, squeeze=False)
    for row, name in zip(axes, names, strict=True):
        for chain in np.asarray(data.posterior[name]):
            row[0].hist(chain, bins=40, histtype="step")
            row[1].plot(chain)
        row[0].set_title(name)
    return axes
