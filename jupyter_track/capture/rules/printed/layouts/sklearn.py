"""What scikit-learn prints when it is asked to be verbose, beyond names and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..reading import NUMBER, Found, Reading

__all__ = ["VerboseFit"]

_VALUE = rf"[-+]?(?:{NUMBER}|nan|inf)"


class VerboseFit:
    """The scores of a fit.

    ``[CV 1/5] END ....C=1;, score=0.93 total time=   0.1s`` for each of a search, and ``-- Epoch 1`` above ``Norm: 1.2,
    NNZs: 4, ..., Avg. loss: 0.31`` for each round of stochastic gradient descent.
    """

    marks = r"^\[CV[^\]]*\] |^-- Epoch \d+\s*$|^Norm: .*NNZs: "
    is_open = False
    rule = "printed by scikit-learn"
    _epoch = re.compile(r"-- Epoch (?P<epoch>\d{1,15})\s*$")
    _scores = re.compile(
        rf"(?<![\w(])(?:(?P<name>score)=|(?P<said>Avg\. loss|Objective): )(?P<digits>{_VALUE})(?![\w.])"
        rf"|(?<!\w)(?P<both>\w{{1,60}}): \((?:train=(?P<train>{_VALUE}), )?test=(?P<test>{_VALUE})\)"
    )

    def read(self, line: str) -> Reading | None:
        """Read the line of a fit or of an epoch, or the heading above it."""
        heading = self._epoch.match(line)
        if heading is not None:
            return Reading(self.rule, (), int(heading["epoch"]), heading=True)
        return Reading(self.rule, tuple(self._found(line))) if line.startswith(("[CV", "Norm: ")) else None

    def _found(self, line: str) -> Iterator[Found]:
        for each in self._scores.finditer(line):
            if each["both"] is None:
                yield Found(each["name"] or each["said"], each["digits"])
            elif each["train"] is None:
                yield Found(each["both"], each["test"])
            else:
                yield Found(f"train {each['both']}", each["train"])
                yield Found(f"test {each['both']}", each["test"])

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()
