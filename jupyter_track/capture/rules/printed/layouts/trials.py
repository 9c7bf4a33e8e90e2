"""What is logged of each trial of a search for hyper-parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import NUMBER, Found, Reading

__all__ = ["OptunaTrial"]


class OptunaTrial:
    """``Trial 3 finished with value: 0.3 and parameters: {...}``."""

    marks = r"Trial \d+ (?:finished with value|pruned|failed)"
    is_open = False
    rule = "printed by Optuna"
    _trial = re.compile(
        rf".{{0,200}}?Trial (?P<trial>\d{{1,15}}) finished with value: (?P<digits>[-+]?(?:{NUMBER}|nan|inf))(?![\w\d])"
    )

    def read(self, line: str) -> Reading | None:
        """Read the value of one trial."""
        trial = self._trial.match(line)
        if trial is None:
            # Of several values none is the trial's, and a pruned trial has none.
            return Reading(self.rule) if re.search(self.marks, line) else None
        return Reading(self.rule, (Found("value", trial["digits"]),), int(trial["trial"]))

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()
