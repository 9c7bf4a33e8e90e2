"""Going through statements: what a cell binds for certain, and what it perhaps does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from .calls import Calls
from .known import LIBRARIES, NOT_SWALLOWING, TRANSPARENT_DECORATORS
from .memory import NOTHING, Class, Frame, Function, Value, local_names

__all__ = ["CellWalk"]

#: How often a loop is gone through at most; objects that move on by one name each time need one more.
_PASSES = 6


class CellWalk(Calls):
    """Goes through the statements of a cell, in the order in which Python runs them."""

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Go through statements."""
        for statement in statements:
            handler: Callable[[Any], None] | None = getattr(self, f"_{type(statement).__name__}", None)
            if handler is not None:
                handler(statement)
            else:
                # pass, break, global, or what a later version of Python brings.
                self.values(each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.expr))

    def _perhaps_run(self, statements: Iterable[ast.stmt]) -> None:
        self.branches += 1
        self.run(statements)
        self.branches -= 1

    # -- simple statements

    def _Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _Assign(self, node: ast.Assign) -> None:
        value = node.value
        for target in node.targets:
            if (
                isinstance(target, ast.Tuple)
                and isinstance(value, ast.Tuple)
                and len(target.elts) == len(value.elts)
                and not any(isinstance(each, ast.Starred) for each in (*target.elts, *value.elts))
            ):
                parts = [self.value(each) for each in value.elts]
                for element, part in zip(target.elts, parts, strict=True):
                    self.assign(element, part)
            else:
                self.assign(target, self.value(value))

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if self.frame is None:
            self.value(node.annotation)
        if node.value is not None:
            self.assign(node.target, self.value(node.value))

    def _AugAssign(self, node: ast.AugAssign) -> None:
        added = self.value(node.value)
        self.consume(added)
        if isinstance(node.target, ast.Name):
            value = self.lookup(node.target.id)
            # A list or an array changes where it is; whatever else makes a new object.
            self.write(value)
            self.hold(value, self.inside(added))
            self.bind(node.target.id, value | self.made_of(node, value | added))
        elif isinstance(node.target, (ast.Attribute, ast.Subscript)):
            target = node.target
            part = self.inside(self.value(target.value))
            self.write(part)
            self.hold(part, self.inside(added))
            self.change_part(target, self.made_of(node, part | added))

    def _Delete(self, node: ast.Delete) -> None:
        waiting: list[ast.expr] = list(node.targets)
        while waiting:
            target = waiting.pop()
            if isinstance(target, ast.Name):
                self.unbind(target.id)
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                self.change_part(target, NOTHING)
            elif isinstance(target, (ast.Tuple, ast.List)):
                waiting += target.elts

    def _Return(self, node: ast.Return) -> None:
        self.give(self.value(node.value))

    def _Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._load_module(alias.name)
            name = alias.asname or alias.name.partition(".")[0]
            self.bind(name, frozenset([self.memory.imported(alias.name if alias.asname else name)]))

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        self._load_module(module)
        for alias in node.names:
            if alias.name == "*":
                self.bind_anything()
            else:
                self.bind(alias.asname or alias.name, frozenset([self.memory.imported(f"{module}.{alias.name}")]))

    def _load_module(self, path: str) -> None:
        root = path.partition(".")[0]
        region = self.memory.imported(root)
        self.touch(root, frozenset([region]))
        if root not in LIBRARIES:
            # A module that lies beside the notebook: it is a file, and runs when it is first loaded.
            self.read_file("")
            if not region.writers:
                self._written.add(region)

    # -- branches and loops

    def _If(self, node: ast.If) -> None:
        self.value(node.test)
        self._perhaps_run(node.body)
        self._perhaps_run(node.orelse)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        before = -1
        self.branches += 1
        for _ in range(_PASSES):
            if before == self.changes:
                break
            before = self.changes
            if isinstance(node, ast.While):
                self.value(node.test)
            else:
                value = self.value(node.iter)
                self.consume(value)
                self.assign(node.target, self.inside(value))
            self.run(node.body)
        self.run(node.orelse)
        self.branches -= 1

    _For = _AsyncFor = _While = _loop

    def _try(self, node: Any) -> None:
        self._perhaps_run(node.body)
        for handler in node.handlers:
            self.value(handler.type)
            self.branches += 1
            if handler.name:
                self.bind(handler.name, NOTHING)
            self.run(handler.body)
            self.branches -= 1
        self._perhaps_run(node.orelse)
        self.run(node.finalbody)

    _Try = _TryStar = _try

    def _With(self, node: ast.With | ast.AsyncWith) -> None:
        may_swallow = False
        for item in node.items:
            value = self.value(item.context_expr)
            self.used_by_class(value, ("__enter__", "__exit__", "__aenter__", "__aexit__"))
            if item.optional_vars is not None:
                self.assign(item.optional_vars, self.inside(value))
            callee = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
            may_swallow |= getattr(callee, "attr", getattr(callee, "id", "")) not in NOT_SWALLOWING
        self.branches += may_swallow
        self.run(node.body)
        self.branches -= may_swallow

    _AsyncWith = _With

    def _Match(self, node: ast.Match) -> None:
        subject = self.inside(self.value(node.subject))
        self.branches += 1
        for case in node.cases:
            for each in ast.walk(case.pattern):
                if isinstance(each, ast.expr) and not isinstance(each, (ast.Attribute, ast.Constant)):
                    self.value(each)
                name = getattr(each, "name", None) or getattr(each, "rest", None)
                if isinstance(name, str):
                    self.bind(name, frozenset([self.fresh(each, holds=subject)]) | subject)
            self.value(case.guard)
            self.run(case.body)
        self.branches -= 1

    # -- definitions

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        held = self.values((*arguments.defaults, *arguments.kw_defaults))
        if self.frame is None:
            self.values(each.annotation for each in (*arguments.args, *arguments.kwonlyargs))
            self.value(node.returns)
        region = self.fresh(node, holds=held)
        self.define(region, node)
        self.bind(node.name, self._decorated(node.decorator_list, frozenset([region])))
        # Once more, since it may hold itself by its name.
        self.define(region, node)

    _AsyncFunctionDef = _FunctionDef

    def _decorated(self, decorators: list[ast.expr], value: Value) -> Value:
        for decorator in reversed(decorators):
            function = self.value(decorator)
            callee = decorator.func if isinstance(decorator, ast.Call) else decorator
            if getattr(callee, "attr", getattr(callee, "id", "")) not in TRANSPARENT_DECORATORS:
                value = value | self.run_value(decorator, function, [value], {}, kind="decorated")
        return value

    def _ClassDef(self, node: ast.ClassDef) -> None:
        bases, closed = NOTHING, not node.keywords
        for base in node.bases:
            value = self.value(base)
            bases = bases | value
            closed &= _is_object(base) or (
                bool(value) and all(isinstance(region.code, Class) and region.code.closed for region in value)
            )
        bases = bases | self.values(keyword.value for keyword in node.keywords)
        frame = Frame(local_names(node), self.frame)
        frame.is_class = True
        self.frame = frame
        self.run(node.body)
        self.frame = frame.outer
        own = {
            each.name: _method(each, frame)
            for each in node.body
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        methods = dict(own)
        region = self.fresh(node)
        for base_region in bases:
            if isinstance(base_region.code, Class):
                self.hold((region,), base_region.holds)
                for name, inherited in base_region.code.methods.items():
                    methods[name] = methods.get(name, ()) + inherited
        for name, value in frame.values.items():
            self.hold((region,), value, reading=name in own)
        self.hold((region,), bases, reading=True)
        region.code = Class(methods, closed)
        self.bind(node.name, self._decorated(node.decorator_list, frozenset([region])))


def _is_object(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "object"


def _method(node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> tuple[Function, ...]:
    """Return what a class has under the name of a function that is defined in it."""
    names = {getattr(each, "attr", getattr(each, "id", "")) for each in node.decorator_list}
    # The function that sets a property is decorated by the property.
    kind = "property" if names & {"property", "cached_property", "setter", "deleter"} else ""
    kind = kind or next((each for each in ("classmethod", "staticmethod") if each in names), "")
    codes = [region.code for region in frame.values.get(node.name, NOTHING) if isinstance(region.code, Function)]
    return tuple(Function(each.node, each.region, frame.outer, kind) for each in codes)
