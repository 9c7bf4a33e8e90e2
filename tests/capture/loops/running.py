"""Running a cell as IPython does, watched or not, and everything that can be told of it from outside."""

from __future__ import annotations

import ast
import io
import itertools
import linecache
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.captured import CapturedMetric
from jupyter_track.capture.loops import LoopTransformer, LoopWatch

__all__ = ["Notebook", "Told"]

_numbers = itertools.count()


@dataclass
class Told:
    """What a cell did."""

    printed: str
    error: tuple[str, str] | None
    frames: list[tuple[Any, ...]]
    points: list[CapturedMetric]
    watch: LoopWatch | None

    @property
    def curves(self) -> dict[str, list[tuple[int, float]]]:
        curves: dict[str, list[tuple[int, float]]] = {}
        for point in self.points:
            curves.setdefault(point.key, []).append((point.step, point.value))
        return curves

    @property
    def skipped(self) -> dict[str, str]:
        assert self.watch is not None
        return {each.key: each.reason for each in self.watch.skipped}


class Notebook:
    """A namespace in which cells run, statement by statement, as IPython runs them."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}

    def run(self, cell: str, watched: bool = False, filename: str = "") -> Told:
        """Run a cell."""
        filename = filename or f"<cell {next(_numbers)}>"
        linecache.cache[filename] = (len(cell), None, cell.splitlines(keepends=True), filename)
        tree = ast.parse(cell)
        watch = LoopWatch(CellSource(cell), self.namespace) if watched else None
        if watch is not None:
            watch.start()
        error, frames = None, []
        with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed):
            try:
                tree = LoopTransformer(lambda: watch).visit(tree)
                for statement in tree.body:
                    exec(compile(ast.Module([statement], []), filename, "exec"), self.namespace)
            except BaseException as raised:
                error = (type(raised).__name__, str(raised))
                frames = _frames(raised)
            finally:
                if watch is not None:
                    watch.stop()
        points = watch.take(1 << 60) if watch is not None else []
        return Told(printed.getvalue(), error, frames, points, watch)

    @property
    def values(self) -> dict[str, str]:
        """The names in the namespace and what they hold, in order."""
        return {
            name: _shown(value)
            for name, value in self.namespace.items()
            if name not in ("__builtins__", "__annotations__")
        }


def _shown(value: Any) -> str:
    text = repr(value)
    return text.partition(" at 0x")[0]


def _frames(error: BaseException) -> list[tuple[Any, ...]]:
    told = []
    for frame in traceback.TracebackException.from_exception(error).stack[1:]:
        positions = (getattr(frame, name, None) for name in ("end_lineno", "colno", "end_colno"))
        told.append((frame.filename, frame.lineno, frame.name, *positions))
    if told and type(error) is UnboundLocalError:
        # Once code has run some times, Python 3.11 blames the instruction before: it runs the two as one.
        told[-1] = (told[-1][0], told[-1][2])
    return told
