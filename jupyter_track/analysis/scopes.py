"""Which names a function, class or comprehension takes from around itself: Python's rules of scope, on the tree.

`symtable` knows the same, but not where in the text a name is used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["COMPREHENSION", "FUNCTION", "evaluated_outside", "free_names"]

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class _Scope:
    """A scope and those in it; ``loads`` are the uses of names that stand in it, ``early`` those before any binding."""

    def __init__(self, node: ast.AST, outer: _Scope | None) -> None:
        self.node = node
        self.outer = outer
        self.bound: set[str] = set()
        self.to_module: set[str] = set()
        self.to_outer: set[str] = set()
        self.loads: list[ast.Name] = []
        self.early: list[ast.Name] = []
        self.inner: list[_Scope] = []

    def bind(self, name: str) -> None:
        self.bound.add(name)

    def load(self, name: ast.Name) -> None:
        self.loads.append(name)
        if isinstance(self.node, ast.ClassDef) and name.id not in self.bound:
            # The body of a class runs from top to bottom: `x = x` takes the outer x.
            self.early.append(name)


def free_names(node: ast.AST) -> list[ast.Name]:
    """Return the uses, inside a scope, of names that come from the module or from the scopes around it.

    Parameters
    ----------
    node : ast.AST
        A function, lambda, class or comprehension. What is evaluated where it stands is not part of it; see
        `evaluated_outside`.

    Returns
    -------
    list of ast.Name
        In the order of the text.
    """
    scope = _Scope(node, None)
    _fill(scope)
    return sorted((name for name, _ in _free(scope)), key=lambda each: (each.lineno, each.col_offset))


def evaluated_outside(node: ast.AST) -> list[ast.expr]:
    """Return the parts of a function, class or comprehension that are evaluated in the scope in which it stands.

    Decorators, defaults and annotations, base classes, and the first iterable of a comprehension.
    """
    if isinstance(node, COMPREHENSION):
        return [node.generators[0].iter]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    if not isinstance(node, FUNCTION):
        return []
    arguments = node.args
    parts = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    if isinstance(node, ast.Lambda):
        return parts
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [each.annotation for each in every if each is not None and each.annotation is not None]
    return [*node.decorator_list, *parts, *annotations, *([node.returns] if node.returns else [])]


def _fill(scope: _Scope) -> None:
    node = scope.node
    if isinstance(node, FUNCTION):
        arguments = node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if each is not None:
                scope.bind(each.arg)
        _walk_all([node.body] if isinstance(node, ast.Lambda) else node.body, scope)
    elif isinstance(node, ast.ClassDef):
        _walk_all(node.body, scope)
    elif isinstance(node, COMPREHENSION):
        for index, generator in enumerate(node.generators):
            if index:
                _walk(generator.iter, scope)
            _walk_all([generator.target, *generator.ifs], scope)
        _walk_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], scope)


def _walk_all(nodes: list[ast.stmt] | list[ast.expr], scope: _Scope) -> None:
    for node in nodes:
        _walk(node, scope)


def _walk(node: ast.AST, scope: _Scope) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            scope.load(node)
        else:
            scope.bind(node.id)
    elif isinstance(node, (*FUNCTION, ast.ClassDef, *COMPREHENSION)):
        _walk_all(evaluated_outside(node), scope)
        inner = _Scope(node, scope)
        scope.inner.append(inner)
        _fill(inner)
        if not isinstance(node, (ast.Lambda, *COMPREHENSION)):
            scope.bind(node.name)
    elif isinstance(node, ast.NamedExpr):
        _walk(node.value, scope)
        # In a comprehension it binds the name in the scope around.
        holder = scope
        while isinstance(holder.node, COMPREHENSION) and holder.outer is not None:
            holder.to_outer.add(node.target.id)
            holder = holder.outer
        holder.bind(node.target.id)
    elif isinstance(node, ast.Global):
        scope.to_module.update(node.names)
    elif isinstance(node, ast.Nonlocal):
        scope.to_outer.update(node.names)
    else:
        for name in _bound_by(node):
            scope.bind(name)
        for child in _in_order(node):
            _walk(child, scope)


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node binds without there being an `ast.Name` of them."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of a node in the order in which Python evaluates them."""
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
        yield node.value
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
    for child in ast.iter_child_nodes(node):
        if child is not getattr(node, "value", None) or not isinstance(
            node, (ast.Assign, ast.AugAssign, ast.AnnAssign)
        ):
            yield child


def _free(scope: _Scope) -> Iterator[tuple[ast.Name, bool]]:
    """Yield the uses of names that the scope leaves open, and whether they are declared to be the module's."""
    own = scope.bound - scope.to_module - scope.to_outer
    for name in scope.loads:
        if name.id not in own:
            yield name, name.id in scope.to_module
    yield from ((name, False) for name in scope.early if name.id in own)
    for inner in scope.inner:
        for name, to_module in _free(inner):
            # What a class binds is not seen by the functions in it; what a comprehension in it iterates over is
            # evaluated in the class itself.
            if to_module or isinstance(scope.node, ast.ClassDef) or name.id not in own:
                yield name, to_module or name.id in scope.to_module
