"""What a name in the cell stands for, and the library that it comes from: looked up, never asked for."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from ...configs import class_dicts, module_of
from ..base import MISSING, Situation

__all__ = ["library_of", "parameters_of", "resolve"]


def resolve(path: str, situation: Situation, namespace: Mapping[str, Any] | None = None) -> Any:
    """Return the object that a dotted path in the cell stands for, or `MISSING`.

    Found are what the namespace holds and what the cell imports from modules that are loaded; attributes only where
    Python keeps them, in the dicts of modules and classes.

    Parameters
    ----------
    path : str
        Such as ``lib.models.Tree``; empty for what has no path.
    situation : Situation
    namespace : mapping, optional
        Where names are looked up; what was there when the cell began, if not given.
    """
    root, *attributes = path.split(".")
    names = situation.before if namespace is None else namespace
    imported = situation.source.imported.get(root)
    value: Any = MISSING
    if imported is not None:
        module, name = imported
        value = sys.modules.get(module, MISSING)
        if name:
            value = _attribute(value, name)
            value = sys.modules.get(f"{module}.{name}", MISSING) if value is MISSING else value
    elif root in names:
        value = names[root]
    for name in attributes:
        value = _attribute(value, name)
    return value


def _attribute(value: Any, name: str) -> Any:
    kind = type(value)
    if value is MISSING:
        return MISSING
    if kind is ModuleType or (issubclass(kind, ModuleType) and module_of(kind) != "__main__"):
        return object.__getattribute__(value, "__dict__").get(name, MISSING)
    if issubclass(kind, type):
        return next((each[name] for each in class_dicts(value) if name in each), MISSING)
    return MISSING


def library_of(name: str, situation: Situation, depth: int = 8) -> str:
    """Return the module that a name comes from; "builtins" for Python's own, empty if it cannot be told."""
    imported = situation.source.imports.get(name)
    if imported is not None:
        return imported
    value = situation.before.get(name, MISSING)
    # Set in this very cell: `fig, ax = plt.subplots()` leads back to the library.
    root = situation.source.roots.get(name)
    if root and root != name and depth:
        return library_of(root, situation, depth - 1)
    if value is not MISSING:
        return _module_behind(value)
    bound = any(each.name == name for each in situation.source.assignments)
    return "builtins" if not bound and hasattr(builtins, name) else ""


def _module_behind(value: Any) -> str:
    """Return the name of the module that a module, class, function or object belongs to."""
    kind = type(value)
    name: Any
    if kind is ModuleType:
        # Its __dict__ is read as such: a module may have a __getattr__ of its own.
        name = value.__dict__.get("__name__")
    elif kind is FunctionType or kind is BuiltinFunctionType:
        name = value.__module__
    else:
        # Past whatever the metaclass does when it is asked for an attribute.
        name = module_of(value if issubclass(kind, type) else kind)
    return name if type(name) is str else ""


def parameters_of(value: Any) -> tuple[str, ...]:
    """Return the names of the positional parameters of a function or class; empty where they cannot be seen."""
    kind = type(value)
    skip = 0
    if issubclass(kind, type):
        value = next((each["__init__"] for each in class_dicts(value) if "__init__" in each), MISSING)
        skip = 1
    elif kind is MethodType:
        value, skip = value.__func__, 1
    for _ in range(8):
        if type(value) is not FunctionType:
            return ()
        wrapped = value.__dict__.get("__wrapped__", MISSING)
        if wrapped is MISSING:
            break
        value = wrapped
    code = value.__code__
    return tuple(code.co_varnames[skip : code.co_argcount])
