"""What there is to say about a cell: the facts that `CellSource` finds in its text."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, NamedTuple

from .constants import NOT_CONSTANT

__all__ = ["Argument", "Assignment", "Part", "Read", "Sweep"]


class Assignment(NamedTuple):
    """One binding of a name at the cell's top level.

    ``how`` is "constant" (then ``value`` is it, or what is constant in a dict of settings), "computed", "updated"
    (augmented assignment), "loop" (the target of a ``for``), or "definition" (import, function, class, ``with`` and
    ``except`` targets).
    ``node`` is the assigned expression, where there is one. ``conditional`` says that the statement stands in
    a branch or loop, so it may not have run; ``unread`` that the name is set again before anything could use it.
    """

    name: str
    line: int
    expression: str
    how: str
    value: Any = NOT_CONSTANT
    node: ast.expr | None = None
    conditional: bool = False
    unread: bool = False


class Read(NamedTuple):
    """A name that the cell uses before it sets it: the value comes from outside the cell.

    ``position`` is how many of the cell's assignments stand before the use.
    """

    name: str
    line: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument given as a constant, by keyword or by its place.

    ``callee`` is the last name of what is called, ``root`` the first and ``path`` all of them with dots, empty where
    a call or an index stands between them. ``place`` is that of the argument, -1 for one that is given by keyword;
    then ``name`` is the keyword. ``given_to`` is the name that the call's value is assigned to, if it is.
    ``inner`` says that the call stands in a function or class of the cell.
    """

    callee: str
    root: str
    path: str
    name: str
    place: int
    value: Any
    line: int
    expression: str
    given_to: str = ""
    inner: bool = False


class Part(NamedTuple):
    """A part of an object that the cell sets to a constant: ``config["lr"] = 0.1`` or ``config.optimizer.lr = 0.1``.

    ``name`` is that of the object, ``key`` what is set in it, with dots.
    """

    name: str
    key: str
    value: Any
    line: int
    expression: str


class Sweep(NamedTuple):
    """A name that a loop or comprehension sets to one constant after the other.

    ``values`` are those, or the expression that gives them where it is a call of a library with constants, such as
    ``np.logspace(-3, 0, 4)``.
    """

    name: str
    values: list[Any] | ast.Call
    line: int = 0
    expression: str = ""
