"""Standing beside IPython: which cells are tracked, and when each begins and ends.

IPython itself runs every cell. The watcher hears of its beginning and end through IPython's events, and is
written so that whatever goes wrong here leaves the cell alone.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from ..entities import RunStatus, TrackError
from ..entities.run_names import invent_run_name
from ..tracking import Recorder, TrackClient
from . import environment, notebook
from .cell import CellSummary, TrackedCell
from .channel import FrontEndChannel
from .options import TrackOptions
from .rules import MISSING
from .source import CellSource

__all__ = ["CellWatcher"]

#: Seconds that the end of a cell waits for the store: enough when all is well, and no delay that one feels.
END_SECONDS = 0.25
DEFAULT_EXPERIMENT = "Default"
#: Runs whose live notebook is still accepted.
MAX_AWAITED = 100


class _Executing(threading.local):
    """The cells that a thread is executing, the innermost last: what IPython said of each, and its watch."""

    def __init__(self) -> None:
        self.cells: list[tuple[Any, TrackedCell | None]] = []


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
        self._executing = _Executing()
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="jupyter-track-background")
        self._jobs: list[Future[None]] = []
        self._awaited: dict[str, tuple[Recorder, Callable[[str], str]]] = {}
        self._path_from_front_end = ""
        self._channel = FrontEndChannel(self._take_snapshot)
        self.last_run_id = ""
        self.default_experiment = ""

    # -- IPython's events

    @property
    def executing(self) -> bool:
        """Whether this thread is executing a cell."""
        return bool(self._executing.cells)

    def pre_run_cell(self, info: Any) -> None:
        """Begin to watch, if the cell is to be tracked."""
        cell = None
        if not self._executing.cells:
            options = self._options_of(info)
            if options is not None:
                cell = self._begin(options, info)
        self._executing.cells.append((info, cell))

    def post_run_cell(self, result: Any) -> None:
        """End what `pre_run_cell` began."""
        cells = self._executing.cells
        # A blank cell, and the one that loads the extension, end without having begun. A cell that was
        # interrupted in an await ends without a result.
        if not cells or (result is not None and result.info.raw_cell != cells[-1][0].raw_cell):
            return
        _, cell = cells.pop()
        if cell is None:
            return
        if result is None:
            self._end(cell, KeyboardInterrupt(), MISSING)
        else:
            self._end(cell, result.error_before_exec or result.error_in_exec, result.result)

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
        tree = shell.transform_ast(shell.compile.ast_parse(transformed, filename=filename))
        cell = self._begin(options, None, transformed, text)
        error: BaseException | None = None
        value = MISSING
        try:
            value = _execute(shell, tree, filename)
            return value
        except BaseException as raised:
            error = raised
            raise
        finally:
            if cell is not None:
                self._end(cell, error, value)

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
            try:
                source = CellSource(transformed, _lines_before(text, transformed))
            except SyntaxError:
                return None  # IPython is about to say so; nothing will run, and there is nothing to record.
            if options.automatic and source.only_defines:
                return None
            if not options.dry_run:
                recorder = self._start_run(options, info)
            cell = TrackedCell(self._shell, source, text, options, recorder)
        except Exception as error:
            self._warn(_in_one_line("this cell is not tracked", error))
            if recorder is not None:
                recorder.end(RunStatus.KILLED)
            return None
        if recorder is not None:
            self._guard(self._channel.run_changed, recorder.run_id, RunStatus.RUNNING.value)
        return cell

    def _start_run(self, options: TrackOptions, info: Any) -> Recorder:
        path = self._path_from_front_end or environment.notebook_path(self._shell.user_ns)
        experiment = options.experiment or self.default_experiment or Path(path).stem or DEFAULT_EXPERIMENT
        tags = {
            "mlflow.source.type": "NOTEBOOK",
            "jupyter_track.execution_count": str(self._shell.execution_count),
            **({"mlflow.source.name": path} if path else {}),
            **options.tags,
        }
        cell_id = getattr(info, "cell_id", None)
        if cell_id:
            tags["jupyter_track.cell_id"] = str(cell_id)
        outer = next((cell for _, cell in reversed(self._executing.cells) if cell is not None), None)
        if outer is not None and outer.recorder is not None:
            tags["mlflow.parentRunId"] = outer.recorder.run_id
        user = environment.user_name()
        recorder = self._client().record(
            experiment, options.name or invent_run_name(), user, {"mlflow.user": user, **tags}
        )
        folder = Path(path).parent if os.path.isabs(path) else Path.cwd()
        self._later(self._describe, recorder, folder)
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
            if not isinstance(problem, Exception):
                raise  # An impatient interrupt.
            self._warn(_in_one_line("part of this cell was not recorded", problem))
            return
        if cell.recorder is not None:
            self.last_run_id = cell.recorder.run_id
            self._guard(self._snapshot, cell.recorder, cell.redactor())
            self._client().outbox.flush(END_SECONDS)
            self._guard(self._channel.run_changed, cell.recorder.run_id, status.value)
        self._guard(self._show, summary)
        self.tell_problems()

    def tell_problems(self) -> None:
        """Warn of what has gone wrong on the way to the store."""
        waiting = self._client().outbox.waiting()
        for problem in self._client().outbox.take_problems():
            if problem.run_id is None:
                self._warn(
                    f"{problem.message} Your results are intact; {waiting} records wait in memory and are tried again."
                )
            else:
                self._warn(f"run {problem.run_id[:8]}: {problem.message}")

    # -- off the cell's path

    def _snapshot(self, recorder: Recorder, redact: Callable[[str], str]) -> None:
        path = self._path_from_front_end or environment.notebook_path(self._shell.user_ns)
        executed = list(enumerate(self._shell.history_manager.input_hist_raw))[1:]
        self._awaited[recorder.run_id] = (recorder, redact)
        while len(self._awaited) > MAX_AWAITED:
            del self._awaited[next(iter(self._awaited))]

        def write() -> None:
            document, origin = notebook.from_file(path), "file"
            if document is None:
                document, origin = notebook.from_session(executed), "session"
            if recorder.run_id in self._awaited:
                self._write_snapshot(recorder, document, origin, redact)

        self._later(write)
        self._channel.ask_for_snapshot(recorder.run_id)

    def _take_snapshot(self, run_id: str, document: dict[str, Any], path: str) -> None:
        awaited = self._awaited.pop(run_id, None)
        if awaited is not None:
            if path.endswith(".ipynb"):
                self._path_from_front_end = path
            recorder, redact = awaited
            self._later(self._write_snapshot, recorder, document, "frontend", redact)

    @staticmethod
    def _write_snapshot(
        recorder: Recorder, document: dict[str, Any], origin: str, redact: Callable[[str], str]
    ) -> None:
        recorder.log_artifact("notebook.ipynb", notebook.snapshot_bytes(document, redact))
        recorder.set_tags({"jupyter_track.snapshot": origin})

    @staticmethod
    def _describe(recorder: Recorder, folder: Path) -> None:
        versions = environment.package_versions()
        recorder.set_tags({"jupyter_track.python": versions["python"], **environment.git_state(folder)})
        recorder.log_text("track/environment.json", json.dumps(versions, indent=1))

    def _later(self, call: Callable[..., None], *arguments: Any) -> None:
        self._jobs = [job for job in self._jobs if not job.done()]
        self._jobs.append(self._background.submit(self._guard, call, *arguments))

    def _guard(self, call: Callable[..., None], *arguments: Any) -> None:
        try:
            call(*arguments)
        except Exception as error:
            self._warn(_in_one_line("part of this cell was not recorded", error))

    def settle(self, timeout: float) -> None:
        """Wait, at most `timeout` seconds, for what is done off the cell's path."""
        wait(self._jobs, timeout)

    def close(self) -> None:
        """Stop watching; what is under way is finished."""
        self._background.shutdown(wait=True)
        self._guard(self._channel.close)


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
