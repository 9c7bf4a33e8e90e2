"""What is done, inside a loop, with the names that it computes: printed, kept, compared, counted with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..vocabulary import gathers_data
from .expressions import last_name, names_in, pairs, root_name

__all__ = ["SHOWING", "Evidence", "names_shown"]

#: Calls whose arguments a person wants to see while the loop runs.
SHOWING = frozenset(
    {
        "print", "pprint", "display", "echo", "write", "info", "debug", "warning", "log", "set_postfix",
        "set_postfix_str", "set_description", "set_description_str", "log_metric", "log_metrics", "add_scalar",
        "add_scalars"
    }
)  # fmt: skip
#: Calls whose texts are written into a picture.
_DRAWING = frozenset(
    {
        "text", "annotate", "title", "suptitle", "set_title", "set_xlabel", "set_ylabel", "xlabel", "ylabel", "legend",
        "plot", "scatter", "bar", "hist", "savefig", "axhline", "axvline", "figtext", "add_annotation", "bar_label",
    }
)  # fmt: skip
#: Methods and functions that only dress a number.
_DRESSING = frozenset(
    {
        "round", "float", "int", "abs", "str", "item", "detach", "cpu", "numpy", "mean", "sum", "get", "tolist",
        "sqrt"
    }
)  # fmt: skip
#: Words of what a score is held against.
_RIVALS = (
    "best", "min", "max", "low", "high", "prev", "old", "last", "tol", "eps", "thresh", "target", "patience", "goal",
)  # fmt: skip


def names_shown(node: ast.expr | None) -> Iterator[str]:
    """Yield the names whose values an expression passes on: dressed, in a text or in a container, not computed with."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.JoinedStr)):
        for each in node.values if isinstance(node, ast.JoinedStr) else node.elts:
            yield from names_shown(each)
    elif isinstance(node, (ast.FormattedValue, ast.Starred, ast.NamedExpr)):
        yield from names_shown(node.value)
    elif isinstance(node, ast.Dict):
        for each in node.values:
            yield from names_shown(each)
    elif isinstance(node, ast.BinOp):
        # A percentage, or a text with places: one side is written out.
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, (ast.Constant, ast.JoinedStr)):
                yield from names_shown(other)
    elif isinstance(node, ast.Call):
        yield from _names_shown_by_call(node)


def _names_shown_by_call(node: ast.Call) -> Iterator[str]:
    called = last_name(node.func)
    if called == "format" and isinstance(node.func, ast.Attribute):
        for each in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from names_shown(each)
    elif called in _DRESSING or called == "dict":
        if isinstance(node.func, ast.Attribute):
            yield from names_shown(node.func.value)
        for each in (*node.args[:1], *(keyword.value for keyword in node.keywords)):
            yield from names_shown(each)


class Evidence:
    """What the outermost of some nested loops does with its names.

    Attributes
    ----------
    printed, kept, compared : set of str
        Names that are printed or put into a text; put into a list, dict or array; held against a best or earlier value.
    targets : set of str
        Names that are a loop's own, or an import's: no curve.
    indexes : set of str
        Names by which something is looked up.
    deleted : set of str
    used, added : set of str
        Names that go into others, and those that are added to others, or to a list that the loop begins anew, as they
        are.
    made : set of str
        Names that the loop sets, its own among them, and those of what it puts entries into.
    """

    def __init__(self, loop: ast.For | ast.AsyncFor | ast.While) -> None:
        self.printed: set[str] = set()
        self.kept: set[str] = set()
        self.compared: set[str] = set()
        self.targets: set[str] = set()
        self.indexes: set[str] = set()
        self.deleted: set[str] = set()
        self.used: set[str] = set()
        self.added: set[str] = set()
        self.made: set[str] = set()
        nodes = list(ast.walk(loop))
        # A list that a loop begins anew holds what goes into something else.
        self._begun_anew = {
            target.id
            for node in nodes
            if isinstance(node, ast.Assign)
            for one in node.targets
            for target, value in pairs(one, node.value)
            if isinstance(target, ast.Name) and _is_empty_list(value)
        }
        self._drawn = {
            id(each)
            for node in nodes
            if isinstance(node, ast.Call) and last_name(node.func) in _DRAWING
            for each in ast.walk(node)
        }
        # What one of two texts is chosen by is how something is to look, not how good it is.
        self._of_looks = {
            id(each)
            for node in nodes
            if isinstance(node, ast.IfExp) and _is_text(node.body) and _is_text(node.orelse)
            for each in ast.walk(node.test)
        }
        for node in nodes:
            looked_at = getattr(self, f"_see_{type(node).__name__}", None)
            if looked_at is not None:
                looked_at(node)

    def keeps(self, name: str) -> bool:
        """Whether a list or dict of that name keeps what the loop is judged by."""
        return name not in self._begun_anew and not gathers_data(name)

    def why_kept(self, name: str) -> bool:
        """Whether anything is done with a name that is done with scores."""
        return name in self.printed or name in self.kept or name in self.compared

    def _see_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.targets.update(each.id for each in ast.walk(node.target) if isinstance(each, ast.Name))

    _see_AsyncFor = _see_For

    def _see_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.targets.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)

    _see_ImportFrom = _see_Import

    def _see_Delete(self, node: ast.Delete) -> None:
        self.deleted.update(each.id for each in node.targets if isinstance(each, ast.Name))

    def _see_JoinedStr(self, node: ast.JoinedStr) -> None:
        if id(node) not in self._drawn:
            self.printed.update(names_shown(node))

    def _see_Call(self, node: ast.Call) -> None:
        called = last_name(node.func)
        if called in SHOWING:
            for each in (*node.args, *(keyword.value for keyword in node.keywords)):
                self.printed.update(names_shown(each))
        elif called == "append" and isinstance(node.func, ast.Attribute):
            held = root_name(node.func.value)
            if self.keeps(held):
                for each in node.args:
                    self.kept.update(names_shown(each))
            elif held in self._begun_anew:
                self.added.update(each.id for each in node.args if isinstance(each, ast.Name))

    def _see_AugAssign(self, node: ast.AugAssign) -> None:
        self._use(node.value, [node.target])
        if isinstance(node.value, ast.Name):
            self.added.add(node.value.id)

    def _use(self, value: ast.expr, targets: list[ast.expr]) -> None:
        own = {name for target in targets for name in names_in(target)}
        self.used.update(each.id for each in ast.walk(value) if isinstance(each, ast.Name) and each.id not in own)

    def _see_Assign(self, node: ast.Assign) -> None:
        self._use(node.value, node.targets)
        for target in node.targets:
            if isinstance(target, (ast.Subscript, ast.Attribute)):
                self.made.add(root_name(target))
                if self.keeps(root_name(target)):
                    self.kept.update(names_shown(node.value))

    def _see_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.made.add(node.id)

    def _see_Subscript(self, node: ast.Subscript) -> None:
        self.indexes.update(each.id for each in ast.walk(node.slice) if isinstance(each, ast.Name))

    def _see_Compare(self, node: ast.Compare) -> None:
        if id(node) in self._of_looks:
            return
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if not isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
                continue
            for one, other in ((left, right), (right, left)):
                if _is_rival(other):
                    self.compared.update(each.id for each in ast.walk(one) if isinstance(each, ast.Name))


def _is_empty_list(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("list", "deque") and not node.args
    return isinstance(node, ast.List) and not node.elts


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_rival(node: ast.expr) -> bool:
    """Whether an expression is what a score is held against: a best or earlier value, a tolerance."""
    if isinstance(node, ast.Constant):
        return type(node.value) is float and 0 < abs(node.value) < 1
    name = last_name(node).lower()
    return any(word in name for word in _RIVALS)
