"""The value of an expression that is written out: literals, signed numbers, arithmetic of numbers."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

__all__ = ["NOT_CONSTANT", "constant_value"]


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
    if isinstance(node, ast.BinOp):
        return _arithmetic(node)
    try:
        return ast.literal_eval(node)
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
