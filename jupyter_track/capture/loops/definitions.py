"""The functions of the notebook whose text is known, and whether calling one may lead to a loop."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

from .trees import LOOPS, in_own_scope

__all__ = ["Definition", "Definitions"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: Reads what a class has without asking the class: its metaclass may answer as it likes.
_of_class: Final = type.__getattribute__


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A function as it was written.

    Parameters
    ----------
    node : ast.FunctionDef or ast.AsyncFunctionDef
    statement : ast.stmt
        The statement of a cell that it is a part of: itself, its class, a function around it.
    name : str
        Its own, after those of the classes and functions around it: ``Trainer.fit``.
    is_own : bool
        Whether the cell that runs defines it, and no earlier one.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef
    statement: ast.stmt
    name: str
    is_own: bool


class Definitions:
    """What a cell and its functions, and those of earlier cells that they call, define.

    Functions are found by their bare name, whatever they are a part of: that a call is followed to no loop costs some
    nanoseconds, and what it really calls is asked when it happens.

    Parameters
    ----------
    body : list of ast.stmt
        The cell.
    namespace : dict of str to object
    """

    def __init__(self, body: list[ast.stmt], namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._by_name: dict[str, list[Definition]] = {}
        self._files: set[str] = set()
        self._looked_up: set[str] = set()
        self._leads: dict[str, bool] = {}
        self._methods: dict[str, list[FunctionType]] | None = None
        self._add(body, True)

    def leads_to_loops(self, name: str) -> bool:
        """Whether a function or method of that name has a loop, or calls one that has."""
        if name not in self._leads:
            seen, waiting, found = {name}, [name], False
            while waiting:  # To the end, so that all texts are known when the functions are called.
                for each in self._named(waiting.pop()):
                    found = found or _has_loop(each.node)
                    called = set(_called(each.node)) - seen
                    seen |= called
                    waiting += called
            self._leads[name] = found
        return self._leads[name]

    def of(self, code: CodeType) -> list[Definition]:
        """Return the definitions that some code may have been made from."""
        return [each for each in self._by_name.get(code.co_name, []) if _first_line(each.node) == code.co_firstlineno]

    def _add(self, body: list[ast.stmt], is_own: bool) -> None:
        for statement in body:
            for definition in _defined_in(statement, statement, "", is_own):
                self._by_name.setdefault(definition.node.name, []).append(definition)

    def _named(self, name: str) -> list[Definition]:
        if name not in self._looked_up:
            self._looked_up.add(name)
            for function in self._functions(name):
                self._read(function.__code__.co_filename)
        return self._by_name.get(name, [])

    def _functions(self, name: str) -> Iterator[FunctionType]:
        """Yield the notebook's functions and methods of a name, and those that its decorators hold."""
        yield from self._with_what_it_holds(self._namespace.get(name))
        if self._methods is None:
            self._methods = {}
            for kind in self._classes():
                for attribute, value in _of_class(kind, "__dict__").items():
                    function = value.__func__ if _is_any(type(value), (staticmethod, classmethod)) else value
                    self._methods.setdefault(attribute, []).extend(self._with_what_it_holds(function))
        yield from self._methods.get(name, [])

    def _with_what_it_holds(self, value: Any) -> Iterator[FunctionType]:
        waiting, seen = [value], set()
        while waiting:
            function = waiting.pop()
            function = function.__func__ if type(function) is MethodType else function
            if type(function) is not FunctionType or id(function) in seen:
                continue
            seen.add(id(function))
            if function.__globals__ is self._namespace:
                yield function
                waiting += [_held_in(cell) for cell in function.__closure__ or ()]

    def _classes(self) -> list[type]:
        """Return the classes that the notebook defines, as far as it has them or objects of them under a name."""
        found: dict[int, type] = {}
        mine = self._namespace.get("__name__")
        for value in list(self._namespace.values()):
            kind = value if _is_any(type, _of_class(type(value), "__mro__")) else type(value)
            for each in _of_class(kind, "__mro__"):
                module = _of_class(each, "__dict__").get("__module__")
                if type(module) is str and module == mine:
                    found[id(each)] = each
        return list(found.values())

    def _read(self, filename: str) -> None:
        if filename in self._files:
            return
        self._files.add(filename)
        try:
            self._add(ast.parse("".join(linecache.getlines(filename))).body, False)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return


def _is_any(kind: type, kinds: Iterable[type]) -> bool:
    """Whether a class is one of some, by identity: no metaclass is asked."""
    return any(each is kind for each in kinds)


def _held_in(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # It is empty yet.


def _defined_in(node: ast.AST, statement: ast.stmt, prefix: str, is_own: bool) -> Iterator[Definition]:
    """Yield the functions in a statement, those in classes and functions too; nothing else is looked through."""
    if isinstance(node, _FUNCTIONS):
        yield Definition(node, statement, prefix + node.name, is_own)
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        prefix = f"{prefix}{node.name}."
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        value = getattr(node, name, None)
        for each in value if isinstance(value, list) else ():
            yield from _defined_in(each, statement, prefix, is_own)


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _has_loop(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(each, LOOPS) for each in in_own_scope(node))


def _called(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the bare names of what a function calls, and of what it is decorated by."""
    calls = [each.func for each in in_own_scope(node) if isinstance(each, ast.Call)]
    for each in (*node.decorator_list, *calls):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
