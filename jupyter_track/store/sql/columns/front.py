"""The runs that come next in an order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ....filters import OrderTerm
from .column import Array, Texts
from .masks import Columns
from .needs import Of, column_of_term

__all__ = ["SortedBy", "front", "sorted_by"]


class SortedBy(NamedTuple):
    """What an order compares, the smallest first, and its value in the row behind which a page begins."""

    values: Array
    last: Any


def sorted_by(order: Sequence[OrderTerm], columns: Columns, starts: Array, after: Sequence[Any]) -> list[SortedBy]:
    """Return what an order compares, in its order: the sort keys of the query but the run id, the last one.

    Parameters
    ----------
    order : sequence of OrderTerm
    columns : mapping of ColumnName to Values or Texts
    starts : array
        When each run started.
    after : sequence
        The sort keys of the row behind which the page begins; none for the first page.
    """
    last: Iterator[Any] = iter(after)
    keys = [key for term in order for key in _sorted_by_term(term, columns, last)]
    return [*keys, _directed(starts, next(last, None), True)]


def _sorted_by_term(term: OrderTerm, columns: Columns, last: Iterator[Any]) -> Iterator[SortedBy]:
    name = column_of_term(term)
    assert name is not None  # Else nobody would have asked for columns.
    column = columns[name]
    # Of the attributes, only the end of a run may be absent, and has a sort key that says so.
    absent = next(last, None) if name.of not in (Of.TEXT, Of.TIME) or name.name == "end_time" else 0
    value = next(last, None)
    if isinstance(column, Texts):
        codes = column.codes.now
        if name.of is not Of.TEXT:
            yield SortedBy((codes < 0).view("i1"), absent)
        words, places = column.in_order()
        # Twice, so that a word which no run has any more has a place between two others.
        if value is not None:
            place = bisect_left(words, value)
            value = 0 if absent else 2 * place - (words[place : place + 1] != [value])
        yield _directed(2 * places[codes], value, term.descending)
        return
    if name.name != "start_time" or name.of is not Of.TIME:
        # A metric's state is its sort key; other numbers are never NaN, and the key is 1 where there is none.
        states = column.states.now
        yield SortedBy(states if name.of is Of.METRIC else (states > 0).view("i1"), absent)
    yield _directed(column.values.now, value, term.descending)


def _directed(values: Array, last: Any, descending: bool) -> SortedBy:
    if not descending:
        return SortedBy(values, last)
    if values.dtype.kind == "f":
        return SortedBy(-values, None if last is None else -last)
    # The complement turns integers around, and leaves none without a place.
    return SortedBy(~values, None if last is None else ~last)


def front(positions: Array, keys: Sequence[SortedBy], count: int) -> Array:
    """Return at least the first `count` of some runs, in any order, and whatever stands level with the last of them.

    The runs before and at the place where a page begins are left out, except for those that stand level with it.
    """
    if keys[0].last is not None:
        behind: list[Array] = []
        for values, last in keys:
            found = values[positions]
            behind.append(positions[found > last])
            positions = positions[found == last]
        # Which of these come before the place, only the run id tells.
        count += len(positions)
        positions = np.concatenate([*behind, positions])
    ahead: list[Array] = []
    for values, _ in keys:
        if count >= len(positions):
            break
        found = values[positions]
        least = found == found.min()
        if np.count_nonzero(least) >= count:
            # Quicker told, and usual: of most metrics, none or few are NaN or absent.
            positions = positions[least]
            continue
        bound = np.partition(found, count - 1)[count - 1]
        ahead.append(positions[found < bound])
        count -= len(ahead[-1])
        positions = positions[found == bound]
    return np.concatenate([*ahead, positions])
