"""What the text of a cell says: which names it sets, from what, and which it takes from elsewhere.

Nothing is run here. The analysis works on the cell as IPython will compile it, so magics and ``!commands``
are ordinary calls already.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from .constants import NOT_CONSTANT
from .facts import Argument, Assignment, Part, Read, Sweep
from .found import Found, first_name, names_in, written_value
from .magic_calls import is_call_of, timed_statements, wrapped_cell
from .parsing import tree_of
from .scopes import COMPREHENSION, evaluated_outside, free_names

__all__ = ["Argument", "Assignment", "CellSource", "Part", "Read", "Sweep", "first_name"]

#: By name, since Python 3.10 has no TryStar.
_BRANCHING = frozenset({"If", "For", "AsyncFor", "While", "Try", "TryStar", "Match"})
_WITHOUT_PARTS = (ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


class CellSource(Found):
    """The facts about one cell; `Found` tells of each.

    Parameters
    ----------
    text : str
        The cell after IPython's transformations.
    line_offset : int
        Lines of the cell, as the person sees it, before the first line of `text`.

    Attributes
    ----------
    body : list of ast.stmt
    last_expression : ast.expr or None
        The expression whose value the cell displays.

    Raises
    ------
    SyntaxError
        If the text is not Python.
    """

    def __init__(self, text: str, line_offset: int = 0) -> None:
        tree = tree_of(text)
        while (inner := wrapped_cell(tree)) is not None:
            # The body begins on the line after the magic's own, and may be of magics again.
            line_offset += 1
            text, tree = inner, tree_of(inner)
        super().__init__(text, line_offset)
        self.body = tree.body
        last = tree.body[-1] if tree.body else None
        self.last_expression = last.value if isinstance(last, ast.Expr) else None
        for statement in tree.body:
            self._visit(statement)

    @property
    def only_defines(self) -> bool:
        """Whether the cell does nothing but import, define, and set options by line magics."""
        return all(
            isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            or (isinstance(node, ast.Expr) and is_call_of(node.value, "run_line_magic"))
            for node in self.body
        )

    # -- walking, in the order in which Python evaluates

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, _WITHOUT_PARTS):
            return
        kind = type(node).__name__
        branches = kind in _BRANCHING
        self._branches += branches
        handler = getattr(self, f"_visit_{kind}", None)
        if handler is not None:
            handler(node)
        else:
            for child in ast.iter_child_nodes(node):
                self._visit(child)
        self._branches -= branches

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self._visit(node)

    def _visit_BinOp(self, node: ast.BinOp) -> None:
        # A sum of a thousand terms is a thousand levels deep on its left side.
        right = [node.right]
        left = node.left
        while isinstance(left, ast.BinOp):
            right.append(left.right)
            left = left.left
        self._visit(left)
        for operand in reversed(right):
            self._visit(operand)

    def _visit_Expr(self, node: ast.Expr) -> None:
        self._visit_all(timed_statements(node.value) or (node.value,))

    def _visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id, node)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id, node, "definition")

    def _visit_Assign(self, node: ast.Assign) -> None:
        only = node.targets[0] if len(node.targets) == 1 else None
        self._visit_given(node.value, only)
        for target in node.targets:
            self._assign(target, node.value)

    def _visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._visit_given(node.value, node.target)
            self._assign(node.target, node.value)

    def _visit_given(self, value: ast.expr, target: ast.expr | None) -> None:
        if isinstance(value, ast.Call) and isinstance(target, ast.Name):
            self._visit_Call(value, target.id)
        else:
            self._visit(value)

    def _visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._visit(node.value)
        self._assign(node.target, node.value)

    def _visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._visit(node.value)
        if isinstance(node.target, ast.Name):
            self._read(node.target.id, node)
            self._bind(node.target.id, node, "updated", node.value)
        else:
            self._visit(node.target)

    def _visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._visit(node.iter)
        self._sweep(node.target, node.iter)
        for name in names_in(node.target):
            self._bind(name.id, name, "loop")
        self._visit_all((*node.body, *node.orelse))

    _visit_AsyncFor = _visit_For

    def _visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, node, "definition")
        self._visit_all(ast.iter_child_nodes(node))

    def _visit_pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self._visit_all(ast.iter_child_nodes(node))
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self._bind(name, node, "definition")

    _visit_MatchAs = _visit_MatchStar = _visit_MatchMapping = _visit_pattern

    def _visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if isinstance(node, ast.ImportFrom):
                self.imports[name] = node.module or ""
                self.imported[name] = (node.module or "", alias.name)
            else:
                self.imports[name] = alias.name
                self.imported[name] = (alias.name if alias.asname else name, "")
            self._bind(name, node, "definition")

    _visit_ImportFrom = _visit_Import

    def _visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_definition(node)
        self._bind(node.name, node, "definition")
        self._define(node, [node])

    _visit_AsyncFunctionDef = _visit_FunctionDef

    def _visit_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        """Visit what is evaluated where a definition stands; what decorators are given is no choice."""
        kept = len(self.keywords), len(self.positionals)
        self._visit_all(node.decorator_list)
        del self.keywords[kept[0] :], self.positionals[kept[1] :]
        self._visit_all(each for each in evaluated_outside(node) if each not in node.decorator_list)

    def _visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all(evaluated_outside(node))
        self._go_inside(node)

    def _visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_definition(node)
        methods = [each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
        within = {id(each) for method in methods for each in ast.walk(method)}
        for name in free_names(node):
            if id(name) not in within:
                self._read(name.id, name)
        self._bind(node.name, node, "definition")
        # Its methods as the class sees them: what they leave open, the class does not fill.
        self._define(node, list(methods))

    def _visit_comprehension_scope(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self._visit_all(evaluated_outside(node))
        for generator in node.generators:
            self._sweep(generator.target, generator.iter)
        self._branches += 1
        for each in ast.walk(node):
            if isinstance(each, ast.NamedExpr):
                # Bound outside the comprehension.
                self._bind(each.target.id, each.target, "computed", each.value)
        self._branches -= 1
        self._go_inside(node)

    _visit_ListComp = _visit_SetComp = _visit_DictComp = _visit_GeneratorExp = _visit_comprehension_scope

    def _visit_Call(self, node: ast.Call, given_to: str = "") -> None:
        self._visit(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(argument, ast.Call):
                # Of `Experiment(model=Model(C=3))`, all becomes part of what it is assigned to.
                self._visit_Call(argument, given_to)
            else:
                self._visit(argument)
        self._take_arguments(node, given_to)

    # -- what a visit finds

    def _read(self, name: str, node: ast.AST) -> None:
        self._unread.pop(name, None)
        if name not in self._bound and name not in self.reads:
            self.reads[name] = Read(name, self.line(node), len(self.assignments))
        for definition in self._defined.pop(name, ()):
            self._go_inside(definition)

    def _define(self, definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, inside: list[ast.AST]) -> None:
        """Keep the inside of a function, or of the methods of a class, for when the cell uses it."""
        if definition.decorator_list:
            # Whoever is given it may call it.
            for node in inside:
                self._go_inside(node)
        else:
            self._defined[definition.name] = inside

    def _go_inside(self, scope: ast.AST) -> None:
        """Take note of what runs inside a function, lambda or comprehension."""
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)) and not _has_parameters(scope.args):
            self._go_through(scope)
            return
        self._inside += not isinstance(scope, COMPREHENSION)
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.roots.setdefault(node.targets[0].id, first_name(node.value))
            elif isinstance(node, ast.Call):
                self._take_arguments(node)
        self._inside -= not isinstance(scope, COMPREHENSION)
        for name in free_names(scope):
            self._read(name.id, name)

    def _go_through(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Read the body of a function that is given nothing as if it were the cell's own."""
        kept = self._current, self._bound, self._constants, self._branches
        self._current, self._bound, self._constants = self.inner_assignments, set(self._bound), dict(self._constants)
        self._inside += 1
        self._visit_all(function.body)
        self._inside -= 1
        self._current, self._bound, self._constants, self._branches = kept

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            # A text may name the constants before it; a number made from them is no choice of its own.
            names: Mapping[str, Any] = self._constants if isinstance(value, ast.JoinedStr) else {}
            constant = written_value(value, names)
            if constant is not NOT_CONSTANT:
                self._bind(target.id, target, "constant", value, constant)
            else:
                self._bind(target.id, target, "computed", value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts: list[ast.expr] | None = None
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                parts = value.elts
            for index, element in enumerate(target.elts):
                self._assign(element, parts[index] if parts is not None else value)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, value)
        else:
            self._visit(target)
            self._take_part(target, value)


def _has_parameters(arguments: ast.arguments) -> bool:
    return bool(arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)
