"""Seeing through magics: the Python in a cell that IPython has made a call of ``run_cell_magic`` or the like."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from .parsing import may_parse, python_of

__all__ = ["is_call_of", "timed_statements", "wrapped_cell"]

#: Cell magics whose body is Python run in the notebook's namespace; what they wrap is captured as if bare.
PYTHON_CELL_MAGICS = frozenset({"capture", "time", "timeit", "prun", "memit"})


def wrapped_cell(tree: ast.Module) -> str | None:
    """Return the body, as IPython will compile it, of a cell magic that runs Python, if the cell is one."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    call = tree.body[0].value
    if not is_call_of(call, "run_cell_magic") or not isinstance(call, ast.Call) or len(call.args) != 3:
        return None
    magic, _, body = (argument.value if isinstance(argument, ast.Constant) else None for argument in call.args)
    if magic not in PYTHON_CELL_MAGICS or not isinstance(body, str):
        return None
    return python_of(body)


def timed_statements(node: ast.expr) -> tuple[ast.stmt, ...]:
    """Return the statements that ``%time`` runs, at the place where they stand; empty for any other expression."""
    if not is_call_of(node, "run_line_magic") or not isinstance(node, ast.Call) or len(node.args) != 2:
        return ()
    magic, text = node.args
    if not (isinstance(magic, ast.Constant) and magic.value == "time" and isinstance(text, ast.Constant)):
        return ()
    found = _timed_before.get(node)
    if found is None and may_parse():
        found = _timed_before[node] = _timed(text)
    return found or ()


#: As long as the call that they stand in is remembered.
_timed_before: WeakKeyDictionary[ast.expr, tuple[ast.stmt, ...]] = WeakKeyDictionary()


def _timed(text: ast.Constant) -> tuple[ast.stmt, ...]:
    try:
        statements = ast.parse(str(text.value)).body
    except SyntaxError:
        return ()
    for each in (each for statement in statements for each in ast.walk(statement)):
        if isinstance(each, (ast.expr, ast.stmt)):
            each.lineno = each.end_lineno = text.lineno
            # Behind the quote that the text begins with.
            each.col_offset += text.col_offset + 1
            each.end_col_offset = (each.end_col_offset or 0) + text.col_offset + 1
    return tuple(statements)


def is_call_of(node: ast.expr, method: str) -> bool:
    """Whether an expression calls a method of that name."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
