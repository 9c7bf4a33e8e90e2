"""What the text of a cell says: which names it sets, from what, and which it takes from elsewhere.

Nothing is run here. The analysis works on the cell as IPython will compile it, so magics and ``!commands``
are ordinary calls already.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .constants import NOT_CONSTANT, constant_settings, constant_value
from .facts import Argument, Assignment, Part, Read, Sweep
from .magic_calls import is_call_of, timed_statements, wrapped_cell
from .parsing import tree_of
from .scopes import COMPREHENSION, evaluated_outside, free_names
from .sweeps import swept_values

__all__ = ["Argument", "Assignment", "CellSource", "Part", "Read", "Sweep", "first_name"]

#: By name, since Python 3.10 has no TryStar.
_BRANCHING = frozenset({"If", "For", "AsyncFor", "While", "Try", "TryStar", "Match"})
_WITHOUT_PARTS = (ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


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
    inner_assignments : list of Assignment
        Those of the functions without parameters that the cell uses, such as ``main()``: a cell in a wrapper.
    reads : dict of str to Read
        By name, the first use of each. A function of the cell uses what it uses where the cell first names it; one
        that the cell only defines uses nothing.
    keywords : list of Argument
        Those that are given by keyword, in the order of the text.
    positionals : list of Argument
        Those that are given by their place.
    sweeps : list of Sweep
    parts : list of Part
        Those that are set outside branches and loops.
    given : dict of str to int
        Names that are given to calls or whose methods are called, and the line of the first use.
    calls : list of (str, set of str)
        The last name of each callee, and the names that are given to it or whose method it is.
    imports : dict of str to str
        Names that the cell imports, and the modules they come from.
    imported : dict of str to (str, str)
        Names that the cell imports, the modules, and what is taken from them: empty for the module itself.
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
        tree = tree_of(text)
        while (inner := wrapped_cell(tree)) is not None:
            # The body begins on the line after the magic's own, and may be of magics again.
            line_offset += 1
            text, tree = inner, tree_of(inner)
        self._line_offset = line_offset
        # As the positions in the tree count: lines end where Python ends them, columns are bytes of UTF-8.
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass").split(b"\n")
        self.body = tree.body
        self.assignments: list[Assignment] = []
        self.inner_assignments: list[Assignment] = []
        self.reads: dict[str, Read] = {}
        self.keywords: list[Argument] = []
        self.positionals: list[Argument] = []
        self.sweeps: list[Sweep] = []
        self.parts: list[Part] = []
        self.given: dict[str, int] = {}
        self.calls: list[tuple[str, set[str]]] = []
        self.imports: dict[str, str] = {}
        self.imported: dict[str, tuple[str, str]] = {}
        self.roots: dict[str, str] = {}
        last = tree.body[-1] if tree.body else None
        self.last_expression = last.value if isinstance(last, ast.Expr) else None
        self._bound: set[str] = set()
        self._constants: dict[str, Any] = {}
        self._defined: dict[str, list[ast.AST]] = {}
        self._current = self.assignments
        self._branches = 0
        self._inside = 0
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
        for name in _names_in(node.target):
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

    def _take_arguments(self, node: ast.Call, given_to: str = "") -> None:
        callee, root, path = _called(node.func)
        given: set[str] = set()
        for argument in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
            # The function itself is not given, but the frame whose method it is.
            if argument is not node.func or isinstance(argument, ast.Attribute):
                for name in _names_in(argument):
                    self.given.setdefault(name.id, self.line(name))
                    given.add(name.id)
        self.calls.append((callee, given))
        if not callee:
            return
        starred = next((i for i, each in enumerate(node.args) if isinstance(each, ast.Starred)), len(node.args))
        written = [("", place, each) for place, each in enumerate(node.args[:starred])]
        written += [(keyword.arg, -1, keyword.value) for keyword in node.keywords if keyword.arg is not None]
        for keyword_name, place, each in written:
            value = _constant(each)
            if value is not NOT_CONSTANT:
                found = self.positionals if place >= 0 else self.keywords
                line, text, inner = self.line(each), self.expression(each), self._inside > 0
                found.append(Argument(callee, root, path, keyword_name, place, value, line, text, given_to, inner))

    def _read(self, name: str, node: ast.AST) -> None:
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

    def _sweep(self, target: ast.expr, iterable: ast.expr) -> None:
        for name, values, written in swept_values(target, iterable):
            self.sweeps.append(Sweep(name.id, values, self.line(name), self.expression(written)))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            # A text may name the constants before it; a number made from them is no choice of its own.
            names: Mapping[str, Any] = self._constants if isinstance(value, ast.JoinedStr) else {}
            constant = _constant(value, names)
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

    def _take_part(self, target: ast.expr, value: ast.expr) -> None:
        name, keys = _path_of_part(target)
        constant = constant_value(value)
        if name and constant is not NOT_CONSTANT and not self._branches:
            self.parts.append(Part(name, ".".join(keys), constant, self.line(target), self.expression(value)))

    def _bind(
        self,
        name: str,
        where: ast.AST,
        how: str,
        node: ast.expr | None = None,
        value: Any = NOT_CONSTANT,
    ) -> None:
        self._bound.add(name)
        self._defined.pop(name, None)
        self._constants.pop(name, None)
        if value is not NOT_CONSTANT and not self._branches:
            self._constants[name] = value
        if how == "computed" and node is not None:
            self.roots[name] = first_name(node)
        expression = self.expression(node) if node is not None else ""
        self._current.append(
            Assignment(name, self.line(where), expression, how, value, node, conditional=self._branches > 0)
        )


def _has_parameters(arguments: ast.arguments) -> bool:
    return bool(arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)


def _constant(node: ast.expr, names: Mapping[str, Any] | None = None) -> Any:
    value = constant_value(node, names or {})
    return constant_settings(node) if value is NOT_CONSTANT else value


def _called(node: ast.expr) -> tuple[str, str, str]:
    """Return the last name, the first and all of a callee such as ``a.b.c``; empty where there is none."""
    names: list[str] = []
    pure = True
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            # A chain such as pipeline().fit(): the root is that of the first call.
            pure, node = False, node.func
            if not names:
                return "", "", ""
        elif isinstance(node, ast.Subscript):
            pure, node = False, node.value
        else:
            return names[0] if names else "", "", ""
    last = names[0] if names else node.id
    return last, node.id, ".".join([node.id, *reversed(names)]) if pure else ""


def _path_of_part(node: ast.expr) -> tuple[str, list[str]]:
    """Return the name and the keys of ``a.b["c"]``; empty where a key is no text."""
    keys: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            keys.insert(0, node.attr)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and type(node.slice.value) is str:
            keys.insert(0, node.slice.value)
        else:
            return "", []
        node = node.value
    return node.id, keys


def first_name(node: ast.expr) -> str:
    """Return the first name of ``a.b(c)[d]`` and the like: what the value comes from, as far as the text tells."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _names_in(node: ast.AST) -> Iterator[ast.Name]:
    if isinstance(node, ast.Name):
        yield node
    elif not isinstance(node, ast.Constant):
        yield from (each for each in ast.walk(node) if isinstance(each, ast.Name))
