"""The rules that find params: what went into the cell."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from ...captured import CapturedParam, Skipped
from ..base import ParamRule, Situation
from .arguments import GivenConstant
from .assigned import AssignedConstant
from .checked import without_secrets
from .made import find_made
from .read import COMPUTED_BEFORE, ReadFromOutside
from .settings import MadeSettings, SetPart
from .swept import SpacedConstant, SweptConstant

__all__ = [
    "PARAM_RULES",
    "AssignedConstant",
    "GivenConstant",
    "MadeSettings",
    "ReadFromOutside",
    "SetPart",
    "SpacedConstant",
    "SweptConstant",
    "find_made",
    "find_params",
]

PARAM_RULES: tuple[ParamRule, ...] = (
    SetPart(),
    AssignedConstant(),
    SpacedConstant(),
    SweptConstant(),
    MadeSettings(),
    ReadFromOutside(),
    GivenConstant(),
)


def find_params(
    situation: Situation,
    rules: Iterable[ParamRule] = PARAM_RULES,
    computed_before: Container[str] = frozenset(),
    allow_secrets: Container[str] = frozenset(),
) -> tuple[dict[str, CapturedParam], list[Skipped]]:
    """Apply the rules in order; the first that finds a name has it.

    Parameters
    ----------
    situation : Situation
    rules : iterable of ParamRule
    computed_before : container of str
        Names that earlier cells have computed, as far as that is known: what they hold is no choice.
    allow_secrets : container of str
        Names that are recorded although they look like those of secrets.

    Returns
    -------
    params : dict of str to CapturedParam
        By key.
    skipped : list of Skipped
    """
    params: dict[str, CapturedParam] = {}
    skipped: list[Skipped] = []
    for rule in rules:
        # `BATCH_SIZE = 64` and `DataLoader(test, batch_size=256)` speak of the same.
        carried = {key.lower(): param for key, param in params.items()}
        for found in without_secrets(rule.find(situation), allow_secrets):
            if isinstance(found, Skipped):
                skipped.append(found)
                continue
            if isinstance(rule, ReadFromOutside) and found.key in computed_before:
                skipped.append(Skipped(found.key, rule.name, found.line, COMPUTED_BEFORE))
                continue
            other = carried.get(found.key.lower())
            if other is None:
                params.setdefault(found.key, found)
            elif isinstance(rule, GivenConstant) and other.value != found.value:
                # The variable of that name has another value: both went in.
                key = f"{found.expression.partition('(')[0]}.{found.key}"
                params.setdefault(key, replace(found, key=key))
    return params, skipped
