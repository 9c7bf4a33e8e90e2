"""Why a number that was printed under a name is no metric: the one place that decides."""

from __future__ import annotations

import re

from ...vocabulary import is_score_word, words_of

__all__ = ["why_no_score", "why_not_by_unit"]

#: Reasons, and the last words of the names that they are true of.
_KINDS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "a counter, not a score",
        frozenset(
            {
                "attempt", "batch", "batches", "checkpoint", "counter", "episode", "episodes",
                "epoch", "epochs", "fold", "folds", "generation", "generations", "idx", "it", "iter",
                "iteration", "iterations", "iters", "no", "progress", "round", "rounds", "run",
                "runs", "split", "splits", "step", "steps", "timestep", "timesteps", "trial",
                "trials", "update", "updates",
            }
        ),
    ),
    (
        "a size, not a score",
        frozenset(
            {
                "bins", "channels", "cols", "columns", "dim", "dimension", "dimensions", "dims",
                "documents", "entries", "examples", "features", "images", "instances", "layers",
                "len", "length", "ndim", "neurons", "nnz", "nnzs", "obs", "observations",
                "parameters", "params", "pixels", "records", "resolution", "rows", "samples",
                "sentences", "shape", "size", "support", "tokens", "vocab", "vocabulary", "words",
            }
        ),
    ),
    (
        "a duration, not a score",
        frozenset(
            {
                "duration", "elapsed", "eta", "fps", "hours", "lapse", "latency", "minutes", "ms",
                "remaining", "runtime", "sec", "second", "seconds", "secs", "speed", "speedup",
                "throughput", "time", "times", "took", "total_time", "wall",
            }
        ),
    ),
    (
        "a date, not a score",
        frozenset({"date", "datetime", "day", "hour", "minute", "month", "timestamp", "week", "weekday", "year"}),
    ),
    (
        "a version, not a score",
        frozenset(
            {
                "cuda", "cudnn", "keras", "lightgbm", "matplotlib", "numpy", "pandas", "python",
                "pytorch", "release", "scikit-learn", "scipy", "seaborn", "sklearn", "statsmodels",
                "tensorflow", "torch", "torchvision", "transformers", "version", "xgboost",
            }
        ),
    ),
    (
        "an address, not a score",
        frozenset(
            {
                "address", "cell", "file", "filename", "host", "http", "https", "ip", "line",
                "localhost", "path", "port", "url",
            }
        ),
    ),
    (
        "a machine's part, not a score",
        frozenset(
            {
                "core", "cores", "cpu", "cpus", "device", "devices", "gpus", "n_jobs", "pid",
                "process", "thread", "threads", "worker", "workers",
            }
        ),
    ),
    (
        "an amount of memory, not a score",
        frozenset({"bytes", "disk", "gb", "kb", "mb", "mem", "memory", "ram", "vram"}),
    ),
    (
        "it tells one thing from others, and is no score",
        frozenset(
            {
                "code", "dtype", "dtypes", "exit", "hash", "id", "ids", "key", "name", "random_state", "seed", "status",
                "token",
            }
        ),
    ),
    ("a warning, not a score", frozenset({"warning", "warnings"})),
)  # fmt: skip
_COUNTERS = _KINDS[0][1]
#: The best epoch is what a search came to.
_BEST = frozenset({"best", "optimal"})
_REASONS = {word: reason for reason, words in _KINDS for word in words}

#: "Error: 404" and "rank: 0" are none either, but "Mean squared error: 3.2" is.
_WHOLE = {
    "error": "the number of an error, not a score",
    "gpu": "a machine's part, not a score",
    "index": "it tells one thing from others, and is no score",
    "rank": "it tells one thing from others, and is no score",
    "errors": "",
}

#: "Accuracy on the test set": what is measured stands before the first of these.
_PREPOSITIONS = frozenset(
    {
        "after",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "over",
        "per",
        "under",
        "using",
        "with",
    }
)
#: "Number of rows", "total samples": what is counted stands behind.
_COUNTS = frozenset({"#", "count", "n", "nb", "num", "number", "total"})

_FILE = re.compile(r"\.[A-Za-z]\w{0,4}$")


def why_no_score(name: str, whole: bool) -> str:
    """Say why a number printed under a name is no metric; empty if it may be one.

    Parameters
    ----------
    name : str
        As it was printed.
    whole : bool
        Whether the number has no point and no exponent.
    """
    words = words_of(name)
    if not words:
        return "it has no name"
    if _FILE.search(name) and not is_score_word(words[-1]) and not _is_dotted(name):
        return "it follows the name of a file"
    if name.endswith(("_per_second", " per second", "/s", "it/s")):
        return "a speed, not a score"
    noun = words
    for index, word in enumerate(words):
        if index and word in _PREPOSITIONS:
            # Of "accuracy on 10 images" the first word counts, of "number of images" the last.
            if words[index - 1] not in _COUNTS:
                noun = words[:index]
            break
    last = noun[-1]
    if last in _COUNTS and len(noun) > 1 and noun[-2] in _REASONS:
        last = noun[-2]
    if whole and words == ["n"]:
        return "a size, not a score"
    if whole and last in _WHOLE:
        return _WHOLE[last]
    if words[0] in _BEST and last in _COUNTERS:
        return ""
    return _REASONS.get(last, "")


def _is_dotted(name: str) -> bool:
    # An entry of a nested dict, "macro avg.f1-score"; a file has an ending that is known as one.
    return name.rpartition(".")[2].lower() not in _ENDINGS


_ENDINGS = frozenset(
    {
        "bin", "ckpt", "csv", "gz", "h5", "hdf5", "html", "ipynb", "jpg", "json", "keras", "log", "md", "npy",
        "npz", "onnx", "parquet", "pdf", "pickle", "pkl", "png", "pt", "pth", "py", "svg", "tar", "toml",
        "tsv", "txt", "xlsx", "xml", "yaml", "yml", "zip",
    }
)  # fmt: skip


def why_not_by_unit(unit: str) -> str:
    """Say why a number with a unit of that kind ("duration", "memory", "rate") is no metric."""
    return {
        "duration": "a duration, not a score",
        "memory": "an amount of memory, not a score",
        "rate": "a speed, not a score",
    }.get(unit, "")
