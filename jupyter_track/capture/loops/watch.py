"""The loops of one tracked cell: which are watched, and what has come of it."""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from types import CodeType, FrameType
from typing import Any, Final

from ...analysis.magic_calls import is_call_of
from ...analysis.source import CellSource
from ..captured import CapturedMetric, Skipped
from ..vocabulary import is_score_name
from .builtin_names import alias, drop_aliases, follow_no_more, follow_with, stay
from .curves import RULE, Curve
from .definitions import Definition, Definitions
from .site import Site, reserve
from .transform import Rewriter
from .trees import Loop
from .twins import Twins

__all__ = ["LoopTransformer", "LoopWatch"]

#: Points that wait to be taken; of more, the latest are kept.
MAX_WAITING: Final = 100_000
#: Whoever uses one of these looks into frames, and should see the loops as they were written.
_DEBUGGING: Final = frozenset({"breakpoint", "set_trace", "settrace", "setprofile", "post_mortem", "runcall"})
#: Cell magics that run what they wrap as it is and once.
_TRANSPARENT_MAGICS: Final = frozenset({"time", "capture"})


class LoopWatch:
    """Watches the loops of one tracked cell.

    Parameters
    ----------
    source : CellSource
        The cell.
    namespace : dict of str to object
        Where it runs.
    is_score_like : callable
        Whether a name is that of a score.

    Attributes
    ----------
    skipped : list of Skipped
        Names that look like curves and are none.
    notes : list of str
        What went wrong here, each once.
    """

    def __init__(
        self, source: CellSource, namespace: dict[str, Any], is_score_like: Callable[[str], bool] = is_score_name
    ) -> None:
        self.source = source
        self.namespace = namespace
        self.is_score_like = is_score_like
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self._points: deque[tuple[Curve, float, int, int]] = deque(maxlen=MAX_WAITING)
        self._sites: list[Site] = []
        self._twins: Twins | None = None
        self._number = 0
        self._aliases: list[str] = []
        self._claims: dict[str, tuple[str, bool]] = {}
        self._last: dict[str, tuple[Curve, int, int]] = {}
        self._active = False

    # -- from beginning to end

    def start(self) -> None:
        """Let the cell's loops be watched from now on."""
        self._active = True

    def stop(self) -> None:
        """Let loops and functions go on unwatched. May be called again."""
        self._active = False
        if self._twins is not None:
            follow_no_more(self._number)
        for site in self._sites:
            site.settle()
            site.close()
        may_be_suspended = self._twins is not None and self._twins.may_be_suspended
        if may_be_suspended or (self._twins is not None and self._cell_goes_on()):
            stay()
        else:
            drop_aliases(self._aliases)
        self._twins, self._sites, self._aliases = None, [], []

    def _cell_goes_on(self) -> bool:
        """Whether code of a cell waits for this to return: the extension is being unloaded in the middle of it."""
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            if frame.f_globals is self.namespace:
                return True
            frame = frame.f_back
        return False

    def take(self, now_ms: int) -> list[CapturedMetric]:
        """Return the points since the last call, in the order in which they were seen.

        Parameters
        ----------
        now_ms : int
            Milliseconds since the epoch, UTC: no point is later.
        """
        for site in list(self._sites):
            site.look_from_outside()
        taken = []
        while self._points:
            curve, value, step, timestamp = self._points.popleft()
            step = self._continued(curve, step)
            taken.append(
                CapturedMetric(curve.key, value, RULE, curve.line, curve.expression, min(timestamp, now_ms), step)
            )
        return taken

    def _continued(self, curve: Curve, step: int) -> int:
        """Return the step of a point when loops one after the other compute the same name: the next goes on."""
        before, offset, last = self._last.get(curve.key, (curve, 0, -1))
        if before is not curve and step + offset <= last:
            offset = last + 1 - step
        self._last[curve.key] = (curve, offset, step + offset)
        return step + offset

    # -- what the loops tell

    def add(self, curve: Curve, value: float, step: int, timestamp: int) -> None:
        """Take a point."""
        self._points.append((curve, value, step, timestamp))

    def failed(self, error: BaseException) -> None:
        """Take note that something of ours went wrong; the loop goes on."""
        note = f"Not all loops could be watched: {type(error).__name__}: {' '.join(str(error).split())}"
        if note not in self.notes:
            self.notes.append(note)

    # -- rewriting

    def rewrite(self, tree: ast.Module) -> ast.Module:
        """Return the cell's code with its loops watched, or as it is."""
        if not self._active or not tree.body or _is_being_debugged():
            return tree
        try:
            if self._measures_itself(tree):
                self._active = False
            if not self._active or not self._is_the_cell(tree) or _debugs(tree):
                return tree
            definitions = Definitions(tree.body, self.namespace)
            self._twins = Twins(definitions, self.namespace, partial(self._rewrite_function, definitions))
            self._number = follow_with(self._follow)
            body = Rewriter(_Scope(self, definitions, self._number, "", True)).block(tree.body)
            return ast.Module(body, tree.type_ignores)
        except Exception as error:
            self.failed(error)
            return tree

    def _is_the_cell(self, tree: ast.Module) -> bool:
        mine = self.source.body
        return len(mine) == len(tree.body) and all(
            type(one) is type(other) and (one.lineno, one.end_lineno) == (other.lineno, other.end_lineno)
            for one, other in zip(mine, tree.body, strict=True)
        )

    @staticmethod
    def _measures_itself(tree: ast.Module) -> bool:
        """Whether the cell is one of a magic that times it again and again, or counts its calls."""
        first = tree.body[0]
        call = first.value if isinstance(first, ast.Expr) else None
        if call is None or not is_call_of(call, "run_cell_magic") or not isinstance(call, ast.Call):
            return False
        magic = call.args[0]
        return not (isinstance(magic, ast.Constant) and magic.value in _TRANSPARENT_MAGICS)

    def _follow(self, called: Any) -> Any:
        try:
            return called if self._twins is None else self._twins.of(called)
        except Exception as error:
            self.failed(error)
            return called

    def _rewrite_function(
        self, definitions: Definitions, definition: Definition, code: CodeType, retire: Callable[[], None]
    ) -> list[ast.stmt] | None:
        if _debugs(definition.node):
            return None
        scope = _Scope(self, definitions, self._number, definition.name, definition.is_own, code.co_freevars, retire)
        rewriter = Rewriter(scope)
        body = rewriter.block(definition.node.body)
        return body if scope.sites or rewriter.calls else None

    def claim(self, key: str, scope: str, is_inner: bool) -> str | None:
        """Return the key of a curve that a loop of a scope computes, or None if another loop's has it."""
        owner = self._claims.get(key)
        if owner is not None and owner[0] != scope and scope:
            key = f"{scope}.{key}"
            owner = self._claims.get(key)
        # Loops of which one begins when the other has ended compute one curve.
        if owner is None or (owner == (scope, False) and not is_inner):
            self._claims[key] = (scope, is_inner)
            return key
        return None

    def alias(self) -> str:
        """Return a name for `LOOKED_AT` for the time of the cell."""
        self._aliases.append(alias(reserve()))
        return self._aliases[-1]

    def add_site(self, site: Site) -> None:
        """Take a loop that has been rewritten."""
        self._sites.append(site)


class _Scope:
    """Where loops stand that are rewritten together."""

    def __init__(
        self,
        watch: LoopWatch,
        definitions: Definitions,
        number: int,
        name: str,
        is_own: bool,
        free: Collection[str] = (),
        retire: Callable[[], None] | None = None,
    ) -> None:
        self._watch = watch
        self._definitions = definitions
        self._free = free
        self.number = number
        self._name = name
        self._is_own = is_own
        self._retire = retire
        self.is_top_level = not name
        self.is_score = watch.is_score_like
        self.skip = watch.skipped.append
        self.sites = 0

    def line(self, node: ast.AST) -> int:
        return self._watch.source.line(node) if self._is_own else 0

    def expression(self, node: ast.expr) -> str:
        if self._is_own:
            return self._watch.source.expression(node)
        text = " ".join(ast.unparse(node).split())
        return text if len(text) <= 200 else text[:199] + "…"

    def alias(self) -> str:
        return self._watch.alias()

    def claim(self, key: str, is_inner: bool) -> str | None:
        return self._watch.claim(key, self._name, is_inner)

    def follows(self, name: str) -> bool:
        # What a decorator has been given is known by no name of its own.
        return name in self._free or self._definitions.leads_to_loops(name)

    def add_site(self, index: int, loop: Loop, curves: list[Curve], loops: int) -> None:
        lines = (loop.lineno, loop.end_lineno or loop.lineno)
        namespace = self._watch.namespace if self.is_top_level else None
        is_endless = isinstance(loop, (ast.While, ast.AsyncFor))
        site = Site(index, self._watch, curves, loops, lines, is_endless, namespace, self._retire)
        self._watch.add_site(site)
        self.sites += 1


class LoopTransformer(ast.NodeTransformer):
    """What a shell calls with the tree of each cell (one of its ``ast_transformers``).

    Parameters
    ----------
    active : callable
        Returns the watch of the cell that this thread is about to run, or None.
    """

    def __init__(self, active: Callable[[], LoopWatch | None]) -> None:
        self._active = active

    def visit(self, node: ast.AST) -> Any:
        """Return the tree of a cell with its loops watched, or as it is."""
        watch = self._active()
        return watch.rewrite(node) if watch is not None and isinstance(node, ast.Module) else node


def _debugs(node: ast.AST) -> bool:
    return any(
        getattr(each, "id", None) in _DEBUGGING or getattr(each, "attr", None) in _DEBUGGING for each in ast.walk(node)
    )


def _is_being_debugged() -> bool:
    """Whether something looks at each line that is run: a debugger, a coverage measurement."""
    monitoring = getattr(sys, "monitoring", None)
    return sys.gettrace() is not None or (
        monitoring is not None and any(monitoring.get_tool(tool) is not None for tool in range(6))
    )
