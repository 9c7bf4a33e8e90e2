"""What a filter means, as a tree.

::

    Condition
    ├── And, Or      parts
    ├── Not          part
    └── Comparison   key, operator, value

A comparison with something that is absent is false whatever the operator, ``!=`` and ``NOT IN`` included, as
in MLflow; only ``IS NULL`` is true then. `Not` turns true into false and false into true, nothing else.

A run may have read several datasets. A comparison with one is true if it is true of any of them; ``IS NULL`` is
true if none of them has that value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Aggregate", "And", "Comparison", "Condition", "Key", "Kind", "Not", "Or", "Value"]


class Kind(Enum):
    """What a key names."""

    ATTRIBUTE = "attribute"
    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"
    DATASET = "dataset"


class Aggregate(Enum):
    """A value of a metric's whole history; NaN counts only if there is nothing else."""

    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Key:
    """What is compared.

    Parameters
    ----------
    kind : Kind
    name : str
        An attribute's own name; a metric's, param's or tag's as the person gave it; of a dataset ``name``,
        ``digest`` or ``context``.
    aggregate : Aggregate, optional
        Of a metric; by default its latest value is compared.
    """

    kind: Kind
    name: str
    aggregate: Aggregate | None = None


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
