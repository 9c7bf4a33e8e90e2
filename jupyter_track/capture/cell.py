"""One tracked cell, from its first line to its last output."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..analysis.source import CellSource
from ..entities import Metric, RunStatus, TrackError
from ..entities.clock import now_ms
from ..entities.limits import check_key
from ..models import find_fitted_estimator, save_estimator
from ..tracking import Recorder
from .captured import CapturedMetric, CapturedParam, Skipped
from .displays import DisplayTap
from .findings import Findings, end_of_curves, merge_printed
from .options import TrackOptions
from .remembered import NOTHING_SAID, Settings
from .rules import (
    MISSING,
    Outcome,
    PrintedReader,
    Situation,
    find_metrics,
    find_params,
    printed_labels,
)
from .secrets import Redactor, is_secret_name
from .streams import StreamTap, Ticker
from .values import MAX_FLAT, as_number, as_param, flatten

__all__ = ["CellSummary", "TrackedCell"]

#: Seconds between two looks at what the cell has printed.
TICK_SECONDS = 0.5
#: Lines that are read for metrics at one look; a cell that prints faster is printing data.
MAX_LINES_PER_LOOK = 5_000

ADDED = "added by hand"


@dataclass(frozen=True, slots=True)
class CellSummary:
    """What there is to tell about a tracked cell when it has ended. Times are milliseconds."""

    run_id: str
    run_name: str
    experiment_name: str
    status: RunStatus
    duration: int
    findings: Findings
    model: str = ""
    notes: tuple[str, ...] = ()
    recorded: bool = True


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

    Attributes
    ----------
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
    ) -> None:
        self._shell = shell
        self._source = source
        self._text = text
        self._options = options
        self.recorder = recorder
        self._start = now_ms()
        self._notes: list[str] = []
        self._findings = Findings(options.exclude | remembered.exclude, source.computed, remembered.rename)
        self._reader = PrintedReader(printed_labels(source))
        self._held: dict[str, CapturedMetric] = {}
        self._stdout = StreamTap(sys.stdout)
        self._stderr = StreamTap(sys.stderr)
        self._displays = DisplayTap(shell, lambda: self._stdout.kept.total + self._stderr.kept.total)
        self._failed = False
        self._ticker: Ticker | None = None
        self.redact = self._redactor()
        self._situation = self._begin()

    def _begin(self) -> Situation:
        namespace = self._shell.user_ns
        names = set(self._source.reads) | {each.name for each in self._source.assignments}
        names |= {keyword.root for keyword in self._source.keywords}
        before = {name: namespace[name] for name in names if name in namespace}
        situation = Situation(self._source, before, frozenset(self._shell.user_ns_hidden))
        params, skipped = find_params(situation)
        self._findings.skipped += skipped
        new = self._findings.add_params([*self._added_params(), *params.values()], self.redact)
        if self.recorder is not None:
            self._log_params(new)
            self.recorder.log_text("track/cell.py", self.redact(self._text))
        try:
            self._displays.start()
            self._stdout.start()
            self._stderr.start()
            self._ticker = Ticker(self._look, TICK_SECONDS)
        except BaseException:
            self.stop_watching()
            raise
        # Only numbers are kept: whatever else the cell replaces must be free to go.
        return replace(situation, before={name: v for name, v in before.items() if as_number(v) is not None})

    def _log_params(self, params: Mapping[str, str]) -> None:
        if self.recorder is None:
            return
        for key, kept in self.recorder.log_params(params).items():
            self._notes.append(
                f"The run has {key} = {kept[:60]} already, from an earlier cell; {params[key][:60]} is in capture.json."
            )

    def _added_params(self) -> list[CapturedParam]:
        added = []
        for key, text in self._options.params.items():
            if text is not None:
                added.append(CapturedParam(key, text, ADDED, 1, f"--param {key}={text}"))
                continue
            value = self._shell.user_ns.get(key, MISSING)
            for part, item in flatten(key, value).items():
                as_text = as_param(item)
                if as_text is None:
                    reason = "no variable of that name" if value is MISSING else "not a simple value"
                    self._findings.skipped.append(Skipped(part, ADDED, 1, reason))
                    self._notes.append(f"--param {part}: {reason}, so it was not recorded.")
                else:
                    added.append(CapturedParam(part, as_text, ADDED, 1, f"--param {key}"))
        return added

    # -- while it runs

    def _look(self) -> None:
        """Read what has been printed since the last look; called on the ticker's thread."""
        self._stderr.take()  # No metric is read from it.
        text = self._stdout.take()
        if text.count("\n") > MAX_LINES_PER_LOOK:
            text = "\n".join(text.split("\n")[-MAX_LINES_PER_LOOK:])
        ready = []
        for point in self._reader.feed(text, now_ms()):
            if point.key in self._reader.stepless:
                # A single number may turn out to be a variable that was printed; a curve is logged at once.
                self._held[point.key] = point
                continue
            first = self._held.pop(point.key, None)
            ready += [first, point] if first is not None else [point]
        self._log(self._findings.add_points(ready))

    def _log(self, points: list[CapturedMetric]) -> None:
        if self.recorder is not None and points:
            self.recorder.log_metrics([Metric(point.key, point.value, point.timestamp, point.step) for point in points])

    # -- when it has ended

    def stop_watching(self) -> None:
        """Leave streams and displays as they were found; nothing goes on in the background. May be called again."""
        self._stdout.stop()
        self._stderr.stop()
        self._displays.stop()
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
        self.stop_watching()
        self._failed = error is not None
        timestamp = now_ms()
        printed = self._end_of_print(timestamp)
        outcome = Outcome(
            self._situation,
            self._shell.user_ns,
            value,
            error is not None,
            timestamp,
            frozenset(self._findings.params),
        )
        named, skipped = find_metrics(outcome)
        self._findings.skipped += [*skipped, *self._reader.skipped.values()]
        named.update({point.key: point for point in self._added_metrics(timestamp)})
        merged = merge_printed(named, printed, self._reader.decimals)
        points = [point for key, point in printed.items() if key not in merged and key not in named]
        points += end_of_curves(named, self._findings.latest(), self._reader.decimals)
        self._log(self._findings.add_points(points))
        model = self._save_model(status)
        if self.recorder is not None:
            self._record_files(self.recorder, error)
            # Saving the model and the figures is not the cell's time.
            self.recorder.end(status, timestamp)
        return CellSummary(
            run_id=self.recorder.run_id if self.recorder else "",
            run_name=self.recorder.run_name if self.recorder else "",
            experiment_name=self.recorder.experiment_name if self.recorder else "",
            status=status,
            duration=timestamp - self._start,
            findings=self._findings,
            model=model,
            notes=tuple(self._notes),
            recorded=self.recorder is not None,
        )

    @property
    def output_is_replaced_by_next(self) -> bool:
        """Whether front ends will clear what the cell shows when the next output comes: a traceback is one."""
        return self._displays.replaced_by_next and not self._failed

    def _end_of_print(self, timestamp: int) -> dict[str, CapturedMetric]:
        """Read what was printed last and return the numbers that may be variables, by their printed names."""
        problem = self._ticker.error if self._ticker is not None else None
        try:
            self._look()
            return self._held | {point.key: point for point in self._reader.close(timestamp)}
        except Exception as error:
            problem = problem or error
            return self._held
        finally:
            if problem is not None:
                said = " ".join(str(problem).split())
                self._notes.append(f"Not all that was printed could be read: {type(problem).__name__}: {said}")

    def _added_metrics(self, timestamp: int) -> list[CapturedMetric]:
        added = []
        for key, expression in self._options.metrics.items():
            try:
                check_key("metric", key)
                number = as_number(self._shell.ev(expression))
            except Exception as error:  # Whatever the person's own expression raises.
                self._notes.append(f"--metric {key}: {type(error).__name__}: {error}")
                continue
            if number is None:
                self._notes.append(f"--metric {key}: {expression!r} is not one number, so it was not recorded.")
                continue
            added.append(CapturedMetric(key, number, ADDED, 1, f"--metric {key}={expression}", timestamp))
        return added

    def _save_model(self, status: RunStatus) -> str:
        """Save the model that was asked for and say what it is; empty if there is none."""
        asked = self._options.log_model
        if asked is None or status is not RunStatus.FINISHED:
            return ""
        names = [asked] if asked else [each.name for each in self._source.assignments]
        name = find_fitted_estimator(names, self._shell.user_ns)
        if name is None:
            self._notes.append(
                f"--log-model: {asked!r} holds no fitted scikit-learn estimator."
                if asked
                else "--log-model: the cell sets no name to a fitted scikit-learn estimator; "
                "name one with --log-model NAME."
            )
            return ""
        if self.recorder is None:
            return f"{name} ({type(self._shell.user_ns[name]).__name__})"
        try:
            saved = save_estimator(self._shell.user_ns[name], self.recorder.run_id)
        except TrackError as error:
            self._notes.append(f"--log-model: {error}")
            return ""
        for path, data in saved.files.items():
            self.recorder.log_artifact(f"model/{path}", data)
        return saved.description

    def _record_files(self, recorder: Recorder, error: BaseException | None) -> None:
        # The cell may have set secrets of its own.
        redact = self.redact = self._redactor()
        for name, tap in (("stdout", self._stdout), ("stderr", self._stderr)):
            text = tap.kept.text()
            if text:
                recorder.log_text(f"output/{name}.txt", redact(text))
        for path, content in self._displays.files().items():
            if isinstance(content, str):
                recorder.log_text(path, redact(content))
            else:
                recorder.log_artifact(path, content)
        if error is not None:
            recorder.log_text("error/traceback.txt", redact(_traceback(error)))
        provenance = json.dumps(self._findings.in_words(), indent=1, ensure_ascii=False)
        recorder.log_text("track/capture.json", redact(provenance))

    def _redactor(self) -> Redactor:
        return Redactor(_secret_values(self._shell.user_ns, self._source))


def _secret_values(namespace: Mapping[str, Any], source: CellSource) -> set[str]:
    """Return the values of everything that is named like a secret: variables, constants, the environment."""
    named: list[tuple[str, Any]] = [*namespace.items(), *os.environ.items()]
    named += [(each.name, each.value) for each in source.assignments]
    named += [(each.name, each.value) for each in source.keywords]
    secrets: set[str] = set()
    for name, value in named:
        if type(value) is str:
            if is_secret_name(name):
                secrets.add(value)
        elif type(value) is dict:
            parts = flatten(name, value, max_entries=MAX_FLAT)
            secrets.update(part for key, part in parts.items() if type(part) is str and is_secret_name(key))
    return secrets


def _traceback(error: BaseException) -> str:
    """Return the traceback from the cell on, without the frames of the machinery that ran it."""
    frames = error.__traceback__
    machinery = str(Path(sys.modules["IPython"].__file__ or "").parent)
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(machinery):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))
