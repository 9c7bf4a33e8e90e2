"""From tokens to a tree.

::

    filter      = [ alternative ]
    alternative = sequence { OR sequence }
    sequence    = { AND } part { AND [ part ] }
    part        = NOT part | "(" alternative ")" | comparison
    comparison  = subject operator value
                | subject [NOT] IN "(" value { "," value } ")"
                | subject [NOT] LIKE text | subject [NOT] ILIKE text
                | subject [NOT] BETWEEN value AND value
                | subject IS [NOT] NULL
    subject     = key | aggregate "(" metric ")"
    aggregate   = MAX | MIN | LAST                   of a metric's history; LAST is what is meant without one
    metric      = key                                of a metric; the bare name of one will do
    key         = attribute | prefix "." name | bare     any part may stand in backticks or double quotes
    value       = number | text                      as fits the subject; of a time, a text such as '7d ago'

A ``bare`` name is one without a prefix that is no attribute. Compared with a number it is the metric of that
name; of a run that has no such metric, the number that the param of that name spells. Compared with a text it
is the param; of a run without, the tag. It IS NULL for a run that has none of the three. Which it is depends on
nothing but the run itself, never on what others have logged.

Every filter that MLflow accepts is one, with the same meaning; ``OR``, ``NOT``, parentheses, ``BETWEEN``, numbers
as values of params, bare names, aggregates and texts as times come on top.
"""

from __future__ import annotations

from ..entities.clock import now_ms
from .lexer import Token, tokens, wrong
from .subjects import Subject, compare
from .times import read_moment
from .tree import Aggregate, And, Condition, Key, Kind, Not, Or, Value
from .vocabulary import DATASET_KEYS, Values, Vocabulary

__all__ = ["AGGREGATES", "parse_filter"]

#: Parentheses and NOTs within one another; more is no search that a person means.
MAX_DEPTH = 50
#: Comparisons in one filter, for the databases' sake.
MAX_COMPARISONS = 200
#: Characters in one pattern: SQLite takes 50,000 bytes, and a character has up to four.
MAX_PATTERN = 10_000

AGGREGATES = {"MAX": Aggregate.MAX, "MIN": Aggregate.MIN, "LAST": None}

_ORDERING = frozenset({"<", "<=", ">", ">="})
_MOMENTS = "such as '7d ago' (s, min, h, d or w), 'today', 'yesterday', 'now' or '2026-11-01T12:00'"
_EXPECTED = {
    Values.TEXT: "a text in quotes",
    Values.TEXT_OR_NUMBER: "a text in quotes or a number",
    Values.NUMBER: "a number to compare {} with",
    Values.TIME: "a time to compare {} with: milliseconds since 1970, or a text " + _MOMENTS,
}


def parse_filter(text: str, vocabulary: Vocabulary, now: int | None = None) -> Condition | None:
    """Return the tree of a filter, or None for an empty one.

    Parameters
    ----------
    text : str
    vocabulary : Vocabulary
        Of what is searched.
    now : int, optional
        The moment from which ``'7d ago'`` and the like count, in milliseconds since the epoch, UTC; by default
        that of the call. The tree holds milliseconds, and nothing of the words.

    Raises
    ------
    InvalidParameterValue
        If it cannot be read; the message says why, shows where, and what may have been meant.
    """
    return _Parser(text, vocabulary, now_ms() if now is None else now).parse()


class _Parser:
    def __init__(self, text: str, vocabulary: Vocabulary, now: int) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self._now = now
        self._tokens = list(tokens(text))
        self._place = 0
        self._depth = 0
        self._comparisons = 0

    # -- tokens

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._place += 1
        return token

    def _accept(self, kind: str, value: str) -> bool:
        if (self._next.kind, self._next.value) != (kind, value):
            return False
        self._place += 1
        return True

    def _error(self, token: Token, message: str) -> Exception:
        return wrong(self._text, token.start, token.end, message)

    def _unexpected(self, expected: str) -> Exception:
        token = self._next
        found = "the end" if token.kind == "end" else _short(self._text[token.start : token.end])
        return self._error(token, f"expected {expected}, found {found}.")

    # -- grammar

    def parse(self) -> Condition | None:
        if self._next.kind == "end":
            return None
        condition = self._alternative()
        if self._next.kind != "end":
            raise self._unexpected("AND, OR or the end")
        return condition

    def _alternative(self) -> Condition:
        parts = [self._sequence()]
        while self._accept("keyword", "OR"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _sequence(self) -> Condition:
        # One AND too many, at either end or between two parts, is forgiven, as by MLflow: programs leave them.
        while self._accept("keyword", "AND"):
            pass
        parts = [self._part()]
        while self._accept("keyword", "AND"):
            if not self._ends_sequence():
                parts.append(self._part())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _ends_sequence(self) -> bool:
        token = self._next
        return token.kind == "end" or (token.kind, token.value) in (
            ("keyword", "AND"),
            ("keyword", "OR"),
            ("mark", ")"),
        )

    def _part(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(self._next, f"more than {MAX_DEPTH} conditions within one another.")
        try:
            if self._accept("keyword", "NOT"):
                return Not(self._part())
            if self._accept("mark", "("):
                inner = self._alternative()
                if not self._accept("mark", ")"):
                    raise self._unexpected("')'")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Condition:
        start = self._next
        subject = self._subject()
        # One of a bare name is several in the tree.
        self._comparisons += len(subject.keys)
        if self._comparisons > MAX_COMPARISONS:
            raise self._error(start, f"more than {MAX_COMPARISONS} comparisons (a bare name counts as three).")
        if self._accept("keyword", "IS"):
            negated = self._accept("keyword", "NOT")
            if not self._accept("keyword", "NULL"):
                raise self._unexpected("NULL")
            return compare(subject, "IS NULL", None, negated)
        negated = self._accept("keyword", "NOT")
        token = self._next
        if token.kind == "keyword" and token.value in ("IN", "LIKE", "ILIKE", "BETWEEN"):
            self._take()
            return compare(subject, token.value, self._operand(token, subject), negated)
        if negated:
            raise self._unexpected("IN, LIKE, ILIKE or BETWEEN")
        return self._plain_comparison(subject)

    def _operand(self, operator: Token, subject: Subject) -> Value:
        if operator.value == "IN":
            return self._list(subject)
        if operator.value == "BETWEEN":
            return self._range(subject)
        if subject.values in (Values.NUMBER, Values.TIME):
            raise self._error(operator, f"{subject.name} is a number: compare it with = != < <= > >=.")
        return self._pattern(operator.value)

    def _plain_comparison(self, subject: Subject) -> Condition:
        token = self._next
        if token.kind != "operator":
            raise self._unexpected("a comparison such as = or <")
        self._take()
        if token.value in ("==", "<>"):
            meant = "=" if token.value == "==" else "!="
            raise self._error(token, f"{token.value!r} is not a comparison. Did you mean {meant!r}?")
        value_token = self._next
        value = self._value(subject)
        if token.value in _ORDERING and isinstance(value, str):
            raise self._error(value_token, f"{token.value!r} compares numbers, and this is a text.{_unquote(value)}")
        return compare(subject, token.value, value, negated=False)

    # -- subjects

    def _subject(self) -> Subject:
        token = self._next
        if token.kind == "name" and self._tokens[self._place + 1].value == "(" and "." not in token.value:
            return self._aggregate()
        return self._key()

    def _aggregate(self) -> Subject:
        function = self._take()
        if function.value.upper() not in AGGREGATES:
            known = ", ".join(AGGREGATES)
            raise self._error(function, f"there is no {_short(function.value)}(). Of a metric there are {known}.")
        self._take()
        token = self._next
        key = self._key().keys[0]
        if key.kind is not Kind.METRIC:
            raise self._error(token, f"only metrics have a {function.value.upper()}, and this is none.")
        if not self._accept("mark", ")"):
            raise self._unexpected("')'")
        return Subject.of(Key(Kind.METRIC, key.name, AGGREGATES[function.value.upper()]))

    def _key(self) -> Subject:
        token = self._next
        if token.kind not in ("name", "quoted", "backtick"):
            raise self._unexpected("a name" if token.kind != "text" else "a name before the comparison")
        self._take()
        if token.kind == "name":
            prefix, dot, rest = token.value.partition(".")
        else:
            prefix, dot, rest = token.value, "." if self._accept("mark", ".") else "", ""
        if not dot:
            return self._unprefixed(token, prefix)
        kind = self._vocabulary.kind(prefix)
        if kind is None:
            hint = self._vocabulary.prefix_suggestion(_short(prefix), _short(rest))
            raise self._error(token, f"{self._vocabulary.things} have no {_short(prefix)!r}. {hint}")
        if not rest:
            rest = self._name_after(prefix)
        if kind is Kind.ATTRIBUTE:
            return self._attribute(token, rest)
        if kind is Kind.DATASET and rest not in DATASET_KEYS:
            known = ", ".join(f"{prefix}.{each}" for each in DATASET_KEYS)
            raise self._error(token, f"datasets have no {_short(rest)!r}. Use one of: {known}.")
        return Subject.of(Key(kind, rest))

    def _name_after(self, prefix: str) -> str:
        """Take the second part of a name, which stands right behind the dot."""
        dot, token = self._tokens[self._place - 1], self._next
        if token.kind not in ("name", "quoted", "backtick") or token.start != dot.end:
            raise self._unexpected(f"a name after '{prefix}.'")
        return self._take().value

    def _unprefixed(self, token: Token, name: str) -> Subject:
        if self._vocabulary.attribute(name) is None:
            keys = self._vocabulary.bare(name)
            if keys:
                return Subject.bare(keys)
        return self._attribute(token, name)

    def _attribute(self, token: Token, name: str) -> Subject:
        attribute = self._vocabulary.attribute(name)
        if attribute is None:
            name = _short(name)
            raise self._error(token, f"unknown attribute {name!r}. {self._vocabulary.suggestion(name)}")
        return Subject((Key(Kind.ATTRIBUTE, attribute.name),), attribute.values)

    # -- values

    def _value(self, subject: Subject) -> str | float | int:
        token = self._next
        if token.kind == "number" and subject.values is not Values.TEXT:
            return _number(self._take().value)
        expected = _EXPECTED[subject.values].format(subject.name)
        if subject.values is Values.NUMBER:
            raise self._unexpected(expected)
        text = self._text_value(expected)
        if subject.values is not Values.TIME:
            return text
        moment = read_moment(text, self._now)
        if moment is None:
            raise self._error(token, f"expected {expected}.{_unquote(text)}")
        return moment

    def _text_value(self, expected: str) -> str:
        if self._next.kind not in ("text", "quoted"):
            raise self._unexpected(expected)
        return self._take().value

    def _pattern(self, operator: str) -> str:
        token = self._next
        pattern = self._text_value(f"a text in quotes after {operator}")
        if len(pattern) > MAX_PATTERN:
            raise self._error(token, f"{operator} takes at most {MAX_PATTERN} characters.")
        return pattern

    def _list(self, subject: Subject) -> Value:
        if not self._accept("mark", "("):
            raise self._unexpected("'(' after IN")
        first = self._next
        values = [self._value(subject)]
        while self._accept("mark", ","):
            values.append(self._value(subject))
        if not self._accept("mark", ")"):
            raise self._unexpected("',' or ')'")
        texts = tuple(value for value in values if isinstance(value, str))
        numbers = tuple(value for value in values if not isinstance(value, str))
        if texts and numbers:
            raise self._error(first, "a list holds either texts or numbers.")
        return texts or numbers

    def _range(self, subject: Subject) -> tuple[float | int, float | int]:
        first = self._next
        low = self._value(subject)
        if not self._accept("keyword", "AND"):
            raise self._unexpected("AND, as in BETWEEN 0.1 AND 0.5")
        high = self._value(subject)
        if isinstance(low, str) or isinstance(high, str):
            raise self._error(first, "BETWEEN compares numbers, and this is a text.")
        return low, high


def _number(text: str) -> float | int:
    # Times and versions are integers, which a float would not keep to the last digit.
    return int(text) if text.lstrip("+-").isdecimal() and len(text) <= 20 else float(text)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


def _unquote(text: str) -> str:
    """Return the hint that a text which is a number has quotes too many."""
    try:
        float(text)
    except ValueError:
        return ""
    return " Leave the quotes out to compare numbers."
