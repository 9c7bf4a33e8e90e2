"""What expressions in loops are, by their form: a size, a whole number, a sum, a part of something."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...analysis.constants import constant_value

__all__ = [
    "added", "held", "is_extreme_of", "is_size", "is_whole", "last_name", "names_in", "pairs", "root_name",
    "walruses", "whole_parts",
]  # fmt: skip

_SIZES = frozenset({"shape", "size", "ndim"})


def root_name(node: ast.expr) -> str:
    """Return the first name of ``a.b["c"]``; empty where there is none."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def held(node: ast.expr) -> tuple[ast.expr, str]:
    """Return what ``losses`` or ``history["loss"]`` is of, and the entry."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and type(node.slice.value) is str:
        return node.value, node.slice.value
    return node, ""


def walruses(node: ast.expr | None) -> Iterator[ast.NamedExpr]:
    """Yield the ``name := value`` in an expression that are evaluated whenever it is."""
    if isinstance(node, ast.NamedExpr):
        yield node
        yield from walruses(node.value)
    elif isinstance(node, ast.Compare):
        yield from walruses(node.left)
        yield from walruses(node.comparators[0])
    elif isinstance(node, ast.BoolOp):
        yield from walruses(node.values[0])
    elif isinstance(node, ast.UnaryOp):
        yield from walruses(node.operand)
    elif isinstance(node, ast.BinOp):
        yield from walruses(node.left)
        yield from walruses(node.right)
    elif isinstance(node, ast.Call):
        for each in (node.func, *node.args):
            yield from walruses(each)


def added(name: str, value: ast.expr) -> ast.expr | None:
    """Return what ``name = name + value`` adds, in whatever order, or ``name = name - 1`` takes away; else None.

    A value that is computed from the name is no summand: ``x = x + step(x)`` moves on.
    """
    if not isinstance(value, ast.BinOp):
        return None
    pairs = [(value.left, value.right)]
    if isinstance(value.op, ast.Add):
        pairs.append((value.right, value.left))
    elif not isinstance(value.op, ast.Sub) or not is_whole(value.right):
        return None
    return next(
        (other for one, other in pairs if isinstance(one, ast.Name) and one.id == name and name not in names_in(other)),
        None,
    )


def names_in(node: ast.AST) -> set[str]:
    """Return the names in an expression."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def is_whole(node: ast.expr) -> bool:
    """Whether an expression is a whole number that was written down, or one of several: ``1 if won else -1``."""
    if isinstance(node, ast.IfExp):
        return is_whole(node.body) and is_whole(node.orelse)
    return type(constant_value(node)) is int


def is_size(node: ast.expr) -> bool:
    """Whether an expression asks how much there is: ``len(rows)``, ``X.shape[0]``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        return True
    return last_name(node.value if isinstance(node, ast.Subscript) else node) in _SIZES


def whole_parts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an expression adds, multiplies and divides without a rest; other expressions as they are."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)):
        yield from whole_parts(node.left)
        yield from whole_parts(node.right)
    else:
        yield node


def is_extreme_of(name: str, value: ast.expr) -> bool:
    """Whether ``name = max(name, ...)``."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in ("max", "min")
        and any(isinstance(each, ast.Name) and each.id == name for each in value.args)
    )


def last_name(node: ast.expr) -> str:
    """Return the last name of ``a.b.c``; empty where there is none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Return what is assigned to what: of ``a, b = [], []`` both."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]
