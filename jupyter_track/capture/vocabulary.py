"""The words by which people call scores, counters and data: the one place that says what a name alone tells.

Names in code (`is_score_name`) and names in a printed text (`is_score`) have nearly all of their words in common. What
is a score in one of them and something else in the other is listed apart: ``map`` is mean average precision where it is
printed, and a function where it is called.
"""

from __future__ import annotations

import re
from itertools import pairwise

__all__ = [
    "gathers_data",
    "is_best_name",
    "is_counter_name",
    "is_history_name",
    "is_score",
    "is_score_name",
    "is_score_word",
    "words_of",
]

#: Words that name how good something is.
_SCORES = frozenset(
    {
        # losses and errors
        "bce", "brier", "cost", "crps", "deviance", "elbo", "err", "error", "kl", "likelihood", "loglik", "logloss",
        "loss", "mae", "mape", "mase", "medae", "mse", "msle", "nll", "nrmse", "perplexity", "ppl", "residual",
        "rmse", "rmsle", "smape", "xent",
        # agreement
        "acc", "accuracy", "ap", "auc", "auprc", "auroc", "bleu", "cer", "correlation", "dice", "f1", "f1score", "f2",
        "fbeta", "fitness", "fscore", "gini", "iou", "jaccard", "kappa", "mcc", "miou", "mrr", "ndcg", "nmi",
        "pearson", "precision", "psnr", "purity", "r2", "recall", "roc", "rouge", "rougel", "score", "sensitivity",
        "silhouette", "spearman", "specificity", "ssim", "wer",
        # what reinforcement learning and sampling look at
        "acceptance", "advantage", "entropy", "ess", "regret", "return", "reward", "rhat",
        # what an optimisation and an investment look at
        "distortion", "drawdown", "energy", "inertia", "objective", "sharpe",
    }
)  # fmt: skip
#: Short forms, and what an optimisation goes by: in a text they are also settings and plain words.
_ONLY_IN_CODE = frozenset({"delta", "gap", "ll", "lr", "obj", "sil", "temperature"})
#: In code a function, a list of ks, an expression of another kind.
_ONLY_IN_TEXT = frozenset({"ce", "ks", "map", "meteor"})
#: Two words that are one together.
_PAIRS = frozenset({("grad", "norm"), ("learning", "rate"), ("r", "2"), ("f", "1"), ("win", "rate")})

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

_SPOKEN = re.compile(r"[\s_\-./()@%:]+|(?<=[a-z])(?=[A-Z][a-z])")
#: The finer parts of a name in code: ``MSELoss``, ``trainAUC``, ``t0``.
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_DIGITS_AT_END = re.compile(r"(?<=[a-z]{3})\d+$")


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case: ``valLoss_1`` is val, loss, 1."""
    return [word.lower() for word in _SPOKEN.split(name) if word]


def _parts(name: str) -> list[str]:
    return [part.lower() for part in _PART.findall(name)]


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _is_in(words: frozenset[str], word: str) -> bool:
    return word in words or _singular(word) in words


def is_score_word(word: str) -> bool:
    """Whether one word of a text, in lower case, is a score's: ``loss``, ``scores``, ``acc1``, ``mAP``."""
    bare = _DIGITS_AT_END.sub("", word)
    return any(_is_in(_SCORES, each) or each in _ONLY_IN_TEXT for each in (word, bare))


def is_score(name: str) -> bool:
    """Whether a printed name has a word that tells how good something is."""
    return any(is_score_word(word) for word in words_of(name))


def is_score_name(name: str) -> bool:
    """Whether a name in code is that of a score: ``val_loss``, ``trainAcc``, ``losses``, ``grad_norm``."""
    parts = _parts(name)
    return (
        any(_is_in(_SCORES, part) or _is_in(_ONLY_IN_CODE, part) for part in parts)
        or any(pair in _PAIRS for pair in pairwise(parts))
        # ``f1`` and ``miou`` are cut into their parts.
        or any(_is_in(_SCORES, word) for word in words_of(name))
    )


def is_history_name(name: str) -> bool:
    """Whether a list of that name keeps a curve: a score's name, or ``history``."""
    return is_score_name(name) or any(part in _HISTORIES for part in _parts(name))


def is_counter_name(name: str) -> bool:
    """Whether a name is that of a counter, a size, a place or a clock: ``step``, ``n_batches``, ``best_epoch``."""
    parts = _parts(name)
    return not parts or ((parts[-1] in _COUNTERS or parts[0] in ("n", "num")) and not is_score_name(name))


def is_best_name(name: str) -> bool:
    """Whether a name is that of the best there was so far: ``best_acc``, ``lowest_loss``."""
    return bool({"best", "lowest", "highest"} & set(_parts(name)))


def gathers_data(name: str) -> bool:
    """Whether a list or dict of that name holds data rather than scores: ``rows``, ``predictions``."""
    parts = _parts(name)
    return bool(parts) and parts[-1] in _DATA and not is_score_name(name)
