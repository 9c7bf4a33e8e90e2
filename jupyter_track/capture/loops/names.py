"""What a name alone says: whether it is a score's, a counter's, or that of data which a loop collects."""

from __future__ import annotations

import re

__all__ = ["gathers_data", "is_best_name", "is_counter_name", "is_history_name", "is_score_name"]

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

#: Words by which people name what they want to see as a curve. Every rule that asks for "a score" asks here.
_SCORES = frozenset(
    {
        # losses and errors
        "loss", "cost", "err", "error", "mse", "rmse", "mae", "mape", "rmsle", "residual", "nll", "ll",
        "loglik", "likelihood", "elbo", "kl", "bce", "xent", "perplexity", "ppl",
        # agreement
        "acc", "accuracy", "score", "auc", "auroc", "roc", "ap", "f1", "f2", "fbeta", "precision", "recall",
        "iou", "dice", "silhouette", "sil", "bleu", "rouge", "wer", "cer", "r2", "mcc", "kappa",
        "sensitivity", "specificity", "fitness",
        # what reinforcement learning and sampling look at
        "reward", "return", "regret", "entropy", "advantage", "acceptance", "ess", "rhat",
        # what an optimisation looks at
        "objective", "obj", "energy", "inertia", "distortion", "lr", "temperature", "delta", "gap", "sharpe",
        "drawdown",
    }
)  # fmt: skip
#: Two words that are one together.
_SCORE_PAIRS = frozenset({("grad", "norm"), ("learning", "rate"), ("r", "2"), ("f", "1"), ("win", "rate")})

_COUNTERS = frozenset(
    {
        "i", "j", "k", "n", "m", "idx", "index", "step", "steps", "epoch", "epochs", "iter", "iters",
        "iteration", "iterations", "batch", "batches", "count", "counter", "num", "size", "start", "end",
        "stop", "offset", "pos", "position", "elapsed", "time", "seconds", "minutes", "duration", "eta", "t0",
        "t1", "tic", "toc", "lo", "hi", "left", "right", "episode", "episodes", "trial", "fold", "seed", "row",
        "col",
    }
)  # fmt: skip

#: Lists of these names are what a loop works on or makes, not what it is judged by.
_DATA = frozenset(
    {
        "data", "dataset", "x", "y", "xs", "ys", "row", "rows", "col", "cols", "column", "columns", "record",
        "records", "value", "values", "item", "items", "point", "points", "line", "lines", "word", "words",
        "token", "tokens", "text", "texts", "batch", "batches", "feature", "features", "label", "labels",
        "target", "targets", "pred", "preds", "prediction", "predictions", "output", "outputs", "input",
        "inputs", "result", "index", "indices", "idx", "id", "ids", "name", "names", "file", "files", "path",
        "paths", "image", "images", "frame", "frames", "df", "dfs", "part", "parts", "chunk", "chunks",
    }
)  # fmt: skip
_HISTORIES = frozenset({"history", "hist", "histories", "curve", "curves", "trace", "log", "logs"})


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def is_score_name(name: str) -> bool:
    """Whether a name is that of a score: ``val_loss``, ``trainAcc``, ``losses``, ``grad_norm``."""
    words = _words(name)
    return bool(words) and any(
        word in _SCORES or _singular(word) in _SCORES or (word, after) in _SCORE_PAIRS
        for word, after in zip(words, [*words[1:], ""], strict=True)
    )


def is_history_name(name: str) -> bool:
    """Whether a list of that name keeps a curve: a score's name, or ``history``."""
    return is_score_name(name) or any(word in _HISTORIES for word in _words(name))


def is_counter_name(name: str) -> bool:
    """Whether a name is that of a counter, a size, a place or a clock: ``step``, ``n_batches``, ``best_epoch``."""
    words = _words(name)
    return not words or ((words[-1] in _COUNTERS or words[0] in ("n", "num")) and not is_score_name(name))


def is_best_name(name: str) -> bool:
    """Whether a name is that of the best there was so far: ``best_acc``, ``lowest_loss``."""
    return bool({"best", "lowest", "highest"} & set(_words(name)))


def gathers_data(name: str) -> bool:
    """Whether a list or dict of that name holds data rather than scores: ``rows``, ``predictions``."""
    words = _words(name)
    return bool(words) and words[-1] in _DATA and not is_score_name(name)
