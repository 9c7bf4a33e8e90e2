"""Syntax trees: what is in them, and copies of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeVar

__all__ = ["DEFINITIONS", "LOOPS", "Loop", "Node", "clone", "copied", "in_own_scope", "located", "with_blocks"]

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)

Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
Node = TypeVar("Node", bound=ast.AST)


def in_own_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield everything in a node, but not what is in definitions in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, DEFINITIONS):
            yield from in_own_scope(child)


def with_blocks(
    node: Node, block: Callable[[list[ast.stmt]], list[ast.stmt]], other: Callable[[ast.AST], ast.AST]
) -> Node:
    """Return a compound statement with its blocks replaced, and its other parts too."""
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, list) and name in ("body", "orelse", "finalbody"):
            value = block(value)
        elif isinstance(value, list) and name in ("handlers", "cases"):
            value = [with_blocks(each, block, other) for each in value]
        elif isinstance(value, list):
            value = [other(each) if isinstance(each, ast.AST) else each for each in value]
        elif isinstance(value, ast.AST):
            value = other(value)
        fields[name] = value
    return ast.copy_location(type(node)(**fields), node)


def clone(node: Node) -> Node:
    """Return a copy of a node and all its parts.

    Other transformers may change what they find in place, and each place once.
    """
    made: Node = copied(node, clone)
    return made


def copied(node: Node, copy: Callable[[Any], Any]) -> Node:
    """Return a copy of a node with a copy, made by a function, of each of its parts."""
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            value = copy(value)
        elif isinstance(value, list):
            value = [copy(each) if isinstance(each, ast.AST) else each for each in value]
        fields[name] = value
    made = type(node)(**fields)
    vars(made).update((name, value) for name, value in vars(node).items() if name not in fields)
    return made


def located(node: Node, at: ast.AST) -> Node:
    """Put a node that is ours, and the parts of it that are, where another one stands."""
    if not hasattr(node, "lineno"):
        ast.copy_location(node, at)
        for child in ast.iter_child_nodes(node):
            located(child, at)
    return node
