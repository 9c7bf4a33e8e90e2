"""The value of an expression that is written out: literals, signed numbers, arithmetic of numbers, settings."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["NOT_CONSTANT", "constant_settings", "constant_value"]


class _NotConstant:
    def __repr__(self) -> str:
        return "NOT_CONSTANT"


#: What `constant_value` returns for anything else; None is a constant.
NOT_CONSTANT: Final = _NotConstant()

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}

#: Numbers beyond this are not worth the time that their arithmetic may take.
_LARGEST = 10**18


def constant_value(node: ast.expr) -> Any:
    """Return the value of a constant expression, or `NOT_CONSTANT`."""
    try:
        value = _arithmetic(node) if isinstance(node, ast.BinOp) else NOT_CONSTANT
        return ast.literal_eval(node) if value is NOT_CONSTANT else value
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NOT_CONSTANT


def _arithmetic(node: ast.BinOp) -> Any:
    compute = _ARITHMETIC.get(type(node.op))
    left, right = constant_value(node.left), constant_value(node.right)
    if compute is None or not (_is_small_number(left) and _is_small_number(right)):
        return NOT_CONSTANT
    if compute is operator.pow and abs(right) > 64:
        return NOT_CONSTANT
    try:
        return compute(left, right)
    except ArithmeticError:
        return NOT_CONSTANT


def _is_small_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= _LARGEST


def constant_settings(node: ast.expr) -> Any:
    """Return what is constant in a dict of settings, or `NOT_CONSTANT` if it is none or nothing in it is.

    Of ``{"lr": 0.1, "device": device}`` that is ``{"lr": 0.1}``; ``dict(lr=0.1)`` is read alike.
    """
    found: dict[str, Any] = {}
    for name, item in _written_entries(node):
        value = constant_value(item)
        if value is NOT_CONSTANT:
            value = constant_settings(item)
        if value is not NOT_CONSTANT:
            found[name] = value
    return found or NOT_CONSTANT


def _written_entries(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Dict):
        for key, item in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, item
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield keyword.arg, keyword.value
