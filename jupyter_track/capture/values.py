"""Which values can be a param or a metric, found out without running any code of theirs.

An object in a notebook may raise, block or lie from ``__repr__``, ``__eq__``, ``__bool__``, ``__getattr__``
or a ``__class__`` property. So only the type itself is looked at (``type(value)``, never ``isinstance`` on
an instance, which falls back to ``value.__class__``), and only types known to be harmless are read further.
Nothing here takes time proportional to the size of a value.
"""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..entities.limits import MAX_PARAM_VALUE

__all__ = ["as_number", "as_param", "flatten"]

#: A text longer than this is data and not a choice.
MAX_TEXT = 500
#: A list or dict with more entries than this is data and not a choice.
MAX_ITEMS = 20

_SCALARS = (bool, int, float, complex, str, type(None))


def _library_type(module: str, name: str) -> type | None:
    """Return a class of a library that is loaded already; a value of it cannot exist otherwise."""
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) else None


def _is_a(value: Any, module: str, name: str) -> bool:
    cls = _library_type(module, name)
    return cls is not None and issubclass(type(value), cls)


def as_number(value: Any) -> float | None:
    """Return the value as a metric's number, or None if it is not a single real number.

    Taken are int and float (not bool), Decimal, Fraction, NumPy scalars, and NumPy arrays and torch tensors
    of one element. NaN and the infinities are numbers.
    """
    kind = type(value)
    if kind in (int, float, Decimal, Fraction):
        return _to_float(value)
    if _is_a(value, "numpy", "generic"):
        if _is_a(value, "numpy", "integer") or _is_a(value, "numpy", "floating"):
            return _to_float(value)
        return None
    if kind is _library_type("numpy", "ndarray"):
        return as_number(value[(0,) * value.ndim]) if value.size == 1 else None
    if kind is _library_type("torch", "Tensor"):
        return as_number(value.detach().item()) if value.numel() == 1 else None
    return None


def _to_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def as_param(value: Any) -> str | None:
    """Return the value as a param's text, or None if it is not a simple value.

    Simple are numbers, booleans, short texts, None, and short lists, tuples and sets of those. The text of
    a number is the shortest that gives the number back.
    """
    kind = type(value)
    if kind is str:
        return value if len(value) <= MAX_TEXT else None
    if kind in _SCALARS:
        # An integer of many thousand digits has a text that Python refuses to make.
        if kind is int and value.bit_length() > 4_000:
            return None
        return str(value)
    if kind in (Decimal, Fraction):
        return str(value)
    if _is_a(value, "numpy", "generic"):
        if any(_is_a(value, "numpy", name) for name in ("integer", "floating", "bool_")):
            return str(value.item())
        return None
    if kind in (list, tuple, set, frozenset):
        return _container_text(value)
    return None


def _container_text(value: Any) -> str | None:
    if not 0 < len(value) <= MAX_ITEMS:
        return None
    # Exact types all the way down: no foreign __repr__ is ever called.
    if not all(
        type(item) in _SCALARS or (type(item) in (list, tuple) and _container_text(item) is not None) for item in value
    ):
        return None
    if any(as_param(item) is None for item in value):
        return None
    text = repr(value)
    return text if len(text) <= MAX_PARAM_VALUE else None


def flatten(name: str, value: Any) -> dict[str, Any]:
    """Return a dict of settings as dotted names, nested dicts included; any other value under its name.

    A dict that is no set of settings (a key that is no text, or too many entries) comes back as it is.
    """
    if type(value) is not dict or not 0 < len(value) <= MAX_ITEMS:
        return {name: value}
    if not all(type(key) is str and key.isprintable() and 0 < len(key) <= 100 for key in value):
        return {name: value}
    flat: dict[str, Any] = {}
    # A copy, since another thread may change the dict meanwhile; a dict in itself ends at a depth of 8.
    for key, item in list(value.items()):
        flat.update(flatten(f"{name}.{key}", item) if name.count(".") < 8 else {f"{name}.{key}": item})
    return flat
