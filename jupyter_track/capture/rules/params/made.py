"""Params that show when the cell has ended: settings that it came by, and names in libraries that it loaded."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import replace
from types import FunctionType, SimpleNamespace
from typing import Any

from ....analysis.source import Argument
from ...captured import CapturedParam, Skipped
from ...configs import class_dicts, is_of_notebook, module_of, settings_of
from ...values import as_param
from ..base import MISSING, Outcome, Situation
from ..merging import first_finds
from .arguments import given_params, placed_arguments
from .assigned import IN_BRANCHES
from .checked import checked, without_secrets
from .settings import copies_settings
from .swept import SpacedConstant, SweptConstant

__all__ = ["find_made"]

SETTINGS = "settings object"
ARGUMENT = "keyword argument"

#: Calls that make an object of settings from another, or from what was read.
_REMAKING = frozenset(
    {"replace", "_replace", "evolve", "copy", "deepcopy", "model_copy", "model_validate", "parse_obj"}
)

#: What the methods of a library's objects are given by place that is a choice: how long, and how fast.
_HOW_LONG = frozenset(
    {
        "draws", "epochs", "lr", "lr_max", "max_epochs", "max_iter", "n_epoch", "n_epochs", "n_iter", "n_steps",
        "nsteps", "num_boost_round", "num_epochs", "num_steps", "steps", "total_timesteps", "tune",
    }
)  # fmt: skip


def find_made(
    outcome: Outcome, allow_secrets: Container[str] = frozenset()
) -> tuple[dict[str, CapturedParam], list[Skipped]]:
    """Find the params of a cell that has ended, beyond those found when it began.

    Parameters
    ----------
    outcome : Outcome
        Its ``param_keys`` are those that are known; nothing is found twice.
    allow_secrets : container of str
        Names that are recorded although they look like those of secrets.

    Returns
    -------
    params : dict of str to CapturedParam
        By key.
    skipped : list of Skipped
    """
    situation = replace(outcome.situation, before=outcome.after)
    found = without_secrets(_all(outcome, situation), allow_secrets)
    return first_finds(found, known=outcome.param_keys, alike=str.lower)


def _all(outcome: Outcome, situation: Situation) -> Iterator[CapturedParam | Skipped]:
    yield from _settings(outcome)
    yield from _decided_in_branches(outcome)
    yield from SpacedConstant().find(situation)
    yield from SweptConstant().find(situation)
    if situation.source.positionals:
        placed = [*placed_arguments(situation, outcome.after), *_given_to_methods(outcome)]
        yield from given_params(placed, situation, ARGUMENT)


def _settings(outcome: Outcome) -> Iterator[CapturedParam | Skipped]:
    for each in outcome.situation.source.assignments:
        value = outcome.after.get(each.name, MISSING)
        # `{**base, "lr": 0.5}` is constant in part.
        is_made = each.how == "computed" or (each.how == "constant" and copies_settings(each.node))
        if not is_made or each.conditional or each.name.startswith("_") or value is MISSING:
            continue
        if _came_by_settings(each.node, value):
            yield from checked(each.name, value, SETTINGS, each.line, each.expression)


def _came_by_settings(node: ast.expr | None, value: Any) -> bool:
    """Whether a value holds settings, and not results: it was made as such, copied, read or parsed."""
    kind = type(value)
    if kind is type or settings_of(value) is None:
        return False
    if kind is dict:
        return copies_settings(node)
    if not is_of_notebook(kind) and kind is not SimpleNamespace:
        # Named tuples of libraries are results.
        return not any(base is tuple for base in type.__getattribute__(kind, "__mro__"))
    called = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
    return called == kind.__name__ or called in _REMAKING


def _decided_in_branches(outcome: Outcome) -> Iterator[CapturedParam | Skipped]:
    """Yield the names that branches set to constants: by now it shows which one ran."""
    written: dict[str, list[Any]] = {}
    for each in outcome.situation.source.assignments:
        written.setdefault(each.name, []).append(each)
    for name, mine in written.items():
        if name.startswith("_") or any(each.how != "constant" for each in mine) or not mine[0].conditional:
            continue
        text = as_param(outcome.after.get(name))
        ran = next((each for each in mine if as_param(each.value) == text), None)
        if text is not None and ran is not None and name in outcome.after:
            yield from checked(name, ran.value, IN_BRANCHES.partition(";")[0], ran.line, ran.expression)


def _given_to_methods(outcome: Outcome) -> Iterator[Argument]:
    for each in outcome.situation.source.positionals:
        if each.path != f"{each.root}.{each.callee}" or type(each.value) not in (int, float):
            continue
        kind = type(outcome.after.get(each.root))
        if module_of(kind) in ("builtins", "__main__"):
            continue
        method = next((entries[each.callee] for entries in class_dicts(kind) if each.callee in entries), None)
        if type(method) is FunctionType:
            parameters = method.__code__.co_varnames[1 : method.__code__.co_argcount]
            if each.place < len(parameters) and parameters[each.place] in _HOW_LONG:
                yield replace(each, name=parameters[each.place], place=-1)
