"""Objects of settings that the cell makes: ``config = Config(lr=0.1)``, ``class CFG: lr = 0.1``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from ....analysis.constants import NOT_CONSTANT, constant_value
from ....analysis.source import Argument, CellSource
from ...captured import CapturedParam, Skipped
from ...configs import NO_DEFAULT, fields_of, is_of_notebook, settings_of
from ..base import MISSING, Situation
from .checked import checked
from .origin import parameters_of, resolve

__all__ = ["MadeSettings", "is_settings_call"]

_DECORATORS = frozenset({"dataclass", "define", "frozen", "attrs", "s", "attrib", "mutable"})
_BASES = frozenset({"NamedTuple", "BaseModel", "BaseSettings"})
_NAMESPACES = frozenset({"SimpleNamespace", "Namespace", "EasyDict", "edict", "Munch", "DotMap", "ConfigDict"})
_FIELD_CALLS = frozenset({"field", "Field", "ib", "attrib"})


class MadeSettings:
    """``config = Config(lr=0.1)``: an object that holds settings, with the defaults of its class."""

    name = "settings object"
    explanation = "what an object of settings is made with in the cell, and the defaults of its class"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each setting whose value the text tells."""
        source = situation.source
        written = _written_classes(source)
        made: set[str] = set()
        for each in source.assignments:
            call = each.node
            if each.how != "computed" or not isinstance(call, ast.Call) or each.name.startswith("_"):
                continue
            fields = _fields(
                ast.unparse(call.func) if isinstance(call.func, (ast.Name, ast.Attribute)) else "", written, situation
            )
            if fields is None:
                continue
            made.add(getattr(call.func, "id", ""))
            given = dict(zip(fields, map(constant_value, call.args), strict=False))
            given |= {each.arg: constant_value(each.value) for each in call.keywords if each.arg is not None}
            for name, value in (fields | given).items():
                if value is not NOT_CONSTANT and value is not NO_DEFAULT:
                    yield from checked(f"{each.name}.{name}", value, self.name, each.line, each.expression)
        for name, (node, fields) in written.items():
            if name in made or name.startswith("_") or not _is_used(name, source):
                continue
            for field, value in fields.items():
                if value is not NO_DEFAULT:
                    yield from checked(f"{name}.{field}", value, self.name, source.line(node), f"class {name}")


def is_settings_call(argument: Argument, situation: Situation) -> bool:
    """Whether an argument is given to what makes an object of settings."""
    return _fields(argument.path, _written_classes(situation.source), situation) is not None


def _fields(
    path: str, written: dict[str, tuple[ast.ClassDef, dict[str, Any]]], situation: Situation
) -> dict[str, Any] | None:
    """Return the fields that an object of settings will have if it is made by what `path` names, else None."""
    if not path:
        return None
    if path in written:
        return dict(written[path][1])
    if path.rpartition(".")[2] in _NAMESPACES:
        return {}
    cls = resolve(path, situation)
    if cls is MISSING or not issubclass(type(cls), type) or not is_of_notebook(cls):
        return None
    fields = fields_of(cls)
    if fields is not None:
        return fields
    defaults = settings_of(cls)
    return None if defaults is None else dict.fromkeys(parameters_of(cls), NO_DEFAULT) | defaults


def _written_classes(source: CellSource) -> dict[str, tuple[ast.ClassDef, dict[str, Any]]]:
    """Return the classes of settings that the cell defines, and their fields with the defaults that are constant."""
    found = {}
    for node in source.body:
        if isinstance(node, ast.ClassDef):
            fields = _written_fields(node)
            if fields is not None:
                found[node.name] = (node, fields)
    return found


def _written_fields(node: ast.ClassDef) -> dict[str, Any] | None:
    declared = any(_last_name(each) in _DECORATORS for each in node.decorator_list)
    declared = declared or any(_last_name(each) in _BASES for each in node.bases)
    if not declared and (node.bases or node.decorator_list or _has_methods(node)):
        return None
    fields: dict[str, Any] = {}
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            fields[each.target.id] = NO_DEFAULT if each.value is None else _default(each.value)
        elif isinstance(each, ast.Assign):
            fields |= {target.id: _default(each.value) for target in each.targets if isinstance(target, ast.Name)}
    fields = {name: value for name, value in fields.items() if not name.startswith("_") and name != "model_config"}
    return fields or None


def _default(node: ast.expr) -> Any:
    """Return the default that a field is given, in itself or through ``field(default=...)``."""
    value = constant_value(node)
    if value is NOT_CONSTANT and isinstance(node, ast.Call) and _last_name(node) in _FIELD_CALLS:
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        default = given.get("default", node.args[0] if node.args else None)
        factory = given.get("default_factory", given.get("factory"))
        if default is not None:
            value = constant_value(default)
        elif isinstance(factory, ast.Lambda):
            value = constant_value(factory.body)
    return NO_DEFAULT if value is NOT_CONSTANT else value


def _has_methods(node: ast.ClassDef) -> bool:
    return any(isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) for each in node.body)


def _last_name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_used(name: str, source: CellSource) -> bool:
    """Whether the cell itself looks something up in a class that it defines, as one does that is never made."""
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for part in source.body
        for node in ast.walk(part)
    )
