"""The smallest set of executed cells that a result came from, as far as their text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .cells import FINISHED, ExecutedCell, Parsed, is_own, parsed, python_of
from .memory import Memory, Need, local_names
from .record import EVERYTHING, TooMuchToFollow
from .statements import CellWalk

__all__ = ["Dependencies", "Slice", "bound_names", "names_in", "slice_for", "slice_of"]


@dataclass(frozen=True, slots=True)
class Slice:
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
        self._needs: dict[int, list[Need]] = {}
        self._lost: list[int] | None = None

    def add(self, position: int, python: str, certain: bool, failed_line: int = 0) -> None:
        """Go through a cell.

        Parameters
        ----------
        position : int
            Greater than that of any cell before.
        python : str
            The cell as IPython compiled it.
        certain : bool
            Whether it ran to its end.
        failed_line : int
            If not, the line at which it ended; 0 if that is unknown.
        """
        self.add_parsed(position, parsed(python), certain, failed_line)

    def add_parsed(self, position: int, cell: Parsed, certain: bool, failed_line: int = 0) -> None:
        """Go through a cell that has been parsed."""
        if self._lost is not None:
            # Nobody knows any more what refers to what: whatever ran before may have had a part in it.
            self._needs[position] = [(EVERYTHING, self._lost, len(self._lost))]
            self._lost.append(position)
            return
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
            self._lost = [*self._needs]
            self._memory = Memory()
            self.add_parsed(position, cell, certain, failed_line)
            return
        self._needs[position] = walk.finish()

    def add_reader(self, position: int, names: Iterable[str]) -> None:
        """Add a cell that does nothing but read these names."""
        if self._lost is not None:
            self._needs[position] = [(EVERYTHING, self._lost, len(self._lost))]
            return
        walk = CellWalk(self._memory, position, certain=True)
        for name in names:
            walk.load(name)
        self._needs[position] = walk.finish()

    def slice(self, position: int) -> Slice:
        """Return the cells that the cell at a position depends on, through whatever they depend on in turn."""
        found = {position}
        waiting = [position]
        followed: dict[int, int] = {}
        asked: dict[tuple[str, int], tuple[list[int], int]] = {}
        while waiting:
            for reason, writers, count in self._needs.get(waiting.pop(), ()):
                which = id(writers)
                if count > asked.get((reason, which), (writers, 0))[1]:
                    asked[reason, which] = writers, count
                    done = followed.get(which, 0)
                    if count > done:
                        followed[which] = count
                        new = set(writers[done:count]) - found
                        waiting += new
                        found |= new
        kept_for: dict[str, set[int]] = {}
        for (reason, _), (writers, count) in asked.items():
            kept_for.setdefault(reason, set()).update(writers[:count])
        reasons: dict[int, list[str]] = {each: [] for each in sorted(found - {position})}
        for reason in sorted(kept_for):
            for each in kept_for[reason] - {position}:
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
        dependencies.add_parsed(tracked + offset, Parsed((statement,), aside=whole.aside), certain)
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
            dependencies.add(cell.position, python_of(cell.source), cell.status == FINISHED, cell.failed_line)
    return dependencies
