"""A plain IPython shell, and a way to run a cell in it as a tracked one that is recorded nowhere."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.cell import CellSummary, TrackedCell
from jupyter_track.capture.options import TrackOptions
from jupyter_track.entities import RunStatus


@pytest.fixture(scope="package")
def one_shell(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    # A shell puts a module of its own in the place of the main one.
    patch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
    config = Config()
    config.HistoryManager.enabled = False
    yield InteractiveShell(config=config)
    patch.undo()


@pytest.fixture
def shell(one_shell):
    # What reset() does, without the garbage collection that makes it slow.
    one_shell.user_ns.clear()
    one_shell.init_user_ns()
    # Classes and functions of the notebook are told by it.
    one_shell.user_ns["__name__"] = "__main__"
    return one_shell


@dataclass(frozen=True)
class Tracked:
    """What was captured from a cell, in plain values."""

    summary: CellSummary
    error: BaseException | None
    printed: str

    @property
    def params(self) -> dict[str, str]:
        return {key: param.value for key, param in self.summary.findings.params.items()}

    @property
    def metrics(self) -> dict[str, float]:
        return {key: point.value for key, point in self.summary.findings.latest().items()}

    @property
    def curves(self) -> dict[str, list[tuple[int, float]]]:
        curves: dict[str, list[tuple[int, float]]] = {}
        for point in self.summary.findings.points:
            curves.setdefault(point.key, []).append((point.step, point.value))
        return curves

    @property
    def skipped(self) -> dict[str, str]:
        return {each.key: each.reason for each in self.summary.findings.skipped}


@pytest.fixture
def track(shell):
    """Run earlier cells as they are and the last one tracked."""

    def run(cell: str, *earlier: str, recorder=None, **options) -> Tracked:
        for text in earlier:
            shell.run_cell(text, store_history=True).raise_error()
        with redirect_stdout(io.StringIO()) as stdout:
            transformed = shell.transform_cell(cell)
            tracked = TrackedCell(shell, CellSource(transformed), cell, TrackOptions(**options), recorder)
            result = shell.run_cell(cell, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            status = RunStatus.FINISHED if error is None else RunStatus.FAILED
            summary = tracked.end(status, error, result.result)
        return Tracked(summary, error, stdout.getvalue())

    return run
