"""The summary of a fitted statistical model, as statsmodels prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import NUMBER, Found, Reading

__all__ = ["ModelSummary"]

_RULE = re.compile(r"\s*[=-]{20,}\s*$")
_MEASURE = re.compile(
    rf"""
    (?<!\S)
    (?P<name>
        (?:Adj\.[ ])?R-squared(?:[ ]\(uncentered\))? | Pseudo[ ]R-squ(?:\.|ared)(?:[ ]\(CS\))?
        | F-statistic | Prob[ ]\(F-statistic\)
        | Log[- ]Likelihood | AIC | BIC | HQIC | LLR[ ]p-value | Deviance | Pearson[ ]chi2
    )
    :?\s+(?P<digits>[-+]?(?:{NUMBER}|nan|inf))(?=\s|$)
    """,
    re.VERBOSE,
)
_COEFFICIENTS = re.compile(r"\s*(?:coef|Coef\.)\s+")
_DIAGNOSTICS = re.compile(r"(?:Omnibus|Prob\(|Skew|Kurtosis|Ljung-Box|Heteroskedasticity|Durbin|Jarque)")
_NOTES = re.compile(r"(?:Notes|Warnings):\s*$")


class ModelSummary:
    """How well the model fits: R-squared, likelihood, information criteria. Coefficients are no metrics."""

    marks = r"^\s+\S.*Results\s*$|^\s+Results: "
    rule = "printed model summary"

    def __init__(self) -> None:
        self.is_open = False
        self._part = ""

    def read(self, line: str) -> Reading | None:
        """Read a line: title, rule, measures side by side, coefficients or diagnostics."""
        if not self.is_open:
            self.is_open, self._part = True, "title"
            return Reading(self.rule) if re.match(self.marks, line) else self._closed()
        if self._part == "title":
            self._part = "measures"
            return Reading(self.rule) if _RULE.match(line) else self._closed()
        if _RULE.match(line):
            if self._part == "coefficients" and "=" in line:
                self._part = "diagnostics"
            return Reading(self.rule)
        if self._part == "measures":
            if _COEFFICIENTS.match(line):
                self._part = "coefficients"
                return Reading(self.rule)
            return Reading(self.rule, tuple(Found(each["name"], each["digits"]) for each in _MEASURE.finditer(line)))
        if self._part == "coefficients":
            # summary2() has a rule of dashes below them, too; a text that goes on is none of theirs.
            return Reading(self.rule) if re.search(r"\s{2,}[-\d.]", line) else self._closed()
        if _DIAGNOSTICS.match(line) or _NOTES.match(line):
            return Reading(self.rule)
        return self._closed()

    def _closed(self) -> Reading | None:
        self.is_open = False
        return None

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        self.is_open = False
        return ()
