"""What a filter means, as a tree.

::

    Condition
    ├── And, Or      parts
    ├── Not          part
    └── Comparison   key, operator, value

A comparison with something that is absent is false whatever the operator, ``!=`` and ``NOT IN`` included, as
in MLflow; only ``IS NULL`` is true then. `Not` turns true into false and false into true, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["And", "Comparison", "Condition", "Key", "Kind", "Not", "Or", "Value"]


class Kind(Enum):
    """What a key names."""

    ATTRIBUTE = "attribute"
    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Key:
    """What is compared: an attribute under its own name, or a metric, param or tag under the person's."""

    kind: Kind
    name: str


#: A text, a number, or a list of one of them (``IN``, ``BETWEEN``); None for ``IS NULL``.
Value = str | float | int | tuple[str, ...] | tuple[float | int, ...] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison.

    ``operator`` is one of ``= != < <= > >= LIKE ILIKE IN BETWEEN`` and ``IS NULL``; what the language
    writes as ``NOT IN`` and the like has ``negated``.
    """

    key: Key
    operator: str
    value: Value = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of the part."""

    part: Condition


Condition = And | Or | Not | Comparison
