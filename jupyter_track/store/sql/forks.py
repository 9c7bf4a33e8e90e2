"""What has to happen when a process forks while it has databases open.

A connection is of the process that has opened it: SQLite's locks on a file do not go to the child, and a
server would hear two voices on one line. The child opens connections of its own.
"""

from __future__ import annotations

import os
import weakref
from abc import ABC, abstractmethod

__all__ = ["Forkable"]


class Forkable(ABC):
    """Something that is told when this process forks; it need do nothing for that."""

    def __init__(self) -> None:
        _known[id(self)] = self

    @abstractmethod
    def before_fork(self) -> None:
        """Come to rest, so that the child finds nothing half done by threads that it does not have."""

    @abstractmethod
    def after_fork_in_parent(self) -> None:
        """Go on."""

    @abstractmethod
    def after_fork_in_child(self) -> None:
        """Begin anew."""


# Of a dictionary all values can be had at once, whatever other threads do; of a WeakSet not.
_known: weakref.WeakValueDictionary[int, Forkable] = weakref.WeakValueDictionary()


def _all() -> list[Forkable]:
    return [each for reference in _known.valuerefs() if (each := reference()) is not None]


def _before() -> None:
    for each in _all():
        each.before_fork()


def _in_parent() -> None:
    for each in _all():
        each.after_fork_in_parent()


def _in_child() -> None:
    for each in _all():
        each.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
