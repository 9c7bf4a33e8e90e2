"""The secrets that a cell could show: the values of all that is named like one."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from ..analysis.source import CellSource
from .configs import settings_of
from .secrets import Redactor, is_secret_name

__all__ = ["redactor_for"]

#: Entries of one container that are looked at, those of containers in it included, and how deep those may be.
MAX_ENTRIES = 2_000
MAX_DEPTH = 8
#: Types of values that hold no name, by identity: no metaclass is asked.
_NEVER = frozenset(
    id(kind)
    for kind in (
        type(None), bool, int, float, complex, bytes, bytearray, list, tuple, set, frozenset, range, ModuleType,
        FunctionType, BuiltinFunctionType, MethodType,
    )
)  # fmt: skip


def redactor_for(namespace: Mapping[str, Any], source: CellSource, allowed: Collection[str] = ()) -> Redactor:
    """Return what blots out the values of everything that is named like a secret.

    Looked at are the variables, what is in dicts and settings among them, the cell's constants, and the environment.

    Parameters
    ----------
    namespace : mapping of str to object
    source : CellSource
    allowed : collection of str
        Names that hold no secret, whatever they look like.
    """
    named: list[tuple[str, Any]] = list(namespace.items())
    # By name first: each value is decoded anew when it is asked for.
    named += [(name, os.environ.get(name)) for name in list(os.environ) if is_secret_name(name)]
    named += [(each.name, each.value) for each in source.assignments]
    named += [(each.name, each.value) for each in source.keywords]
    secrets: set[str] = set()
    for name, value in named:
        if id(type(value)) not in _NEVER:
            found = _secrets_in(name, value, False, allowed, 0)
            secrets.update(islice(found, MAX_ENTRIES))
    return Redactor(secrets)


def _secrets_in(name: str, value: Any, is_secret: bool, allowed: Collection[str], depth: int) -> Iterator[str]:
    """Yield the texts that are, or are in something that is, named like a secret."""
    kind = type(value)
    if kind is str:
        if (is_secret or is_secret_name(name)) and name not in allowed:
            yield value
        return
    entries = value if kind is dict else settings_of(value)
    if entries is None or depth >= MAX_DEPTH:
        return
    is_secret = is_secret or is_secret_name(name)
    # A copy, since another thread may change it meanwhile.
    for key, item in list(islice(entries.items(), MAX_ENTRIES)):
        if type(key) is str and id(type(item)) not in _NEVER:
            yield from _secrets_in(key, item, is_secret, allowed, depth + 1)
