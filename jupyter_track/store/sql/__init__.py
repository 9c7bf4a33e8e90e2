"""The stores in SQL databases: SQLite, embedded, and PostgreSQL, shared by a team."""

from .store import SqlStore

__all__ = ["SqlStore"]
