"""Which values can be a param or a metric, found out without running any code of theirs.

An object in a notebook may raise, block or lie from ``__repr__``, ``__eq__``, ``__bool__``, ``__getattr__``
or a ``__class__`` property, and so may its class, from a metaclass. So only the type itself is looked at, and
only by identity: ``type(value) is str``. ``isinstance`` asks ``value.__class__``, and ``type(value) in (...)``
asks the metaclass's ``__eq__``. Nothing here takes time proportional to the size of a value.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import Any

from ..entities.limits import MAX_PARAM_VALUE, UNSTORABLE
from .configs import module_of, settings_of

__all__ = ["MAX_FLAT", "as_number", "as_param", "flatten", "is_one_of", "library_type"]

#: A text longer than this is data and not a choice.
MAX_TEXT = 500
#: A list with more entries than this, or one that is nested deeper, is data and not a choice.
MAX_ITEMS = 20
MAX_DEPTH = 3
#: A dict with more entries than this is data and not settings.
MAX_SETTINGS = 50
#: What a setting is called; a dict with other keys is a table.
_SETTING = re.compile(r"[^\W\d][\w .:/\-]*")
#: Names that one dict of settings may become, those of the dicts in it included, and how deep those may be.
MAX_FLAT = 500
MAX_NESTING = 8

#: By ``id()``, so that a set tells quickly and no metaclass is asked.
_PYTHON_NUMBERS = frozenset(map(id, (int, float, Decimal, Fraction)))
#: Arrays of other libraries, by package and class, and the method by which one element becomes a number. Not those that
#: stand for a value which is not there yet: JAX's tracers, TensorFlow's symbolic tensors.
_ARRAYS = {
    ("torch", "Tensor"): "item",
    ("torch", "Parameter"): "item",
    ("jaxlib", "ArrayImpl"): "item",
    ("tensorflow", "EagerTensor"): "numpy",
    ("tensorflow", "ResourceVariable"): "numpy",
}
_SCALARS = (bool, int, float, complex, str, type(None))
_SEQUENCES = (list, tuple, set, frozenset)


def is_one_of(kind: type, kinds: Iterable[object]) -> bool:
    """Whether a type is one of several; no metaclass is asked for its opinion."""
    return any(kind is each for each in kinds)


def library_type(module: str, name: str) -> Any:
    """Return what a library that is loaded already has under a name, else None.

    A value of one of its types cannot exist otherwise. Read from the module's dict, because the module may be
    one that loads itself when it is asked.
    """
    found = sys.modules.get(module)
    return found.__dict__.get(name) if type(found) is ModuleType else None


@cache
def _numpy_kinds(numpy: ModuleType) -> frozenset[int]:
    """Return the ``id()`` of NumPy's own types of real numbers and of bool, which live as long as the process.

    No others: a subclass may have a ``__float__`` of its own.
    """
    known = numpy.__dict__
    kinds = (known["integer"], known["floating"], known["bool_"])
    return frozenset(id(kind) for kind in known["ScalarType"] if issubclass(kind, kinds))


def _numpy_scalar(value: Any) -> Any:
    """Return a NumPy real number or bool as Python's own, any other value as None."""
    numpy = sys.modules.get("numpy")
    if (
        type(numpy) is not ModuleType
        or "ScalarType" not in numpy.__dict__
        or id(type(value)) not in _numpy_kinds(numpy)
    ):
        return None
    if type(value) is numpy.__dict__["longdouble"]:
        return float(value)  # Python has none.
    item = value.item()
    # A time span counts as an integer in NumPy and becomes one of Python's time spans.
    return item if is_one_of(type(item), _SCALARS) else None


def as_number(value: Any) -> float | None:
    """Return the value as a metric's number, or None if it is not a single real number.

    Taken are int and float (not bool), Decimal, Fraction, NumPy scalars, and arrays and tensors of one element, of
    NumPy, torch, JAX and TensorFlow. NaN and the infinities are numbers.
    """
    if id(type(value)) in _PYTHON_NUMBERS:
        return _to_float(value)
    if type(value) is not library_type("numpy", "ndarray"):
        value = _only_element(value)
    if type(value) is library_type("numpy", "ndarray"):
        # An array of objects may hold anything, itself included.
        if value.size != 1 or value.dtype.kind not in "iuf":
            return None
        value = value[(0,) * value.ndim]
    if id(type(value)) not in _PYTHON_NUMBERS:
        value = _numpy_scalar(value) if type(value) is not library_type("ml_dtypes", "bfloat16") else float(value)
    return _to_float(value) if id(type(value)) in _PYTHON_NUMBERS else None


def _only_element(value: Any) -> Any:
    """Return what an array of another library holds if that is one element, as the library gives it; else the value."""
    kind = type(value)
    module = module_of(kind)
    name = type.__getattribute__(kind, "__name__")
    method = _ARRAYS.get((module.partition(".")[0], name))
    # A class may say that it is of a module, but the module knows its own.
    if method is None or library_type(module, name) is not kind:
        return value
    try:
        return getattr(value, method)() if math.prod(value.shape) == 1 else None
    except Exception:  # A tensor without data, or a device in trouble.
        return None


def _to_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:  # Decimal's signaling NaN.
        return math.nan


def as_param(value: Any) -> str | None:
    """Return the value as a param's text, or None if it is not a simple value.

    Simple are numbers, booleans, short texts, None, and short lists, tuples and sets of those. The text of
    a number is the shortest that gives the number back.
    """
    kind = type(value)
    if kind is str:
        return UNSTORABLE.sub(_escaped, value) if len(value) <= MAX_TEXT else None
    if is_one_of(kind, _SCALARS) or is_one_of(kind, (Decimal, Fraction)):
        return str(value) if _has_a_text(value) else None
    if is_one_of(kind, _SEQUENCES):
        text = _sequence_text(value)
        return text if text is not None and len(text) <= MAX_PARAM_VALUE else None
    number = _numpy_scalar(value)
    return None if number is None else str(number)


def _escaped(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}" if match[0] == "\0" else f"\\u{ord(match[0]):04x}"


def _has_a_text(value: Any) -> bool:
    """Whether Python makes a text of a number: it refuses to for integers of many thousand digits."""
    kind = type(value)
    if kind is Fraction:
        return _has_a_text(value.numerator) and _has_a_text(value.denominator)
    return kind is not int or bool(value.bit_length() <= 4_000)


def _sequence_text(value: Any, depth: int = 1) -> str | None:
    """Return the text of a list, tuple or set as Python writes it; a set's in a stable order."""
    if not 0 < len(value) <= MAX_ITEMS or depth > MAX_DEPTH:
        return None
    parts = []
    for item in list(value):
        kind = type(item)
        if is_one_of(kind, (list, tuple)):
            part = _sequence_text(item, depth + 1)
        elif is_one_of(kind, _SCALARS) and not (kind is str and len(item) > MAX_TEXT) and _has_a_text(item):
            # Exact types all the way down: no foreign __repr__ is ever called.
            part = repr(item)
        else:
            part = None
        if part is None:
            return None
        parts.append(part)
    kind = type(value)
    if kind is list:
        return f"[{', '.join(parts)}]"
    if kind is tuple:
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    # Python's own order of a set of texts is another in every process.
    written = f"{{{', '.join(sorted(parts))}}}"
    return written if kind is set else f"frozenset({written})"


def flatten(name: str, value: Any, max_entries: int = MAX_SETTINGS) -> dict[str, Any]:
    """Return settings as dotted names, those in them included; any other value under its name.

    Settings are dicts with texts for keys, and the objects that `settings_of` knows. A dict that is no set of
    settings (a key that is no text, or more than `max_entries`) comes back as it is, and so does one that is in itself.
    """
    flat: dict[str, Any] = {}

    def add(name: str, value: Any, within: tuple[int, ...]) -> None:
        settings = None
        if len(within) < MAX_NESTING and id(value) not in within:
            # A copy, since another thread may change the settings meanwhile.
            settings = settings_of(value)
        if not _are_settings(settings, max_entries):
            if len(flat) < MAX_FLAT:
                flat[name] = value
            return
        for key, item in (settings or {}).items():
            if len(flat) >= MAX_FLAT:
                return
            add(f"{name}.{key}", item, (*within, id(value)))

    add(name, value, ())
    return flat


def _are_settings(entries: dict[Any, Any] | None, max_entries: int) -> bool:
    return (
        entries is not None
        and 0 < len(entries) <= max_entries
        and all(type(key) is str and len(key) <= 100 and _SETTING.fullmatch(key) is not None for key in entries)
    )
