"""Estimators, optimizers and their settings: what differs from the default is a param, the whole set goes into a file.

Found are objects whose classes come from installed libraries and that take their settings as those of scikit-learn
do (each is kept under the name that ``__init__`` has for it), torch's optimizers (their ``defaults``) and Keras's
(their configuration). No library is imported, and nothing of the notebook's own classes is called. Settings are read
from where the objects keep them and not from ``get_params()``, which may be overridden.

What a call in the cell says is found with the call. What is looked for here are estimators that come from elsewhere and
are fitted in the cell: made in an earlier cell, or by a function. The values that a search has chosen
(``best_params_``) are its result; since most are no numbers, they are kept as params too, as ``best_params.C``.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from types import FunctionType
from typing import Any

from .captured import CapturedParam, Skipped
from .configs import class_dicts, is_of_notebook, module_of, stored
from .rules.base import MISSING, Outcome
from .rules.params.checked import checked
from .rules.params.layout import is_layout
from .secrets import is_secret
from .values import as_param, is_one_of

__all__ = ["find_estimators"]

FITTED = "setting of an estimator"
CHOSEN = "chosen by a search"

#: Estimators of one cell, parts of pipelines included, that are described.
MAX_ESTIMATORS = 30
MAX_DEPTH = 5

#: Calls by which an estimator learns.
_FITTING = re.compile(r"fit|train|step|cross_val|learning_curve|validation_curve|SearchCV|compile|minimize")


def find_estimators(outcome: Outcome) -> tuple[dict[str, CapturedParam], dict[str, Any]]:
    """Find the estimators that the cell names.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    params : dict of str to CapturedParam
        What differs from the defaults in estimators that the cell fits and does not make; and what searches chose.
    complete : dict
        All settings of all of them, as JSON can hold it: ``{name: {"class": ..., "params": {...}}}``.
    """
    source = outcome.situation.source
    lines = {name: read.line for name, read in source.reads.items()}
    lines |= {each.name: each.line for each in source.assignments if each.how == "computed"}
    values = {name: outcome.after[name] for name in lines if name in outcome.after and not name.startswith("_")}
    last = source.last_expression
    if last is not None and outcome.value is not MISSING and not any(outcome.value is each for each in values.values()):
        name = source.expression(last).partition("(")[0].rpartition(".")[2] or "last value"
        values[name], lines[name] = outcome.value, source.line(last)
    complete: dict[str, Any] = {}
    params: dict[str, CapturedParam] = {}
    known = {key.lower() for key in outcome.param_keys} | {key.rpartition(".")[2].lower() for key in outcome.param_keys}
    fitted = _fitted(outcome)
    made = {each.callee for each in (*source.keywords, *source.positionals)} | set(source.reads) | set(source.imports)
    for name, value in values.items():
        for path, each in _estimators(name, value):
            settings, defaults = _settings(each)
            if settings is None or len(complete) >= MAX_ESTIMATORS:
                continue
            kind = type(each)
            settings = {key: item for key, item in settings.items() if not is_secret(key, as_param(item) or "")}
            complete[path] = {"class": f"{module_of(kind)}.{kind.__qualname__}", "params": _as_json(settings)}
            if name in fitted and kind.__name__ not in made:
                for found in _differing(kind.__name__, settings, defaults, lines[name], path):
                    if found.key.lower() in known:
                        continue
                    if params.get(found.key, found).value != found.value:
                        found = replace(found, key=f"{kind.__name__}.{found.key}")
                    params.setdefault(found.key, found)
        for found in _chosen(name, value, lines[name]):
            params.setdefault(found.key, found)
    return params, complete


def _fitted(outcome: Outcome) -> set[str]:
    """Return the names of what the cell fits: whose method it calls, or which it gives to what fits."""
    names: set[str] = set()
    for callee, given in outcome.situation.source.calls:
        if _FITTING.search(callee):
            names |= given
    return names


def _estimators(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield an estimator and those in it: a pipeline's steps, what a search tries, what a model is compiled with."""
    kind = type(value)
    if is_one_of(kind, (list, tuple)) and depth:
        for index, each in enumerate(value[:MAX_ESTIMATORS]):
            pair = each if type(each) is tuple and len(each) >= 2 and type(each[0]) is str else (str(index), each)
            yield from _estimators(f"{name}.{pair[0]}", pair[1], depth + 1)
        return
    if depth > MAX_DEPTH or is_of_notebook(kind) or module_of(kind) == "builtins":
        return
    yield name, value
    parts = stored(value)
    taken = _defaults(kind)
    for part in ("steps", "transformers", "estimators", "estimator", "optimizer"):
        # What a forest keeps as its ``estimator`` is its own affair.
        if part in parts and (part in taken or part == "optimizer"):
            inner = parts[part]
            yield from _estimators(name if type(inner) is list else f"{name}.{part}", inner, depth + 1)


def _settings(value: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return the settings of an estimator or optimizer, and the defaults of its class; None if it is none."""
    kind = type(value)
    names = {base.__name__ for base in type.__getattribute__(kind, "__mro__")}
    package = module_of(kind).partition(".")[0]
    defaults = _defaults(kind)
    if "Optimizer" in names and package in ("torch", "transformers", "timm"):
        given = stored(value).get("defaults")
        return (dict(given), defaults) if type(given) is dict else (None, {})
    if package == "keras" and "optimizers" in module_of(kind):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                configured = value.get_config()
            return {key: _single(each) for key, each in configured.items() if key != "name"}, defaults
        except Exception:  # A library's own trouble is no reason to go without the rest.
            return None, {}
    takes_params = any("get_params" in entries and "set_params" in entries for entries in class_dicts(kind))
    if not takes_params and "BaseEstimator" not in names:
        return None, {}
    kept = stored(value)
    return {key: kept[key] for key in defaults if key in kept}, defaults


def _single(value: Any) -> Any:
    """Return a number as it was before it was kept in single precision."""
    return float(f"{value:.7g}") if type(value) is float else value


def _defaults(kind: type) -> dict[str, Any]:
    """Return what ``__init__`` takes and its defaults, those of the base classes too if it passes the rest on."""
    found: dict[str, Any] = {}
    for entries in class_dicts(kind):
        method = entries.get("__init__")
        for _ in range(8):
            if type(method) is FunctionType and "__wrapped__" in method.__dict__:
                method = method.__dict__["__wrapped__"]
        if type(method) is not FunctionType:
            continue
        code = method.__code__
        placed = code.co_varnames[1 : code.co_argcount]
        by_name = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        given = method.__defaults__ or ()
        defaults = dict(zip(placed[len(placed) - len(given) :], given, strict=False)) | (method.__kwdefaults__ or {})
        for name in (*placed, *by_name):
            found.setdefault(name, defaults.get(name, MISSING))
        if not code.co_flags & 0x08:  # Without ``**kwargs`` that is all.
            break
    return found


def _differing(
    kind: str, settings: dict[str, Any], defaults: dict[str, Any], line: int, path: str
) -> Iterator[CapturedParam]:
    for key, value in settings.items():
        if key not in defaults or is_layout(key):
            continue
        text = as_param(value)
        is_default = defaults[key] is not MISSING and text == as_param(defaults[key])
        if is_default or (text is None and type(value) is not dict):
            continue
        for found in checked(key, value, FITTED, line, f"{path}: {kind}"):
            if not isinstance(found, Skipped):
                yield found


def _chosen(name: str, value: Any, line: int) -> Iterator[CapturedParam]:
    """Yield what a search has chosen."""
    kind = type(value)
    if is_of_notebook(kind) or module_of(kind) == "builtins":
        return
    best = stored(value).get("best_params_")
    if type(best) is dict:
        for found in checked("best_params", best, CHOSEN, line, f"{name}.best_params_"):
            if not isinstance(found, Skipped):
                yield found


def _as_json(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as JSON can hold them: numbers, texts and truths as such, all else as text or by its class."""
    written: dict[str, Any] = {}
    for key, value in settings.items():
        kind = type(value)
        is_finite = kind is float and math.isfinite(value)
        if value is None or is_finite or is_one_of(kind, (bool, str, int)):
            written[key] = value
        else:
            text = as_param(value)
            written[key] = f"<{module_of(kind)}.{kind.__name__}>" if text is None else text
    return written
