"""The layouts: ways in which libraries print their results, one small module for each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..reading import Layout, Reading
from .bars import KerasProgress, TqdmBar
from .boosting import CatBoost, LightGBM, XGBoost
from .boxes import BoxTable, LightningTable
from .dicts import PrintedDict
from .reports import ClassificationReport
from .sklearn import VerboseFit
from .summaries import ModelSummary
from .tables import CurveTable, OneRowFrame
from .trials import OptunaTrial

__all__ = ["Layouts"]

_KINDS = (
    TqdmBar, KerasProgress, XGBoost, LightGBM, CatBoost, PrintedDict, VerboseFit, OptunaTrial,
    ClassificationReport, ModelSummary, LightningTable, BoxTable, CurveTable, OneRowFrame,
)  # fmt: skip

#: What is somewhere in every line with which a text of some layout begins: most lines are told from them at once. The
#: group that matches is the layout to ask first.
_MARKS = re.compile("|".join(f"({kind.marks})" for kind in _KINDS))


class Layouts:
    """Shows each line of one stream to the layouts.

    Attributes
    ----------
    claimed : bool
        Whether the line that was read last belongs to a layout.
    """

    def __init__(self) -> None:
        self._layouts: tuple[Layout, ...] = tuple(kind() for kind in _KINDS)
        self._open: Layout | None = None
        self.claimed = False

    @property
    def is_idle(self) -> bool:
        """Whether no layout is in the middle of a text of several lines."""
        return self._open is None

    def read(self, line: str) -> Iterator[Reading]:
        """Yield what the layouts read of a line and of those before it."""
        self.claimed = False
        layout, self._open = self._open, None
        if layout is not None:
            reading = layout.read(line)
            if reading is not None:
                self._claim(layout)
                yield reading
                return
            yield from layout.end()
        mark = _MARKS.search(line)
        if mark is None or mark.lastindex is None:
            return
        likely = self._layouts[mark.lastindex - 1]
        for layout in (likely, *self._layouts):
            reading = layout.read(line)
            if reading is not None:
                self._claim(layout)
                yield reading
                return

    def _claim(self, layout: Layout) -> None:
        self.claimed = True
        self._open = layout if layout.is_open else None

    def end(self) -> Iterator[Reading]:
        """Yield what is known only because nothing follows."""
        if self._open is not None:
            layout, self._open = self._open, None
            yield from layout.end()
