"""Objects that hold settings: dataclasses, attrs, pydantic, named tuples, namespaces, OmegaConf and plain classes.

What they hold is read from where Python keeps it, the dict and the slots of an object and the dicts of its classes,
so that no property, no ``__getattr__`` and no metaclass of theirs is run.
"""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType, SimpleNamespace
from typing import Any, Final

__all__ = ["NO_DEFAULT", "class_dicts", "fields_of", "is_of_notebook", "module_of", "settings_of", "stored"]

#: The module that everything belongs to that is defined in a notebook.
NOTEBOOK = "__main__"
#: Stands for the default of a field that has none, or one that is made for each object.
NO_DEFAULT: Final = object()
#: An object or dict with more entries than this is data.
MAX_ENTRIES = 500
#: Containers of OmegaConf in one another.
MAX_DEPTH = 8
#: ``${optim.steps}``: another entry of the same settings.
_REFERENCE = re.compile(r"\$\{([^\W\d]\w*(?:\.\w+)*)\}")

#: Packages whose dicts answer to attributes as well.
_DICTS_OF_SETTINGS = frozenset({"easydict", "box", "addict", "munch", "dotmap", "ml_collections"})
#: What a class attribute is that holds a setting.
_PLAIN = (bool, int, float, complex, str, bytes, type(None), tuple, list, dict, set, frozenset)


def module_of(kind: type) -> str:
    """Return the module of a class, past whatever its metaclass says."""
    name = type.__getattribute__(kind, "__module__")
    return name if type(name) is str else ""


def is_of_notebook(kind: type) -> bool:
    """Whether a class was defined in the notebook."""
    return module_of(kind) == NOTEBOOK


def class_dicts(kind: type) -> Iterator[Mapping[str, Any]]:
    """Yield what a class and those that it inherits from define, the nearest first; `object` is left out."""
    for each in type.__getattribute__(kind, "__mro__"):
        if each is not object:
            yield type.__getattribute__(each, "__dict__")


def _class_entry(kind: type, name: str) -> Any:
    return next((each[name] for each in class_dicts(kind) if name in each), None)


def stored(value: Any) -> dict[str, Any]:
    """Return what an object keeps in its dict and slots; empty if that is more than settings would be."""
    found: dict[str, Any] = {}
    kind = type(value)
    for entries in class_dicts(kind):
        # The dict itself is an entry of the class that brought it; one that is a property is not looked at.
        own = entries.get("__dict__")
        if own is not None and type(own) in (GetSetDescriptorType, MemberDescriptorType):
            kept = own.__get__(value)
            if type(kept) is not dict or len(kept) > MAX_ENTRIES:
                return {}
            found |= kept
        slots = [name for name, each in list(entries.items())[:MAX_ENTRIES] if type(each) is MemberDescriptorType]
        for name in slots:
            try:
                found.setdefault(name, entries[name].__get__(value))
            except AttributeError:
                continue  # Not set yet.
    return {name: each for name, each in found.items() if type(name) is str and not name.startswith("_")}


def settings_of(value: Any) -> dict[str, Any] | None:
    """Return the settings that an object or class holds by name, or None if it is something else.

    Of an object of the notebook all are returned, defaults included: they are what ran. Of one of a library's classes,
    such as a hundred training arguments, those that differ from the default.
    """
    kind = type(value)
    if kind is dict or kind is OrderedDict:
        return _copy(value)
    if kind is SimpleNamespace or (module_of(kind) == "argparse" and _is_from("argparse", "Namespace", kind)):
        return stored(value)
    if kind is type:
        return _settings_of_class(value)
    root = module_of(kind).partition(".")[0]
    if root == "omegaconf":
        return _omegaconf(value)
    bases = type.__getattribute__(kind, "__mro__")
    if root in _DICTS_OF_SETTINGS and any(base is dict for base in bases):
        return _copy(value)
    fields = fields_of(kind)
    if fields is not None:
        if any(base is tuple for base in bases):
            return dict(zip(fields, tuple.__iter__(value), strict=False))
        entries = {name: each for name, each in stored(value).items() if name in fields}
        if is_of_notebook(kind):
            return entries
        return {name: each for name, each in entries.items() if not _is_default(each, fields[name])}
    if is_of_notebook(kind) and not _has_behaviour(kind) and not _is_built_in(bases):
        return _class_settings(kind) | stored(value)
    return None


def _copy(value: dict[Any, Any]) -> dict[Any, Any] | None:
    return dict(dict.items(value)) if dict.__len__(value) <= MAX_ENTRIES else None


def _settings_of_class(value: type) -> dict[str, Any] | None:
    """Return the attributes of ``class CFG: lr = 0.1``; one whose fields are declared is there to be made."""
    if not is_of_notebook(value) or _has_behaviour(value) or _is_built_in(type.__getattribute__(value, "__mro__")):
        return None
    if fields_of(value) is not None:
        return None
    return _class_settings(value) or None


def _is_from(module: str, name: str, kind: type) -> bool:
    found = sys.modules.get(module)
    return type(found) is ModuleType and found.__dict__.get(name) is kind


def _is_built_in(bases: tuple[type, ...]) -> bool:
    """Whether a class is a number, text, error or container of the notebook's own making, or any library's class."""
    return any(not is_of_notebook(base) and base is not object for base in bases)


def _has_behaviour(kind: type) -> bool:
    """Whether a class does something: it has a method that is no ready-made one."""
    return any(
        type(each) in (FunctionType, staticmethod, classmethod) and not name.startswith("__")
        for entries in class_dicts(kind)
        for name, each in entries.items()
    )


def _class_settings(kind: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entries in class_dicts(kind):
        for name, each in list(entries.items())[:MAX_ENTRIES]:
            if not name.startswith("_") and any(type(each) is plain for plain in _PLAIN):
                found.setdefault(name, each)
    return found


def _is_default(value: Any, default: Any) -> bool:
    """Whether a value is a field's default; what only an ``__eq__`` could tell counts as such."""
    if default is NO_DEFAULT or not any(type(value) is plain for plain in _PLAIN):
        return True
    return value is default or (
        type(value) is type(default) and type(value) not in (list, dict, tuple) and value == default
    )


def fields_of(kind: type) -> dict[str, Any] | None:
    """Return the fields that a class declares and their defaults, or None if it declares none in a known way."""
    fields = _class_entry(kind, "__dataclass_fields__")
    if type(fields) is dict:
        return {name: _default(each, "default") for name, each in fields.items()}
    fields = _class_entry(kind, "__pydantic_fields__")
    if type(fields) is dict:
        return {name: _default(each, "default") for name, each in fields.items()}
    fields = _class_entry(kind, "__attrs_attrs__")
    if fields is not None and any(base is tuple for base in type.__getattribute__(type(fields), "__mro__")):
        kept = [_slots(each) for each in tuple.__iter__(fields)]
        return {each["name"]: _plain_default(each.get("default")) for each in kept if type(each.get("name")) is str}
    names = _class_entry(kind, "_fields")
    if type(names) is tuple and any(base is tuple for base in type.__getattribute__(kind, "__mro__")):
        defaults = _class_entry(kind, "_field_defaults")
        defaults = defaults if type(defaults) is dict else {}
        return {name: defaults.get(name, NO_DEFAULT) for name in names if type(name) is str}
    return None


def _slots(value: Any) -> dict[str, Any]:
    """Return all that an object of a library keeps in slots, its own private ones too."""
    found: dict[str, Any] = {}
    if is_of_notebook(type(value)):
        return found
    for entries in class_dicts(type(value)):
        for name, each in entries.items():
            if type(each) is MemberDescriptorType:
                try:
                    found[name] = each.__get__(value)
                except AttributeError:
                    continue
    return found


def _default(field: Any, name: str) -> Any:
    return _plain_default(_slots(field).get(name, NO_DEFAULT))


def _plain_default(default: Any) -> Any:
    return default if any(type(default) is plain for plain in _PLAIN) else NO_DEFAULT


def _omegaconf(value: Any) -> dict[str, Any] | None:
    """Return the content of an OmegaConf container.

    An interpolation that names another entry is that entry's value; one that calls something stays as it was written.
    """
    content = _unwrapped(value)
    if type(content) is not dict:
        return None
    root = value
    for _ in range(MAX_DEPTH):
        parent = _omegaconf_parts(root).get("_parent")
        root = root if parent is None else parent
    whole = content if root is value else _unwrapped(root)
    return {key: _resolved(each, whole) for key, each in content.items()}


def _resolved(content: Any, root: Any) -> Any:
    if type(content) is dict:
        return {key: _resolved(each, root) for key, each in content.items()}
    reference = _REFERENCE.fullmatch(content) if type(content) is str else None
    if reference is None:
        return content
    found = root
    for key in reference[1].split("."):
        found = found.get(key, content) if type(found) is dict else content
    return content if type(found) in (dict, list) else found


def _omegaconf_parts(node: Any) -> dict[str, Any]:
    """Return what an object of OmegaConf keeps in its dict; empty for any other object."""
    kept: dict[str, Any] = {}
    if module_of(type(node)).partition(".")[0] == "omegaconf":
        for entries in class_dicts(type(node)):
            if type(entries.get("__dict__")) is GetSetDescriptorType:
                kept = entries["__dict__"].__get__(node)
    return kept


def _unwrapped(node: Any, depth: int = 0) -> Any:
    if module_of(type(node)).partition(".")[0] != "omegaconf" or depth > MAX_DEPTH:
        return node
    kept = _omegaconf_parts(node)
    content = kept.get("_content", kept.get("_val"))
    if type(content) is dict and len(content) <= MAX_ENTRIES:
        return {str(key): _unwrapped(each, depth + 1) for key, each in content.items() if type(key) in (str, int)}
    if type(content) is list:
        return [_unwrapped(each, depth + 1) for each in content[:MAX_ENTRIES]]
    return content
