"""Rewriting loops so that they are watched, with everything else as it was.

``for`` loops become::

    for x in BEGIN(n, ITER(y)):
        body, with ``if LOOKED_AT[n]: KEEP(slot, loss, n)`` after each statement that computes a curve
    else:
        for x in REST(n):
            body
        else:
            orelse

and ``while`` loops, since a ``for`` tells by dropping its iterator how it was left::

    for () in BEGIN(n):
        if condition:
            body, with the same
        else:
            OVER(n)
            orelse
            break
    else:
        while condition:
            body
        else:
            orelse

``async for`` loops become::

    async for x in ASYNC_BEGIN(n, ASYNC_ITER(y)()):
        body, with the same
    else:
        async for x in ASYNC_REST(n):
            body
        else:
            orelse

The second copy of the body is the loop as it was written. It goes over what is left when the first copy has been
found too quick to be watched. What is put in has the position of what it stands beside, so that no line is added.

Outside of that copy a call that may lead to loops in a function of the notebook, ``f(x)``, is ``FOLLOW(m, f)(x)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Protocol

from ...analysis.constants import NOT_CONSTANT, constant_value
from ..captured import Skipped
from .builtin_names import (
    ASYNC_BEGIN,
    ASYNC_ITER,
    ASYNC_REST,
    BEGIN,
    ENDED,
    FOLLOW,
    ITER,
    KEEP,
    LOOKED_AT,
    OVER,
    POLL,
    REST,
)
from .curves import RULE, Curve, LoopCurves
from .evidence import Evidence
from .expressions import pairs
from .site import reserve
from .trees import DEFINITIONS, LOOPS, Loop, Node, clone, copied, in_own_scope, located, with_blocks

__all__ = ["Rewriter", "Scope"]


def _getting_an_iterator_is_the_statement() -> bool:
    """Whether Python blames the whole ``for`` statement when its iterable is none, or only the iterable."""
    code = compile("for x in y: pass", "", "exec")
    positions = getattr(code, "co_positions", None)
    return positions is not None and any(each[2:] == (0, 16) for each in positions())


_BLAMES_STATEMENT: Final = _getting_an_iterator_is_the_statement()


class Scope(Protocol):
    """Where the loops stand that are rewritten together: a cell's top level or a function."""

    is_top_level: bool
    #: Under which `FOLLOW` knows who follows calls.
    number: int

    def line(self, node: ast.AST) -> int:
        """Return the line of a node, for the person."""

    def expression(self, node: ast.expr) -> str:
        """Return the text of a node, for the person."""

    def is_score(self, name: str) -> bool:
        """Whether a name is that of a score."""

    def claim(self, key: str, is_inner: bool) -> str | None:
        """Return the key under which a curve is recorded; None if another loop's curve has it already."""

    def alias(self) -> str:
        """Return a name for `LOOKED_AT` that no other loop uses."""

    def skip(self, skipped: Skipped) -> None:
        """Hear of a name that is no curve."""

    def follows(self, name: str) -> bool:
        """Whether what is called by a name, or as a method of that name, may lead to loops."""

    def add_site(self, index: int, loop: Loop, curves: list[Curve], loops: int) -> None:
        """Make the site of a loop that was given a number by `reserve`."""


class Rewriter:
    """Rewrites the loops of one scope.

    Parameters
    ----------
    scope : Scope

    Attributes
    ----------
    calls : int
        Calls that are followed.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.calls = 0
        self._alias: list[str] = []

    @property
    def looked_at(self) -> str:
        """The name of `LOOKED_AT` in the loops that stand together in one."""
        if not self._scope.is_top_level:
            return LOOKED_AT
        if not self._alias:
            self._alias.append(self._scope.alias())
        return self._alias[0]

    def block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Return statements with the loops among them, and in their branches, rewritten; the rest as it is."""
        return [self._outside(statement) for statement in statements]

    def _outside(self, statement: ast.stmt) -> ast.stmt:
        if isinstance(statement, LOOPS):
            loop = statement
            if not isinstance(loop, ast.While):
                # That of a ``while`` will be there twice.
                loop = type(loop)(loop.target, self.followed(loop.iter), loop.body, self.block(loop.orelse))
                ast.copy_location(loop, statement)
            self._alias.clear()
            rewritten, _ = self.loop(loop, Evidence(statement), set(), False)
            if isinstance(rewritten, (ast.For, ast.AsyncFor)) and self._alias:
                rewritten.body.insert(0, located(ast.Global(list(self._alias)), rewritten.body[0]))
            return rewritten or loop
        if isinstance(statement, DEFINITIONS):
            return statement
        calls = self.calls
        rewritten = with_blocks(statement, self.block, self.followed)
        return rewritten if self.calls > calls or _has_loop(statement) else statement

    def followed(self, node: Node) -> Node:
        """Return a copy of a node in which the calls that may lead to loops are followed."""
        if isinstance(node, DEFINITIONS):
            return clone(node)
        made = copied(node, self.followed)
        if isinstance(node, ast.Call) and isinstance(made, ast.Call) and self._is_followed(node.func):
            made.func = call(FOLLOW, [ast.Constant(self._scope.number), made.func, _polled(0, node.func)], node.func)
            self.calls += 1
        return made

    def _is_followed(self, called: ast.expr) -> bool:
        if isinstance(called, ast.Name):
            return self._scope.follows(called.id)
        # A method that is called has the line of its own name, if that is another one.
        is_method = isinstance(called, ast.Attribute) and called.value.lineno == called.end_lineno
        return is_method and self._scope.follows(called.attr)  # type: ignore[attr-defined]

    def loop(
        self, loop: Loop, evidence: Evidence, resets: set[str], is_inner: bool
    ) -> tuple[ast.stmt | None, dict[str, Curve]]:
        """Return the loop rewritten, or None to leave it alone, and the sums that it makes for the loop around it."""
        if _cannot_be_doubled(loop):
            return None, {}
        scope = self._scope
        found = LoopCurves(loop, evidence, scope.is_score, resets, scope.line, scope.expression)
        for skipped in found.skipped:
            scope.skip(skipped)
        index, calls = reserve(), self.calls
        body = _Body(self, scope, evidence, found, index, is_inner)
        statements = body.rewrite(loop)
        loops = body.loops + self.calls - calls
        if not body.curves and not loops:
            return None, found.sums
        scope.add_site(index, loop, body.curves, loops)
        if isinstance(loop, ast.While):
            return self._while(loop, statements, index), found.sums
        make = self._async_for if isinstance(loop, ast.AsyncFor) else self._for
        return make(loop, statements, index), found.sums

    def _for(self, loop: Any, body: list[ast.stmt], index: int) -> ast.stmt:
        iterator = call(ITER, [clone(loop.iter)], loop if _BLAMES_STATEMENT else loop.iter)
        clause = list(loop.orelse)
        if self._scope.is_top_level:
            clause.insert(0, _statement(call(ENDED, [_polled(index, loop.target)], loop.target)))
        rest = ast.For(loop.target, call(REST, [_polled(index, loop.iter)], loop.iter), loop.body, clause)
        begin = call(BEGIN, [ast.Constant(index), iterator], loop.iter)
        watched = ast.For(clone(loop.target), begin, body, [ast.copy_location(rest, loop)])
        return ast.copy_location(watched, loop)

    def _async_for(self, loop: Any, body: list[ast.stmt], index: int) -> ast.stmt:
        at = loop if _BLAMES_STATEMENT else loop.iter
        iterator = located(ast.Call(call(ASYNC_ITER, [clone(loop.iter)], at), [], []), at)
        begin = call(ASYNC_BEGIN, [ast.Constant(index), iterator], loop.iter)
        rest = ast.AsyncFor(
            loop.target, call(ASYNC_REST, [_polled(index, loop.iter)], loop.iter), loop.body, loop.orelse
        )
        watched = ast.AsyncFor(clone(loop.target), begin, body, [ast.copy_location(rest, loop)])
        return ast.copy_location(watched, loop)

    def _while(self, loop: Any, body: list[ast.stmt], index: int) -> ast.stmt:
        over = _statement(call(OVER, [_polled(index, loop.test)], loop.test))
        leave = ast.copy_location(ast.Break(), loop.test)
        turn = ast.If(self.followed(loop.test), body, [over, *(self.followed(each) for each in loop.orelse), leave])
        begin = call(BEGIN, [_polled(index, loop.test)], loop.test)
        nothing = ast.copy_location(ast.Tuple([], ast.Store()), loop.test)
        watched = ast.For(nothing, begin, [ast.copy_location(turn, loop)], [loop])
        return ast.copy_location(watched, loop)


class _Body:
    """The watched copy of a loop's body, as it is made.

    Attributes
    ----------
    curves : list of Curve
        By slot.
    loops : int
        Watched loops in the body, those in them not counted.
    """

    def __init__(
        self, rewriter: Rewriter, scope: Scope, evidence: Evidence, found: LoopCurves, index: int, is_inner: bool
    ) -> None:
        self._rewriter = rewriter
        self._scope = scope
        self._evidence = evidence
        self._found = found
        self._index = index
        self._is_inner = is_inner
        self._resets: set[str] = set()
        self._slots: dict[str, int | None] = {}
        self.curves: list[Curve] = []
        self.loops = 0

    def rewrite(self, loop: Loop) -> list[ast.stmt]:
        """Return the statements of the copy."""
        for curve in self._found.curves:
            self._slot(curve)  # Before the loops within lay claim to the same names.
        at_once = self._keeps(self._found.after.get(id(loop), []), loop.body[0])
        return [*at_once, *self._statements(loop.body, True)]

    def _statements(self, statements: list[ast.stmt], always: bool) -> list[ast.stmt]:
        rewritten: list[ast.stmt] = []
        for statement in statements:
            if always:
                self._note_reset(statement)
            rewritten += self._statement(statement, always)
        return rewritten

    def _note_reset(self, statement: ast.stmt) -> None:
        if not isinstance(statement, ast.Assign):
            return
        for target in statement.targets:
            for part, value in pairs(target, statement.value):
                if constant_value(value) is not NOT_CONSTANT:
                    names = [part] if isinstance(part, ast.Name) else getattr(part, "elts", [])
                    self._resets.update(each.id for each in names if isinstance(each, ast.Name))

    def _statement(self, statement: ast.stmt, always: bool) -> list[ast.stmt]:
        if isinstance(statement, LOOPS):
            resets = self._resets - self._evidence.deleted
            loop = clone(statement)
            if not isinstance(statement, ast.While):
                loop.iter = self._rewriter.followed(statement.iter)  # type: ignore[union-attr]
            loop.orelse = self._statements(statement.orelse, False)
            rewritten, sums = self._rewriter.loop(loop, self._evidence, resets, True)
            self.loops += rewritten is not None
            return [rewritten or loop, *self._keeps(list(sums.values()), statement)]
        if isinstance(statement, DEFINITIONS):
            return [clone(statement)]
        if any(getattr(statement, name, None) for name in ("body", "handlers", "cases")):
            within = always and isinstance(statement, (ast.With, ast.AsyncWith))
            followed = self._rewriter.followed
            return [with_blocks(statement, lambda block: self._statements(block, within), followed)]
        return [self._rewriter.followed(statement), *self._keeps(self._found.after.get(id(statement), []), statement)]

    def _keeps(self, curves: list[Curve], beside: ast.stmt) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for curve in curves:
            slot = self._slot(curve)
            if slot is None:
                continue
            at = _target(beside)
            looked_at = ast.Subscript(_name(self._rewriter.looked_at), ast.Constant(self._index), ast.Load())
            keep = call(KEEP, [ast.Constant(slot), _name(curve.name), _polled(self._index, at)], at)
            # What follows on a branch, be it only the jump back, has a line of its own or none.
            kept += [located(ast.If(looked_at, [_statement(keep)], []), at), located(ast.Pass(), at)]
        return kept

    def _slot(self, curve: Curve) -> int | None:
        if curve.key not in self._slots:
            key = self._scope.claim(curve.key, self._is_inner)
            self._slots[curve.key] = None if key is None else len(self.curves)
            if key is None:
                self._scope.skip(Skipped(curve.key, RULE, curve.line, "another loop has a curve of that name"))
            else:
                self.curves.append(replace(curve, key=key))
        return self._slots[curve.key]


def _has_loop(node: ast.AST) -> bool:
    return any(isinstance(each, LOOPS) for each in in_own_scope(node))


def _cannot_be_doubled(loop: Loop) -> bool:
    """Whether two copies of a loop, the second in the other's ``else``, would not be the same program."""
    clause = loop.orelse if isinstance(loop, ast.While) else []
    if any(isinstance(each, (ast.Global, ast.Nonlocal)) for each in _parts([*loop.body, *clause])):
        return True  # They must stand before any use of their names.
    # The clause of a ``while`` comes to stand within a loop, to which its `break` would belong.
    return any(_leaves(each) for each in clause)


def _leaves(node: ast.AST) -> bool:
    """Whether a statement has a ``break`` or ``continue`` of a loop around it."""
    if isinstance(node, (ast.Break, ast.Continue)):
        return True
    if isinstance(node, DEFINITIONS):
        return False
    is_loop = isinstance(node, LOOPS)
    return any(_leaves(each) for each in (node.orelse if is_loop else ast.iter_child_nodes(node)))  # type: ignore[attr-defined]


def _parts(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in statements:
        yield statement
        yield from in_own_scope(statement)


def _target(statement: ast.stmt) -> ast.AST:
    """Return the node on whose line a statement ends to run: what it assigns to, which comes last."""
    if isinstance(statement, ast.Assign):
        return statement.targets[-1]
    return statement.target if isinstance(statement, ast.AnnAssign) else statement


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def call(name: str, arguments: list[ast.expr], at: ast.AST) -> ast.Call:
    """Return a call of one of our functions, at the position of another node."""
    return located(ast.Call(_name(name), arguments, []), at)


def _polled(index: int, at: ast.AST) -> ast.Call:
    return call(POLL, [ast.Constant(index)], at)


def _statement(expression: ast.expr) -> ast.stmt:
    return ast.copy_location(ast.Expr(expression), expression)
