"""From a value to a param: its parts, its text, and the checks that each param has to pass."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from typing import Any

from ....entities import InvalidParameterValue
from ....entities.limits import check_key
from ...captured import CapturedParam, Skipped
from ...secrets import is_secret
from ...values import as_param, flatten, is_one_of
from .layout import is_layout

__all__ = ["checked", "without_secrets"]

#: A dict of numbers to numbers with more entries than this is a table.
MAX_WEIGHTS = 10


def checked(
    key: str, value: Any, rule: str, line: int, expression: str, are_choices: bool = False
) -> Iterator[CapturedParam | Skipped]:
    """Yield the param, its parts if it holds settings, or why it is left out.

    A list of texts names columns, labels or cities, unless it is known that its entries `are_choices`.
    """
    for part, item in _flat(key, value).items():
        text = as_param(item)
        if text is None:
            continue  # Data, a model, a function: nobody takes it for a param.
        if "." in part and is_layout(part.rpartition(".")[2]):
            continue
        if type(item) is str and "\n" in item.strip():
            continue  # A document.
        if not are_choices and _names_things(item):
            yield Skipped(part, rule, line, "a list of names: data, no choice")
            continue
        try:
            check_key("param", part)
        except InvalidParameterValue as error:
            yield Skipped(part, rule, line, str(error))
            continue
        yield CapturedParam(part, text, rule, line, expression)


def without_secrets(
    found: Iterable[CapturedParam | Skipped], allowed: Container[str]
) -> Iterator[CapturedParam | Skipped]:
    """Yield what was found, and in the place of a secret that it was left out."""
    for each in found:
        if isinstance(each, CapturedParam) and is_secret(each.key, each.value, allowed):
            yield Skipped(each.key, each.rule, each.line, "looks like a secret")
        elif isinstance(each, CapturedParam) and any(is_secret(each.key, text, allowed) for _, text in each.later):
            yield replace(each, later=())
        else:
            yield each


def _flat(key: str, value: Any) -> dict[str, Any]:
    if is_one_of(type(value), (dict,)) and 0 < len(value) <= MAX_WEIGHTS:
        entries = list(value.items())
        if all(type(name) is int and is_one_of(type(item), (int, float)) for name, item in entries):
            # `class_weight = {0: 1, 1: 8}`
            return {f"{key}.{name}": item for name, item in entries}
    return flatten(key, value)


def _names_things(value: Any) -> bool:
    return is_one_of(type(value), (list, tuple, set, frozenset)) and all(type(each) is str for each in value)
