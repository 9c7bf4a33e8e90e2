"""Objects of settings that the cell makes: ``config = Config(lr=0.1)``, ``class CFG: lr = 0.1``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeAlias

from ....analysis.constants import NOT_CONSTANT, constant_value
from ....analysis.source import Argument, CellSource, Part, first_name
from ...captured import CapturedParam, Skipped
from ...configs import NO_DEFAULT, fields_of, is_of_notebook, settings_of
from ...values import flatten
from ..base import MISSING, Situation
from .checked import checked
from .origin import parameters_of, resolve

__all__ = ["MadeSettings", "SetPart", "copies_settings", "is_settings_call", "written_classes"]

#: The classes of settings that a cell defines, by name: where, and their fields with the defaults that are constant.
WrittenClasses: TypeAlias = dict[str, tuple[ast.ClassDef, dict[str, Any]]]

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
        written = written_classes(source)
        made: set[str] = set()
        for each in source.assignments:
            call = each.node
            if each.how != "computed" or not isinstance(call, ast.Call) or each.name.startswith("_"):
                continue
            fields = _fields(_path(call), written, situation)
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


class SetPart:
    """``config["lr"] = 0.1`` or ``config.update(lr=0.1)``: the cell changes a setting before it uses it."""

    name = "changed setting"
    explanation = "a part of an object of settings, or of a dict of them, that the cell sets to a constant"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each, with the value that it is set to last."""
        source = situation.source
        written = written_classes(source)
        parts = list(source.parts)
        for each in source.keywords:
            if each.callee == "update" and each.path == f"{each.root}.update" and not each.inner:
                parts.append(Part(each.root, each.name, each.value, each.line, each.expression))
        for part in reversed(parts):
            if not part.name.startswith("_") and _holds_settings(part.name, written, situation):
                yield from checked(f"{part.name}.{part.key}", part.value, self.name, part.line, part.expression)


def _holds_settings(name: str, written: WrittenClasses, situation: Situation) -> bool:
    made = [each for each in situation.source.assignments if each.name == name]
    if not made:
        settings = settings_of(situation.before.get(name))
        return bool(settings) and len(flatten(name, settings)) > 1
    if any(each.how == "constant" and type(each.value) is dict and each.value for each in made):
        return True
    calls = [each.node for each in made if isinstance(each.node, ast.Call)]
    return any(_fields(_path(call), written, situation) is not None or copies_settings(call) for call in calls)


#: Calls that give settings back as another object, or read them from a text.
_COPYING = frozenset({"deepcopy", "copy", "asdict", "vars", "model_dump", "to_container", "to_dict"})
_READING = frozenset({"yaml", "json", "toml", "tomllib", "tomli", "ruamel"})


def copies_settings(node: ast.expr | None) -> bool:
    """Whether an expression makes a dict of settings from others or from a text: ``{**base, "lr": 0.1}``."""
    if isinstance(node, ast.Dict):
        return None in node.keys
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr)
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called in _COPYING or called == "dict" or first_name(node.func) in _READING


def _path(call: ast.Call) -> str:
    return ast.unparse(call.func) if isinstance(call.func, (ast.Name, ast.Attribute)) else ""


def is_settings_call(argument: Argument, written: WrittenClasses, situation: Situation) -> bool:
    """Whether an argument is given to what makes an object of settings."""
    return _fields(argument.path, written, situation) is not None


def _fields(path: str, written: WrittenClasses, situation: Situation) -> dict[str, Any] | None:
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


def written_classes(source: CellSource) -> WrittenClasses:
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
