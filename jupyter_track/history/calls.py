"""Going through calls: functions of the notebook are looked into, those of others by what is known of them.

The principle is that a call changes whatever it can reach (the receiver, the arguments, and what they hold), unless
`known` says that it does not. Functions of known libraries leave their arguments alone but for those that are named
there; methods of a known name only read; ``fit`` and its like change their receiver and keep the arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from . import known
from .memory import (
    CONSUMED,
    NOT_CONSUMED,
    NOTHING,
    PERHAPS_CONSUMED,
    Class,
    Frame,
    Function,
    Memory,
    Region,
    Value,
    local_names,
)
from .shell import Shell

__all__ = ["Calls"]

#: Functions that are looked into for one cell; beyond that, a call is taken to change all that it can reach.
MAX_CALLS = 400
#: Functions that are looked into inside of one another.
_MAX_DEPTH = 20

_HANDED_ON = known.OBJECT_CHANGING_METHODS | known.FITTING_METHODS
_MODES = frozenset("rwaxbt+U")


class Calls(Shell):
    """Goes through calls."""

    def __init__(self, memory: Memory, position: int, certain: bool) -> None:
        super().__init__(memory, position, certain)
        self._calls = 0
        self._stack: tuple[ast.AST, ...] = ()
        self._coarse: set[ast.AST] = set()
        self._settled: dict[tuple[object, ...], tuple[int, Value]] = {}

    def run_call(self, node: ast.Call) -> Value:
        """Go through a call."""
        callee = node.func
        if isinstance(callee, ast.Attribute) and _is_shell(callee.value):
            return self.run_shell_call(node, callee.attr)
        receiver = self.value(callee.value) if isinstance(callee, ast.Attribute) else NOTHING
        function = NOTHING
        built_in = isinstance(callee, ast.Name) and self._is_builtin(callee.id)
        if isinstance(callee, ast.Name):
            function = self.lookup(callee.id)
        elif not isinstance(callee, ast.Attribute):
            function = self.value(callee)
        arguments = [self.value(each) for each in node.args]
        keywords = {each.arg or f"**{position}": self.value(each.value) for position, each in enumerate(node.keywords)}
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(each, ast.Attribute) and each.attr in _HANDED_ON:
                # A method that changes its object, for somebody else to call.
                self.write_all(self.value(each))
        for value in (*arguments, *keywords.values()):
            self.consume(value, PERHAPS_CONSUMED if built_in else CONSUMED)
        if built_in and isinstance(callee, ast.Name):
            return self._builtin(node, callee.id, arguments, keywords)
        if isinstance(callee, ast.Attribute):
            return self._method(node, callee.attr, receiver, arguments, keywords)
        return self.run_value(node, function, arguments, keywords)

    def _is_builtin(self, name: str) -> bool:
        value = self.memory.values.get(name, NOTHING)
        return name in known.BUILTINS and value <= {self.memory.world} and not self.is_local(name)

    def run_value(
        self, node: ast.AST, function: Value, arguments: list[Value], keywords: dict[str, Value], kind: str = ""
    ) -> Value:
        """Go through a call of whatever a value may be."""
        given = NOTHING.union(*arguments, *keywords.values())
        if not function:
            return frozenset([self.fresh(node, kind, given)])
        result: Value = NOTHING
        if len(function) > 1:
            self.branches += 1
        for region in function:
            if isinstance(region.code, Function):
                result = result | self.run_function(region.code, arguments, keywords)
            elif isinstance(region.code, Class):
                result = result | self._construct(node, region, region.code, arguments, keywords)
            elif region.path:
                result = result | self._library(node, region.path, arguments, keywords, kind)
            elif region.transparent:
                self._call_back(frozenset([region]) | given, given)
                result = result | {self.fresh(node, kind, given | region.holds)}
            else:
                result = result | self._call_object(node, region, arguments, keywords)
        if len(function) > 1:
            self.branches -= 1
        return result

    # -- functions and classes of the notebook

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

    def _construct(
        self, node: ast.AST, made_from: Region, code: Class, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
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

    def _call_back(self, values: Value, given: Value) -> None:
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

    # -- what others have defined

    def _builtin(self, node: ast.Call, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        given = NOTHING.union(*arguments, *keywords.values())
        if name == "super":
            frame = self.function_frame()
            return frame.first if frame is not None else NOTHING
        if name in known.OPAQUE_BUILTINS and not (name == "vars" and arguments):
            if name != "locals" or self.frame is None:
                self.do_anything(settings=name == "exec")
            return frozenset([self.memory.world])
        if name == "open":
            return self._open(node, given)
        if name in ("setattr", "delattr") and arguments:
            self.write(arguments[0])
            self.hold(arguments[0], given)
            self.used_by_class(arguments[0], (f"__{name}__",), given)
            return NOTHING
        if name == "type":
            return self.classes_of(given) | given
        if name in ("getattr", "vars", "next", "anext"):
            return self.inside(given)
        self._call_back_functions(given)
        if name in known.CALLING_BUILTINS:
            function = keywords.get("key", NOTHING) | NOTHING.union(*arguments[: name in ("map", "filter")])
            if function:
                gone_through = arguments[1:] if name in ("map", "filter") else arguments
                elements = self.inside(self.inside(NOTHING.union(*gone_through)))
                self.run_value(node, function, [elements], {}, kind="key")
        if name in known.IMMUTABLE_BUILTINS or not given:
            return frozenset([self.fresh(node)]) if name in known.ELEMENT_BUILTINS and not given else NOTHING
        region = self.fresh(
            node, holds=NOTHING.union(*(self.inside(each) for each in (*arguments, *keywords.values())))
        )
        region.consumed = CONSUMED if name in known.ITERATOR_BUILTINS else NOT_CONSUMED
        return frozenset([region]) | (self.inside(given) if name in ("min", "max", "sum", "iter", "aiter") else NOTHING)

    def _call_back_functions(self, given: Value) -> None:
        functions = frozenset(each for each in given if isinstance(each.code, Function) or each.path)
        if functions:
            self._call_back(functions, given)

    def _library(
        self, node: ast.AST, path: str, arguments: list[Value], keywords: dict[str, Value], kind: str
    ) -> Value:
        given = NOTHING.union(*arguments, *keywords.values())
        library, last = path.lstrip(".").partition(".")[0], path.rpartition(".")[2]
        generator = known.SEEDING.get(path) or known.SEEDING.get(last)
        if generator is not None:
            self._seed(generator)
            return NOTHING
        in_known = library in known.LIBRARIES and not path.startswith(".")
        own_numbers = _is_given_seed(node) or last in known.UNDRAWN
        if in_known and not own_numbers:
            for beginning, generator in known.DRAWING:
                if path.startswith(beginning):
                    self.draw(generator)
        self._files(node, last, library, given)
        if known.sets_something(path):
            self.change("settings")
        self._call_back(given, given)
        if last in known.CHANGING_FUNCTIONS or last.endswith("_") or _is_given(node, "copy", False):
            self.write_all(given)
        self.write(keywords.get("out", NOTHING))
        if not in_known:
            self.write_all(given)
            self._written.add(self.memory.imported(library if not path.startswith(".") else path))
            self.read_file("")
            self.write_file("")
            if not own_numbers:
                self.draw("*")
        region = self.fresh(node, f"{kind} {path}")
        region.made_by = "generator" if last in known.GENERATORS else library if in_known else ""
        region.undrawn = own_numbers
        if not in_known:
            region.consumed = PERHAPS_CONSUMED
        elif library in known.CONSUMING_LIBRARIES:
            region.consumed = CONSUMED
        region.transparent = library in ("functools", "operator", "itertools")
        result = frozenset([region])
        if path.startswith(known.IMMUTABLE_PATHS):
            return NOTHING
        if in_known and path.startswith(known.FRESH_PATHS) and not _is_given(node, "copy", False):
            return result
        self.hold(result, given)
        if not in_known:
            self.hold(result, [self.memory.imported(library)], reading=True)
        return result if last[:1].isupper() else result | given

    def _call_object(self, node: ast.AST, region: Region, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """Go through the call of an object that is not known to be a function."""
        given = NOTHING.union(*arguments, *keywords.values())
        called = frozenset([region])
        result = self.parts(given) | self.inside(called)
        found = False
        for each in self.coded(called):
            if isinstance(each.code, Class):
                for name in ("__call__", "forward", "call"):
                    for method in each.code.methods.get(name, ()):
                        found = True
                        result = result | self.run_method(method, called, arguments, keywords)
        if found and region.instance:
            return result
        self.write_all(called)
        self._call_back(called | given, given)
        if not found and region.made_by not in known.LIBRARIES:
            self.write_all(given)
        if not region.undrawn:
            self.draw("*")
        made = self.fresh(node, "called", given | called)
        made.consumed = NOT_CONSUMED if region.made_by in known.LIBRARIES else PERHAPS_CONSUMED
        made.made_by = region.made_by
        return result | {made}

    def _method(
        self, node: ast.Call, name: str, receiver: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        imported = frozenset(each for each in receiver if each.path)
        result: Value = NOTHING
        if imported:
            functions = frozenset(self.memory.imported(f"{each.path}.{name}") for each in imported)
            for each in functions:
                self.touch(each.path, frozenset([each]))
            result = self.run_value(node, functions, arguments, keywords)
        objects = receiver - imported
        if not objects and imported:
            return result
        found = False
        for each in self.coded(objects):
            if isinstance(each.code, Class):
                for method in each.code.methods.get(name, ()):
                    found = True
                    result = result | self.run_method(method, objects, arguments, keywords)
        if found and all(each.instance or isinstance(each.code, Class) for each in objects):
            return result
        if objects and all(each.instance for each in objects):
            # A function that is kept in an attribute.
            held = self.inside(objects) - frozenset(each for each in objects if each not in each.holds)
            return result | self.run_value(node, held, arguments, keywords)
        return result | self._method_of_object(node, name, objects, arguments, keywords)

    def _method_of_object(
        self, node: ast.Call, name: str, receiver: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        given = NOTHING.union(*arguments, *keywords.values())
        undrawn = _is_given_seed(node) or all(each.undrawn for each in receiver)
        makers = {each.made_by for each in receiver}
        self._files(node, name, "", given | receiver)
        made = self.fresh(node)
        made.made_by = next(iter(makers)) if len(makers) == 1 and "generator" not in makers else ""
        made.undrawn = bool(receiver) and all(each.undrawn for each in receiver)
        result = frozenset([made])
        self.consume(receiver, CONSUMED)
        if "generator" in makers or "matplotlib" in makers:
            self.write_all(receiver)
            self.write_all(given if name == "shuffle" else NOTHING)
            self.hold(receiver | result, given, reading=True)
            return result | receiver | given
        if name in known.READING_METHODS:
            if _is_given(node, "inplace", True):
                self.write(receiver)
            self.write(keywords.get("out", NOTHING))
            if name == "sample" and not undrawn:
                self.draw("numpy")
            if name not in known.QUIET_METHODS:
                self._call_back(receiver | given, receiver | given)
            if name in known.FRESH_METHODS:
                return result if receiver or given else NOTHING
            self.hold(result, receiver | given)
            if name in ("finditer", "iterrows", "itertuples"):
                made.consumed = CONSUMED
            return result | self.inside(receiver) if receiver | given else NOTHING
        if name in known.OBJECT_CHANGING_METHODS:
            self.write(receiver)
            self.hold(receiver, given | NOTHING.union(*(self.inside(each) for each in arguments)))
            self._call_back_functions(given)
            return self.inside(receiver) | given
        self.write_all(receiver)
        self._call_back(receiver | given, receiver | given)
        if not undrawn and receiver:
            self.draw("*")
        if name in known.FITTING_METHODS:
            self.hold(receiver, given, reading=True)
            return receiver | result
        if not (receiver and makers <= known.LIBRARIES):
            self.write_all(given)
            made.consumed = PERHAPS_CONSUMED
        self.hold(receiver | result, given)
        self.hold(result, receiver)
        return result | self.inside(receiver) | given if receiver | given else NOTHING

    # -- what has no name

    def _seed(self, generator: str) -> None:
        if generator == "*":
            for each in ("random", "numpy", "torch", "tensorflow"):
                self.seed(each)
        else:
            self.seed(generator)

    def _open(self, node: ast.Call, given: Value) -> Value:
        name = _file_name(node.args[:1], given)
        self._open_file(node.args[1:], node.keywords, name)
        region = self.fresh(node)
        region.consumed = CONSUMED
        region.made_by = f"file {name}"
        return frozenset([region])

    def _open_file(self, arguments: list[ast.expr], keywords: list[ast.keyword], name: str) -> None:
        given = [*arguments[:1], *(each.value for each in keywords if each.arg == "mode")]
        mode = given[0].value if given and isinstance(given[0], ast.Constant) else ("r" if not given else "r+")
        if not isinstance(mode, str) or set(mode) & set("wax+"):
            self.write_file(name)
        if not isinstance(mode, str) or set(mode) & set("ra+"):
            self.read_file(name)

    def _files(self, node: ast.AST, name: str, library: str, given: Value) -> None:
        if not isinstance(node, ast.Call):
            return
        reads, writes = known.reads_files(name), known.writes_files(name, library)
        if not reads and not writes:
            return
        expressions = [*node.args, *(each.value for each in node.keywords)]
        if name == "open" and all(
            isinstance(each, ast.Constant) and set(str(each.value)) <= _MODES for each in expressions[:1]
        ):
            self._open_file(node.args, node.keywords, "")
            return
        file = _file_name(expressions, given)
        if writes:
            self.write_file(file)
        if reads:
            self.read_file(file)


def _file_name(expressions: Iterable[ast.expr], given: Value) -> str:
    """Return the last part of the path that a call names, or of the open file that it is given; empty if unknown."""
    for each in expressions:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            return each.value.replace("\\", "/").rpartition("/")[2]
    names = {region.made_by[5:] for region in given if region.made_by.startswith("file ")}
    return names.pop() if len(names) == 1 else ""


def _is_given(node: ast.AST, keyword: str, value: object) -> bool:
    """Whether a call gives a keyword this constant, or something that is not known."""
    if not isinstance(node, ast.Call):
        return False
    for each in node.keywords:
        if each.arg == keyword:
            return not isinstance(each.value, ast.Constant) or each.value.value is value
    return False


def _is_given_seed(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and any(
        each.arg in known.SEED_KEYWORDS and not (isinstance(each.value, ast.Constant) and each.value.value is None)
        for each in node.keywords
    )


def _is_shell(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


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
