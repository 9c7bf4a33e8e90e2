"""What a cell reads through the functions of the notebook: the globals of ``train()`` when it calls ``train()``.

Told from the bytecode of the functions, which is looked at and not run. Only what belongs to the notebook is gone into:
the globals of a library are its own business.
"""

from __future__ import annotations

import ast
import dis
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType
from typing import Any

from ....analysis.source import CellSource
from ...configs import NOTEBOOK, class_dicts, is_of_notebook, stored
from ..base import MISSING

__all__ = ["Reached", "reached_names"]

#: Functions that are looked into at most.
MAX_FUNCTIONS = 300
#: A function with more bytecode than this is generated.
MAX_BYTECODE = 50_000

_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_STORES = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})


@dataclass(frozen=True, slots=True)
class Reached:
    """A global that a function of the notebook reads; ``within`` is what that function is called."""

    name: str
    value: Any
    within: str


def reached_names(value: Any, source: CellSource) -> tuple[list[Reached], set[str]]:
    """Return the globals that the functions behind a value read, through all that those functions use.

    Of the methods of a class, those count whose names are used: in the cell, or in another function that counts; and
    all of them if the class is derived from one of a library, which may call them.

    Parameters
    ----------
    value : object
        A function, class or object of the notebook; of anything else nothing is reached.
    source : CellSource
        The cell that uses it.

    Returns
    -------
    reached : list of Reached
    changed : set of str
        The globals that those functions set: they are a state and no choice.
    """
    walk = _Walk(source)
    walk.from_value(value)
    return [each for name, each in walk.found.items() if name not in walk.changed], walk.changed


class _Walk:
    def __init__(self, source: CellSource) -> None:
        self._attributes = {
            node.attr for part in source.body for node in ast.walk(part) if isinstance(node, ast.Attribute)
        }
        self._seen: set[int] = set()
        self._functions: list[FunctionType] = []
        self._methods: dict[str, list[FunctionType]] = {}
        self.found: dict[str, Reached] = {}
        self.changed: set[str] = set()

    def from_value(self, value: Any) -> None:
        self._take(value)
        count = 0
        while count < MAX_FUNCTIONS:
            if not self._functions:
                used = next((name for name in self._methods if name in self._attributes), None)
                if used is None:
                    break
                self._functions += self._methods.pop(used)
                continue
            count += 1
            self._look_into(self._functions.pop(0))

    def _take(self, value: Any) -> None:
        """Find the functions of the notebook in a value: its own, those that it wraps, its methods."""
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        kind = type(value)
        if kind is FunctionType:
            if value.__globals__.get("__name__") == NOTEBOOK:
                self._functions.append(value)
            for cell in value.__closure__ or ():
                try:
                    self._take(cell.cell_contents)
                except ValueError:
                    continue  # Nothing in it yet.
            self._take(value.__dict__.get("__wrapped__"))
        elif kind is MethodType:
            self._take(value.__func__)
            self._take(value.__self__)
        elif kind is staticmethod or kind is classmethod:
            self._take(value.__func__)
        elif kind is property:
            self._take(value.fget)
        elif kind is functools.partial:
            self._take(value.func)
        elif kind is functools._lru_cache_wrapper:
            self._take(value.__wrapped__)
        elif issubclass(kind, type):
            self._take_class(value)
        elif is_of_notebook(kind):
            self._take(kind)
            for each in stored(value).values():
                self._take(each)

    def _take_class(self, cls: type) -> None:
        if not is_of_notebook(cls):
            return
        every = type.__getattribute__(cls, "__mro__")
        is_called_by_library = any(not is_of_notebook(base) and base is not object for base in every)
        for entries in class_dicts(cls):
            if entries.get("__module__") != NOTEBOOK:
                continue
            for name, entry in list(entries.items()):
                if type(entry) not in (FunctionType, staticmethod, classmethod, property):
                    continue
                before, self._functions = self._functions, []
                self._take(entry)
                if is_called_by_library or name.startswith("__") or name in self._attributes:
                    self._functions = before + self._functions
                else:
                    self._methods.setdefault(name, []).extend(self._functions)
                    self._functions = before

    def _look_into(self, function: FunctionType) -> None:
        names = function.__globals__
        if type(names) is not dict:
            return
        for code in _codes(function.__code__):
            self._attributes.update(code.co_names)
            # Most functions use nothing of the notebook but what they are given: those need not be read.
            if not any(name in names for name in code.co_names) or len(code.co_code) > MAX_BYTECODE:
                continue
            for instruction in dis.get_instructions(code):
                if instruction.opname in _STORES:
                    self.changed.add(instruction.argval)
                elif instruction.opname in _LOADS and instruction.argval not in self.found:
                    value = names.get(instruction.argval, MISSING)
                    if value is not MISSING:
                        self.found[instruction.argval] = Reached(instruction.argval, value, function.__qualname__)
                        self._take(value)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _codes(constant)
