"""Going through functions and classes of the notebook: what is called is looked into, with what it is called with."""

from __future__ import annotations

import ast
from functools import lru_cache

from . import known
from .memory import CONSUMED, NOTHING, Class, Frame, Function, Memory, Region, Value, local_names
from .shell import Shell

__all__ = ["FunctionCalls"]

#: Functions that are looked into for one cell; beyond that, a call is taken to change all that it can reach.
MAX_CALLS = 400
#: Functions that are looked into inside of one another.
_MAX_DEPTH = 20


class FunctionCalls(Shell):
    """Goes through calls of what the notebook has defined."""

    def __init__(self, memory: Memory, position: int, certain: bool) -> None:
        super().__init__(memory, position, certain)
        self._calls = 0
        self._stack: tuple[ast.AST, ...] = ()
        self._coarse: set[ast.AST] = set()
        self._settled: dict[tuple[object, ...], tuple[int, Value]] = {}

    def run_function(self, function: Function, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """Go through a function of the notebook with these arguments, and return what it may return."""
        node = function.node
        given = NOTHING.union(*arguments, *keywords.values())
        if node in self._stack or len(self._stack) >= _MAX_DEPTH:
            # It calls itself: what it does to these arguments is what it would do to any.
            self.write_all(given)
            return self.parts(given)
        key = (node, function.outer, tuple(arguments), tuple(keywords.items()), self.branches > 0)
        settled, result = self._settled.get(key, (-1, NOTHING))
        if settled == self.changes:
            return result
        before = self.changes
        result = self._run_body(function, arguments, keywords, given)
        if before == self.changes:
            # Nothing came of it that was not known, and nothing would if it were gone through again.
            self._settled[key] = before, result
        return result

    def _run_body(self, function: Function, arguments: list[Value], keywords: dict[str, Value], given: Value) -> Value:
        node = function.node
        self._calls += 1
        if self._calls > MAX_CALLS:
            return self._run_coarsely(function, given)
        frame = Frame(local_names(node), function.outer, function)
        self._bind_parameters(frame, node, arguments, keywords, frozenset(function.region.holds))
        around, self.frame = self.frame, frame
        self._stack = (*self._stack, node)
        if isinstance(node, ast.Lambda):
            frame.returns = self.value(node.body)
        else:
            self.run(node.body)
        self._stack = self._stack[:-1]
        self.frame = around
        if not isinstance(node, ast.Lambda) and (isinstance(node, ast.AsyncFunctionDef) or _yields(node)):
            region = self.fresh(node, "generator", frame.returns | given)
            region.consumed = CONSUMED
            region.lazy = (function, tuple(arguments))
            return frozenset([region])
        return frame.returns

    def _run_coarsely(self, function: Function, given: Value) -> Value:
        """Take a function to do whatever it could do with the names in it, without looking into what it calls."""
        node = function.node
        result = frozenset([self.fresh(node, "coarse", given)])
        self.write_all(given)
        if node in self._coarse:
            return result | self.parts(given)
        self._coarse.add(node)
        around, self.frame, self.branches = self.frame, function.outer, self.branches + 1
        own = local_names(node)
        names = {each.id: each for each in ast.walk(node) if isinstance(each, ast.Name) and each.id not in own}
        for name, each in names.items():
            value = self.value(ast.copy_location(ast.Name(name, ast.Load()), each))
            self.write_all(value)
            self.hold(result, value)
            if not isinstance(each.ctx, ast.Load):
                self.bind(name, value | result)
            for region in self.coded(value):
                if isinstance(region.code, Function):
                    self.hold(result, self._run_coarsely(region.code, given))
        used = {getattr(each, "attr", getattr(each, "id", "")) for each in ast.walk(node)}
        if any(known.sets_something(each) for each in used):
            self.change("settings")
        self.draw("*")
        self.read_file("")
        if any(known.writes_files(each) or each == "open" for each in used):
            self.write_file("")
        self.frame, self.branches = around, self.branches - 1
        return result | self.parts(given)

    def _bind_parameters(
        self,
        frame: Frame,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        arguments: list[Value],
        keywords: dict[str, Value],
        defaults: Value,
    ) -> None:
        parameters = node.args
        names = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
        values = frame.values
        for name in (*names, *(each.arg for each in parameters.kwonlyargs)):
            values[name] = defaults
        spread = [each for name, each in keywords.items() if name.startswith("**")]
        rest: Value = NOTHING.union(*(self.inside(each) for each in spread))
        for name, value in zip(names, arguments, strict=False):
            values[name] = value
        others: Value = NOTHING.union(*arguments[len(names) :])
        for name, value in keywords.items():
            if name in values:
                values[name] = value
            else:
                rest = rest | value
        # f(*several) may give any parameter any of them.
        several = NOTHING.union(*arguments) if len(arguments) < len(names) else NOTHING
        for name in names[len(arguments) :]:
            if name not in keywords:
                values[name] = values[name] | several | rest
        frame.first = NOTHING.union(*arguments[:1])
        if parameters.vararg is not None:
            values[parameters.vararg.arg] = frozenset([self.fresh(parameters.vararg, holds=others)])
        if parameters.kwarg is not None:
            values[parameters.kwarg.arg] = frozenset([self.fresh(parameters.kwarg, holds=rest)])

    def construct(
        self, node: ast.AST, made_from: Region, code: Class, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        """Go through the making of an object of a class, and return the object."""
        region = self.fresh(node, f"instance {id(made_from)}", made_from.holds)
        self.hold((region,), (made_from,), reading=True)
        region.instance = code.closed
        made = frozenset([region])
        begun = False
        for name in ("__new__", "__init__", "__post_init__"):
            for method in code.methods.get(name, ()):
                self.run_method(method, made, [] if name == "__post_init__" else arguments, keywords)
                begun = begun or name == "__init__"
        if not (begun and code.closed):
            self.hold(made, NOTHING.union(*arguments, *keywords.values()))
        return made

    def call_back(self, values: Value, given: Value) -> None:
        """Go through the functions that somebody else is handed and may call, with anything."""
        everything = self.parts(given)
        self.branches += 1
        if any(region.path and _may_change(region.path) for region in given):
            self.write_all(given)
        for region in self.coded(values):
            code = region.code
            if isinstance(code, Function):
                self.run_function(code, [everything] * len(code.node.args.args), {})
            elif isinstance(code, Class):
                for methods in code.methods.values():
                    for method in methods:
                        self.run_method(method, self.parts(values), [everything] * (len(method.node.args.args) - 1), {})
        self.branches -= 1

    def call_back_functions(self, given: Value) -> None:
        """Go through those of the given objects that are functions, which somebody else may call."""
        functions = frozenset(each for each in given if isinstance(each.code, Function) or each.path)
        if functions:
            self.call_back(functions, given)


def _may_change(path: str) -> bool:
    """Whether a function of others may change what it is called with."""
    return path.partition(".")[0] not in known.LIBRARIES or path.rpartition(".")[2] in known.CHANGING_FUNCTIONS


@lru_cache(maxsize=4_096)
def _yields(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        each = waiting.pop()
        if isinstance(each, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(each))
    return False
