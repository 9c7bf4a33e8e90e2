"""Several rules may find the same: the first has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ..captured import CapturedMetric, CapturedParam, Skipped

__all__ = ["first_finds"]

_Found = TypeVar("_Found", CapturedParam, CapturedMetric)


def first_finds(
    found: Iterable[_Found | Skipped],
    known: Iterable[str] = (),
    alike: Callable[[str], str] = str,
    second: Callable[[_Found, _Found], _Found | None] = lambda first, other: None,
) -> tuple[dict[str, _Found], list[Skipped]]:
    """Return, of what rules find one after the other, the first under each name, and what they leave out.

    Parameters
    ----------
    found : iterable
        What the rules find, in their order.
    known : iterable of str
        Names of what was found before: it is not found again.
    alike : callable
        Returns what two names have in common that mean the same if different rules find them.
    second : callable
        Called with what a rule has found, and what a later one has under such a name; returns that under a name of its
        own if it is something else, or None.

    Returns
    -------
    first : dict
        By key.
    skipped : list of Skipped
    """
    taken = {alike(key) for key in known}
    owners: dict[str, _Found] = {}
    first: dict[str, _Found] = {}
    skipped: list[Skipped] = []
    for each in found:
        if isinstance(each, Skipped):
            skipped.append(each)
            continue
        name = alike(each.key)
        if name in taken:
            continue
        owner = owners.setdefault(name, each)
        kept = each if owner.rule == each.rule else second(owner, each)
        if kept is not None:
            first.setdefault(kept.key, kept)
    return first, skipped
