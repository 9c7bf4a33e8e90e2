"""One executed cell, and the Python that IPython made of its text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import NamedTuple

from ..analysis.magic_calls import is_call_of, wrapped_cell
from ..analysis.parsing import ByText, may_parse, python_of, tree_of

__all__ = [
    "FAILED",
    "FINISHED",
    "KILLED",
    "RUNNING",
    "UNKNOWN",
    "ExecutedCell",
    "Parsed",
    "is_own",
    "parsed",
]

#: How a cell ended; RUNNING has not, and of UNKNOWN ones, which ran before anybody watched, nobody knows.
FINISHED, FAILED, KILLED, RUNNING, UNKNOWN = "finished", "failed", "killed", "running", "unknown"

_OWN_LINE = re.compile(r"%track\b|%(re)?load_ext\s+jupyter_track\b|#")
#: Cell magics whose body runs in a function of its own, or not once.
_ASIDE = frozenset({"timeit", "prun", "memit"})


@dataclass(frozen=True, slots=True)
class ExecutedCell:
    """A cell as it was executed.

    Attributes
    ----------
    position : int
        Its place in the order of execution, counted from 1 since the kernel started.
    source : str
        Its text at that time.
    status : str
        "finished", "failed", "killed", "running" or "unknown".
    count : int or None
        The number in front of it, as ``[7]``.
    cell_id : str
        Its id in the notebook; empty if there is none.
    time : int
        When it began, in milliseconds since the epoch, UTC; 0 if that is unknown.
    run_id : str
        The run that it was recorded as; empty if it was not tracked.
    failed_line : int
        The line of the cell, as IPython compiled it, that raised what it failed with; 0 if that is unknown.
    """

    position: int
    source: str
    status: str = FINISHED
    count: int | None = None
    cell_id: str = ""
    time: int = 0
    run_id: str = ""
    failed_line: int = 0

    @property
    def by_person(self) -> bool:
        """Whether a person ran it, and not a front end that asks the kernel something (``store_history=False``).

        IPython counts the cells of persons; one that was interrupted in an await, or still runs, has no number yet.
        """
        return self.count is not None or self.status in (KILLED, RUNNING)


class Parsed(NamedTuple):
    """The statements of a cell.

    ``inside`` says that they stand in a magic, so that their lines are others, ``aside`` it runs them without binding
    what they bind; ``captured`` names what ``%%capture`` binds,
    ``readable`` is false for what is nested too deep.
    """

    statements: tuple[ast.stmt, ...]
    inside: bool = False
    aside: bool = False
    captured: tuple[str, ...] = ()
    readable: bool = True


def is_own(source: str) -> bool:
    """Whether a cell only speaks to this extension."""
    lines = (line.strip() for line in source.splitlines())
    return all(_OWN_LINE.match(line) for line in lines if line)


_parsed_before: ByText[Parsed] = ByText()


def parsed(python: str) -> Parsed:
    """Return the statements of a cell, seeing through magics that run Python; none if it is no Python.

    The same text gives the same statements, so that what was found out about them is found out once. On a thread that
    `may_parse` does not allow to, a text that was not parsed before is not readable.
    """
    found = _parsed_before.get(python)
    if found is None:
        if not may_parse():
            return Parsed((), readable=False)
        found = _parse(python)
        _parsed_before.put(python, found)
    return found


def _parse(python: str) -> Parsed:
    inside = aside = False
    captured: tuple[str, ...] = ()
    try:
        tree = tree_of(python)
        while (inner := _wrapped(tree)) is not None:
            magic, line, python = inner
            inside, aside = True, aside or magic in _ASIDE
            if magic == "capture":
                captured += tuple(word for word in line.split() if word.isidentifier())
            tree = tree_of(python)
    except SyntaxError:
        return Parsed(())
    except (RecursionError, MemoryError, ValueError):
        # MemoryError is what Python 3.10 says of brackets inside of brackets, ValueError of a null character.
        return Parsed((), readable=False)
    return Parsed(tuple(tree.body), inside, aside, captured)


def _wrapped(tree: ast.Module) -> tuple[str, str, str] | None:
    """Return name, line and Python of a cell magic that a cell is, if that magic runs Python."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    call = tree.body[0].value
    if not isinstance(call, ast.Call) or not is_call_of(call, "run_cell_magic") or len(call.args) != 3:
        return None
    magic, line, body = (str(each.value) if isinstance(each, ast.Constant) else "" for each in call.args)
    if magic == "track":
        return magic, line, python_of(body)
    inner = wrapped_cell(tree)
    return None if inner is None else (magic, line, inner)
