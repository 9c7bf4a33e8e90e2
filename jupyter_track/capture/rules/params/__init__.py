"""The rules that find params: what went into the cell."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from ...captured import CapturedParam, Skipped
from ..base import ParamRule, Situation
from ..merging import first_finds
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
    found = _all(situation, rules, computed_before)
    # `BATCH_SIZE = 64` and `DataLoader(test, batch_size=256)` speak of the same.
    return first_finds(without_secrets(found, allow_secrets), alike=str.lower, second=_given_too)


def _all(
    situation: Situation, rules: Iterable[ParamRule], computed_before: Container[str]
) -> Iterator[CapturedParam | Skipped]:
    for rule in rules:
        for found in rule.find(situation):
            if found.key in computed_before and isinstance(rule, ReadFromOutside) and isinstance(found, CapturedParam):
                yield Skipped(found.key, rule.name, found.line, COMPUTED_BEFORE)
            else:
                yield found


def _given_too(first: CapturedParam, other: CapturedParam) -> CapturedParam | None:
    """Return an argument under the name of its call if the variable of that name has another value: both went in."""
    if other.rule != GivenConstant.name or first.value == other.value:
        return None
    return replace(other, key=f"{other.expression.partition('(')[0]}.{other.key}")
