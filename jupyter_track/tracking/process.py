"""Which places this process is connected to, and which of them is in force."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time

from ..config import resolve_tracking_uri, uri_of_environment
from ..entities import SchemaMismatch, StoreUnavailable
from ..outbox import journal_folder
from .connection import Connection

__all__ = [
    "configure",
    "connect",
    "connection",
    "get_tracking_uri",
    "is_tracking_uri_set",
    "keep_in_force",
    "move_to",
    "release",
    "set_tracking_uri",
    "tell_problems",
]

_log = logging.getLogger("jupyter_track")

#: Seconds that the end of the process waits for what has not arrived.
EXIT_SECONDS = 10.0

_lock = threading.RLock()
_in_force: Connection | None = None
_chosen = False
#: What the environment said when the connection in force was made without a choice.
_environment = ("", "")
#: All that are open; in those not in force any more, the records of a run that goes on may still arrive.
_open: dict[tuple[str, str | None], Connection] = {}


def connect(uri: str, artifact_root: str | None = None) -> Connection:
    """Return the connection to a place, shared with whoever has one, until it is released as often."""
    wanted = (resolve_tracking_uri(uri), artifact_root)
    with _lock:
        found = _open.get(wanted)
        if found is None:
            found = _open[wanted] = Connection(*wanted)
        found.users += 1
        return found


def release(shared: Connection, timeout: float) -> int:
    """Give a connection back; the last who does so closes it.

    Returns
    -------
    int
        How many records have not arrived within `timeout` seconds.
    """
    with _lock:
        shared.users -= 1
        if shared.users > 0:
            return 0 if shared.outbox.flush(timeout) else shared.outbox.waiting()
        _open.pop(shared.place, None)
    return shared.close(timeout)


def connection() -> Connection:
    """Return the connection in force, made at the first call; without a choice it follows the environment."""
    if _in_force is None or (not _chosen and _environment != _said_by_environment()):
        with _lock:
            _replace(connect(""), False)
    assert _in_force is not None
    return _in_force


def keep_in_force() -> None:
    """Stay with the connection in force: what the environment says from now on is the same place in other words."""
    global _environment
    _environment = _said_by_environment()


def _said_by_environment() -> tuple[str, str]:
    return uri_of_environment(), os.environ.get("JUPYTER_DATA_DIR", "")


def get_tracking_uri() -> str:
    """Return the tracking URI in force."""
    return connection().tracking_uri


def is_tracking_uri_set() -> bool:
    """Return whether a call or the environment says where runs are kept, rather than the default."""
    return _chosen or bool(uri_of_environment())


def configure(uri: str, artifact_root: str | None = None) -> None:
    """Choose where runs are kept without looking whether the place is good; it is opened at the first use."""
    _replace(connect(uri, artifact_root), bool(uri))


def set_tracking_uri(uri: str | os.PathLike[str], artifact_root: str | None = None) -> None:
    """Choose where runs are kept from now on.

    What was logged before goes where it was meant for, unless that place cannot be reached: then it moves
    along. A place that is out of reach at the moment is taken all the same, with a warning: what is logged
    waits in a journal until it is back.

    Parameters
    ----------
    uri : str or path
        ``sqlite:///PATH`` or ``postgresql://USER@HOST/DATABASE``; empty for the default.
    artifact_root : str, optional
        Where new experiments keep their artifacts.

    Raises
    ------
    InvalidParameterValue
        If no store handles the URI.
    SchemaMismatch
        If the database there is of another version.
    """
    replacement = connect(os.fspath(uri), artifact_root)
    try:
        replacement.store()
    except StoreUnavailable as error:
        if isinstance(error, SchemaMismatch):
            release(replacement, 0)
            raise
        _log.warning("%s What is logged waits in %s.", error, journal_folder())
    except BaseException:
        release(replacement, 0)
        raise
    _replace(replacement, bool(uri))


def move_to(uri: str, artifact_root: str | None = None) -> None:
    """Choose where runs are kept from now on, if the place is good.

    Raises
    ------
    InvalidParameterValue
        If no store handles the URI.
    StoreUnavailable
        If the place cannot be reached or written; the present one then stays in force.
    """
    replacement = connect(uri, artifact_root)
    try:
        replacement.store()
    except BaseException:
        release(replacement, 0)
        raise
    _replace(replacement, bool(uri))


def _replace(replacement: Connection, chosen: bool) -> None:
    global _chosen, _environment, _in_force
    with _lock:
        before, _in_force, _chosen = _in_force, replacement, chosen
        _environment = _said_by_environment()
    if before is replacement:
        release(before, 0)
    elif before is not None and not before.hand_over(replacement, EXIT_SECONDS):
        with _lock:
            if _open.get(before.place) is before:
                del _open[before.place]


def tell_problems(place: Connection) -> None:
    """Log what has gone wrong on the way to a store and was not told yet."""
    for problem in place.outbox.take_problems():
        _log.warning("%s", problem.message if problem.run_id is None else f"run {problem.run_id}: {problem.message}")


@atexit.register
def close_all() -> None:
    """Close every connection and say what could not be delivered; it waits in a journal."""
    global _chosen, _in_force
    deadline = time.monotonic() + EXIT_SECONDS
    with _lock:
        left_open = list(_open.values())
        _open.clear()
        _in_force, _chosen = None, False
    for each in left_open:
        waiting = each.close(max(0.0, deadline - time.monotonic()))
        tell_problems(each)
        if waiting and sys.__stderr__ is not None:
            print(
                f"jupyter-track: {waiting} records could not be written to {each.shown_uri} yet. They are kept in "
                f"{journal_folder()} and are written when the next kernel starts, or by: jupyter-track recover",
                file=sys.__stderr__,
            )


def _begin_in_child() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)
