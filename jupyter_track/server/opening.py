"""A store that is opened when it is first needed."""

from __future__ import annotations

import threading

from ..api import Service
from ..artifacts import open_repository
from ..config import resolve_tracking_uri
from ..entities import StoreUnavailable, TrackError
from ..store import Store, open_store

__all__ = ["LazyService"]


class LazyService:
    """The service over the store at a tracking URI, opened at the first request.

    Starting a server must neither wait for a database nor fail because one is away. May be called from
    any number of threads.

    Parameters
    ----------
    tracking_uri : str
        See `jupyter_track.config.resolve_tracking_uri` for what holds if empty.
    artifact_root : str
        See `jupyter_track.store.open_store`; empty if not given.
    """

    def __init__(self, tracking_uri: str = "", artifact_root: str = "") -> None:
        self._tracking_uri = tracking_uri
        self._artifact_root = artifact_root
        self._opening = threading.Lock()
        self._store: Store | None = None

    def __call__(self) -> Service:
        """Return the service.

        Raises
        ------
        StoreUnavailable
            If the store cannot be opened, with the reason; the next call tries again.
        """
        with self._opening:
            if self._store is None:
                try:
                    self._store = open_store(resolve_tracking_uri(self._tracking_uri), self._artifact_root or None)
                except TrackError as error:
                    # A wrong URI is a mistake in the server's configuration, not in the request.
                    raise StoreUnavailable(str(error)) from error
            return Service(self._store, open_repository)

    def close(self) -> None:
        """Give back the store, if it was opened."""
        with self._opening:
            if self._store is not None:
                self._store.close()
                self._store = None
