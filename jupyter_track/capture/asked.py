"""What a person has asked for in the first line of a cell: params, metrics and variables by name, a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..entities import TrackError
from ..entities.limits import check_key
from ..models import find_fitted_estimator, save_estimator
from ..tracking import Recorder
from .captured import CapturedMetric, CapturedParam, Skipped
from .kept import kept_path, pickle_variable
from .options import TrackOptions
from .rules import MISSING
from .values import as_number, as_param, flatten

__all__ = ["ADDED", "Asked"]

ADDED = "added by hand"


class Asked:
    """Takes what was asked for from the namespace.

    Parameters
    ----------
    options : TrackOptions
    shell : IPython.core.interactiveshell.InteractiveShell

    Attributes
    ----------
    notes : list of str
        What could not be done, and why.
    """

    def __init__(self, options: TrackOptions, shell: Any) -> None:
        self._options = options
        self._shell = shell
        self.notes: list[str] = []

    def params(self) -> list[CapturedParam | Skipped]:
        """Return the params of ``--param``, as they are when the cell begins."""
        found: list[CapturedParam | Skipped] = []
        for key, text in self._options.params.items():
            if text is not None:
                found.append(CapturedParam(key, text, ADDED, 1, f"--param {key}={text}"))
                continue
            value = self._shell.user_ns.get(key, MISSING)
            for part, item in flatten(key, value).items():
                as_text = as_param(item)
                if as_text is None:
                    reason = "no variable of that name" if value is MISSING else "not a simple value"
                    found.append(Skipped(part, ADDED, 1, reason))
                    self.notes.append(f"--param {part}: {reason}, so it was not recorded.")
                else:
                    found.append(CapturedParam(part, as_text, ADDED, 1, f"--param {key}"))
        return found

    def metrics(self, timestamp: int) -> list[CapturedMetric]:
        """Return the metrics of ``--metric``, evaluated when the cell has ended."""
        found = []
        for key, expression in self._options.metrics.items():
            try:
                check_key("metric", key)
                number = as_number(self._shell.ev(expression))
            except Exception as error:  # Whatever the person's own expression raises.
                self.notes.append(f"--metric {key}: {type(error).__name__}: {error}")
                continue
            if number is None:
                self.notes.append(f"--metric {key}: {expression!r} is not one number, so it was not recorded.")
                continue
            found.append(CapturedMetric(key, number, ADDED, 1, f"--metric {key}={expression}", timestamp))
        return found

    def keep(self, recorder: Recorder) -> None:
        """Keep the values of the variables of ``--keep``."""
        for name in self._options.keep:
            value = self._shell.user_ns.get(name, MISSING)
            kept = "no variable has that name" if value is MISSING else pickle_variable(value)
            if isinstance(kept, bytes):
                recorder.log_artifact(kept_path(name), kept)
            else:
                self.notes.append(f"--keep {name}: {kept}.")

    def model(self, names: Sequence[str], recorder: Recorder | None) -> str:
        """Save the model of ``--log-model`` and say what it is; empty if there is none.

        Parameters
        ----------
        names : sequence of str
            What the cell sets, in order.
        recorder : Recorder or None
        """
        asked = self._options.log_model
        if asked is None:
            return ""
        name = find_fitted_estimator([asked] if asked else names, self._shell.user_ns)
        if name is None:
            self.notes.append(
                f"--log-model: {asked!r} holds no fitted scikit-learn estimator."
                if asked
                else "--log-model: the cell sets no name to a fitted scikit-learn estimator; "
                "name one with --log-model NAME."
            )
            return ""
        if recorder is None:
            return f"{name} ({type(self._shell.user_ns[name]).__name__})"
        try:
            saved = save_estimator(self._shell.user_ns[name], recorder.run_id)
        except TrackError as error:
            self.notes.append(f"--log-model: {error}")
            return ""
        for path, data in saved.files.items():
            recorder.log_artifact(f"model/{path}", data)
        return saved.description
