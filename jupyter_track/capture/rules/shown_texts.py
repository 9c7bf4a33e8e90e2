"""The texts that code puts together to be shown: f-strings, formats, sums, and what is printed side by side."""

from __future__ import annotations

import ast
import re

__all__ = ["Part", "callee", "printed_parts"]

#: A text, or a value that is printed: the expression and whether a hundredfold of it is shown.
Part = str | tuple[ast.expr, bool]

#: A text that is formatted by ``%`` or ``.format``, cut at its fields.
_PERCENT_FIELD = re.compile(r"%%|%(?:\(\w*\))?[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[diouxXeEfFgGcrsa]")
_BRACE_FIELD = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:!]*)(?:![rsa])?(?::(?P<format>[^{}]*))?\}")
#: Functions and methods whose arguments are printed: those of a logger format their first one with the others.
_LOGGERS = frozenset({"debug", "info", "log"})
_POSTFIXES = frozenset({"set_postfix"})
_MAX_TEXT = 20_000


def callee(node: ast.Call) -> str:
    """Return the last name of what is called; empty if it has none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def printed_parts(node: ast.AST) -> list[Part]:
    """Return the texts and values that an expression puts side by side, if it makes a text of them."""
    if isinstance(node, ast.JoinedStr):
        return [_formatted(part) for part in node.values]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        text = _text(node.left)
        if text is not None:
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return _filled(text, values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _added(node)
    if not isinstance(node, ast.Call):
        return []
    called = callee(node)
    if called == "format" and isinstance(node.func, ast.Attribute):
        text = _text(node.func.value)
        return _format_filled(text, node) if text is not None else []
    if called == "print" and isinstance(node.func, ast.Name):
        return [each if isinstance(each, str) else (each, False) for each in map(_text_or_value, node.args)]
    if called in _LOGGERS and isinstance(node.func, ast.Attribute) and node.args:
        text = _text(node.args[0])
        return _filled(text, node.args[1:]) if text is not None else []
    if called in _POSTFIXES:
        return _postfix(node)
    return []


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= _MAX_TEXT:
        return node.value
    return None


def _text_or_value(node: ast.expr) -> str | ast.expr:
    text = _text(node)
    return text if text is not None else node


def _formatted(part: ast.expr) -> Part:
    if isinstance(part, ast.FormattedValue):
        percent = part.format_spec is not None and ast.unparse(part.format_spec).rstrip("'\"").endswith("%")
        return part.value, percent
    return _text(part) or ""


def _filled(text: str, values: list[ast.expr]) -> list[Part]:
    parts: list[Part] = []
    left = iter(values)
    end = 0
    for field in _PERCENT_FIELD.finditer(text):
        if field[0] == "%%":
            continue
        value = next(left, None)
        if value is None:
            break
        parts += [text[end : field.start()].replace("%%", "%"), (value, False)]
        end = field.end()
    return [*parts, text[end:].replace("%%", "%")]


def _format_filled(text: str, call: ast.Call) -> list[Part]:
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    parts: list[Part] = []
    end = count = 0
    for field in _BRACE_FIELD.finditer(text):
        if field["field"] is None:
            continue
        name = field["field"]
        index = int(name) if name.isdigit() and len(name) < 4 else count if not name else -1
        count += not name
        value = named.get(name) if index < 0 else call.args[index] if index < len(call.args) else None
        parts.append(text[end : field.start()])
        if value is not None:
            parts.append((value, (field["format"] or "").endswith("%")))
        end = field.end()
    return [*parts, text[end:]]


def _added(node: ast.BinOp) -> list[Part]:
    """Return the parts of ``"loss: " + str(loss)``."""
    parts: list[Part] = []
    rest: ast.expr = node
    while isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Add):
        parts.append(_text(rest.right) or (rest.right, False))
        rest = rest.left
    parts.append(_text(rest) or (rest, False))
    if not any(isinstance(part, str) for part in parts):
        return []
    return parts[::-1]


def _postfix(node: ast.Call) -> list[Part]:
    """Return the fields of a progress bar: ``bar.set_postfix(loss=loss.item())``."""
    parts: list[Part] = []
    for keyword in node.keywords:
        if keyword.arg is not None:
            parts += [f"{keyword.arg}=", (keyword.value, False)]
    for argument in node.args[:1]:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values, strict=True):
                text = _text(key) if key is not None else None
                parts += [f"{text or ''}=", (value, False)]
    return parts
