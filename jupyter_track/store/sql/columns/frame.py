"""The columns of all runs of a database, as of one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Connection, Row, Text, cast, func, select

from .. import schema
from ..target import name_id
from ..values import chunks
from .column import IS_NAN, THERE, Array, Cells, Texts, Values
from .needs import ColumnName, Of
from .reading import are_mostly_different, read_floats, read_integers, read_words

__all__ = ["Frame"]

#: More changed runs than this, and reading everything again takes no longer.
MAX_CHANGED = 20_000
#: More different texts than this are no column: looking at each would take longer than the database takes.
MAX_WORDS = 100_000

_runs = schema.runs.c
_START = ColumnName(Of.TIME, "start_time")
_TABLES = {
    Of.METRIC: schema.latest_metrics,
    Of.NUMBER: schema.params,
    Of.PARAM: schema.params,
    Of.TAG: schema.tags,
}


class _Revision(NamedTuple):
    """Up to where the changes of a database are known: see `Frame`."""

    erasures: int
    changes_from: int


class Frame:
    """The columns of all runs, of which one transaction at a time makes use.

    Notes
    -----
    Why no answer is stale: whoever searches calls `refresh` first, in the same transaction. Its transaction sees
    one moment of the database, and began after those of all who searched before, so their changes are in it.

    - In SQLite, a writer gives the runs that it changes a revision greater than all before, and writers come one
      after the other. So what has a revision that was seen has not changed since, and what has a greater one is
      read again.
    - In PostgreSQL, the revision is the number of the writer's transaction. Numbers are given in another order than
      that in which transactions end, but at each refresh the oldest that has not ended is known: all older ones had
      ended, and what they wrote is in the columns; so whatever is not older is read again. (Numbers that the server
      has yet to give are left out: they are of another server, whose tables were copied here.)
    - Runs that were erased have no row to be found by. The transaction that erases them counts up ``erasures``, and
      the columns begin anew.

    A transaction that reads the columns also reads the rows of the page from the database, so all is of one moment.
    """

    def __init__(self, connection: Connection) -> None:
        keys, experiments, starts = read_integers(connection, [_runs.run_key, _runs.experiment_id, _runs.start_time])
        order = np.argsort(keys)
        count = len(keys)
        self._keys = Cells("i8", 0, count)
        self._experiments = Cells("i8", 0, count)
        self._deleted = Cells("?", False, count)
        start = Values("i8", count)
        everywhere = np.arange(count)
        self._keys.now[:] = keys[order]
        self._experiments.now[:] = experiments[order]
        start.put(everywhere, starts[order])
        self._columns: dict[ColumnName, Values | Texts] = {_START: start}
        self._name_ids: dict[ColumnName, int] = {}
        self._refused: set[ColumnName] = set()
        (deleted,) = read_integers(connection, [_runs.run_key], _runs.lifecycle_stage != "active")
        self._deleted.now[self._positions(deleted)] = True
        self._revision = _revision(connection)

    # -- what is asked of it

    @property
    def starts(self) -> Array:
        """When each run started."""
        start = self._columns[_START]
        assert isinstance(start, Values)
        return start.values.now

    def positions(self, experiments: Collection[int], active: bool, deleted: bool, fits: Array | None) -> Array:
        """Return where the runs of some experiments are, those in the bin or not, that fit besides."""
        here = self._experiments.now
        wanted = here == next(iter(experiments)) if len(experiments) == 1 else np.isin(here, [*experiments])
        if not (active and deleted):
            wanted &= self._deleted.now if deleted else ~self._deleted.now
        if fits is not None:
            wanted &= fits
        return np.flatnonzero(wanted)

    def keys(self, positions: Array) -> list[int]:
        """Return the keys of runs."""
        found: list[int] = self._keys.now[positions].tolist()
        return found

    def columns(
        self, connection: Connection, names: Iterable[ColumnName], budget: int
    ) -> Mapping[ColumnName, Values | Texts] | None:
        """Return some columns; None if there is one that cannot be kept.

        Parameters
        ----------
        connection : Connection
            In the transaction of the last `refresh`.
        names : iterable of ColumnName
        budget : int
            Bytes that all columns may take; those not used for longest make room.
        """
        needed: dict[ColumnName, Values | Texts] = {}
        for name in names:
            # Taken out and put back, those used last come last.
            column = self._columns.pop(name, None) or self._load(connection, name)
            if column is None:
                return None
            needed[name] = column
            if name in self._name_ids or name.of in (Of.TEXT, Of.TIME):
                self._columns[name] = column
        for name in [name for name in self._columns if name not in needed and name != _START]:
            if self._size() <= budget:
                break
            self._forget(name)
        if self._size() > budget:
            for name in [name for name in needed if name != _START]:
                self._forget(name)
            return None
        return needed

    def knows(self, names: Iterable[ColumnName]) -> bool:
        """Return whether columns are here, or known to be none."""
        return all(name in self._columns or name in self._refused for name in names)

    def _size(self) -> int:
        columns = sum(column.size for column in self._columns.values())
        return columns + self._keys.size + self._experiments.size + self._deleted.size

    def _forget(self, name: ColumnName) -> None:
        self._columns.pop(name, None)
        self._name_ids.pop(name, None)

    # -- loading

    def _positions(self, keys: Array) -> Array:
        there = self._keys.now
        if len(there) and there[-1] - there[0] + 1 == len(there):
            return np.asarray(keys - there[0])  # None is missing: no run was ever erased.
        return np.searchsorted(there, keys)

    def _load(self, connection: Connection, name: ColumnName) -> Values | Texts | None:
        if name in self._refused:
            return None
        count = len(self._keys.now)
        column: Values | Texts = (
            Texts(count) if name.of.is_text else Values("i8" if name.of is Of.TIME else "f8", count)
        )
        if name.of in (Of.TEXT, Of.TIME):
            value = _runs[name.name]
            key, where = _runs.run_key, [value.is_not(None)]
        else:
            found = connection.execute(select(name_id(name.name))).scalar()
            if found is None:
                return column  # Nothing has that name yet. It is not kept: the name may come.
            self._name_ids[name] = found
            table = _TABLES[name.of].c
            value = table.number if name.of is Of.NUMBER else table.value
            key, where = table.run_key, [table.name_id == found, value.is_not(None)]
        if isinstance(column, Texts):
            if not self._load_words(connection, column, key, value, where):
                self._refuse(name)
                return None
        elif name.of is Of.TIME:
            keys, times = read_integers(connection, [key, value], *where)
            column.put(self._positions(keys), times)
        else:
            keys, numbers = read_floats(connection, key, value, *where)
            column.put(self._positions(keys), numbers)
            if name.of is Of.METRIC:
                latest = schema.latest_metrics.c
                # NaN is kept as 0.
                (keys,) = read_integers(connection, [key], *where, latest.value == 0, latest.is_nan)
                column.put(self._positions(keys), 0, IS_NAN)
        return column

    def _load_words(self, connection: Connection, column: Texts, key: Any, value: Any, where: Sequence[Any]) -> bool:
        """Return whether all words have found room."""
        if are_mostly_different(connection, value, *where):
            return False
        for word, keys in read_words(connection, key, value, *where):
            column.put(self._positions(keys), word)
            if len(column.words) > MAX_WORDS:
                return False
        return True

    def _refuse(self, name: ColumnName) -> None:
        """Keep no such column, until all begins anew."""
        self._refused.add(name)
        self._forget(name)

    # -- what has changed

    def refresh(self, connection: Connection) -> bool:
        """Bring all columns up to date; return False if too much has changed for that."""
        revision = _revision(connection)
        if revision.erasures != self._revision.erasures:
            return False
        changed = _changed(connection, self._revision.changes_from)
        if len(changed) > MAX_CHANGED:
            return False
        self._revision = revision
        if changed:
            self._take_in(connection, changed)
        return True

    def _take_in(self, connection: Connection, changed: Sequence[Row[Any]]) -> None:
        keys = np.array([row.run_key for row in changed], "i8")
        # Past the last one there is none.
        places = np.minimum(np.searchsorted(self._keys.now, keys), len(self._keys.now) - 1)
        self._add(np.sort(keys[self._keys.now[places] != keys]) if len(self._keys.now) else np.sort(keys))
        positions = self._positions(keys)
        self._experiments.now[positions] = [row.experiment_id for row in changed]
        self._deleted.now[positions] = [row.lifecycle_stage != "active" for row in changed]
        at = dict(zip(keys.tolist(), positions.tolist(), strict=True))
        for column in self._columns.values():
            column.clear(positions)
        for name, column in self._columns.items():
            if name.of in (Of.TEXT, Of.TIME):
                for row in changed:
                    value = row._mapping[name.name]
                    if value is not None:
                        column.put(at[row.run_key], value)
        self._take_in_named(connection, at)
        self._drop_wordy()

    def _add(self, keys: Array) -> None:
        """Make room for new runs."""
        before = len(self._keys.now)
        cells = [self._keys, self._experiments, self._deleted]
        cells += [each for column in self._columns.values() for each in column.cells]
        for each in cells:
            each.grow(before + len(keys))
        self._keys.now[before:] = keys
        # In PostgreSQL, a run may come after one with a greater key: then the last ones change places.
        first = int(np.searchsorted(self._keys.now[:before], keys.min(initial=np.iinfo("i8").max)))
        if first < before:
            order = np.argsort(self._keys.now[first:])
            for each in cells:
                each.rearrange(first, order)

    def _take_in_named(self, connection: Connection, at: Mapping[int, int]) -> None:
        names = {(name.of, found): name for name, found in self._name_ids.items()}
        for table in set(_TABLES.values()):
            forms = [of for of, each in _TABLES.items() if each is table]
            name_ids = sorted({found for of, found in names if of in forms})
            for some in chunks(at if name_ids else ()):
                query = select(table).where(table.c.run_key.in_(some), table.c.name_id.in_(name_ids))
                for row in connection.execute(query):
                    for of in forms:
                        if (of, row.name_id) in names:
                            _put(self._columns[names[of, row.name_id]], at[row.run_key], of, row)

    def _drop_wordy(self) -> None:
        wordy = [
            name
            for name, column in self._columns.items()
            if isinstance(column, Texts) and len(column.words) > MAX_WORDS
        ]
        for name in wordy:
            self._refuse(name)


def _put(column: Values | Texts, position: int, of: Of, row: Row[Any]) -> None:
    if isinstance(column, Texts):
        column.put(position, row.value)
    elif of is Of.METRIC:
        column.put(position, row.value, IS_NAN if row.is_nan else THERE)
    elif row.number is not None:
        column.put(position, row.number)


def _revision(connection: Connection) -> _Revision:
    counters = schema.counters.c
    erasures = select(counters.value).where(counters.name == "erasures").scalar_subquery()
    if connection.dialect.name == "sqlite":
        changes_from = select(func.coalesce(func.max(_runs.revision), 0) + 1).scalar_subquery()
    else:
        changes_from = _transaction(func.pg_snapshot_xmin(func.pg_current_snapshot()))
    return _Revision(*connection.execute(select(erasures, changes_from)).one())


def _transaction(number: Any) -> Any:
    return cast(cast(number, Text), BigInteger)


def _changed(connection: Connection, changes_from: int) -> list[Row[Any]]:
    """Return the runs that have changed, one more than is taken in if there are more."""
    query = select(schema.runs).where(_runs.revision >= changes_from)
    if connection.dialect.name != "sqlite":
        query = query.where(_runs.revision < _transaction(func.pg_snapshot_xmax(func.pg_current_snapshot())))
    return list(connection.execute(query.limit(MAX_CHANGED + 1)))
