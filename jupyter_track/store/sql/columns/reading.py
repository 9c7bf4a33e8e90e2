"""Whole columns out of a database.

A million rows that each become a tuple and an object for every value take seconds. Here the database itself packs
a column into one long text (SQLite) or byte string (PostgreSQL), which NumPy unpacks; only floats, which SQLite has
no exact text for, come row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Connection, LargeBinary, cast, func, literal, select

from .column import Array

__all__ = ["are_mostly_different", "read_floats", "read_integers", "read_words"]

#: Values that are looked at to tell whether most are different.
SAMPLE = 10_000


def read_integers(connection: Connection, columns: Sequence[ColumnElement[int]], *where: Any) -> list[Array]:
    """Return some columns of integers, none of them NULL, row for row."""
    packed = connection.execute(select(*(_packed(connection, column) for column in columns)).where(*where)).one()
    return [_unpacked(each) for each in packed]


def read_floats(
    connection: Connection, key: ColumnElement[int], value: ColumnElement[float], *where: Any
) -> tuple[Array, Array]:
    """Return a column of integers up to 2**53 and one of floats, row for row."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(select(key, value).where(*where))
        # The driver's own rows: SQLAlchemy would make an object of each.
        rows: Any = found.cursor
        flat = np.fromiter(chain.from_iterable(rows), "f8")
        return flat[::2].astype("i8"), flat[1::2]
    floats = func.string_agg(func.float8send(value), literal(b"", LargeBinary))
    packed = connection.execute(select(_packed(connection, key), floats).where(*where)).one()
    return _unpacked(packed[0]), np.frombuffer(packed[1] or b"", ">f8").astype("f8")


def read_words(
    connection: Connection, key: ColumnElement[int], value: ColumnElement[str], *where: Any
) -> Iterator[tuple[str, Array]]:
    """Yield each word of a column, and the keys of the rows that have it."""
    for word, packed in connection.execute(select(value, _packed(connection, key)).where(*where).group_by(value)):
        yield word, _unpacked(packed)


def are_mostly_different(connection: Connection, value: ColumnElement[str], *where: Any) -> bool:
    """Return whether most of some values of a column are different, as ids are."""
    some = select(value.label("value")).where(*where).limit(SAMPLE).subquery()
    count, different = connection.execute(select(func.count(), func.count(some.c.value.distinct()))).one()
    return bool(count >= SAMPLE and 2 * different > count)


def _packed(connection: Connection, column: ColumnElement[int]) -> ColumnElement[Any]:
    if connection.dialect.name == "sqlite":
        return func.group_concat(column)
    return func.string_agg(func.int8send(cast(column, BigInteger)), literal(b"", LargeBinary))


def _unpacked(packed: str | bytes | None) -> Array:
    if not packed:
        return np.empty(0, "i8")
    if isinstance(packed, bytes):
        return np.frombuffer(packed, ">i8").astype("i8")
    return np.fromstring(packed, "i8", sep=",")
