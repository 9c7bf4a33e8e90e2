"""The client of this process, and the calls that choose where it writes."""

from __future__ import annotations

import atexit
import sys
import threading
import time

from ..outbox import journal_folder
from .client import TrackClient

__all__ = ["configure", "default_client", "get_tracking_uri", "set_tracking_uri"]

#: Seconds that the end of the process waits for what has not arrived.
EXIT_SECONDS = 10.0

_lock = threading.Lock()
_client: TrackClient | None = None
#: Those that were replaced, in which the records of a run that goes on may still arrive.
_former: list[TrackClient] = []


def default_client() -> TrackClient:
    """Return the client of this process, made at the first call."""
    global _client
    with _lock:
        if _client is None:
            _client = TrackClient()
        return _client


def get_tracking_uri() -> str:
    """Return the tracking URI in force."""
    return default_client().tracking_uri


def configure(uri: str, artifact_root: str | None = None) -> None:
    """Choose where runs are kept without looking whether the place is good; it is opened at the first use."""
    _replace(TrackClient(uri, artifact_root))


def set_tracking_uri(uri: str, artifact_root: str | None = None) -> None:
    """Choose where runs are kept from now on.

    What was logged before goes where it was meant for, unless that place cannot be reached: then it
    moves along.

    Parameters
    ----------
    uri : str
        ``sqlite:///PATH`` or ``postgresql://USER@HOST/DATABASE``; empty for the default.
    artifact_root : str, optional
        Where new experiments keep their artifacts.

    Raises
    ------
    InvalidParameterValue
        If no store handles the URI.
    StoreUnavailable
        If the place cannot be reached or written; the present one then stays in force.
    """
    replacement = TrackClient(uri, artifact_root)
    replacement.open()
    _replace(replacement)


def _replace(replacement: TrackClient) -> None:
    global _client
    with _lock:
        before = _client
        if before is not None and before.place == replacement.place:
            replacement.close(0)
            return
        _client = replacement
    if before is not None and before.hand_over(replacement, EXIT_SECONDS):
        _former.append(before)


@atexit.register
def _close_at_exit() -> None:
    deadline = time.monotonic() + EXIT_SECONDS
    for client in filter(None, [_client, *_former]):
        waiting = client.close(max(0.0, deadline - time.monotonic()))
        if waiting and sys.__stderr__ is not None:
            print(
                f"jupyter-track: {waiting} records could not be written to {client.shown_uri} yet. They are kept in "
                f"{journal_folder()} and are written when the next kernel starts, or by: jupyter-track recover",
                file=sys.__stderr__,
            )
