"""What is found in a cell while it is gone through: written down as `facts`, each with its place in the text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from .constants import NOT_CONSTANT, constant_settings, constant_value
from .facts import Argument, Assignment, Part, Read, Sweep
from .sweeps import swept_values

__all__ = ["Found", "first_name", "names_in", "written_value"]


class Found:
    """The facts that were found so far.

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
    """

    def __init__(self, text: str, line_offset: int) -> None:
        self._line_offset = line_offset
        # As the positions in the tree count: lines end where Python ends them, columns are bytes of UTF-8.
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass").split(b"\n")
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
        self._bound: set[str] = set()
        self._constants: dict[str, Any] = {}
        self._defined: dict[str, list[ast.AST]] = {}
        self._current = self.assignments
        #: By name, the list and the place of a constant that nothing has used yet.
        self._unread: dict[str, tuple[list[Assignment], int]] = {}
        self._branches = 0
        self._inside = 0

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

    def _take_arguments(self, node: ast.Call, given_to: str = "") -> None:
        self._unread.clear()  # Whatever is called may look at names of the notebook.
        callee, root, path = _called(node.func)
        given: set[str] = set()
        for argument in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
            # The function itself is not given, but the frame whose method it is.
            if argument is not node.func or isinstance(argument, ast.Attribute):
                for name in names_in(argument):
                    self.given.setdefault(name.id, self.line(name))
                    given.add(name.id)
        self.calls.append((callee, given))
        if not callee:
            return
        starred = next((i for i, each in enumerate(node.args) if isinstance(each, ast.Starred)), len(node.args))
        written = [("", place, each) for place, each in enumerate(node.args[:starred])]
        written += [(keyword.arg, -1, keyword.value) for keyword in node.keywords if keyword.arg is not None]
        for keyword_name, place, each in written:
            value = written_value(each)
            if value is not NOT_CONSTANT:
                found = self.positionals if place >= 0 else self.keywords
                line, text, inner = self.line(each), self.expression(each), self._inside > 0
                found.append(Argument(callee, root, path, keyword_name, place, value, line, text, given_to, inner))

    def _sweep(self, target: ast.expr, iterable: ast.expr) -> None:
        for name, values, written in swept_values(target, iterable):
            self.sweeps.append(Sweep(name.id, values, self.line(name), self.expression(written)))

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
        self._note_unread(name, how)
        self._current.append(
            Assignment(name, self.line(where), expression, how, value, node, conditional=self._branches > 0)
        )

    def _note_unread(self, name: str, how: str) -> None:
        """Take note that a name is about to be set, which may replace what nothing has used."""
        current, place = self._unread.pop(name, (None, 0))
        if self._branches:
            return
        if current is self._current:
            current[place] = current[place]._replace(unread=True)
        if how == "constant":
            self._unread[name] = (self._current, len(self._current))


def written_value(node: ast.expr, names: Mapping[str, Any] | None = None) -> Any:
    """Return what an expression is if it is constant, or what is constant in it if it is a dict of settings."""
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


def names_in(node: ast.AST) -> Iterator[ast.Name]:
    """Yield the names in a part of a tree."""
    if isinstance(node, ast.Name):
        yield node
    elif not isinstance(node, ast.Constant):
        yield from (each for each in ast.walk(node) if isinstance(each, ast.Name))
