"""What stands to the left of an operator, and the comparisons that it takes."""

from __future__ import annotations

from dataclasses import dataclass

from .tree import And, Comparison, Condition, Key, Kind, Or, Value
from .vocabulary import VALUES, Values

__all__ = ["Subject", "compare"]

_OF_TEXT = frozenset({Kind.PARAM, Kind.TAG})
_OF_NUMBER = frozenset({Kind.METRIC, Kind.PARAM})


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared.

    Parameters
    ----------
    keys : tuple of Key
        One; of a bare name all that it may stand for, those that are looked at first first.
    values : Values
        With what.
    """

    keys: tuple[Key, ...]
    values: Values

    @property
    def name(self) -> str:
        """What it is called in a message."""
        return self.keys[0].name

    @classmethod
    def of(cls, key: Key) -> Subject:
        """Return the subject that is a metric, param, tag or dataset."""
        return cls((key,), VALUES[key.kind])

    @classmethod
    def bare(cls, keys: tuple[Key, ...]) -> Subject:
        """Return the subject that is a bare name."""
        return cls(keys, Values.TEXT_OR_NUMBER)


def compare(subject: Subject, operator: str, value: Value, negated: bool) -> Condition:
    """Return the condition that a subject compares so with a value.

    Of a bare name, the first key decides that a run has and that can be compared with such a value. That is
    said in the tree's other words, so that whoever evaluates one needs to know nothing of bare names.
    """
    if len(subject.keys) == 1:
        return Comparison(subject.keys[0], operator, value, negated)
    if operator == "IS NULL":
        parts = tuple(Comparison(key, operator, None, negated) for key in subject.keys)
        return Or(parts) if negated else And(parts)
    one = value[0] if isinstance(value, tuple) else value
    fitting = _OF_TEXT if isinstance(one, str) else _OF_NUMBER
    first, second = (key for key in subject.keys if key.kind in fitting)
    return Or(
        (
            Comparison(first, operator, value, negated),
            And((Comparison(first, "IS NULL"), Comparison(second, operator, value, negated))),
        )
    )
