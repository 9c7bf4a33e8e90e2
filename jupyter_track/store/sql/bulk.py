"""Many rows at once, as the driver takes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection

__all__ = ["insert_rows"]


def insert_rows(connection: Connection, statement: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """Execute an INSERT once for each row.

    SQLAlchemy would look at each value on its way to the driver, which takes longer than writing it.

    Parameters
    ----------
    connection : Connection
    statement : Insert
        Into all columns of its table; the same object each time, since what it is compiled to is kept.
    rows : sequence of tuple
        The values in the order of the table's columns, as the driver takes them.
    """
    dialect: Any = type(connection.dialect)
    connection.exec_driver_sql(_compiled(statement, dialect), list(rows))


@cache
def _compiled(statement: Any, dialect: Any) -> str:
    style = "qmark" if dialect.name == "sqlite" else "format"
    return str(statement.compile(dialect=dialect(paramstyle=style), column_keys=statement.table.c.keys()))
