"""Which functions of the notebook a cell uses by calling them and by nothing else, and their code for its time.

The code of such a function is exchanged while the cell runs, as IPython's autoreload does it. A function that goes
anywhere else (into a list, a decorator, a worker's hands) is left alone, and so is everything that it refers to: its
code may be pickled, compiled or kept.
"""

from __future__ import annotations

import ast
import linecache
import sys
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, Final

from .transform import in_own_scope

__all__ = ["CalledFunctions", "Exchange", "compiled"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: References to a function that nothing else refers to: the namespace's, and two of whoever counts.
_ALONE: Final = 3
#: The one ``from __future__ import`` that is told to a function's code.
_FUTURES: Final = annotations.compiler_flag


class _Uses:
    """The names that some statements use: called on the spot, or in any other way."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.other: set[str] = set()

    def of(self, nodes: Iterator[ast.AST]) -> _Uses:
        """Add the uses in nodes, each of which is looked through."""
        for node in nodes:
            self._visit(node)
        return self

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            self.called.add(node.func.id)
            for each in (*node.args, *node.keywords):
                self._visit(each)
        elif isinstance(node, ast.Name):
            self.other.add(node.id)
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            # It may be sent anywhere, together with what it refers to.
            self.other.update(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        else:
            for child in ast.iter_child_nodes(node):
                self._visit(child)


class CalledFunctions:
    """The functions that a cell calls, directly or through each other, and whose loops may be watched.

    Parameters
    ----------
    body : list of ast.stmt
        The cell.
    namespace : dict of str to object

    Attributes
    ----------
    defined : dict of str to ast.FunctionDef
        Those that the cell itself defines.
    earlier : dict of str to ast.FunctionDef
        Those of earlier cells, as they were written.
    """

    def __init__(self, body: list[ast.stmt], namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._own = _definitions(body)
        self._read: dict[str, ast.FunctionDef | None] = {}
        skipped = {id(node) for node in self._own.values()}
        uses = _Uses().of(_statements_but(body, skipped))
        called, tainted = self._reach(uses.called, uses.other)
        usable = called - tainted
        self.defined = {
            name: node
            for name, node in self._own.items()
            if name in usable and isinstance(node, ast.FunctionDef) and _may_be_watched(node)
        }
        self.earlier = {name: node for name in usable - self._own.keys() if (node := self._earlier(name)) is not None}

    def _reach(self, called: set[str], other: set[str]) -> tuple[set[str], set[str]]:
        """Return the names of all that is called, and of all that whatever is not only called refers to."""
        reached: set[str] = set()
        tainted: set[str] = set()
        waiting = [(name, False) for name in called] + [(name, True) for name in other]
        while waiting:
            name, escapes = waiting.pop()
            known = tainted if escapes else reached
            if name in known:
                continue
            known.add(name)
            value = self._namespace.get(name)
            if name in self._own or type(value) is FunctionType:
                node = self._own.get(name) or self._source(name)
                if node is None:
                    if type(value) is FunctionType:
                        waiting += [(each, True) for each in value.__code__.co_names]
                    continue
                uses = _Uses().of(ast.iter_child_nodes(node))
                waiting += [(each, escapes) for each in uses.called]
                waiting += [(each, True) for each in uses.other]
        return reached, tainted

    def _earlier(self, name: str) -> ast.FunctionDef | None:
        function = self._namespace.get(name)
        if type(function) is not FunctionType or function.__globals__ is not self._namespace:
            return None
        if sys.getrefcount(function) > _ALONE:
            return None  # Something else has it as well.
        node = self._source(name)
        return node if node is not None and _may_be_watched(node) and node.name == name else None

    def _source(self, name: str) -> ast.FunctionDef | None:
        if name not in self._read:
            function = self._namespace[name]
            self._read[name] = _source_of(function.__code__)
        return self._read[name]


def _definitions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the undecorated functions that a cell defines, each of a name that it sets nowhere else."""
    found: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    bound: set[str] = set()
    for statement in body:
        for node in (statement, *in_own_scope(statement)):
            name = getattr(node, "name", None) if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) else None
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                name = node.id
            if name is None:
                continue
            if name not in bound and isinstance(node, _FUNCTIONS) and not node.decorator_list and node in body:
                found[name] = node
            else:
                found.pop(name, None)
            bound.add(name)
    return found


def _statements_but(body: list[ast.stmt], skipped: set[int]) -> Iterator[ast.AST]:
    """Yield statements; of skipped definitions only what runs when they are defined."""
    for statement in body:
        if id(statement) in skipped and isinstance(statement, _FUNCTIONS):
            yield statement.args
            if statement.returns is not None:
                yield statement.returns
        else:
            yield statement


def _may_be_watched(node: ast.AST) -> bool:
    """Whether a definition is that of a plain function, no generator, and has loops."""
    if not isinstance(node, ast.FunctionDef) or node.decorator_list or getattr(node, "type_params", None):
        return False
    within = [each for statement in node.body for each in (statement, *in_own_scope(statement))]
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in within):
        return False
    return any(isinstance(each, (ast.For, ast.While)) for each in within)


def _source_of(code: CodeType) -> ast.FunctionDef | None:
    """Return the definition that some code was made from, as it stands in its cell."""
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name and node.lineno == code.co_firstlineno:
            return node
    return None


def compiled(node: ast.FunctionDef, like: CodeType) -> CodeType | None:
    """Return the code of a function's definition, compiled as other code of it was."""
    flags = like.co_flags & _FUTURES
    module = compile(ast.Module([node], []), like.co_filename, "exec", flags, dont_inherit=True)
    for constant in module.co_consts:
        if isinstance(constant, CodeType) and constant.co_name == node.name:
            return constant
    return None


class Exchange:
    """One function that runs other code for a time.

    Parameters
    ----------
    function : FunctionType
    node : ast.FunctionDef
        Its definition.
    rewrite : callable
        Called with that; returns the definition to run, or None.
    """

    def __init__(
        self,
        function: FunctionType,
        node: ast.FunctionDef,
        rewrite: Callable[[ast.FunctionDef, Callable[[], None]], ast.FunctionDef | None],
    ) -> None:
        self._function = weakref.ref(function)
        self._plain = function.__code__
        self._watched: CodeType | None = None
        if compiled(node, self._plain) != self._plain:
            return  # It is not what was written there.
        rewritten = rewrite(node, self.undo)
        if rewritten is None:
            return
        self._watched = compiled(rewritten, self._plain)
        if self._watched is not None:
            function.__code__ = self._watched

    def undo(self) -> None:
        """Give the function its own code back."""
        function = self._function()
        if function is not None and function.__code__ is self._watched:
            function.__code__ = self._plain
