"""Every cell that a kernel has executed, in its order."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from ..analysis.parsing import compiled_as, python_of
from .cells import FAILED, FINISHED, RUNNING, UNKNOWN, ExecutedCell, Parsed, is_own, parsed
from .document import HistoryDocument
from .flags import NotebookCell, flags_of
from .slicing import Dependencies

__all__ = ["ExecutedHistory"]

#: What is kept at most: so many cells, and characters of different sources. The oldest are forgotten first.
MAX_CELLS = 20_000
MAX_CHARACTERS = 50_000_000


class ExecutedHistory:
    """The cells of one kernel.

    What a cell depends on is found out once, when it is first asked for, so that a slice costs what the cells
    since the last one cost. May be used from several threads.

    Parameters
    ----------
    kernel_id : str
    max_cells, max_characters : int
        What is kept at most.
    """

    def __init__(self, kernel_id: str, max_cells: int = MAX_CELLS, max_characters: int = MAX_CHARACTERS) -> None:
        self.kernel_id = kernel_id
        self._max_cells = max_cells
        self._max_characters = max_characters
        # The cells; held for moments only, because a cell that begins waits for it.
        self._lock = threading.Lock()
        # What they depend on; held while cells are gone through.
        self._following = threading.Lock()
        self._cells: deque[ExecutedCell] = deque()
        self._count = 0
        self._characters = 0
        self._uses: Counter[str] = Counter()
        self._texts: dict[str, str] = {}
        self._python: dict[int, str] = {}
        # Of cells that were parsed and not gone through.
        self._parsed: dict[int, Parsed] = {}
        self._dependencies = Dependencies()
        self._followed = 0

    def adopt(self, sources: Iterable[str], failed: Collection[int] = ()) -> None:
        """Take over the cells that were executed before anybody watched.

        Parameters
        ----------
        sources : iterable of str
            As IPython keeps them, the first being cell 1: ``history_manager.input_hist_raw[1:]``.
        failed : collection of int
            The execution counts of those that are known to have failed; of the others nothing is known.
        """
        with self._lock:
            for count, source in enumerate(sources, 1):
                self._append(source, FAILED if count in failed else UNKNOWN, count, "", 0)

    def begin(
        self, cell_id: str | None, source: str, transformed: str | None, execution_count: int | None, time: int
    ) -> int:
        """Add a cell that is about to run, and return its position.

        Parameters
        ----------
        cell_id : str or None
        source : str
            As the person wrote it.
        transformed : str or None
            As IPython compiles it, if that is known; it may have been changed by transformers of the person.
        execution_count : int or None
        time : int
            In milliseconds since the epoch, UTC.
        """
        with self._lock:
            position = self._append(source, RUNNING, execution_count, cell_id or "", time)
            if transformed is not None:
                self._python[position] = self._texts.get(transformed, transformed)
                compiled_as(source, transformed)
            return position

    def end(
        self,
        position: int,
        status: str,
        run_id: str = "",
        execution_count: int | None = None,
        failed_line: int = 0,
    ) -> None:
        """Say how a cell has ended.

        Parameters
        ----------
        position : int
            What `begin` returned.
        status : str
            "finished", "failed" or "killed".
        run_id : str
            The run that it was recorded as, if it was tracked.
        execution_count : int or None
            The number that it got in the end, if that is known only now.
        failed_line : int
            The line of the cell, as IPython compiled it, that raised what it failed with; 0 if that is unknown.
        """
        with self._lock:
            index = position - self._first
            if 0 <= index < len(self._cells):
                cell = self._cells[index]
                count = cell.count if execution_count is None else execution_count
                self._cells[index] = replace(cell, status=status, run_id=run_id, count=count, failed_line=failed_line)

    def follow(self) -> None:
        """Find out what the cells that have ended depend on, so that `document` need not.

        To be called off the path of a cell, after each: it takes some milliseconds for a cell.
        """
        with self._following:
            with self._lock:
                ended = self._followed
                while ended < self._count and self._cells[ended + 1 - self._first].status != RUNNING:
                    ended += 1
            self._follow(ended)
            self._forget(ended)

    def parse(self, position: int) -> None:
        """Parse a cell, on the thread that has executed it, so that `follow` need not."""
        with self._lock:
            cell = self._cells[position - self._first]
            python = self._python.get(position)
        if not is_own(cell.source):
            self._parsed[position] = parsed(python or python_of(cell.source))

    def source(self, position: int) -> str:
        """Return the text of a cell that is kept."""
        with self._lock:
            return self._cells[position - self._first].source

    @property
    def cells(self) -> list[ExecutedCell]:
        """The cells that are kept, in the order in which they began."""
        with self._lock:
            return list(self._cells)

    @property
    def _first(self) -> int:
        return self._count - len(self._cells) + 1

    def document(
        self,
        position: int,
        notebook: Sequence[NotebookCell] | None = None,
        redact: Callable[[str], str] = lambda text: text,
    ) -> HistoryDocument:
        """Return what is to be kept with the run of the cell at a position, which has ended.

        Parameters
        ----------
        position : int
        notebook : sequence of NotebookCell or None
            The code cells of the notebook in their order, if they are known.
        redact : callable
            Blots the secrets out of a text.
        """
        with self._following:
            self._follow(position)
            self._forget(position)
            found = self._dependencies.slice(position)
        with self._lock:
            cells = [cell for cell in self._cells if cell.position <= position]
            forgotten = self._first - 1
        clean = {source: redact(source) for source in {cell.source for cell in cells}}
        cells = [
            cell if clean[cell.source] == cell.source else replace(cell, source=clean[cell.source]) for cell in cells
        ]
        document = HistoryDocument(
            kernel=self.kernel_id,
            cells=tuple(cells),
            tracked=position,
            slice=tuple(each for each in found.positions if each > forgotten),
            reasons={each: why for each, why in found.reasons.items() if each > forgotten},
            forgotten=forgotten,
        )
        cleaned = None if notebook is None else [NotebookCell(each.cell_id, redact(each.source)) for each in notebook]
        return replace(document, flags=tuple(flags_of(document, cleaned).relevant))

    def _append(self, source: str, status: str, count: int | None, cell_id: str, time: int) -> int:
        self._count += 1
        source = self._texts.setdefault(source, source)
        if not self._uses[source]:
            self._characters += len(source)
        self._uses[source] += 1
        self._cells.append(ExecutedCell(self._count, source, status, count, cell_id, time))
        return self._count

    def _forget(self, position: int) -> None:
        """Forget the oldest of the cells before a position, which were gone through, if there are too many."""
        with self._lock:
            while self._first < position and (
                len(self._cells) > self._max_cells or self._characters > self._max_characters
            ):
                source = self._cells.popleft().source
                self._uses[source] -= 1
                if not self._uses[source]:
                    del self._uses[source], self._texts[source]
                    self._characters -= len(source)

    def _follow(self, position: int) -> None:
        """Find out what the cells up to a position depend on."""
        while self._followed < position:
            with self._lock:
                cell = self._cells[self._followed + 1 - self._first]
                python = self._python.pop(cell.position, None)
                read = self._parsed.pop(cell.position, None)
            if not is_own(cell.source):
                read = read or parsed(python or python_of(cell.source))
                self._dependencies.add(cell.position, read, cell.status == FINISHED, cell.failed_line)
            self._followed += 1
