"""Other values for the params of a run, put into its code where the params came from.

A param is found in the code by where it was captured: a name that the tracked cell sets, a keyword argument that it
gives, or a name that a cell before it set last. Only a value that is written out there can be replaced, and
nothing else in the cell changes. Whatever is not certain is an error, before anything is executed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..analysis.constants import NOT_CONSTANT, constant_value
from ..analysis.scopes import COMPREHENSION
from ..entities import InvalidParameterValue
from .cell_code import parse_cell, replace_nodes
from .program import Program, ProgramCell
from .recorded import Provenance, RecordedCell

__all__ = ["Override", "apply_overrides"]

#: How the capture calls what came from an argument of a call, and what the person has added on the first line.
_KEYWORD_RULE = "keyword argument"
_BY_HAND_RULE = "added by hand"
#: The rules of what was there when the tracked cell began.
_FROM_BEFORE = frozenset({"read from an earlier cell", _BY_HAND_RULE})

#: What a plot is drawn with may have a param's name and value, and is none.
_FOR_PLOTS = frozenset({"plt", "ax", "axes", "axs", "fig", "figure", "sns", "px", "go", "alt"})

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, *COMPREHENSION)


@dataclass(frozen=True, slots=True)
class Override:
    """A value that was put in the place of another: the param, both as they are written, and the cell."""

    key: str
    before: str
    after: str
    cell: str


def apply_overrides(
    program: Program, cells: Sequence[RecordedCell], recorded: Mapping[str, str], wanted: Mapping[str, str]
) -> tuple[Program, list[Override]]:
    """Return the program with other values for some params.

    Parameters
    ----------
    program : Program
    cells : sequence of RecordedCell
        The tracked ones, in the order of ``program.tracked``, for where their params came from.
    recorded : mapping of str to str
        The params of the run.
    wanted : mapping of str to str
        The other values, as a person writes them: ``{"lr": "0.1"}``.

    Raises
    ------
    InvalidParameterValue
        If the run has no such param, or it cannot be told where to put the value.
    """
    done = []
    for key, value in wanted.items():
        if key not in recorded:
            known = ", ".join(sorted(recorded)[:20]) or "none"
            raise InvalidParameterValue(f"The run has no param {key!r}. It has: {known}.")
        # A param is written once: what the first cell that has it says of it counts.
        found = ((place, cell) for place, cell in zip(program.tracked, cells, strict=True) if key in cell.params)
        target, cell = next(found, (program.tracked[-1], cells[-1]))
        program, override = _override(program, target, cell, key, value)
        done.append(override)
    return program, done


def _override(program: Program, target: int, cell: RecordedCell, key: str, value: str) -> tuple[Program, Override]:
    provenance = cell.params.get(key)
    if provenance is None:
        raise _impossible(key, "the code logs it itself, and what it logs is not known before it runs")
    if provenance.rule == _BY_HAND_RULE and "=" in provenance.expression:
        raise _impossible(key, "it is a text that '%%track --param' adds, which no code reads")
    name = next((old for old, new in cell.renamed.items() if new == key), key)
    if provenance.rule == _KEYWORD_RULE:
        place, nodes = target, _given(program.cells[target], provenance, name)
    else:
        last = target - 1 if provenance.rule in _FROM_BEFORE else target
        found = _assigned(program, name.split("."), key, last, target)
        if found is None:
            raise _impossible(key, "no cell that is executed sets it to a value that is written out")
        place, nodes = found
    changed_cell = program.cells[place]
    before = constant_value(nodes[0])
    written = _written(value, before)
    source = replace_nodes(changed_cell.source, nodes, written)
    if source is None:
        raise _impossible(key, f"its value in {changed_cell.name} stands where it cannot be replaced")
    cells = list(program.cells)
    cells[place] = replace(changed_cell, source=source)
    return replace(program, cells=tuple(cells)), Override(key, repr(before), written, changed_cell.name)


def _impossible(key: str, why: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"The param {key!r} cannot be given another value: {why}.")


def _written(value: str, before: object) -> str:
    """Return a value as Python is to read it, of the kind that it replaces."""
    try:
        read = ast.literal_eval(value.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if isinstance(before, (int, float)) and value.strip().lstrip("+-") in ("inf", "nan"):
            return f'float("{value.strip()}")'
        return repr(value)
    if isinstance(before, str) and not isinstance(read, str):
        return repr(value)  # -p version=3, where the code has version = "2".
    return repr(read)


# -- arguments of calls in the tracked cell


def _given(cell: ProgramCell, provenance: Provenance, key: str) -> list[ast.expr]:
    """Return the values of all arguments that the param stands for.

    Several calls may give the same value under one name, and the param is all of them.
    """
    tree = parse_cell(cell.source)
    if tree is None:
        raise _impossible(key, f"{cell.name} is more than Python can tell")
    # As it was captured: callee(name=value).
    callee, _, inside = provenance.expression.partition("(")
    argument, _, written = inside.removesuffix(")").partition("=")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    by_name = [
        (call, keyword.value)
        for call in calls
        for keyword in call.keywords
        if keyword.arg == argument and constant_value(keyword.value) is not NOT_CONSTANT
    ]
    mine = [value for call, value in by_name if _last_name(call.func) == callee]
    if not mine:
        mine = [
            value
            for call in calls
            for value in call.args
            if _last_name(call.func) == callee and _text(cell, value) == written
        ]
        if len(mine) != 1:
            raise _impossible(key, f"{cell.name} does not tell which argument of {callee} it is")
    if len({repr(constant_value(value)) for value in mine}) > 1:
        raise _impossible(key, f"calls of {callee} in {cell.name} give it different values")
    if "." in key:
        return mine
    value = repr(constant_value(mine[0]))
    return mine + [
        other
        for call, other in by_name
        if other not in mine and repr(constant_value(other)) == value and _first_name(call.func) not in _FOR_PLOTS
    ]


def _text(cell: ProgramCell, node: ast.expr) -> str:
    return " ".join((ast.get_source_segment(cell.source, node) or "").split())


def _first_name(node: ast.expr) -> str:
    while isinstance(node, (ast.Call, ast.Subscript, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _last_name(node: ast.expr) -> str:
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


# -- names


def _assigned(program: Program, path: list[str], key: str, last: int, target: int) -> tuple[int, list[ast.expr]] | None:
    """Return the cell that sets a name for the tracked cell, and where its value is written; None if no cell does.

    The first assignment of the tracked cell itself (at `target`) is the one that was recorded; of the cells before it,
    the last counts.
    """
    for place in range(last, -1, -1):
        cell = program.cells[place]
        tree = parse_cell(cell.source)
        if tree is None:
            if path[0] in cell.source:
                raise _impossible(key, f"{cell.name}, which has its name, is more than Python can tell")
            continue
        found = list(_bindings(tree, path))
        if not found:
            continue
        bound = found[0] if place == target else found[-1]
        if bound.made_by and len(path) > 1:
            # cfg = Config(): the value is the default that the class gives it.
            default = _assigned(program, [bound.made_by, *path[1:]], key, place, target)
            if default is not None:
                return default
        if bound.value is None or constant_value(bound.value) is NOT_CONSTANT:
            raise _impossible(key, f"{cell.name} sets it to what is not written out: {bound.text}")
        if bound.conditional:
            raise _impossible(key, f"{cell.name} sets it in a branch or loop, which may not be what counts")
        return place, [bound.value]
    return None


@dataclass(frozen=True, slots=True)
class _Binding:
    """A statement that sets what a path names: to `value`, or (None) to something that is not known.

    ``made_by`` is the class that makes the object in which the path ends, where only its default can say more.
    """

    value: ast.expr | None
    text: str
    conditional: bool
    made_by: str = ""


def _bindings(tree: ast.Module, path: list[str]) -> Iterator[_Binding]:
    """Yield what sets ``a.b``, in the order of the text: ``a = {"b": 1}``, ``a.b = 1``, ``a["b"] = 1`` and so on."""
    for statement, conditional in _statements(tree.body, False):
        for target, value in _assignments(statement):
            below = _below(target, path)
            if below is None:
                continue
            found = _entry(value, below) if value is not None else None
            called = value.func if isinstance(value, ast.Call) else None
            made_by = called.id if found is None and below and isinstance(called, ast.Name) else ""
            yield _Binding(found, ast.unparse(statement).partition("\n")[0][:80], conditional, made_by)


def _statements(body: list[ast.stmt], conditional: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for statement in body:
        yield statement, conditional
        if isinstance(statement, _SCOPES):
            continue
        inner_is_conditional = conditional or not isinstance(statement, (ast.With, ast.AsyncWith))
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, name, []), inner_is_conditional)
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body, True)


def _assignments(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Yield targets and what is assigned to them, None where that cannot be told."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _unpacked(target, statement.value)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield statement.target, statement.value
    elif isinstance(statement, ast.AugAssign):
        yield statement.target, None
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        for node in ast.walk(statement.target):
            if isinstance(node, ast.Name):
                yield node, None
    elif isinstance(statement, ast.ClassDef):
        entries = [pair for each in statement.body for pair in _assignments(each)]
        known = {target.id: value for target, value in entries if isinstance(target, ast.Name) and value is not None}
        # A class is the settings that it gives to its objects.
        yield ast.Name(statement.name), ast.Dict([ast.Constant(name) for name in known], list(known.values()))
    elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield ast.Name(statement.name), None
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield ast.Name(alias.asname or alias.name.partition(".")[0]), None
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        for item in statement.items:
            if item.optional_vars is not None:
                yield item.optional_vars, None
    for walrus in _walruses(statement):
        yield walrus.target, walrus.value


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value
        return
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
    same = len(parts) == len(target.elts) and not any(isinstance(each, ast.Starred) for each in (*parts, *target.elts))
    for place, element in enumerate(target.elts):
        if same:
            yield from _unpacked(element, parts[place])
        else:
            yield (element.value if isinstance(element, ast.Starred) else element), None


def _walruses(statement: ast.stmt) -> Iterator[ast.NamedExpr]:
    if isinstance(statement, _SCOPES):
        return
    waiting: list[ast.AST] = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.expr)]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.NamedExpr):
            yield node
        if not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _below(target: ast.expr, path: list[str]) -> list[str] | None:
    """Return what of a path is below the target of an assignment, or None if it is elsewhere."""
    parts: list[str] = []
    while not isinstance(target, ast.Name):
        if isinstance(target, ast.Attribute):
            parts.insert(0, target.attr)
            target = target.value
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            parts.insert(0, str(target.slice.value))
            target = target.value
        else:
            return None
    parts.insert(0, target.id)
    return path[len(parts) :] if path[: len(parts)] == parts else None


def _entry(value: ast.expr, path: list[str]) -> ast.expr | None:
    """Return the part of a dict or of a call's keywords that a path names."""
    for name in path:
        found: ast.expr | None = None
        if isinstance(value, ast.Dict):
            for key, item in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    found = item
        elif isinstance(value, ast.Call):
            found = next((keyword.value for keyword in value.keywords if keyword.arg == name), None)
        if found is None:
            return None
        value = found
    return value
