"""Which names of a loop are curves, and after which of its statements they are looked at."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ...analysis.constants import NOT_CONSTANT, constant_value
from ..captured import Skipped
from ..vocabulary import is_best_name, is_counter_name, is_history_name
from .evidence import Evidence, names_shown
from .expressions import (
    added,
    held,
    is_extreme_of,
    is_size,
    is_whole,
    last_name,
    names_in,
    root_name,
    walruses,
    whole_parts,
)

__all__ = ["BEST", "RULE", "Curve", "LoopCurves"]

RULE = "assigned in a loop"
#: Why a name is no curve whose last value is a result all the same.
BEST = "the best so far: its last value is the result"
#: Why what a loop looks up is neither a curve nor, at its end, a result.
LOOKED_UP = "what the loop goes over, not a score"

_OF_THEIR_OWN = (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CLOCKS = frozenset(
    {"time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "process_time", "timestamp", "now"}
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity that gets a point in each iteration that computes it.

    Parameters
    ----------
    key : str
        The metric's name.
    name : str
        The name that is read after the statement: the quantity itself, or the list or dict of lists that it goes to.
    line : int
        In the cell as the person sees it; 0 if it stands in another.
    expression : str
    is_list : bool
        Whether ``name`` holds a list, whose last entry is the value.
    entry : str
        The entry of the dict ``name`` that is the list; empty if ``name`` is no dict.
    always : bool
        Whether each iteration that is not left early computes it.
    """

    key: str
    name: str
    line: int
    expression: str
    is_list: bool = False
    entry: str = ""
    always: bool = False


@dataclass(slots=True)
class _Computed:
    """All that a loop's own body does to one name."""

    first: ast.expr
    statements: list[ast.stmt] = field(default_factory=list)
    always: bool = False
    only_adds: bool = True
    counts: bool = True


class LoopCurves:
    """The curves of one loop.

    Parameters
    ----------
    loop : ast.For, ast.AsyncFor or ast.While
    evidence : Evidence
        Of the outermost loop around it.
    is_score : callable
        Whether a name is that of a score.
    resets : set of str
        Names that the loop around it sets to a constant before it runs: what only adds to them is a sum, and
        belongs to that loop.
    line, expression : callable
        Return the line and the text of a node.

    Attributes
    ----------
    after : dict of int to list of Curve
        By the ``id()`` of a statement of the body, the curves that are looked at after it. Those after the ``id()``
        of the loop itself are looked at when an iteration begins: what a ``while`` computes in its condition.
    sums : dict of str to Curve
        What the loop adds up, for the loop around it.
    skipped : list of Skipped
    """

    def __init__(
        self,
        loop: ast.For | ast.AsyncFor | ast.While,
        evidence: Evidence,
        is_score: Callable[[str], bool],
        resets: set[str],
        line: Callable[[ast.AST], int],
        expression: Callable[[ast.expr], str],
    ) -> None:
        self._evidence = evidence
        self._is_score = is_score
        self._line = line
        self._expression = expression
        self._computed: dict[str, _Computed] = {}
        self._appends: list[tuple[ast.stmt, ast.Call, bool]] = []
        self.after: dict[int, list[Curve]] = {}
        self.sums: dict[str, Curve] = {}
        self.skipped: list[Skipped] = []
        if isinstance(loop, ast.While):
            for walrus in walruses(loop.test):
                self._compute(walrus.target, walrus.value, loop, True)
        # Where one is left early, what a name holds at its end may be of the one before.
        is_whole = not any(isinstance(each, ast.Continue) for each in ast.walk(loop))
        for statement, always in _own_statements(loop.body, is_whole):
            self._read(statement, always)
        self._choose(resets)
        self._choose_lists()

    @property
    def curves(self) -> list[Curve]:
        """All curves, each once."""
        return list({curve.key: curve for curves in self.after.values() for curve in curves}.values())

    # -- reading the body

    def _read(self, statement: ast.stmt, always: bool) -> None:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._compute(target, statement.value, statement, always)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._compute(statement.target, statement.value, statement, always)
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            self._compute(statement.target, statement.value, statement, always, statement.op)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            if isinstance(call.func, ast.Attribute) and call.func.attr == "append" and len(call.args) == 1:
                self._appends.append((statement, call, always))
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
            for walrus in walruses(statement.value):
                self._compute(walrus.target, walrus.value, statement, always)

    def _compute(
        self, target: ast.expr, value: ast.expr, statement: ast.stmt, always: bool, adds: ast.operator | None = None
    ) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            parts: list[ast.expr] = [value] * len(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                parts = value.elts
            for each, part in zip(target.elts, parts, strict=True):
                self._compute(each, part, statement, always)
            return
        if not isinstance(target, ast.Name) or target.id.startswith("_"):
            return
        constant = constant_value(value)
        if constant is not NOT_CONSTANT and adds is None:
            return  # A choice, or a new beginning.
        found = self._computed.setdefault(target.id, _Computed(value))
        if adds is None and (summand := added(target.id, value)) is not None:
            adds, value = ast.Add(), summand
        found.statements.append(statement)
        found.always |= always
        found.only_adds &= isinstance(adds, (ast.Add, ast.Sub)) or is_extreme_of(target.id, value)
        found.counts &= isinstance(adds, (ast.Add, ast.Sub)) and is_whole(value)

    # -- choosing

    def _choose(self, resets: set[str]) -> None:
        for name, found in self._computed.items():
            reason = self._why_not(name, found)
            line = self._line(found.first)
            if reason:
                if self._is_score(name) or self._evidence.why_kept(name) or reason == LOOKED_UP:
                    self.skipped.append(Skipped(name, RULE, line, reason))
                continue
            if not self._is_score(name) and not self._evidence.why_kept(name):
                continue
            curve = Curve(name, name, line, self._expression(found.first), always=found.always)
            if not self._evidence.why_kept(name) and self._goes_into_others(name, found, resets):
                reason = "it goes into other values, and is neither shown nor kept"
                self.skipped.append(Skipped(name, RULE, line, reason))
                continue
            if found.only_adds and name in resets:
                self.sums[name] = curve
                continue
            for statement in found.statements:
                self._add(statement, curve)

    def _goes_into_others(self, name: str, found: _Computed, resets: set[str]) -> bool:
        if name in self._evidence.added:
            return True
        # A sum that no loop around this one begins anew is divided, or shown, when the loop has ended.
        return found.only_adds and (name in self._evidence.used or name not in resets)

    def _add(self, statement: ast.stmt, curve: Curve) -> None:
        curves = self.after.setdefault(id(statement), [])
        if curve not in curves:
            curves.append(curve)

    def _why_not(self, name: str, found: _Computed) -> str:
        node = found.first
        if is_best_name(name):
            return BEST
        if name in self._evidence.targets:
            return "the loop's own variable, not a score"
        if found.counts:
            return "a counter, not a score"
        if is_size(node):
            return "a size, not a score"
        if self._is_given(node):
            return "a copy of what was there before, not a score"
        if any(
            isinstance(each, ast.Call) and not each.args and last_name(each.func) in _CLOCKS for each in ast.walk(node)
        ):
            return "a clock reading, not a score"
        if self._is_score(name):
            return ""
        if name in self._evidence.indexes:
            return "an index, not a score"
        if self._is_looked_up(node):
            return LOOKED_UP
        if self._tells_how_far(node):
            return "it tells how far the loop is, and is no score"
        return "a counter, not a score" if is_counter_name(name) else ""

    def _is_looked_up(self, node: ast.expr) -> bool:
        """Whether an expression is an entry, at the loop's own place, of what was there: ``table.iloc[i, j]``."""
        if not isinstance(node, ast.Subscript):
            return False
        places = names_in(node.slice)
        return bool(places) and places <= self._evidence.targets and root_name(node) not in self._evidence.made

    def _is_given(self, node: ast.expr) -> bool:
        """Whether an expression is a name from before the loop, which the loop leaves as it is."""
        return isinstance(node, ast.Name) and node.id not in self._evidence.made

    def _tells_how_far(self, node: ast.expr) -> bool:
        """Whether an expression is counted from the loop's own variable: ``batch * batch_size + len(X)``."""
        parts = list(whole_parts(node))
        own = [each for each in parts if isinstance(each, ast.Name) and each.id in self._evidence.targets]
        sizes = [each for each in parts if is_size(each) or self._is_given(each)]
        return bool(own and sizes) and all(each in own or each in sizes or is_whole(each) for each in parts)

    def _choose_lists(self) -> None:
        for statement, call, always in self._appends:
            assert isinstance(call.func, ast.Attribute)
            owner, entry = held(call.func.value)
            if not isinstance(owner, ast.Name) or owner.id.startswith("_") or owner.id in self._computed:
                continue
            if not (is_history_name(owner.id) or self._is_score(entry or owner.id)) or not self._evidence.keeps(
                owner.id
            ):
                continue
            if any(name in self._evidence.kept and self._is_curve(name) for name in names_shown(call.args[0])):
                continue  # The variable's curve is the one.
            key = f"{owner.id}.{entry}" if entry else owner.id
            text = self._expression(call.args[0])
            self._add(statement, Curve(key, owner.id, self._line(call), text, True, entry, always))

    def _is_curve(self, name: str) -> bool:
        return name not in self._evidence.targets and not is_counter_name(name)


def _own_statements(body: list[ast.stmt], always: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield a loop's simple statements, those of loops and definitions in it left out, and whether each runs."""
    for statement in body:
        if isinstance(statement, _OF_THEIR_OWN):
            # What stands in the `else` of a loop is not repeated by it.
            yield from _own_statements(getattr(statement, "orelse", []), False)
            continue
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            yield from _own_statements(statement.body, always)
            continue
        blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        blocks += [each.body for name in ("handlers", "cases") for each in getattr(statement, name, [])]
        if not any(blocks):
            yield statement, always
        for block in blocks:
            yield from _own_statements(block, False)
