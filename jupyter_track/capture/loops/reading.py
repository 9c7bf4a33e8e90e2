"""The number that a curve's name holds."""

from __future__ import annotations

from typing import Any

from ..values import as_number
from .curves import Curve

__all__ = ["number_of"]


def number_of(curve: Curve, value: Any) -> float | None:
    """Return the number to record of a curve, given what its name holds; None if it is none."""
    if curve.is_list:
        if curve.entry:
            value = value.get(curve.entry) if type(value) is dict else None
        if type(value) is not list or not value:
            return None
        value = value[-1]
    # What nearly every value is, first: asking for all kinds takes a microsecond.
    return value if type(value) is float else as_number(value)
