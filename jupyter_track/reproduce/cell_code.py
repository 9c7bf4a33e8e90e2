"""The Python in the text of a cell, at the places where it stands, so that a part of it can be replaced."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

__all__ = ["parse_cell", "replace_nodes"]

_LINE = re.compile(r"(?P<indent>[ \t]*)[%!?]")
_ASSIGNED = re.compile(r"(?P<target>[ \t]*[\w., \t]+=[ \t]*)[%!]")
_HELP = re.compile(r"(?P<indent>[ \t]*)[\w.]+\?\??[ \t]*\r?$")


def parse_cell(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, in which magics and ``!commands`` do nothing; None if the rest is no Python.

    Lines and columns are those of the text.
    """
    lines = source.split("\n")
    continued = False
    for place, line in enumerate(lines):
        found = _LINE.match(line) or _HELP.match(line)
        assigned = _ASSIGNED.match(line)
        if continued:
            lines[place] = ""
        elif found:
            lines[place] = f"{found['indent']}pass"
        elif assigned:
            lines[place] = f"{assigned['target']}None"
        continued = (continued or bool(found) or bool(assigned)) and line.rstrip("\r").endswith("\\")
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def replace_nodes(source: str, nodes: Sequence[ast.expr], expression: str) -> str | None:
    """Return a cell in which an expression stands in the place of others, and all else is as it was.

    Parameters
    ----------
    source : str
    nodes : sequence of ast.expr
        From `parse_cell` of that text; none is inside of another.
    expression : str

    Returns
    -------
    str or None
        None if the text cannot be changed there, as within the braces of an f-string.
    """
    # Columns count bytes of UTF-8.
    lines = [line.encode("utf-8", "surrogatepass") for line in source.split("\n")]
    for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        tail = lines[last][node.end_col_offset :]
        lines[first : last + 1] = [lines[first][: node.col_offset] + expression.encode() + tail]
    changed = b"\n".join(lines).decode("utf-8", "surrogatepass")
    before, after = parse_cell(source), parse_cell(changed)
    if before is None or after is None:
        return None
    wanted = _Replacement({_place(node) for node in nodes}, ast.parse(expression, mode="eval").body).visit(before)
    return changed if ast.dump(wanted) == ast.dump(after) else None


def _place(node: ast.AST) -> tuple[str, int, int]:
    return type(node).__name__, getattr(node, "lineno", 0), getattr(node, "col_offset", -1)


class _Replacement(ast.NodeTransformer):
    """Puts an expression in the place of others."""

    def __init__(self, places: Iterable[tuple[str, int, int]], expression: ast.expr) -> None:
        self._places = frozenset(places)
        self._expression = expression

    def visit(self, node: ast.AST) -> ast.AST:
        if _place(node) in self._places:
            return self._expression
        result: ast.AST = self.generic_visit(node)
        return result
