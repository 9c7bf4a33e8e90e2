"""The order of a search: ``metrics.accuracy DESC``, ``start_time``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..entities import InvalidParameterValue
from ..entities.limits import check_text
from .tree import Key, Kind
from .vocabulary import Vocabulary

__all__ = ["OrderTerm", "parse_order"]

#: Terms of one order; each costs the database a join.
MAX_TERMS = 20

_TERM = re.compile(
    r"""\s*
    (?: (?P<mark>`?) (?P<prefix>\w+) (?P=mark) \. )?
    (?: `(?P<backtick>[^`]+)` | "(?P<quoted>[^"]+)" | (?P<plain>[^\s`",]+) )
    (?: \s+ (?P<direction>ASC|DESC) )?
    \s*""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One key of an order; what has no value there comes last in both directions."""

    key: Key
    descending: bool = False


def parse_order(order_by: Sequence[str], vocabulary: Vocabulary) -> tuple[OrderTerm, ...]:
    """Return the terms of an order.

    Raises
    ------
    InvalidParameterValue
        If a term cannot be read, or names what has no order.
    """
    if len(order_by) > MAX_TERMS:
        raise InvalidParameterValue(f"The order has {len(order_by)} terms; at most {MAX_TERMS} are allowed.")
    terms: list[OrderTerm] = []
    for text in order_by:
        term = _parse_term(text, vocabulary)
        # A key that comes again decides nothing any more.
        if all(term.key != each.key for each in terms):
            terms.append(term)
    return tuple(terms)


def _parse_term(text: str, vocabulary: Vocabulary) -> OrderTerm:
    check_text("order", text)
    found = _TERM.fullmatch(text)
    if found is None:
        raise InvalidParameterValue(
            f"Cannot read the order {text[:200]!r}: write a name and ASC or DESC, such as 'metrics.loss ASC'."
        )
    prefix = found["prefix"] or ""
    name = found["backtick"] or found["quoted"] or found["plain"]
    descending = (found["direction"] or "").upper() == "DESC"
    kind = vocabulary.kind(prefix) if prefix else Kind.ATTRIBUTE
    if kind is not None and kind is not Kind.ATTRIBUTE:
        return OrderTerm(Key(kind, name), descending)
    attribute = vocabulary.attribute(name) if kind is Kind.ATTRIBUTE else None
    if attribute is None:
        hint = vocabulary.suggestion(name[:60])
        raise InvalidParameterValue(f"Cannot order {vocabulary.things} by {text[:200]!r}. {hint}")
    return OrderTerm(Key(Kind.ATTRIBUTE, attribute.name), descending)
