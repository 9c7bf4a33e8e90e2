"""Going through calls: who may be called, and is it the notebook's or somebody else's.

The principle is that a call changes whatever it can reach (the receiver, the arguments, and what they hold), unless
`known` says that it does not. Functions of known libraries leave their arguments alone but for those that are named
there; methods of a known name only read; ``fit`` and its like change their receiver and keep the arguments.
"""

from __future__ import annotations

import ast

from . import known
from .libraries import LibraryCalls
from .memory import CONSUMED, NOT_CONSUMED, NOTHING, PERHAPS_CONSUMED, Class, Function, Region, Value

__all__ = ["Calls"]

_HANDED_ON = known.OBJECT_CHANGING_METHODS | known.FITTING_METHODS


class Calls(LibraryCalls):
    """Goes through calls."""

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
            return self.run_builtin(node, callee.id, arguments, keywords)
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
                result = result | self.construct(node, region, region.code, arguments, keywords)
            elif region.path:
                result = result | self.run_library(node, region.path, arguments, keywords, kind)
            elif region.transparent:
                self.call_back(frozenset([region]) | given, given)
                result = result | {self.fresh(node, kind, given | region.holds)}
            else:
                result = result | self._call_object(node, region, arguments, keywords)
        if len(function) > 1:
            self.branches -= 1
        return result

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
        self.call_back(called | given, given)
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
        return result | self.run_unknown_method(node, name, objects, arguments, keywords)


def _is_shell(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"
