"""From tokens to a tree.

::

    filter      = [ alternative ]
    alternative = sequence { OR sequence }
    sequence    = { AND } part { AND [ part ] }
    part        = NOT part | "(" alternative ")" | comparison
    comparison  = key operator value
                | key [NOT] IN "(" value { "," value } ")"
                | key [NOT] LIKE text | key [NOT] ILIKE text
                | key [NOT] BETWEEN value AND value
                | key IS [NOT] NULL
    key         = attribute | prefix "." name        either part may stand in backticks or double quotes

Every filter that MLflow accepts is one, with the same meaning; ``OR``, ``NOT``, parentheses, ``BETWEEN``, and
numbers as values of params come on top.
"""

from __future__ import annotations

from .lexer import Token, tokens, wrong
from .tree import And, Comparison, Condition, Key, Kind, Not, Or, Value
from .vocabulary import Vocabulary

__all__ = ["parse_filter"]

#: Parentheses and NOTs within one another; more is no search that a person means.
MAX_DEPTH = 50
#: Comparisons in one filter, for the databases' sake.
MAX_COMPARISONS = 200
#: Characters in one pattern: SQLite takes 50,000 bytes, and a character has up to four.
MAX_PATTERN = 10_000

_ORDERING = frozenset({"<", "<=", ">", ">="})
_EQUALITY = frozenset({"=", "!="})


def parse_filter(text: str, vocabulary: Vocabulary) -> Condition | None:
    """Return the tree of a filter, or None for an empty one.

    Parameters
    ----------
    text : str
    vocabulary : Vocabulary
        Of what is searched.

    Raises
    ------
    InvalidParameterValue
        If it cannot be read; the message says why, shows where, and what may have been meant.
    """
    return _Parser(text, vocabulary).parse()


class _Parser:
    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text = text
        self._vocabulary = vocabulary
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

    def _comparison(self) -> Comparison:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise self._error(self._next, f"more than {MAX_COMPARISONS} comparisons.")
        key, numeric = self._key()
        if self._accept("keyword", "IS"):
            negated = self._accept("keyword", "NOT")
            if not self._accept("keyword", "NULL"):
                raise self._unexpected("NULL")
            return Comparison(key, "IS NULL", negated=negated)
        negated = self._accept("keyword", "NOT")
        token = self._next
        if token.kind == "keyword" and token.value in ("IN", "LIKE", "ILIKE", "BETWEEN"):
            self._take()
            if token.value == "IN":
                return Comparison(key, "IN", self._list(key, numeric), negated)
            if token.value == "BETWEEN":
                return Comparison(key, "BETWEEN", self._range(key, numeric), negated)
            if numeric:
                raise self._error(token, f"{key.name} is a number: compare it with = != < <= > >=.")
            return Comparison(key, token.value, self._pattern(token.value), negated)
        if negated:
            raise self._unexpected("IN, LIKE, ILIKE or BETWEEN")
        return self._plain_comparison(key, numeric)

    def _plain_comparison(self, key: Key, numeric: bool) -> Comparison:
        token = self._next
        if token.kind != "operator":
            raise self._unexpected("a comparison such as = or <")
        self._take()
        if token.value in ("==", "<>"):
            meant = "=" if token.value == "==" else "!="
            raise self._error(token, f"{token.value!r} is not a comparison. Did you mean {meant!r}?")
        value_token = self._next
        value = self._value(key, numeric)
        if token.value in _ORDERING and isinstance(value, str):
            hint = " Leave the quotes out to compare numbers." if _is_number(value) else ""
            raise self._error(value_token, f"{token.value!r} compares numbers, and this is a text.{hint}")
        return Comparison(key, token.value, value)

    def _key(self) -> tuple[Key, bool]:
        """Return what is compared, and whether only numbers can be its value."""
        token = self._next
        if token.kind not in ("name", "quoted", "backtick"):
            raise self._unexpected("a name" if token.kind != "text" else "a name before the comparison")
        self._take()
        if token.kind == "name":
            prefix, dot, rest = token.value.partition(".")
        else:
            prefix, dot, rest = token.value, "." if self._accept("mark", ".") else "", ""
        if not dot:
            return self._attribute(token, prefix)
        kind = self._vocabulary.kind(prefix)
        if kind is None:
            known = ", ".join([*self._vocabulary.prefixes, "attributes."])
            raise self._error(token, f"{self._vocabulary.things} have no {_short(prefix)!r}; they have {known[:-1]}.")
        if not rest:
            rest = self._name_after(prefix)
        if kind is Kind.ATTRIBUTE:
            return self._attribute(token, rest)
        return Key(kind, rest), kind is Kind.METRIC

    def _name_after(self, prefix: str) -> str:
        """Take the second part of a name, which stands right behind the dot."""
        dot, token = self._tokens[self._place - 1], self._next
        if token.kind not in ("name", "quoted", "backtick") or token.start != dot.end:
            raise self._unexpected(f"a name after '{prefix}.'")
        return self._take().value

    def _attribute(self, token: Token, name: str) -> tuple[Key, bool]:
        attribute = self._vocabulary.attribute(name)
        if attribute is None:
            name = _short(name)
            raise self._error(token, f"unknown attribute {name!r}. {self._vocabulary.suggestion(name)}")
        return Key(Kind.ATTRIBUTE, attribute.name), attribute.numeric

    # -- values

    def _value(self, key: Key, numeric: bool) -> str | float | int:
        token = self._next
        if token.kind == "number" and (numeric or key.kind is Kind.PARAM):
            return _number(self._take().value)
        if numeric:
            raise self._unexpected(f"a number to compare {key.name} with")
        return self._text_value("a text in quotes" + (" or a number" if key.kind is Kind.PARAM else ""))

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

    def _list(self, key: Key, numeric: bool) -> Value:
        if not self._accept("mark", "("):
            raise self._unexpected("'(' after IN")
        first = self._next
        values = [self._value(key, numeric)]
        while self._accept("mark", ","):
            values.append(self._value(key, numeric))
        if not self._accept("mark", ")"):
            raise self._unexpected("',' or ')'")
        texts = tuple(value for value in values if isinstance(value, str))
        numbers = tuple(value for value in values if not isinstance(value, str))
        if texts and numbers:
            raise self._error(first, "a list holds either texts or numbers.")
        return texts or numbers

    def _range(self, key: Key, numeric: bool) -> tuple[float | int, float | int]:
        first = self._next
        low = self._value(key, numeric)
        if not self._accept("keyword", "AND"):
            raise self._unexpected("AND, as in BETWEEN 0.1 AND 0.5")
        high = self._value(key, numeric)
        if isinstance(low, str) or isinstance(high, str):
            raise self._error(first, "BETWEEN compares numbers, and this is a text.")
        return low, high


def _number(text: str) -> float | int:
    # Times and versions are integers, which a float would not keep to the last digit.
    return int(text) if text.lstrip("+-").isdecimal() and len(text) <= 20 else float(text)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
