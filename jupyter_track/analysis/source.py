"""What the text of a cell says: which names it sets, from what, and which it takes from elsewhere.

Nothing is run here. The analysis works on the cell as IPython will compile it, so magics and ``!commands``
are ordinary calls already.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .constants import NOT_CONSTANT, constant_settings, constant_value
from .magic_calls import is_call_of, timed_statements, wrapped_cell

__all__ = ["Assignment", "CellSource", "Keyword", "Read"]

_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
#: By name, since Python 3.10 has no TryStar.
_BRANCHING = frozenset({"If", "For", "AsyncFor", "While", "Try", "TryStar", "Match"})
_COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One binding of a name at the cell's top level.

    ``how`` is "constant" (then ``value`` is it, or what is constant in a dict of settings), "computed", "updated"
    (augmented assignment), "loop" (the target of a ``for``), or "definition" (import, function, class, ``with`` and
    ``except`` targets).
    ``node`` is the assigned expression, where there is one. ``conditional`` says that the statement stands in
    a branch or loop, so it may not have run.
    """

    name: str
    line: int
    expression: str
    how: str
    value: Any = NOT_CONSTANT
    node: ast.expr | None = field(default=None, compare=False)
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A name that the cell uses before it sets it: the value comes from outside the cell."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword argument given as a constant. ``root`` is the first name of a dotted callee."""

    callee: str
    root: str
    name: str
    value: Any
    line: int
    expression: str


class CellSource:
    """The facts about one cell.

    Parameters
    ----------
    text : str
        The cell after IPython's transformations.
    line_offset : int
        Lines of the cell, as the person sees it, before the first line of `text`.

    Attributes
    ----------
    assignments : list of Assignment
        In the order of the text.
    reads : dict of str to Read
        By name, the first use of each.
    keywords : list of Keyword
    imports : dict of str to str
        Names that the cell imports, and the modules they come from.
    roots : dict of str to str
        Names that the cell computes, and the first name in the expression that they come from.
    last_expression : ast.expr or None
        The expression whose value the cell displays.

    Raises
    ------
    SyntaxError
        If the text is not Python.
    """

    def __init__(self, text: str, line_offset: int = 0) -> None:
        tree = ast.parse(text)
        while (inner := wrapped_cell(tree)) is not None:
            # The body begins on the line after the magic's own, and may be of magics again.
            line_offset += 1
            text, tree = inner, ast.parse(inner)
        self._line_offset = line_offset
        # As the positions in the tree count: lines end where Python ends them, columns are bytes of UTF-8.
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass").split(b"\n")
        self.body = tree.body
        self.assignments: list[Assignment] = []
        self.reads: dict[str, Read] = {}
        self.keywords: list[Keyword] = []
        self.imports: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        last = tree.body[-1] if tree.body else None
        self.last_expression = last.value if isinstance(last, ast.Expr) else None
        self._bound: set[str] = set()
        self._branches = 0
        for statement in tree.body:
            self._visit(statement)

    def line(self, node: ast.AST) -> int:
        """Return the line of a node in the cell as the person sees it, counted from 1."""
        return int(getattr(node, "lineno", 1)) + self._line_offset

    def expression(self, node: ast.expr) -> str:
        """Return the text of a node as it was written, in one line of at most 200 characters."""
        lines = self._lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        # Of a table of numbers that is written out, no more is looked at than may be kept.
        text = " ".join(b" ".join(lines)[:4_000].decode("utf-8", "replace").split())
        return text if len(text) <= 200 else text[:199] + "…"

    @property
    def computed(self) -> frozenset[str]:
        """The names that the cell computes, at least once."""
        return frozenset(each.name for each in self.assignments if each.how in ("computed", "updated"))

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
        branches = type(node).__name__ in _BRANCHING
        self._branches += branches
        handler = getattr(self, f"_visit_{type(node).__name__}", None)
        if handler is not None:
            handler(node)
        else:
            for child in ast.iter_child_nodes(node):
                self._visit(child)
        self._branches -= branches

    def _visit_Expr(self, node: ast.Expr) -> None:
        for part in timed_statements(node.value) or (node.value,):
            self._visit(part)

    def _visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id, node)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id, node, "definition")

    def _visit_Assign(self, node: ast.Assign) -> None:
        self._visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def _visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._visit(node.value)
            self._assign(node.target, node.value)

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
        for name in _names_in(node.target):
            self._bind(name.id, name, "loop")
        for child in (*node.body, *node.orelse):
            self._visit(child)

    _visit_AsyncFor = _visit_For

    def _visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, node, "definition")
        for child in ast.iter_child_nodes(node):
            self._visit(child)

    def _visit_pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self._bind(name, node, "definition")

    _visit_MatchAs = _visit_MatchStar = _visit_MatchMapping = _visit_pattern

    def _visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.imports[name] = (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
            self._bind(name, node, "definition")

    _visit_ImportFrom = _visit_Import

    def _visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for child in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self._visit(child)
        self._bind(node.name, node, "definition")
        self._read_from_inside(node)

    _visit_AsyncFunctionDef = _visit_FunctionDef

    def _visit_Lambda(self, node: ast.Lambda) -> None:
        for child in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self._visit(child)
        self._read_from_inside(node)

    def _visit_ClassDef(self, node: ast.ClassDef) -> None:
        for child in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self._visit(child)
        self._read_from_inside(node)
        self._bind(node.name, node, "definition")

    def _visit_comprehension_scope(self, node: ast.AST) -> None:
        self._read_from_inside(node)

    _visit_ListComp = _visit_SetComp = _visit_DictComp = _visit_GeneratorExp = _visit_comprehension_scope

    def _visit_Call(self, node: ast.Call) -> None:
        self._visit(node.func)
        for argument in node.args:
            self._visit(argument)
        callee, root = _dotted(node.func)
        for keyword in node.keywords:
            self._visit(keyword.value)
            value = constant_value(keyword.value)
            if keyword.arg is not None and callee and value is not NOT_CONSTANT:
                self.keywords.append(
                    Keyword(
                        callee,
                        root,
                        keyword.arg,
                        value,
                        self.line(keyword.value),
                        self.expression(keyword.value),
                    )
                )

    # -- what a visit finds

    def _read(self, name: str, node: ast.AST) -> None:
        if name not in self._bound and name not in self.reads:
            self.reads[name] = Read(name, self.line(node))

    def _read_from_inside(self, node: ast.AST) -> None:
        for name in sorted(_free_names(node), key=lambda each: (each.lineno, each.col_offset)):
            self._read(name.id, name)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            constant = constant_value(value)
            if constant is NOT_CONSTANT:
                constant = constant_settings(value)
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

    def _bind(
        self,
        name: str,
        where: ast.AST,
        how: str,
        node: ast.expr | None = None,
        value: Any = NOT_CONSTANT,
    ) -> None:
        self._bound.add(name)
        if how == "computed" and node is not None:
            self.roots[name] = _dotted(node.func if isinstance(node, ast.Call) else node)[1]
        expression = self.expression(node) if node is not None else ""
        self.assignments.append(
            Assignment(name, self.line(where), expression, how, value, node, conditional=self._branches > 0)
        )


def _dotted(node: ast.expr) -> tuple[str, str]:
    """Return the last and the first name of a callee such as ``a.b.c``; empty where there is none."""
    last = ""
    while isinstance(node, ast.Attribute):
        last = last or node.attr
        node = node.value
    if isinstance(node, ast.Call):
        # A chain such as pipeline().fit(): the root is that of the first call.
        return last, _dotted(node.func)[1]
    root = node.id if isinstance(node, ast.Name) else ""
    return last or root, root


def _names_in(node: ast.AST) -> Iterator[ast.Name]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Name))


def _free_names(scope: ast.AST) -> list[ast.Name]:
    """Return the uses, inside a function, class or comprehension, of names that it does not bind itself."""
    bound: set[str] = set()
    loaded: list[ast.Name] = []
    outer: set[str] = set()

    def walk(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.arg):
                bound.add(child.arg)
            elif isinstance(child, ast.Name):
                if isinstance(child.ctx, ast.Load):
                    loaded.append(child)
                else:
                    bound.add(child.id)
            elif isinstance(child, (ast.Global, ast.Nonlocal)):
                outer.update(child.names)
            elif isinstance(child, (ast.Import, ast.ImportFrom)):
                bound.update(alias.asname or alias.name.partition(".")[0] for alias in child.names)
            elif isinstance(child, (*_OWN_SCOPE, ast.ClassDef, *_COMPREHENSION)):
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    bound.add(child.name)
                loaded.extend(_free_names(child))
            elif isinstance(child, ast.ExceptHandler):
                if child.name:
                    bound.add(child.name)
                walk(child)
            else:
                walk(child)

    walk(scope)
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        bound.discard(scope.name)
    return [name for name in loaded if name.id not in bound or name.id in outer]
