"""One tracked cell, from its first line to its last output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..analysis.source import CellSource
from ..entities import Metric, RunStatus
from ..entities.clock import now_ms
from ..tracking import Recorder
from .asked import Asked
from .captured import CapturedMetric, Skipped
from .datasets import DataDescription, find_datasets
from .displays import DisplayTap
from .estimators import find_estimators
from .findings import Findings, end_of_curves, logged_by_hand, merge_printed
from .hidden import redactor_for
from .loops import LoopWatch
from .loops.curves import BEST
from .mlflow_environment import MlflowEnvironment
from .options import TrackOptions
from .printed import PrintedNumbers
from .remembered import NOTHING_SAID, Settings
from .results import table_json
from .rules import (
    Outcome,
    Situation,
    find_made,
    find_metrics,
    find_params,
    printed_labels,
)
from .rules.bare import bare_prints
from .rules.own import OwnLines, own_metrics, own_params
from .rules.sequences import score_sequences
from .secrets import Redactor
from .streams import StreamTap, Ticker
from .tracebacks import format_cell_traceback
from .values import as_number

__all__ = ["CellSummary", "TrackedCell"]

#: Seconds between two looks at what the cell has printed and its loops have computed.
TICK_SECONDS = 0.5
#: Lines that are read for metrics at one look; a cell that prints faster is printing data.
MAX_LINES_PER_LOOK = 5_000

_T = TypeVar("_T")

_TRACEBACK_RULE = "-" * 75


@dataclass(frozen=True, slots=True)
class CellSummary:
    """What there is to tell about a tracked cell when it has ended. Times are milliseconds.

    ``logged_params`` and ``logged_metrics`` are what the cell logged by calls of its own, ``files`` the artifacts that
    are worth a look, ``data`` the names and shapes of the data that the cell used, ``part`` the cell's place in a run
    that it shares (0: the run is its own).
    """

    run_id: str
    run_name: str
    experiment_name: str
    status: RunStatus
    duration: int
    findings: Findings
    model: str = ""
    notes: tuple[str, ...] = ()
    recorded: bool = True
    logged_params: Mapping[str, str] = field(default_factory=dict)
    logged_metrics: Mapping[str, float] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    part: int = 0


class TrackedCell:
    """Watches one cell and records it.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    source : CellSource
    text : str
        The cell as the person wrote it.
    options : TrackOptions
    recorder : Recorder or None
        None for a dry run: everything is watched and nothing recorded.
    remembered : Settings
        What was said of the notebook's capture, once and for all.
    computed_before : frozenset of str
        Names that earlier cells have computed.

    Attributes
    ----------
    loops : LoopWatch
        The loops of the cell, for the transformer of its code.
    datasets : list of DataDescription
        The data that the cell has used, once it has ended.
    redact : Redactor
        Blots out the secrets that the cell could show.
    """

    def __init__(
        self,
        shell: Any,
        source: CellSource,
        text: str,
        options: TrackOptions,
        recorder: Recorder | None,
        remembered: Settings = NOTHING_SAID,
        computed_before: frozenset[str] = frozenset(),
    ) -> None:
        self._shell = shell
        self._source = source
        self._text = text
        self._options = options
        self._asked = Asked(options, shell)
        self._computed_before = computed_before
        self.recorder = recorder
        self._start = recorder.start_time if recorder is not None else now_ms()
        self._notes: list[str] = []
        self._findings = Findings(options.exclude | remembered.exclude, source.computed, remembered.rename)
        self._printed = PrintedNumbers(printed_labels(source), self._param_values)
        self._own_lines = OwnLines(self._note)
        self._stdout = StreamTap(sys.stdout)
        self._stderr = StreamTap(sys.stderr)
        self._displays = DisplayTap(shell, lambda: self._stdout.kept.total + self._stderr.kept.total)
        self.loops = LoopWatch(source, shell.user_ns)
        self._mlflow = MlflowEnvironment(recorder) if recorder is not None else None
        self.datasets: list[DataDescription] = []
        self._failed = False
        self._ticker: Ticker | None = None
        self.redact = self._redactor()
        self._situation = self._begin()

    def _part(self, find: Callable[..., _T], *arguments: Any) -> _T | None:
        """Return what a part of the capture finds; if it fails, the others are not lost with it."""
        try:
            return find(*arguments)
        except Exception as error:
            said = " ".join(str(error).split())
            self._note(f"Part of this cell was not recorded ({find.__name__}): {type(error).__name__}: {said}")
            return None

    def _param_values(self) -> dict[str, str]:
        return {key: param.value for key, param in self._findings.params.items()}

    def _note(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)

    def _begin(self) -> Situation:
        namespace = self._shell.user_ns
        names = set(self._source.reads) | {each.name for each in self._source.assignments}
        before = {name: namespace[name] for name in names if name in namespace}
        situation = Situation(self._source, before, frozenset(self._shell.user_ns_hidden))
        found, skipped = find_params(
            situation, computed_before=self._computed_before, allow_secrets=self._options.allow_secrets
        )
        mine = [*self._asked.params(), *own_params(situation, self._note)]
        self._findings.skipped += [*skipped, *(each for each in mine if isinstance(each, Skipped))]
        params = [each for each in mine if not isinstance(each, Skipped)]
        self._log_params(self._findings.add_params([*params, *found.values()], self.redact))
        if self.recorder is not None:
            self.recorder.log_text("track/cell.py", self.redact(self._text))
        try:
            self._displays.start()
            self._stdout.start()
            self._stderr.start()
            self.loops.start()
            self._ticker = Ticker(self._look, TICK_SECONDS)
            if self._mlflow is not None:
                self._mlflow.enter()
        except BaseException:
            self.stop_watching()
            raise
        # Only numbers are kept: whatever else the cell replaces must be free to go.
        return replace(situation, before={name: v for name, v in before.items() if as_number(v) is not None})

    def _log_params(self, params: Mapping[str, str]) -> None:
        if self.recorder is None:
            return
        for key, kept in self.recorder.log_params(params).items():
            self._note(
                f"The run has {key} = {kept[:60]} already, from an earlier cell; {params[key][:60]} is in capture.json."
            )

    # -- while it runs

    def _look(self) -> None:
        """Read what has been printed and computed in loops since the last look; called on the ticker's thread."""
        text, error_text = _last_lines(self._stdout.take()), _last_lines(self._stderr.take())
        if self._failed:
            # In a terminal IPython prints the traceback, and with it the code, on stdout.
            text = text.partition(_TRACEBACK_RULE)[0]
        timestamp = now_ms()
        computed = self.loops.take(timestamp)
        own = self._own_lines.feed(text, timestamp)
        printed = self._printed.feed(text, error_text, computed, timestamp)
        self._log(self._findings.add_points([*computed, *own, *printed]))

    def _log(self, points: list[CapturedMetric]) -> None:
        if self.recorder is not None and points:
            self.recorder.log_metrics([Metric(point.key, point.value, point.timestamp, point.step) for point in points])

    # -- when it has ended

    def stop_watching(self) -> None:
        """Leave streams, displays and loops as they were found; nothing goes on in the background.

        May be called again.
        """
        if self._mlflow is not None:
            self._mlflow.leave(RunStatus.KILLED)
        self._stdout.stop()
        self._stderr.stop()
        self._displays.stop()
        self.loops.stop()
        if self._ticker is not None:
            self._ticker.stop()

    def end(self, status: RunStatus, error: BaseException | None, value: Any) -> CellSummary:
        """Record what came out and end the run.

        Parameters
        ----------
        status : RunStatus
        error : BaseException or None
            What the cell raised.
        value : object
            The last value, or `MISSING`.
        """
        if self._mlflow is not None:
            self._mlflow.leave(status)
        self.stop_watching()
        self._failed = error is not None
        timestamp = now_ms()
        outcome = self._outcome(error is not None, value, timestamp)
        complete = self._part(self._capture_late_params, outcome) or {}
        self._capture_metrics(self._outcome(error is not None, value, timestamp))
        recorder = self.recorder
        names = [each.name for each in self._source.assignments]
        model = self._asked.model(names, recorder) if status is RunStatus.FINISHED else ""
        files: tuple[str, ...] = ()
        if recorder is not None:
            self._asked.keep(recorder)
            files = self._record_files(recorder, error, complete)
            table = self._part(table_json, value)
            if table is not None:
                recorder.log_text("output/result.json", self.redact(table))
            self.datasets = self._part(find_datasets, outcome) or []
            # Saving the model and the figures is not the cell's time.
            recorder.end(status, timestamp)
        return CellSummary(
            run_id=recorder.run_id if recorder else "",
            run_name=recorder.run_name if recorder else "",
            experiment_name=recorder.experiment_name if recorder else "",
            status=status,
            duration=timestamp - self._start,
            findings=self._findings,
            model=model,
            notes=(*self._notes, *self._asked.notes, *self.loops.notes),
            recorded=recorder is not None,
            logged_params=recorder.logged_params if recorder else {},
            logged_metrics=recorder.logged_metrics if recorder else {},
            files=files,
            data=tuple(each.name_and_shape for each in self.datasets),
            part=getattr(recorder, "position", 0),
        )

    def _outcome(self, failed: bool, value: Any, timestamp: int) -> Outcome:
        return Outcome(
            self._situation,
            self._shell.user_ns,
            value,
            failed,
            timestamp,
            frozenset(self._findings.params),
            {each.key: each.reason for each in self.loops.skipped if each.reason != BEST},
        )

    def _capture_late_params(self, outcome: Outcome) -> dict[str, Any]:
        """Find the params that are seen only when the cell has ended, and return all settings of its estimators."""
        made, skipped = find_made(outcome, self._options.allow_secrets)
        self._findings.skipped += skipped
        self._log_params(self._findings.add_params(made.values(), self.redact))
        outcome = replace(outcome, param_keys=frozenset(self._findings.params))
        estimated, complete = find_estimators(outcome)
        self._log_params(self._findings.add_params(estimated.values(), self.redact))
        return complete

    def _capture_metrics(self, outcome: Outcome) -> None:
        timestamp = outcome.timestamp
        printed = self._end_of_print(timestamp)
        named, skipped = find_metrics(outcome)
        self._findings.skipped += [*skipped, *self._printed.skipped, *self.loops.skipped]
        for point in self._part(bare_prints, self._source, self._stdout.kept.text(), timestamp) or []:
            named.setdefault(point.key, point)
        for each in own_metrics(outcome, self._note):
            if isinstance(each, Skipped):
                self._findings.skipped.append(each)
            else:
                named[each.key] = each
        if self.recorder is not None:
            for key, by_hand in logged_by_hand(named, self.recorder.logged_metrics).items():
                point = named.pop(key)
                self._findings.skipped.append(
                    Skipped(key, point.rule, point.line, f"the cell has logged it as {by_hand}")
                )
        named.update({point.key: point for point in self._asked.metrics(timestamp)})
        known = {*named, *self._findings.latest(), *printed}
        sequences = self._part(score_sequences, outcome) or []
        twice = self._printed.printed_as_well(sequences, self._findings.points)
        self._log(self._findings.add_points(each for each in sequences if each.key not in known | twice))
        merged = merge_printed(named, printed, self._printed.decimals)
        points = [point for key, point in printed.items() if key not in merged and key not in named]
        latest = self._findings.latest()
        # A loop's last value has all digits already.
        left = {
            key: each
            for key, each in named.items()
            if key not in self._printed.curves or key not in latest or latest[key].value != each.value
        }
        points += end_of_curves(left, latest, self._printed.decimals)
        self._log(self._findings.add_points(points))

    @property
    def output_is_replaced_by_next(self) -> bool:
        """Whether front ends will clear what the cell shows when the next output comes: a traceback is one."""
        return self._displays.replaced_by_next and not self._failed

    def _end_of_print(self, timestamp: int) -> dict[str, CapturedMetric]:
        """Read what was printed last and return the numbers that may be variables, by their printed names."""
        problem = self._ticker.error if self._ticker is not None else None
        try:
            self._look()
            self._log(self._findings.add_points(self._own_lines.close(timestamp)))
            return self._printed.close(timestamp)
        except Exception as error:
            problem = problem or error
            return self._printed.held
        finally:
            if problem is not None:
                said = " ".join(str(problem).split())
                self._note(f"Not all that was printed could be read: {type(problem).__name__}: {said}")

    def _record_files(
        self, recorder: Recorder, error: BaseException | None, estimators: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Record what the cell has shown, and return the paths that are worth a look."""
        # The cell may have set secrets of its own.
        redact = self.redact = self._redactor()
        for name, tap in (("stdout", self._stdout), ("stderr", self._stderr)):
            text = tap.kept.text()
            if text:
                recorder.log_text(f"output/{name}.txt", redact(text))
        shown = self._displays.files()
        for path, content in shown.items():
            if isinstance(content, str):
                recorder.log_text(path, redact(content))
            else:
                recorder.log_artifact(path, content)
        if error is not None:
            recorder.log_text("error/traceback.txt", redact(format_cell_traceback(error)))
        if estimators:
            settings = json.dumps(estimators, indent=1, ensure_ascii=False)
            recorder.log_text("track/estimators.json", redact(settings))
        provenance = json.dumps(self._findings.in_words(), indent=1, ensure_ascii=False)
        recorder.log_text("track/capture.json", redact(provenance))
        return tuple(path for path in shown if path != "output/result.txt")

    def _redactor(self) -> Redactor:
        return redactor_for(self._shell.user_ns, self._source, self._options.allow_secrets)


def _last_lines(text: str) -> str:
    """Return the last lines of a text, as many as are read at one look."""
    if text.count("\n") <= MAX_LINES_PER_LOOK:
        return text
    return "\n".join(text.split("\n")[-MAX_LINES_PER_LOOK:])
