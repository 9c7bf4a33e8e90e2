"""Standing beside IPython: which cells are tracked, and when each begins and ends.

IPython itself runs every cell. The watcher hears of its beginning and end through IPython's events, and is
written so that whatever goes wrong here leaves the cell alone. Nothing here waits for the store: what takes
time, and what there is to say only when the store has answered, is done in the background.
"""

from __future__ import annotations

import ast
import asyncio
import os
import platform
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..analysis.source import CellSource
from ..entities import RunStatus, TrackError
from ..tracking import Recorder, TrackClient
from ..tracking.context import notebook_path
from . import environment
from .background import Background
from .cell import CellSummary, TrackedCell
from .cell_runs import CellRuns
from .channel import FrontEndChannel
from .datasets import DataDescription, dataset_inputs
from .loops import LoopWatch
from .options import TrackOptions
from .remembered import Remembered
from .rules import MISSING
from .snapshots import Snapshots
from .state import KernelState

__all__ = ["CellWatcher"]

#: Seconds that the background waits at most for the store before it tells the front end of a run.
DELIVERY_SECONDS = 5.0


@dataclass
class _Executing:
    """A cell that IPython is executing.

    ``info`` is what IPython said of it, ``cell`` its watch if it is tracked, ``position`` its place among all that were
    executed. ``shown`` and ``said`` are the cards
    and warnings of what was tracked inside it: whatever wraps those (``%%capture``) must not get hold of them.
    """

    info: Any
    cell: TrackedCell | None
    position: int = 0
    shown: list[CellSummary] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


class _Stack(threading.local):
    """The cells that a thread is executing, the innermost last, and the one that `CellWatcher.run_inside` runs."""

    def __init__(self) -> None:
        self.cells: list[_Executing] = []
        self.inside: TrackedCell | None = None


class CellWatcher:
    """Tracks the cells of one shell.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    client : callable
        Returns the client in force.
    options_of : callable
        Called with what IPython says of a cell that begins (its ``ExecutionInfo``); returns the options, or
        None if the cell is not to be tracked.
    show : callable
        Called with a `CellSummary` when a tracked cell has ended.
    warn : callable
        Called with one line when something went wrong here.
    """

    def __init__(
        self,
        shell: Any,
        client: Callable[[], TrackClient],
        options_of: Callable[[Any], TrackOptions | None],
        show: Callable[[CellSummary], None],
        warn: Callable[[str], None],
    ) -> None:
        self._shell = shell
        self._client = client
        self._options_of = options_of
        self._show = show
        self._warn = warn
        self._stack = _Stack()
        self._running = 0
        self._unsaid: list[str] = []
        self._background = Background(self._part_failed)
        self._snapshots = Snapshots(self._background)
        self._state = KernelState(shell)
        self._path_from_front_end = ""
        self.remembered = Remembered(self._notebook_path, lambda settings: self._channel.keep_settings(settings))
        self._channel = FrontEndChannel(self._take_snapshot, self.remembered.told)
        self._recorded = False
        self._closed = False
        self.runs = CellRuns(client, self._notebook_path)
        self.last_run_id = ""

    # -- IPython's events

    @property
    def executing(self) -> bool:
        """Whether this thread is executing a cell."""
        return bool(self._stack.cells)

    def watched_loops(self) -> LoopWatch | None:
        """Return the watch over the loops of the tracked cell that this thread is executing."""
        cells = (each.cell for each in reversed(self._stack.cells) if each.cell is not None)
        cell = self._stack.inside or next(cells, None)
        return cell.loops if cell is not None else None

    def pre_run_cell(self, info: Any) -> None:
        """Begin to watch, if the cell is to be tracked."""
        options = None if self._stack.cells else self._options_of(info)
        cell = self._begin(options, info) if options is not None else None
        self._running += 1
        executing = _Executing(info, cell)
        self._stack.cells.append(executing)
        if len(self._stack.cells) == 1:
            self._guard(self._begin_in_history, executing)

    def post_run_cell(self, result: Any) -> None:
        """End what `pre_run_cell` began."""
        cells = self._stack.cells
        # A blank cell, and the one that loads the extension, end without having begun. A cell that was
        # interrupted in an await ends without a result.
        if not cells or (result is not None and result.info.raw_cell != cells[-1].info.raw_cell):
            return
        ended = cells[-1]
        try:
            recorder = ended.cell.recorder if ended.cell is not None else None
            self._guard(self._state.end, ended.position, result, recorder.run_id if recorder is not None else "")
            if ended.cell is not None:
                if result is None:
                    self._end(ended.cell, KeyboardInterrupt(), MISSING)
                else:
                    if ended.cell.recorder is not None and result.execution_count is not None:
                        # Before the cell runs, some versions of IPython have counted it and some have not.
                        ended.cell.recorder.set_tags({"jupyter_track.execution_count": str(result.execution_count)})
                    self._end(ended.cell, result.error_before_exec or result.error_in_exec, result.result)
        except KeyboardInterrupt:
            pass  # The cell has ended: there is nothing left that the person could want to stop.
        finally:
            cells.pop()
            self._running -= 1
        if not cells:
            self._tell(ended)
            self._background.add(self._state.follow)

    def run_inside(self, options: TrackOptions, text: str) -> Any:
        """Run a cell inside another one (``%%time`` above ``%%track``, or a call of ``run_cell_magic``).

        Returns
        -------
        object
            The last value of the cell.
        """
        shell = self._shell
        transformed = shell.transform_cell(text)
        filename = shell.compile.cache(transformed, shell.execution_count, raw_code=text)
        tree = shell.compile.ast_parse(transformed, filename=filename)
        cell = self._begin(options, None, transformed, text)
        error: BaseException | None = None
        value = MISSING
        around, self._stack.inside = self._stack.inside, cell
        try:
            value = _execute(shell, shell.transform_ast(tree), filename)
            return value
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._stack.inside = around
            if cell is not None and not self._closed:
                self._end(cell, error, value)

    def _begin_in_history(self, executing: _Executing) -> None:
        executing.position = self._state.begin(executing.info)

    # -- begin and end

    def _begin(
        self, options: TrackOptions, info: Any, transformed: str | None = None, text: str | None = None
    ) -> TrackedCell | None:
        recorder = None
        try:
            text = info.raw_cell if text is None else text
            if transformed is None:
                # IPython has transformed the cell already, but tells so only from version 9.16 on.
                transformed = getattr(info, "transformed_cell", None) or self._shell.transform_cell(text)
            source = self._read(transformed, _lines_before(text, transformed))
            if source is None or (options.automatic and source.only_defines):
                return None
            if not options.dry_run:
                recorder = self._run_of(options, info)
            cell = TrackedCell(
                self._shell,
                source,
                text,
                options,
                recorder,
                self.remembered.settings,
                self._state.computed_before(),
            )
        except BaseException as error:
            if recorder is not None:
                recorder.end(RunStatus.KILLED)
            if not isinstance(error, Exception):
                raise
            self._say(_in_one_line("this cell is not tracked", error))
            return None
        return cell

    def _read(self, transformed: str, lines_before: int) -> CellSource | None:
        """Return the facts about a cell, or None if IPython is about to say that it is no Python."""
        try:
            return CellSource(transformed, lines_before)
        except SyntaxError:
            return None
        except Exception as error:
            # What Python can run may still be nested too deep to be walked through.
            self._say(_in_one_line("no params and metrics were looked for in this cell", error))
            return CellSource("")

    def _run_of(self, options: TrackOptions, info: Any) -> Recorder:
        outer = next((each.cell for each in reversed(self._stack.cells) if each.cell is not None), None)
        recorder, begins = self.runs.of_cell(options, info, outer.recorder if outer is not None else None, self._say)
        self._client().enter_cell(recorder)
        if begins:
            self._begun(recorder)
        return recorder

    def _begun(self, recorder: Recorder) -> None:
        self._recorded = True
        self._background.add(self._deliver, recorder.run_id, RunStatus.RUNNING)
        self._background.add(_describe, recorder, _folder_of(self._notebook_path()))

    # -- a run over several cells

    def start_run(self, name: str, experiment: str, tags: Mapping[str, str]) -> Recorder:
        """Begin a run that the following cells are recorded in, until `end_run`."""
        recorder = self.runs.start(name, experiment, tags)
        self._begun(recorder)
        return recorder

    def end_run(self, status: RunStatus) -> Recorder:
        """End the run that was begun last.

        Raises
        ------
        InvalidParameterValue
            If none is open.
        """
        recorder = self.runs.end(status)
        self.last_run_id = recorder.run_id
        self._background.add(self._deliver, recorder.run_id, status)
        return recorder

    def _end(self, cell: TrackedCell, error: BaseException | None, value: Any) -> None:
        status = RunStatus.FINISHED
        if error is not None:
            interrupted = isinstance(error, (KeyboardInterrupt, asyncio.CancelledError))
            status = RunStatus.KILLED if interrupted else RunStatus.FAILED
        try:
            summary = cell.end(status, error, value)
        except BaseException as problem:
            self._guard(cell.stop_watching)
            if cell.recorder is not None:
                cell.recorder.end(status)
                self._background.add(self._deliver, cell.recorder.run_id, status)
            if not isinstance(problem, Exception):
                raise  # An impatient interrupt.
            self._part_failed(problem)
            return
        if cell.recorder is not None:
            self.last_run_id = cell.recorder.run_id
            self._guard(self._take_first_snapshot, cell)
            self._background.add(_log_datasets, cell.recorder, cell.datasets)
            self._background.add(self._deliver, cell.recorder.run_id, status)
        if self._stack.cells:
            self._stack.cells[0].shown.append(summary)
        else:
            self._guard(self._show, summary)

    def _cut_off(self, cell: TrackedCell) -> None:
        """End the run of a cell that goes on, but is not watched any more."""
        cell.end(RunStatus.KILLED, None, MISSING)

    # -- what is said to the person

    def _tell(self, ended: _Executing) -> None:
        """Show the cards and say what went wrong, under a cell that has ended."""
        if ended.cell is not None and ended.cell.output_is_replaced_by_next:
            # A card would wipe out what the cell shows. The run is in the sidebar; what is wrong is said later.
            self._unsaid += ended.said
            return
        for summary in ended.shown:
            self._guard(self._show, summary)
        said, self._unsaid = [*self._unsaid, *ended.said, *self._problems()], []
        for line in said:
            self._warn(line)

    def _say(self, line: str) -> None:
        if self._stack.cells:
            self._stack.cells[0].said.append(line)
        elif self._running:
            # From the background, while a cell runs that may capture or clear its output.
            self._unsaid.append(line)
        else:
            self._warn(line)

    def _problems(self) -> list[str]:
        """Return what has gone wrong on the way to the store, and was not told yet."""
        if not self._recorded:
            return []
        outbox = self._client().outbox
        waiting = outbox.waiting()
        return [
            f"{problem.message} Your results are intact; {waiting} records wait."
            if problem.run_id is None
            else f"run {problem.run_id[:8]}: {problem.message}"
            for problem in outbox.take_problems()
        ]

    def _part_failed(self, error: Exception) -> None:
        self._say(_in_one_line("part of this cell was not recorded", error))

    def _guard(self, call: Callable[..., None], *arguments: Any) -> None:
        try:
            call(*arguments)
        except Exception as error:
            self._part_failed(error)

    # -- off the cell's path

    def _deliver(self, run_id: str, status: RunStatus) -> None:
        """Tell of a run when the store has heard of it, and of what keeps the store from it."""
        self._client().outbox.flush(DELIVERY_SECONDS)
        self._channel.run_changed(run_id, status.value)
        if not self._running:
            for line in self._problems():
                self._warn(line)

    def _notebook_path(self) -> str:
        return self._path_from_front_end or notebook_path(self._shell.user_ns)

    def notebook_folder(self) -> str:
        """Return the folder of the notebook, or the working directory if it is not known."""
        folder = _folder_of(self._notebook_path())
        return str(folder) if folder is not None and folder.is_dir() else os.getcwd()

    def open_notebook(self, path: Path) -> None:
        """Have the front end open a notebook, if there is one that can."""
        self._channel.open_notebook(str(path))

    def _take_first_snapshot(self, cell: TrackedCell) -> None:
        if cell.recorder is not None:
            executed = self._shell.history_manager.input_hist_raw[1:]
            position = self._stack.cells[0].position if self._stack.cells else 0
            write_state = self._state.writer(position, cell.recorder, cell.redact) if position else _write_nothing
            self._snapshots.take(cell.recorder, self._notebook_path(), executed, cell.redact, write_state)
            # At once, so that the front end hears it as a part of this cell's execution.
            self._channel.ask_for_snapshot(cell.recorder.run_id)

    def _take_snapshot(self, run_id: str, document: dict[str, Any], path: str) -> None:
        if self._snapshots.accept(run_id, document) and path.endswith(".ipynb"):
            self._path_from_front_end = path

    def settle(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, for what is done off the cell's path."""
        self._background.settle(timeout)

    def close(self) -> None:
        """Stop watching; what is under way is finished."""
        self._closed = True
        for executing in self._stack.cells:
            if executing.cell is not None:
                self._guard(self._cut_off, executing.cell)
        self._stack.cells.clear()
        self._guard(self.runs.end_all, RunStatus.FINISHED)
        self._background.close()
        self._guard(self._channel.close)


def _log_datasets(recorder: Recorder, datasets: list[DataDescription]) -> None:
    recorder.log_inputs(dataset_inputs(datasets))


def _write_nothing(notebook: dict[str, Any] | None) -> None:
    """Write no state: the cell leaves no trace in IPython's history."""


def _describe(recorder: Recorder, folder: Path | None) -> None:
    """Record with what a cell runs."""
    git = environment.git_state(folder) if folder is not None else {}
    recorder.set_tags({"jupyter_track.python": platform.python_version(), **git})
    recorder.log_text("track/environment.json", environment.environment_json())


def _folder_of(path: str) -> Path | None:
    """Return the folder of a notebook, or the working directory if it has none; None if that is gone."""
    if os.path.isabs(path):
        return Path(path).parent
    try:
        return Path.cwd()
    except OSError:
        return None


def _execute(shell: Any, tree: Any, filename: str) -> Any:
    """Run the statements of a cell in the shell's namespace and return the value of a last expression."""
    body = tree.body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(shell.compile(ast.Module(body, []), filename, "exec"), shell.user_global_ns, shell.user_ns)
    if last is None:
        return None
    return eval(shell.compile(ast.Expression(last.value), filename, "eval"), shell.user_global_ns, shell.user_ns)


def _lines_before(text: str, transformed: str) -> int:
    """Return how many lines of the cell, as the person sees it, stand before the first transformed one."""
    lines = text.splitlines()
    if transformed.startswith("get_ipython().run_cell_magic("):
        # The outermost of the magics, ours not counted, is the one that is a call now.
        magics = (number for number, line in enumerate(lines) if re.match(r"\s*%%(?!track\b)", line))
        return next(magics, 0)
    return next((number for number, line in enumerate(lines) if line.strip()), 0)


def _in_one_line(what: str, error: Exception) -> str:
    told = str(error) if isinstance(error, TrackError) else f"{type(error).__name__}: {error}"
    return f"{what}: {' '.join(told.split())}"
