"""Fill a new store with runs, the same ones each time: what the benchmarks of searching search.

::

    python tests/benchmarks/generate.py sqlite:////tmp/big/million.db 1000000

Each run has 10 params (5 numbers and 5 texts), 10 metrics of one point each, and 3 tags; one in a thousand is in the
bin, and one in a hundred lacks its last metric. All values are worked out by the database itself, from the number of
the run, so that a million runs take no longer than writing them down. They are written into the tables straight,
since a million ``create_run`` would measure something else; the indexes are made afterwards, as one does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection, select, text

from jupyter_track.store.sql import schema
from jupyter_track.store.sql.database import Database
from jupyter_track.store.sql.store import SqlStore

#: Of what a million runs are compared by.
NUMBERS = ("learning_rate", "batch_size", "epochs", "dropout", "seed")
TEXTS = {
    "optimizer": ("adam", "sgd", "rmsprop", "adagrad"),
    "model": ("resnet18", "resnet50", "vit_b_16", "convnext", "mlp"),
    "dataset": ("train-2025", "train-2026"),
    "scheduler": ("cosine", "step", "none"),
    "augment": ("True", "False"),
}
METRICS = ("accuracy", "loss", "val_accuracy", "val_loss", "f1", "precision", "recall", "auc", "seconds", "score")
TAGS = ("mlflow.runName", "mlflow.user", "team")

#: A prime: what is multiplied below stays within 64 bits.
_PRIME = 2**31 - 1
_FIRST_START = 1_700_000_000_000
#: Runs in one statement: sorting all rows of a table at once would need as much room again.
_AT_ONCE = 100_000


def _chance(salt: int) -> str:
    """Return SQL for a number from 0 to 2**31 - 2 that only the run and `salt` decide."""
    mixed = f"((n * {1_103_515_245 + 2 * salt} + {salt}) % {_PRIME})"
    # The square bends what would be a straight line, and of two numbers of a run one would tell the other.
    return f"({mixed} * {mixed} % {_PRIME})"


def _choice(options: tuple[str, ...], salt: int) -> str:
    return _cases(f"{_chance(salt)} % {len(options)}", {number: f"'{each}'" for number, each in enumerate(options)})


def _cases(of: str, options: dict[int, str]) -> str:
    cases = " ".join(f"WHEN {number} THEN {option}" for number, option in sorted(options.items()))
    return f"CASE {of} {cases} END"


class _Filling:
    """The statements that write the runs of one range of numbers, from `first` up to `last`."""

    def __init__(self, connection: Connection, first: int, last: int) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._first = first
        self._last = last

    def _insert(self, table: str, columns: str, values: str, more: str = "") -> None:
        series = (
            f"RECURSIVE series(n) AS (SELECT {self._first} UNION ALL SELECT n + 1 FROM series WHERE n < {self._last})"
            if self._is_sqlite
            else f"series(n) AS (SELECT generate_series({self._first}::bigint, {self._last}))"
        )
        self._connection.execute(
            text(f"WITH {series} INSERT INTO {table} ({columns}) SELECT {values} FROM series {more}")
        )

    def runs(self, experiments: list[int]) -> None:
        # Each part is the number of the run times something, modulo a prime: no two runs have the same.
        digits = [f"n * {factor} % {_PRIME}" for factor in (1_103_515_245, 1_664_525_001, 1_566_083_941, 1_812_433_253)]
        if self._is_sqlite:
            run_id = f"printf('%08x%08x%08x%08x', {', '.join(digits)})"
        else:
            run_id = " || ".join(f"lpad(to_hex({each}), 8, '0')" for each in digits)
        experiment = f"({experiments[0]} + n % {len(experiments)})"
        values = {
            "run_key": "n",
            "run_id": run_id,
            "experiment_id": experiment,
            "run_name": _RUN_NAME,
            "user_id": "'someone'",
            "status": "CASE WHEN n % 50 = 0 THEN 'FAILED' ELSE 'FINISHED' END",
            "lifecycle_stage": "CASE WHEN n % 1000 = 0 THEN 'deleted' ELSE 'active' END",
            "start_time": f"{_FIRST_START} + n * 60000",
            "end_time": f"{_FIRST_START} + n * 60000 + {_chance(90)} % 3600000",
            "artifact_uri": f"'/home/someone/track/artifacts/' || {experiment} || '/' || {run_id} || '/artifacts'",
            "revision": "1",
        }
        self._insert("runs", ", ".join(values), ", ".join(values.values()))

    def tags(self, ids: dict[str, int]) -> None:
        texts = (_RUN_NAME, "'someone'", _choice(("vision", "language", "speech"), 92))
        self._named("tags", {"value": {ids[name]: sql for name, sql in zip(TAGS, texts, strict=True)}})

    def params(self, ids: dict[str, int]) -> None:
        values, numbers = {}, {}
        for salt, name in enumerate(NUMBERS):
            whole = f"(1 + {_chance(salt)} % 100000)"
            # A quotient of two whole numbers is the very float that the written number spells.
            sign, divisor = ("e-5", 100_000) if salt % 2 == 0 else ("", 1)
            values[ids[name]] = f"CAST({whole} AS VARCHAR) || '{sign}'"
            numbers[ids[name]] = f"CAST({whole} AS double precision) / {divisor}"
        for salt, (name, options) in enumerate(TEXTS.items(), 10):
            values[ids[name]] = _choice(options, salt)
        self._named("params", {"value": values, "number": numbers})

    def metrics(self, ids: dict[str, int]) -> None:
        values = {
            ids[name]: f"CAST({_chance(salt)} AS double precision) / {_PRIME}" for salt, name in enumerate(METRICS, 20)
        }
        point = "0", f"{_FIRST_START} + n * 60000", _cases("name_id", values), "0" if self._is_sqlite else "false"
        more = f"{self._cross(values)} WHERE n % 100 <> 7 OR name_id <> {ids[METRICS[-1]]}"
        for table in ("latest_metrics", "metrics"):
            columns = "run_key, name_id, step, timestamp, value, is_nan"
            self._insert(table, columns, ", ".join(["n", "name_id", *point]), self._ordered(more))

    def _named(self, table: str, columns: dict[str, dict[int, str]]) -> None:
        sql = ", ".join(_cases("name_id", options) for options in columns.values())
        name_ids = next(iter(columns.values()))
        self._insert(
            table,
            ", ".join(["run_key", "name_id", *columns]),
            f"n, name_id, {sql}",
            self._ordered(self._cross(name_ids)),
        )

    def _cross(self, name_ids: Iterable[int]) -> str:
        rows = ", ".join(f"({name_id})" for name_id in sorted(name_ids))
        # SQLite has no names for the columns of VALUES but its own.
        if self._is_sqlite:
            return f"CROSS JOIN (SELECT column1 AS name_id FROM (VALUES {rows}))"
        return f"CROSS JOIN (VALUES {rows}) AS named(name_id)"

    def _ordered(self, more: str) -> str:
        # What belongs to a run lies together, as it does when a run is logged; SQLite's loops go in this order.
        return more if self._is_sqlite else f"{more} ORDER BY n, name_id"


_RUN_NAME = f"'brave-fox-' || ({_chance(91)} % 1000)"


def generate(uri: str, count: int, experiments: int = 1) -> None:
    """Make a store of `count` runs in as many new experiments as asked for.

    Parameters
    ----------
    uri : str
        Of a SQLite file that is not there yet, or of an empty PostgreSQL database.
    count : int
        At most 2**31 - 2.
    experiments : int
    """
    store = SqlStore(uri)
    made = [int(store.create_experiment(f"bench-{number}")) for number in range(experiments)]
    store.close()
    database = Database(uri)
    tables = (schema.runs, schema.tags, schema.params, schema.latest_metrics, schema.metrics)
    indexes = [index for table in tables for index in sorted(table.indexes, key=lambda index: str(index.name))]
    with database.write() as connection:
        for index in indexes:
            index.drop(connection)
        names = sorted({*NUMBERS, *TEXTS, *METRICS, *TAGS})
        connection.execute(schema.names.insert(), [{"name": name} for name in names])
        rows = connection.execute(select(schema.names.c.name, schema.names.c.name_id))
        ids = {row.name: row.name_id for row in rows}
        for first in range(1, count + 1, _AT_ONCE):
            filling = _Filling(connection, first, min(count, first + _AT_ONCE - 1))
            filling.runs(made)
            filling.tags(ids)
            filling.params(ids)
            filling.metrics(ids)
        for index in indexes:
            index.create(connection)
        if not database.is_sqlite:
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('runs', 'run_key'), {count})"))
    database.close()


def main() -> None:
    """Generate what the command line asks for, and say how long it took."""
    uri, count = sys.argv[1], int(sys.argv[2])
    start = time.perf_counter()
    generate(uri, count, *map(int, sys.argv[3:4]))
    print(f"{count} runs in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
