"""Going through expressions: which objects each may give, and what it reads and changes on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from .closures import PARTS
from .memory import (
    CONSUMED,
    NOT_CONSUMED,
    NOTHING,
    PERHAPS_CONSUMED,
    Class,
    Frame,
    Function,
    Region,
    Value,
    local_names,
)
from .record import CellRecord

__all__ = ["Expressions"]

#: Names under which IPython keeps what cells displayed and said; what they mean depends on all that ran.
_NUMBERED = frozenset({"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh"})


class Expressions(CellRecord):
    """Evaluates expressions in terms of regions."""

    def run_call(self, node: ast.Call) -> Value:
        """Go through a call."""
        raise NotImplementedError

    def run_function(self, function: Function, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """Go through a function of the notebook with these arguments, and return what it may return."""
        raise NotImplementedError

    def run_method(
        self, method: Function, receiver: Value, arguments: list[Value], keywords: dict[str, Value]
    ) -> Value:
        """Go through a method of a class of the notebook."""
        if method.kind == "staticmethod":
            return self.run_function(method, arguments, keywords)
        if method.kind == "classmethod":
            receiver = receiver | self.classes_of(receiver)
        return self.run_function(method, [receiver, *arguments], keywords)

    def value(self, node: ast.expr | None) -> Value:
        """Evaluate an expression."""
        if node is None:
            return NOTHING
        self.step()
        handler: Callable[[Any], Value] | None = getattr(self, f"_{type(node).__name__}", None)
        return handler(node) if handler is not None else self._operation(node)

    def values(self, nodes: Iterable[ast.expr | None]) -> Value:
        """Evaluate expressions in their order and return all that they may be."""
        found: Value = NOTHING
        for node in nodes:
            found = found | self.value(node)
        return found

    def inside(self, value: Value) -> Value:
        """Return what taking a part of an object may give: itself, as a view, or what it refers to."""
        held = value.union(*[region.holds for region in value])
        kept: set[Region] = set().union(*[region.keeps for region in value if region.keeps]) - held
        # Not the class that an object is of: its methods and what it shares are found by name.
        return held.union([each for each in kept if each.code is None and not each.path]) if kept else held

    def parts(self, value: Value) -> Value:
        """Return what taking part after part of an object may give."""
        return self._closures.of(value, PARTS).as_value()

    def classes_of(self, value: Value) -> Value:
        """Return the classes of the notebook that a value may be an object of."""
        return frozenset(each for each in self.coded(value) if isinstance(each.code, Class))

    def consume(self, value: Value, at_least: int = PERHAPS_CONSUMED) -> None:
        """Go through the elements of an object, which uses up an iterator."""
        waiting = [region for region in value if region.consumed >= at_least]
        consumed = []
        while waiting:
            region = waiting.pop()
            if region.consumed >= at_least:
                self.write((region,))
                lazy = region.lazy
                consumed.append((region, lazy, region.consumed))
                # An iterator may come to itself again by what it holds.
                region.lazy, region.consumed = None, NOT_CONSUMED
                if lazy is not None:
                    self._run_lazy(lazy)
                waiting += region.holds
        for region, lazy, kind in consumed:
            region.lazy, region.consumed = lazy, kind

    def _run_lazy(self, lazy: Any) -> None:
        self.branches += 1
        code, rest = lazy
        if isinstance(code, Function):
            self.run_function(code, list(rest), {})
        else:
            frame, self.frame = self.frame, rest
            self._comprehension(code, [code.elt])
            self.frame = frame
        self.branches -= 1

    # -- names and their parts

    def _Constant(self, node: ast.Constant) -> Value:
        return NOTHING

    def _Name(self, node: ast.Name) -> Value:
        if (node.id in _NUMBERED or (node.id[:1] == "_" and node.id[1:].lstrip("i").isdigit())) and (
            node.id not in self.memory.values and not self.is_local(node.id)
        ):
            self.read_anything()
            return frozenset([self.memory.world])
        return self.lookup(node.id)

    def is_local(self, name: str) -> bool:
        """Whether a name is one of a function that is gone through."""
        frame = self.frame
        while frame is not None:
            if name in frame.names:
                return True
            frame = frame.outer
        return False

    def _Attribute(self, node: ast.Attribute) -> Value:
        value = self.value(node.value)
        if node.attr == "__class__":
            return self.classes_of(value) | value
        imported = [region for region in value if region.path]
        if not imported:
            return self.inside(value)
        parts = frozenset(self.memory.imported(f"{region.path}.{node.attr}") for region in imported)
        for part in parts:
            self.touch(part.path, frozenset([part]))
        return parts | self.inside(value - frozenset(imported))

    def _Subscript(self, node: ast.Subscript) -> Value:
        value = self.value(node.value)
        self.value(node.slice)
        return self.inside(value)

    def _Starred(self, node: ast.Starred) -> Value:
        value = self.value(node.value)
        self.consume(value)
        return self.inside(value)

    def _NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        self.bind(node.target.id, value)
        return value

    # -- operations

    def _operation(self, node: ast.AST) -> Value:
        """Evaluate what makes a new object out of its operands."""
        operands = NOTHING
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                operands = operands | self.value(child)
        return self.made_of(node, operands)

    def made_of(self, node: ast.AST, operands: Value) -> Value:
        """Return what an operator makes of its operands."""
        if not operands:
            return NOTHING
        made = frozenset([self.fresh(node, holds=operands)])
        # A class of the notebook decides itself what its operators return.
        return made | self.inside(operands) if any(region.instance for region in operands) else made

    def _Compare(self, node: ast.Compare) -> Value:
        operands = self.value(node.left)
        for operator, right in zip(node.ops, node.comparators, strict=True):
            value = self.value(right)
            if isinstance(operator, (ast.In, ast.NotIn)):
                self.consume(value)
            elif isinstance(operator, (ast.Is, ast.IsNot)):
                continue
            operands = operands | value
        plain = all(isinstance(operator, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for operator in node.ops)
        return NOTHING if plain else self.made_of(node, operands)

    def _JoinedStr(self, node: ast.JoinedStr) -> Value:
        self.values(node.values)
        return NOTHING

    def _FormattedValue(self, node: ast.FormattedValue) -> Value:
        self.value(node.value)
        self.value(node.format_spec)
        return NOTHING

    def _BoolOp(self, node: ast.BoolOp) -> Value:
        found = self.value(node.values[0])
        self.branches += 1
        found = found | self.values(node.values[1:])
        self.branches -= 1
        return found

    def _IfExp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        self.branches += 1
        found = self.values((node.body, node.orelse))
        self.branches -= 1
        return found

    def _List(self, node: ast.List | ast.Set) -> Value:
        return frozenset([self.fresh(node, holds=self.values(node.elts))])

    _Set = _List

    def _Tuple(self, node: ast.Tuple) -> Value:
        held = self.values(node.elts)
        return frozenset([self.fresh(node, holds=held)]) if held else NOTHING

    def _Dict(self, node: ast.Dict) -> Value:
        held = NOTHING
        for key, item in zip(node.keys, node.values, strict=True):
            held = held | self.value(key)
            value = self.value(item)
            held = held | (self.inside(value) if key is None else value)
        return frozenset([self.fresh(node, holds=held)])

    # -- what has a scope of its own

    def _Lambda(self, node: ast.Lambda) -> Value:
        region = self.fresh(node, holds=self.values((*node.args.defaults, *node.args.kw_defaults)))
        self.define(region, node)
        return frozenset([region])

    def define(self, region: Region, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Make an object a function, which holds what the functions around it have bound."""
        region.code = Function(node, region, self.frame)
        frame = self.frame
        while frame is not None:
            self.hold((region,), (frame.region,))
            for value in frame.values.values():
                self.hold((region, frame.region), value)
            frame = frame.outer

    def _comprehension(self, node: Any, parts: Iterable[ast.expr]) -> Value:
        frame = Frame(local_names(node), self.frame)
        frame.is_comprehension = True
        iterated = self.value(node.generators[0].iter)
        self.consume(iterated)
        self.frame, self.branches = frame, self.branches + 1
        held = NOTHING
        before = -1
        # What an element does to the notebook's objects may matter for the next one.
        for _ in range(4):
            if before == self.changes:
                break
            before = self.changes
            for position, generator in enumerate(node.generators):
                if position:
                    iterated = self.value(generator.iter)
                    self.consume(iterated)
                self.assign(generator.target, self.inside(iterated))
                self.values(generator.ifs)
            held = held | self.values(parts)
        self.frame, self.branches = frame.outer, self.branches - 1
        return held

    def _ListComp(self, node: ast.ListComp | ast.SetComp) -> Value:
        return frozenset([self.fresh(node, holds=self._comprehension(node, [node.elt]))])

    _SetComp = _ListComp

    def _DictComp(self, node: ast.DictComp) -> Value:
        return frozenset([self.fresh(node, holds=self._comprehension(node, [node.key, node.value]))])

    def _GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        region = self.fresh(node, holds=self._comprehension(node, [node.elt]))
        region.consumed = CONSUMED
        region.lazy = (node, self.frame)
        return frozenset([region])

    def _Call(self, node: ast.Call) -> Value:
        return self.run_call(node)

    def _Await(self, node: ast.Await) -> Value:
        value = self.value(node.value)
        self.consume(value)
        return self.inside(value)

    def _YieldFrom(self, node: ast.YieldFrom) -> Value:
        value = self.value(node.value)
        self.consume(value)
        self.give(self.inside(value))
        return self.inside(value)

    def _Yield(self, node: ast.Yield) -> Value:
        self.give(self.value(node.value))
        frame = self.function_frame()
        # What is sent into a generator comes from wherever it is used.
        return frame.first if frame is not None else NOTHING

    def give(self, value: Value) -> None:
        """Return or yield an object from the function that is gone through."""
        frame = self.function_frame()
        if frame is not None and not value <= frame.returns:
            frame.returns = frame.returns | value
            self.changes += 1

    def function_frame(self) -> Frame | None:
        """Return the frame of the function that is gone through."""
        frame = self.frame
        while frame is not None and frame.code is None:
            frame = frame.outer
        return frame

    # -- targets

    def assign(self, target: ast.expr, value: Value) -> None:
        """Assign an object to a name, an item, an attribute, or several."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.consume(value)
            for element in target.elts:
                self.assign(element, self.inside(value))
        elif isinstance(target, ast.Starred):
            self.assign(target.value, frozenset([self.fresh(target, holds=self.inside(value))]))
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            self.change_part(target, value)

    def change_part(self, target: ast.Attribute | ast.Subscript, value: Value) -> None:
        """Assign to an attribute or item, or delete it."""
        owner = self.value(target.value)
        if isinstance(target, ast.Subscript):
            self.value(target.slice)
        elif owner and all(region.path for region in owner):
            # An attribute of a module, or of something in it.
            self.write(frozenset(self.memory.imported(f"{region.path}.{target.attr}") for region in owner))
        self.write(owner)
        self.hold(owner, value)
        self.used_by_class(owner, ("__setattr__", "__setitem__", "__delattr__", "__delitem__"), value)
        if isinstance(target, ast.Attribute):
            # It may be a property.
            self.used_by_class(owner, (target.attr,), value)

    def used_by_class(self, value: Value, names: Iterable[str], argument: Value = NOTHING) -> None:
        """Go through the methods of those names that classes of the notebook give to an object."""
        for region in self.coded(value):
            code = region.code
            if isinstance(code, Class):
                for name in names:
                    for method in code.methods.get(name, ()):
                        self.branches += 1
                        self.run_method(method, value, [argument] * (len(method.node.args.args) - 1), {})
                        self.branches -= 1

    def look_at(self, value: Value) -> None:
        """Go through the operators and properties of objects of the notebook's classes."""
        used: dict[str, None] = {}
        for region in self.coded(value):
            code = region.code
            if isinstance(code, Class):
                used.update(
                    dict.fromkeys(
                        name
                        for name, methods in code.methods.items()
                        if any(method.kind == "property" for method in methods)
                        or (name[:2] == name[-2:] == "__" and name not in ("__init__", "__new__", "__call__"))
                    )
                )
        if used:
            self.used_by_class(value, used, value)
