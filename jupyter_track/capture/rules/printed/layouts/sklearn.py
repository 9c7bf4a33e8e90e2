"""What scikit-learn prints when it is asked to be verbose, beyond names and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import NUMBER, Found, Reading

__all__ = ["LinearProgress", "SearchProgress"]

_VALUE = rf"[-+]?(?:{NUMBER}|nan|inf)"


class SearchProgress:
    """``[CV 1/5] END ....C=1;, score=0.93 total time=   0.1s``: a score for each fit."""

    marks = r"^\[CV[^\]]*\] "
    is_open = False
    rule = "printed by scikit-learn"
    _one = re.compile(rf"(?<![\w(])(?P<name>score)=(?P<digits>{_VALUE})(?![\w.])")
    _several = re.compile(rf"(?<!\w)(?P<name>\w{{1,60}}): \((?:train=(?P<train>{_VALUE}), )?test=(?P<test>{_VALUE})\)")

    def read(self, line: str) -> Reading | None:
        """Read a line of a search or cross-validation."""
        if not line.startswith("[CV"):
            return None
        found = [Found(each["name"], each["digits"]) for each in self._one.finditer(line)]
        for each in self._several.finditer(line):
            if each["train"] is not None:
                found.append(Found(f"train {each['name']}", each["train"]))
                found.append(Found(f"test {each['name']}", each["test"]))
            else:
                found.append(Found(each["name"], each["test"]))
        return Reading(self.rule, tuple(found))

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()


class LinearProgress:
    """``-- Epoch 1`` and below it what stochastic gradient descent has come to."""

    marks = r"^-- Epoch \d+\s*$|^Norm: .*NNZs: "
    is_open = False
    rule = "printed by scikit-learn"
    _epoch = re.compile(r"-- Epoch (?P<epoch>\d{1,15})\s*$")
    _scores = re.compile(rf"(?P<name>Avg\. loss|Objective): (?P<digits>{_VALUE})")

    def read(self, line: str) -> Reading | None:
        """Read the heading or the line below it."""
        heading = self._epoch.match(line)
        if heading is not None:
            return Reading(self.rule, (), int(heading["epoch"]), heading=True)
        if not line.startswith("Norm: "):
            return None
        return Reading(self.rule, tuple(Found(each["name"], each["digits"]) for each in self._scores.finditer(line)))

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()
