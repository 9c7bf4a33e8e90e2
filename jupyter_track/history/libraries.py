"""Going through calls of what others have defined: built-ins, functions of libraries, methods of their objects.

What is in `known` tells what they do. Whoever is not there is taken to change whatever it can reach.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from . import known
from .functions import FunctionCalls
from .memory import CONSUMED, NOT_CONSUMED, NOTHING, PERHAPS_CONSUMED, Value

__all__ = ["LibraryCalls"]

_MODES = frozenset("rwaxbt+U")


class LibraryCalls(FunctionCalls):
    """Goes through calls of what others have defined."""

    def run_value(
        self, node: ast.AST, function: Value, arguments: list[Value], keywords: dict[str, Value], kind: str = ""
    ) -> Value:
        """Go through a call of whatever a value may be."""
        raise NotImplementedError

    def run_builtin(self, node: ast.Call, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """Go through a call of a built-in function."""
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
        self.call_back_functions(given)
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

    def run_library(
        self, node: ast.AST, path: str, arguments: list[Value], keywords: dict[str, Value], kind: str
    ) -> Value:
        """Go through a call of a function or class that was imported."""
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
        self.call_back(given, given)
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

    def run_unknown_method(
        self, node: ast.Call, name: str, receiver: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        """Go through a call of a method that no class of the notebook has."""
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
                self.call_back(receiver | given, receiver | given)
            if name in known.FRESH_METHODS:
                return result if receiver or given else NOTHING
            self.hold(result, receiver | given)
            if name in ("finditer", "iterrows", "itertuples"):
                made.consumed = CONSUMED
            return result | self.inside(receiver) if receiver | given else NOTHING
        if name in known.OBJECT_CHANGING_METHODS:
            self.write(receiver)
            self.hold(receiver, given | NOTHING.union(*(self.inside(each) for each in arguments)))
            self.call_back_functions(given)
            return self.inside(receiver) | given
        self.write_all(receiver)
        self.call_back(receiver | given, receiver | given)
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
