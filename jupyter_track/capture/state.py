"""The state that a run really came from: what this kernel has executed, kept with each run."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from ..analysis.earlier import EarlierNames
from ..entities.clock import now_ms
from ..history.executed import ExecutedHistory
from ..history.export import slice_as_script
from ..history.flags import NotebookCell
from ..tracking import Recorder
from .tracebacks import cell_traceback

__all__ = ["HISTORY", "ORDER_TAG", "SLICE", "KernelState"]

HISTORY = "track/history.json"
SLICE = "track/slice.py"
#: What a person should know of the order in which the cells ran; one line for each thing.
ORDER_TAG = "jupyter_track.order"
#: Cells that are read on the path of a tracked one, if there was no time for it before.
MAX_UNREAD = 10
#: Of the cells from before the extension was loaded, so many are read; for what depends on others all are kept.
MAX_ADOPTED = 200


class KernelState:
    """Follows what a shell executes.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """

    def __init__(self, shell: Any) -> None:
        self._history = ExecutedHistory(uuid.uuid4().hex)
        earlier = shell.history_manager.input_hist_raw[1:]
        self._history.adopt(earlier)
        for position in range(max(1, len(earlier) - MAX_ADOPTED + 1), len(earlier) + 1):
            self._history.parse(position)
        self._names = EarlierNames()
        self._unread = deque(earlier)

    def begin(self, info: Any) -> int:
        """Note that a cell begins, and return its position: also of one that IPython's own history leaves out."""
        transformed = getattr(info, "transformed_cell", None)
        return self._history.begin(getattr(info, "cell_id", None), info.raw_cell, transformed, None, now_ms())

    def end(self, position: int, result: Any, run_id: str) -> None:
        """Note that it has ended.

        Parameters
        ----------
        position : int
            What `begin` returned.
        result : IPython.core.interactiveshell.ExecutionResult or None
            None if the cell was interrupted in an await.
        run_id : str
            Of the run that it was recorded in; empty if there is none.
        """
        if not position:
            return
        # Here, because no thread of ours may parse: see `history.cells.may_parse`.
        self._history.parse(position)
        self._unread.append(self._history.source(position))
        self.computed_before()
        if result is None:
            self._history.end(position, "killed", run_id)
            return
        error = result.error_before_exec or result.error_in_exec
        status = "finished" if error is None else "killed" if isinstance(error, KeyboardInterrupt) else "failed"
        failed_at = cell_traceback(error) if error is not None else None
        failed_line = failed_at.tb_lineno if failed_at is not None else 0
        # A cell that IPython's own history leaves out has the number of the one before it.
        count = result.execution_count if result.info.store_history else None
        self._history.end(position, status, run_id, count, failed_line)

    def follow(self) -> None:
        """Find out what the cells that have ended depend on; off the path of cells."""
        self._history.follow()

    def computed_before(self, most: int = MAX_UNREAD) -> frozenset[str]:
        """Return the names that the cells until now have computed.

        Parameters
        ----------
        most : int
            How many cells may be read for it that were not read before.
        """
        for _ in range(most):
            try:
                # Another thread may read at the same time.
                self._names.add(self._unread.popleft())
            except IndexError:
                break
        return self._names.computed

    def writer(
        self, position: int, recorder: Recorder, redact: Callable[[str], str]
    ) -> Callable[[dict[str, Any] | None], None]:
        """Return what writes the state of a run, given the notebook (None if it is not known).

        It may be called again when a better notebook has come.
        """
        written: list[tuple[str, ...]] = []

        def write(notebook: dict[str, Any] | None) -> None:
            document = self._history.document(position, _code_cells(notebook), redact)
            if document.flags in written:
                return  # What it says does not depend on the notebook but for those.
            written.append(document.flags)
            recorder.log_artifact(HISTORY, document.to_bytes())
            recorder.log_text(SLICE, slice_as_script(document, recorder.run_name))
            if document.flags or len(written) > 1:
                recorder.set_tags({ORDER_TAG: "\n".join(document.flags)})

        return write


def _code_cells(notebook: dict[str, Any] | None) -> list[NotebookCell] | None:
    if notebook is None:
        return None
    return [
        NotebookCell(str(cell.get("id", "")), "".join(cell.get("source", "")))
        for cell in notebook["cells"]
        if cell.get("cell_type") == "code"
    ]
