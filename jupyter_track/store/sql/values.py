"""Tables of named values: params, metrics, tags, whoever they belong to."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, delete, select

from . import schema
from .database import Database

__all__ = ["Names", "as_number", "chunks", "delete_tag", "read_named", "read_values", "set_tags"]

_T = TypeVar("_T")

#: Keys in one list of a query: databases allow some ten thousand parameters.
CHUNK = 1_000


def chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def as_number(value: str) -> float | None:
    """Return the number that a param's value spells, for comparing; None if it spells none, or NaN."""
    try:
        number = float(value)
    except ValueError:
        return None
    return None if math.isnan(number) else number


class Names:
    """The ids of names.

    A name is written in a transaction of its own, so that an id which is remembered here is one that stays.
    Names are never removed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: dict[str, int] = {}

    def forget(self) -> None:
        """Look every name up again: the database may be another one."""
        self._ids = {}

    @contextmanager
    def writing(self, names: Collection[str]) -> Iterator[tuple[Connection, Mapping[str, int]]]:
        """Like `Database.write`, and give besides a mapping in which every one of `names` has its id."""
        while True:
            ids = self._look_up(names)
            with self._database.write() as connection:
                # Else the database has been replaced since, and these are ids of other names there.
                if ids is self._ids:
                    yield connection, ids
                    return

    def _look_up(self, names: Collection[str]) -> Mapping[str, int]:
        ids = self._ids
        # Sorted, so that two processes which write the same new names never wait for each other.
        for some in chunks(sorted({name for name in names if name not in ids})):
            with self._database.write() as connection:
                connection.execute(
                    self._database.insert(schema.names).on_conflict_do_nothing(),
                    [{"name": name} for name in some],
                )
                found = connection.execute(
                    select(schema.names.c.name, schema.names.c.name_id).where(schema.names.c.name.in_(some))
                ).all()
            ids.update((row.name, row.name_id) for row in found)
        return ids


def read_named(connection: Connection, table: Table, keys: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return the rows of a table of named values by the key of their owner, each with its ``name``."""
    owner = next(iter(table.primary_key))
    found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
    for some in chunks(keys):
        query = (
            select(owner.label("owner"), schema.names.c.name, *(c for c in table.c if c is not owner))
            .join_from(table, schema.names, table.c.name_id == schema.names.c.name_id)
            .where(owner.in_(some))
        )
        for row in connection.execute(query):
            found[row.owner].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: str(row.name))
    return found


def read_values(
    connection: Connection, table: Table, columns: Sequence[str], keys: Sequence[int]
) -> tuple[list[Any], dict[int, str]]:
    """Return the rows of a table of named values as plain tuples, in the order of names, and the names by their ids.

    Parameters
    ----------
    connection : Connection
    table : Table
    columns : sequence of str
        What is read besides the owner's key and the name's id, which come first.
    keys : sequence of int
        Of the owners.
    """
    owner = next(iter(table.primary_key))
    query = select(owner, table.c.name_id, *(table.c[name] for name in columns))
    # The driver's own rows: SQLAlchemy would make an object of each, and there may be a hundred thousand. Their
    # types are the columns', but for a truth value in SQLite, which is 0 or 1.
    rows: list[Any] = []
    for some in chunks(keys):
        cursor: Any = connection.execute(query.where(owner.in_(some))).cursor
        rows += cursor.fetchall()
    names: dict[int, str] = {}
    for ids in chunks({row[1] for row in rows}):
        found = select(schema.names.c.name_id, schema.names.c.name).where(schema.names.c.name_id.in_(ids))
        names.update((row.name_id, row.name) for row in connection.execute(found))
    places = {name_id: place for place, name_id in enumerate(sorted(names, key=names.__getitem__))}
    rows.sort(key=lambda row: places[row[1]])
    return rows, names


def set_tags(
    connection: Connection,
    database: Database,
    table: Table,
    owner: int,
    tags: Mapping[str, str],
    ids: Mapping[str, int],
) -> None:
    """Set tags of one owner, in place of what they were."""
    if not tags:
        return
    key = next(iter(table.primary_key)).name
    insert = database.insert(table)
    connection.execute(
        insert.on_conflict_do_update(index_elements=[key, "name_id"], set_={"value": insert.excluded.value}),
        [{key: owner, "name_id": ids[name], "value": tags[name]} for name in sorted(tags)],
    )


def delete_tag(connection: Connection, table: Table, owner: int, name: str) -> bool:
    """Remove a tag of one owner; return whether there was one."""
    key = next(iter(table.primary_key))
    name_id = select(schema.names.c.name_id).where(schema.names.c.name == name).scalar_subquery()
    return connection.execute(delete(table).where(key == owner, table.c.name_id == name_id)).rowcount > 0
