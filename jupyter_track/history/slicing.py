"""The smallest set of executed cells that a result came from, as far as their text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..analysis.parsing import python_of
from .cells import FINISHED, ExecutedCell, Parsed, is_own, parsed
from .memory import Memory, Positions, each_position, local_names
from .merging import Merging
from .record import EVERYTHING, TooMuchToFollow
from .statements import CellWalk

__all__ = ["Dependencies", "Slice", "bound_names", "names_in", "slice_for", "slice_of"]


class Slice(NamedTuple):
    """The cells that a tracked cell depends on.

    Attributes
    ----------
    tracked : int
        The position of the tracked cell.
    positions : tuple of int
        The positions of all cells of the slice in their order, the tracked one included.
    reasons : dict of int to tuple of str
        For each of the others, the names that it was kept for. What is no name stands in parentheses: random numbers,
        files, settings of the process, and everything.
    """

    tracked: int
    positions: tuple[int, ...]
    reasons: dict[int, tuple[str, ...]]


class Dependencies:
    """What each executed cell needs of those before it. Cells are added once each, in their order."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._merging = Merging(self._memory)
        self._needs: dict[int, dict[str, Positions]] = {}
        self._lost: Positions | None = None

    def add(self, position: int, cell: Parsed, certain: bool, failed_line: int = 0) -> None:
        """Go through a cell.

        Parameters
        ----------
        position : int
            Greater than that of any cell before.
        cell : Parsed
            The cell as IPython compiled it.
        certain : bool
            Whether it ran to its end.
        failed_line : int
            If not, the line at which it ended; 0 if that is unknown.
        """
        if self._lost is not None:
            # Nobody knows any more what refers to what: whatever ran before may have had a part in it.
            self._needs[position] = {EVERYTHING: self._lost}
            self._lost |= 1 << position
            return
        self._merging.merge_if_many()
        stopped = failed_line > 0 and not (certain or cell.inside)
        walk = CellWalk(self._memory, position, (certain or stopped) and not cell.aside)
        try:
            if not cell.readable:
                walk.do_anything()
            if stopped:
                # What stands before has run, what stands behind has not.
                walk.run(each for each in cell.statements if (each.end_lineno or 0) < failed_line)
                walk.branches += 1
                walk.run(each for each in cell.statements if _from(each) <= failed_line <= (each.end_lineno or 0))
            else:
                walk.run(cell.statements)
            for name in cell.captured:
                walk.bind(name, frozenset([self._memory.world]))
        except RecursionError:
            # What Python can run may still be nested too deep to be gone through.
            walk.do_anything()
        except TooMuchToFollow:
            self._lost = self._memory.everything
            self._memory = Memory()
            self._merging = Merging(self._memory)
            self.add(position, cell, certain, failed_line)
            return
        self._needs[position] = walk.finish()

    def add_reader(self, position: int, names: Iterable[str]) -> None:
        """Add a cell that does nothing but read these names."""
        if self._lost is not None:
            self._needs[position] = {EVERYTHING: self._lost}
            return
        walk = CellWalk(self._memory, position, certain=True)
        for name in names:
            walk.load(name)
        self._needs[position] = walk.finish()

    def slice(self, position: int) -> Slice:
        """Return the cells that the cell at a position depends on, through whatever they depend on in turn."""
        found: Positions = 0
        kept_for: dict[str, Positions] = {}
        waiting = [position]
        while waiting:
            for reason, needed in self._needs.get(waiting.pop(), {}).items():
                kept_for[reason] = kept_for.get(reason, 0) | needed
                new = needed & ~found
                if new:
                    found |= new
                    waiting += each_position(new)
        reasons: dict[int, list[str]] = {each: [] for each in each_position(found)}
        for reason in sorted(kept_for):
            for each in each_position(kept_for[reason]):
                reasons[each].append(reason)
        return Slice(position, (*reasons, position), {each: tuple(why) for each, why in reasons.items()})


def slice_of(cells: Sequence[ExecutedCell], tracked: int) -> Slice:
    """Return the slice of the cell at a position.

    Parameters
    ----------
    cells : sequence of ExecutedCell
    tracked : int
    """
    return _dependencies_before(cells, tracked + 1).slice(tracked)


def slice_for(cells: Sequence[ExecutedCell], tracked: int, names: Iterable[str]) -> Slice:
    """Return the slice of what these names are when the tracked cell has ended.

    The tracked cell is gone through statement by statement, and what only its other statements need is left out.
    So the slice tells where these names come from; the whole tracked cell may need more in order to run.

    Parameters
    ----------
    cells : sequence of ExecutedCell
    tracked : int
        The position of the tracked cell.
    names : iterable of str
    """
    dependencies = _dependencies_before(cells, tracked)
    cell = next((each for each in cells if each.position == tracked), None)
    whole = parsed(python_of(cell.source)) if cell is not None else Parsed(())
    certain = cell is not None and cell.status == FINISHED
    for offset, statement in enumerate(whole.statements):
        dependencies.add(tracked + offset, Parsed((statement,), aside=whole.aside), certain)
    end = tracked + len(whole.statements)
    dependencies.add_reader(end, names)
    found = dependencies.slice(end)
    reasons = {position: why for position, why in found.reasons.items() if position < tracked}
    return Slice(tracked, (*reasons, tracked), reasons)


def names_in(expression: str) -> frozenset[str]:
    """Return the names that an expression reads; none if it is no expression."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(each.id for each in ast.walk(tree) if isinstance(each, ast.Name))


def _from(statement: ast.stmt) -> int:
    """Return the first line of a statement, that of its decorators included."""
    return int(min(each.lineno for each in (statement, *getattr(statement, "decorator_list", ()))))


def bound_names(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """Return the names that statements bind at the top level of a cell."""
    return local_names(ast.ClassDef("cell", [], [], list(statements), []))


def _dependencies_before(cells: Sequence[ExecutedCell], end: int) -> Dependencies:
    dependencies = Dependencies()
    for cell in cells:
        if cell.position < end and not is_own(cell.source):
            dependencies.add(cell.position, parsed(python_of(cell.source)), cell.status == FINISHED, cell.failed_line)
    return dependencies
