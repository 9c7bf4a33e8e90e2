"""The traceback of a cell, without the machinery that ran it."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

__all__ = ["cell_traceback", "format_cell_traceback"]


def cell_traceback(error: BaseException) -> TracebackType | None:
    """Return the traceback from the cell's own frame on; None if it did not come to that."""
    frames = error.__traceback__
    machinery = str(Path(sys.modules["IPython"].__file__ or "").parent)
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(machinery):
        frames = frames.tb_next
    return frames


def format_cell_traceback(error: BaseException) -> str:
    """Return the traceback from the cell's own frame on, as Python prints it."""
    return "".join(traceback.format_exception(type(error), error, cell_traceback(error)))
