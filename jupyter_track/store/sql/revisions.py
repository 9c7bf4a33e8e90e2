"""By which a run that has changed is found again."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, Update, bindparam, cast, func, select, update

from . import schema

__all__ = ["new_revision", "touch"]

_runs = schema.runs.c


# Building a statement takes longer than executing it.
@cache
def new_revision(dialect: str) -> ColumnElement[int]:
    """Return what the column ``runs.revision`` of every run that a transaction writes to is set to.

    SQLite has one writer at a time, so one more than the greatest so far grows with every commit.
    In PostgreSQL it is the number of the transaction. Those commit out of order: what is older than the
    oldest transaction still going on (``pg_snapshot_xmin``) will not change any more.
    """
    if dialect == "sqlite":
        return select(func.coalesce(func.max(_runs.revision), 0) + 1).scalar_subquery()
    return cast(cast(func.pg_current_xact_id(), Text), BigInteger)


def touch(connection: Connection, run_key: int, **changes: Any) -> None:
    """Give a run a new revision, and set columns of it besides.

    Every transaction that changes what is known of a run, or what was logged to it, does this.
    """
    statement = _touch(connection.dialect.name)
    connection.execute(statement.values(changes) if changes else statement, {"touched": run_key})


@cache
def _touch(dialect: str) -> Update:
    return update(schema.runs).where(_runs.run_key == bindparam("touched")).values(revision=new_revision(dialect))
