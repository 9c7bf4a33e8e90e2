"""The value of an expression that is written out: literals, signed numbers, arithmetic of numbers, settings."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
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
_SIGNS: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_CONTAINERS: dict[type[ast.expr], Callable[[list[Any]], Any]] = {ast.List: list, ast.Tuple: tuple, ast.Set: set}

#: What `ast.literal_eval` may know the value of; asking it of anything else costs an exception.
_MAY_BE_LITERAL = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp)

_CONVERSIONS: dict[int, Callable[[Any], str]] = {ord("r"): repr, ord("s"): str, ord("a"): ascii}
#: What the modules that hold mathematical constants are called.
_MATHEMATICS = frozenset({"math", "np", "numpy", "torch"})

#: Numbers beyond this are not worth the time that their arithmetic may take.
_LARGEST = 10**18
#: Texts and lists that arithmetic makes are no longer than this.
_LONGEST = 1_000

_NO_NAMES: Mapping[str, Any] = {}


def constant_value(node: ast.expr, names: Mapping[str, Any] = _NO_NAMES) -> Any:
    """Return the value of a constant expression, or `NOT_CONSTANT`.

    Parameters
    ----------
    node : ast.expr
    names : mapping of str to object, optional
        Constants that names stand for where the expression is evaluated.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, _MAY_BE_LITERAL) or _is_call_of_set(node):
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            pass
    try:
        return _evaluate(node, names)
    except (ValueError, TypeError, ArithmeticError, MemoryError, RecursionError):
        return NOT_CONSTANT


def _is_call_of_set(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "set"


def _evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return what `ast.literal_eval` does not: arithmetic, f-strings, names, and containers of those."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, NOT_CONSTANT)
    if isinstance(node, ast.UnaryOp):
        value = _evaluate(node.operand, names)
        sign = _SIGNS.get(type(node.op))
        return sign(value) if sign is not None and type(value) in (int, float) else NOT_CONSTANT
    if isinstance(node, ast.BinOp):
        return _arithmetic(node, names)
    if isinstance(node, ast.JoinedStr):
        return _joined(node, names)
    make = _CONTAINERS.get(type(node))
    if make is not None and isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        items = _evaluate_all(node.elts, names)
        return NOT_CONSTANT if items is None else make(items)
    if isinstance(node, ast.Dict) and None not in node.keys:
        keys = _evaluate_all([key for key in node.keys if key is not None], names)
        values = _evaluate_all(node.values, names)
        return NOT_CONSTANT if keys is None or values is None else dict(zip(keys, values, strict=True))
    return _known_number(node)


def _evaluate_all(nodes: list[ast.expr], names: Mapping[str, Any]) -> list[Any] | None:
    values = []
    for node in nodes:
        value = _evaluate(node, names)
        if value is NOT_CONSTANT:
            return None
        values.append(value)
    return values


def _known_number(node: ast.expr) -> Any:
    """Return the number that ``float("inf")`` or ``np.pi`` is: what it is called says that it is a constant."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in _MATHEMATICS:
        return {"inf": math.inf, "nan": math.nan, "pi": math.pi, "e": math.e}.get(node.attr, NOT_CONSTANT)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
        and len(node.args) == 1
        and isinstance(node.args[0], (ast.Constant, ast.UnaryOp))
    ):
        return float(ast.literal_eval(node.args[0]))
    return NOT_CONSTANT


def _joined(node: ast.JoinedStr, names: Mapping[str, Any]) -> Any:
    """Return the text of an f-string whose parts are constant."""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
            continue
        if not isinstance(part, ast.FormattedValue):
            return NOT_CONSTANT
        value = _evaluate(part.value, names)
        spec = "" if part.format_spec is None else _evaluate(part.format_spec, names)
        if type(value) not in (str, int, float, bool) or type(spec) is not str or len(spec) > 20:
            return NOT_CONSTANT
        if type(value) is int and not _is_small_number(value):
            return NOT_CONSTANT
        if any(character.isdigit() for character in spec) and _digits(spec) > _LONGEST:
            return NOT_CONSTANT
        convert = _CONVERSIONS.get(part.conversion)
        parts.append(format(value if convert is None else convert(value), spec))
        if sum(map(len, parts)) > _LONGEST:
            return NOT_CONSTANT
    return "".join(parts)


def _digits(spec: str) -> int:
    """Return the largest number in a format: a width or precision."""
    numbers = "".join(character if character.isdecimal() else " " for character in spec).split()
    return max(map(int, numbers), default=0)


def _arithmetic(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    compute = _ARITHMETIC.get(type(node.op))
    left, right = _evaluate(node.left, names), _evaluate(node.right, names)
    if compute is None or left is NOT_CONSTANT or right is NOT_CONSTANT:
        return NOT_CONSTANT
    if not (_is_small_number(left) and _is_small_number(right)):
        return _joined_sequences(compute, left, right)
    if compute is operator.pow and abs(right) > 64:
        return NOT_CONSTANT
    return compute(left, right)


def _joined_sequences(compute: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Return ``"a" + "b"``, ``[1] + [2]`` or ``[32] * 3``, if it is short."""
    kind = type(left)
    if kind not in (str, list, tuple) or len(left) > _LONGEST:
        return NOT_CONSTANT
    if compute is operator.add and type(right) is kind and len(right) <= _LONGEST:
        return left + right
    if compute is operator.mul and type(right) is int and len(left) * right <= _LONGEST:
        return left * right
    return NOT_CONSTANT


def _is_small_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= _LARGEST


def constant_settings(node: ast.expr, names: Mapping[str, Any] = _NO_NAMES) -> Any:
    """Return what is constant in a dict of settings, or `NOT_CONSTANT` if it is none or nothing in it is.

    Of ``{"lr": 0.1, "device": device}`` that is ``{"lr": 0.1}``; ``dict(lr=0.1)`` is read alike.
    """
    found: dict[str, Any] = {}
    for name, item in _written_entries(node):
        value = constant_value(item, names)
        if value is NOT_CONSTANT:
            value = constant_settings(item, names)
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
