"""By which a run that has changed is found again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, cast, func, select, update

from . import schema

__all__ = ["new_revision", "touch"]

_runs = schema.runs.c


def new_revision(connection: Connection) -> ColumnElement[int]:
    """Return what the column ``runs.revision`` of every run that a transaction writes to is set to.

    SQLite has one writer at a time, so one more than the greatest so far grows with every commit.
    In PostgreSQL it is the number of the transaction. Those commit out of order: what is older than the
    oldest transaction still going on (``pg_snapshot_xmin``) will not change any more.
    """
    if connection.dialect.name == "sqlite":
        return select(func.coalesce(func.max(_runs.revision), 0) + 1).scalar_subquery()
    return cast(cast(func.pg_current_xact_id(), Text), BigInteger)


def touch(connection: Connection, where: ColumnElement[bool], **changes: Any) -> None:
    """Give some runs a new revision, and set columns of them besides.

    Every transaction that changes what is known of a run, or what was logged to it, does this.
    """
    connection.execute(update(schema.runs).where(where).values(revision=new_revision(connection), **changes))
