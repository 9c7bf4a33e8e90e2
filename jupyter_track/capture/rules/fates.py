"""What becomes of the names that a cell computes: shown to a person, put into other values, or left as results."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ..loops.evidence import SHOWING, names_shown

__all__ = ["Fates"]

_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Fates:
    """Goes through the statements of a cell.

    Parameters
    ----------
    body : iterable of ast.stmt

    Attributes
    ----------
    shown : set of str
        Names that are printed, displayed, or put into a text for a person.
    read : set of str
        Names that go into something else.
    """

    def __init__(self, body: Iterable[ast.stmt]) -> None:
        self.shown: set[str] = set()
        self.read: set[str] = set()
        statements = list(body)
        for statement in statements:
            self._visit(statement, set())
        if statements and isinstance(statements[-1], ast.Expr):
            self._show(statements[-1].value)

    def is_intermediate(self, name: str) -> bool:
        """Whether a name only goes into other values."""
        return name in self.read and name not in self.shown

    def _show(self, node: ast.expr) -> set[str]:
        shown = set(names_shown(node))
        self.shown |= shown
        return shown

    def _visit(self, node: ast.AST, own: set[str]) -> None:
        """Go through a node; `own` are the names that a statement computes from themselves."""
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in own:
                self.read.add(node.id)
            return
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            own = own | {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        elif isinstance(node, ast.JoinedStr):
            self._visit_rest(node, own, self._show(node))
            return
        elif isinstance(node, ast.Call) and _called(node) in SHOWING:
            shown: set[str] = set()
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                shown |= self._show(argument)
            self._visit_rest(node, own, shown)
            return
        elif isinstance(node, _OWN_SCOPE):
            own = set()
        self._visit_rest(node, own, set())

    def _visit_rest(self, node: ast.AST, own: set[str], shown: set[str]) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, own | shown)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""
