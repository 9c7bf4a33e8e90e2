"""Functions of the notebook that run with their loops watched, where a tracked cell calls them.

A call ``trainer.fit(3)`` is written ``FOLLOW(n, trainer.fit)(3)``. What is then called is the function's *twin*: a
function of the same names, defaults and closure, and of the same code but that its loops are watched, and that calls
in it are followed in turn. The function itself, its class and whatever holds them are not touched: who pickles it,
compiles it, decorates it or keeps it gets what was written.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

from .definitions import Definition, Definitions
from .trees import with_blocks

__all__ = ["Twins"]

#: The one ``from __future__ import`` that is told to a function's code.
_FUTURES: Final = annotations.compiler_flag
_GENERATORS: Final = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR

Rewrite = Callable[[Definition, CodeType, Callable[[], None]], "list[ast.stmt] | None"]


class Twins:
    """The twins of the functions that one tracked cell calls.

    Parameters
    ----------
    definitions : Definitions
    namespace : dict of str to object
        Functions of other modules have none.
    rewrite : callable
        Called with a function's definition, its code, and what is to be called when it is better not watched any
        more; returns its statements with the loops watched, or None to leave it alone.

    Attributes
    ----------
    may_be_suspended : bool
        Whether a coroutine was among them, which may wait for its turn when the cell has ended.
    """

    def __init__(self, definitions: Definitions, namespace: dict[str, Any], rewrite: Rewrite) -> None:
        self._definitions = definitions
        self._namespace = namespace
        self._rewrite = rewrite
        self._codes: dict[int, tuple[CodeType, CodeType | None]] = {}
        self.may_be_suspended = False

    def of(self, called: Any) -> Any:
        """Return what is to be called instead of something: its twin, or itself."""
        function = called.__func__ if type(called) is MethodType else called
        if type(function) is not FunctionType:
            return called
        code = function.__code__
        known = self._codes.get(id(code))
        if known is None:
            self._codes[id(code)] = (code, None)  # For whoever asks meanwhile.
            known = self._codes[id(code)] = (code, self._watched(function))
        if known[1] is None:
            return called
        name, defaults, closure = function.__name__, function.__defaults__, function.__closure__
        twin = FunctionType(known[1], function.__globals__, name, defaults, closure)
        twin.__qualname__ = function.__qualname__
        twin.__kwdefaults__ = function.__kwdefaults__
        return twin if function is called else MethodType(twin, called.__self__)

    def _watched(self, function: FunctionType) -> CodeType | None:
        code = function.__code__
        if function.__globals__ is not self._namespace or code.co_flags & _GENERATORS:
            return None

        def retire() -> None:
            self._codes[id(code)] = (code, None)

        for definition in self._definitions.of(code):
            if _compiled(definition.statement, code) != code:
                continue  # It is not what was written there.
            body = self._rewrite(definition, code, retire)
            if body is None:
                return None
            node = definition.node
            made = type(node)(**{**dict(ast.iter_fields(node)), "body": body})
            ast.copy_location(made, node)
            watched = _compiled(_with(definition.statement, node, made), code)
            if watched is None or watched.co_freevars != code.co_freevars:
                return None
            self.may_be_suspended |= bool(code.co_flags & inspect.CO_COROUTINE)
            return watched
        return None


def _with(statement: ast.stmt, old: ast.stmt, new: ast.stmt) -> ast.stmt:
    """Return a statement with another one, somewhere in it, replaced."""
    if statement is old:
        return new
    return with_blocks(statement, lambda block: [_with(each, old, new) for each in block], lambda part: part)


def _compiled(statement: ast.stmt, like: CodeType) -> CodeType | None:
    """Return the code that some other code is in a statement, compiled as that was; None if it is not there once."""
    flags = like.co_flags & _FUTURES
    try:
        module = compile(ast.Module([statement], []), like.co_filename, "exec", flags, dont_inherit=True)
    except SyntaxError:
        return None  # It has an ``await`` of its own.
    found = [
        code for code in _codes_in(module) if (code.co_name, code.co_firstlineno) == (like.co_name, like.co_firstlineno)
    ]
    return found[0] if len(found) == 1 else None


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)
