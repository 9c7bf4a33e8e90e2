"""The order of a search: ``metrics.accuracy DESC``, ``MAX(metrics.accuracy) DESC``, ``start_time``, ``accuracy``.

A bare name, one without a prefix that is no attribute, is several keys, one after the other. First come runs with
a metric of that name, in its order. The others follow, in the order of the number that their param of that name
spells, then of its text, then of the tag of that name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..entities import InvalidParameterValue
from ..entities.limits import check_text
from .parser import AGGREGATES
from .tree import Key, Kind
from .vocabulary import Vocabulary

__all__ = ["OrderTerm", "parse_order"]

#: Keys of one order; each costs the database a join.
MAX_TERMS = 20

_KEY = r"""
    (?: (?P<mark>`?) (?P<prefix>\w+) (?P=mark) \. )?
    (?: `(?P<backtick>[^`]+)` | "(?P<quoted>[^"]+)" | (?P<plain>[^\s`",()]+) )
"""
_TERM = re.compile(
    rf"""\s*
    (?: (?P<function>\w+) \s* \( \s* )?
    {_KEY}
    (?(function) \s* \) )
    (?: \s+ (?P<direction>ASC|DESC) )?
    \s*""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One key of an order; what has no value there comes last in both directions.

    ``as_number`` is of a param: the number that it spells is its value; a param which spells none has none.
    """

    key: Key
    descending: bool = False
    as_number: bool = False


def parse_order(order_by: Sequence[str], vocabulary: Vocabulary) -> tuple[OrderTerm, ...]:
    """Return the terms of an order.

    Raises
    ------
    InvalidParameterValue
        If a term cannot be read, or names what has no order.
    """
    terms: dict[tuple[Key, bool], OrderTerm] = {}
    for text in order_by:
        for term in _parse_term(text, vocabulary):
            # A key that comes again decides nothing any more.
            terms.setdefault((term.key, term.as_number), term)
        if len(terms) > MAX_TERMS:
            raise InvalidParameterValue(
                f"The order has more than {MAX_TERMS} terms, of which a bare name counts as four: leave some out."
            )
    return tuple(terms.values())


def _parse_term(text: str, vocabulary: Vocabulary) -> list[OrderTerm]:
    check_text("order", text)
    found = _TERM.fullmatch(text)
    if found is None:
        raise InvalidParameterValue(
            f"Cannot read the order {text[:200]!r}: write a name and ASC or DESC, such as 'metrics.loss ASC'."
        )
    descending = (found["direction"] or "").upper() == "DESC"
    keys = _keys(text, found, vocabulary)
    if found["function"]:
        return [OrderTerm(_aggregate(text, found["function"], keys[0]), descending)]
    terms = [OrderTerm(key, descending) for key in keys]
    if len(keys) > 1:
        terms.insert(1, OrderTerm(keys[1], descending, as_number=True))
    return terms


def _keys(text: str, found: re.Match[str], vocabulary: Vocabulary) -> tuple[Key, ...]:
    prefix = found["prefix"] or ""
    name = found["backtick"] or found["quoted"] or found["plain"]
    if not prefix and found["plain"] and "." in name:
        # What is before the first dot is a prefix, known or not, as in a filter.
        prefix, name = name.split(".", 1)
    kind = vocabulary.kind(prefix) if prefix else Kind.ATTRIBUTE
    if kind is Kind.ATTRIBUTE:
        attribute = vocabulary.attribute(name)
        if attribute is not None:
            return (Key(Kind.ATTRIBUTE, attribute.name),)
        keys = () if prefix else vocabulary.bare(name)
        if keys:
            return keys
    elif kind is not None and kind is not Kind.DATASET and name:
        return (Key(kind, name),)
    raise InvalidParameterValue(
        f"Cannot order {vocabulary.things} by {text[:200]!r}. {_hint(kind, prefix[:60], name[:60], vocabulary)}"
    )


def _hint(kind: Kind | None, prefix: str, name: str, vocabulary: Vocabulary) -> str:
    if kind is Kind.DATASET:
        return "One may have read several datasets."
    if kind is None:
        return vocabulary.prefix_suggestion(prefix, name)
    return vocabulary.suggestion(name) if name else f"Write a name after '{prefix}.'."


def _aggregate(text: str, function: str, key: Key) -> Key:
    if function.upper() not in AGGREGATES or key.kind is not Kind.METRIC:
        known = ", ".join(AGGREGATES)
        raise InvalidParameterValue(f"Cannot order by {text[:200]!r}: there are {known} of a metric, and nothing else.")
    return Key(Kind.METRIC, key.name, AGGREGATES[function.upper()])
