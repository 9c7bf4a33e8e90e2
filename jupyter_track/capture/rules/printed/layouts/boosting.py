"""What the boosting libraries print of each round."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..reading import NUMBER, Found, Reading

__all__ = ["CatBoost", "LightGBM", "XGBoost"]

_VALUE = rf"[-+]?(?:{NUMBER}|nan|inf)"
_PAIR = re.compile(rf"(?P<name>[^\t:]{{1,120}}):\s?(?P<digits>{_VALUE})(?:\s?\+\s?{_VALUE})?(?=\t|\s*$)")


class _Rounds:
    """Lines of rounds: a number, and fields that tabs separate."""

    marks = r"^\[\d+\]\s"
    is_open = False
    rule = ""
    _line = re.compile(r"\[(?P<round>\d{1,15})\]\s")
    _best = re.compile(r"(?!)")

    def __init__(self) -> None:
        self._repeats = False

    def read(self, line: str) -> Reading | None:
        """Read one round; the best one, which is printed again at the end, is no new point."""
        if self._best.match(line):
            self._repeats = True
            return Reading(self.rule)
        begin = self._line.match(line)
        if begin is None:
            return None
        found = tuple(
            Found(self._name(pair["name"].strip()), pair["digits"])
            for pair in _PAIR.finditer(line, begin.end())
            if self._is_metric(pair["name"].strip())
        )
        if not found:
            return None
        step = int(begin["round"])
        if self._repeats:
            self._repeats = False
            return Reading(self.rule)
        return Reading(self.rule, found, step)

    def _name(self, name: str) -> str:
        return name

    def _is_metric(self, name: str) -> bool:
        return True

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()


class XGBoost(_Rounds):
    """``[10]	train-rmse:0.31	eval-rmse:0.4``."""

    marks = r"^\[\d+\]\t[^\t:]+:[-+\d.ni]|^Stopping\. Best iteration:"
    rule = "printed by XGBoost"
    _line = re.compile(r"\[(?P<round>\d{1,15})\]\t(?=[^\t:]+:[-+\d.ni])")
    _best = re.compile(r"Stopping\. Best iteration:")


class LightGBM(_Rounds):
    """``[10]	training's l2: 0.1	valid_1's l2: 0.2``, in cross-validation ``0.2 + 0.01``."""

    marks = r"^\[\d+\]\t.+'s |^(?:Did not meet early|Early) stopping\b.*est iteration is:"
    rule = "printed by LightGBM"
    _line = re.compile(r"\[(?P<round>\d{1,15})\]\t(?=[^\t:]+'s )")
    _best = re.compile(r"(?:Did not meet early|Early) stopping\b.*est iteration is:")

    def _name(self, name: str) -> str:
        return name.replace("'s ", " ")


class CatBoost(_Rounds):
    """``0:	learn: 0.6	test: 0.7	best: 0.7 (0)	total: 1ms	remaining: 1s`` and ``bestTest = 0.3``."""

    marks = r"^\d+:\t(?:learn|test)|^best(?:Test|Iteration) = "
    rule = "printed by CatBoost"
    _line = re.compile(r"(?P<round>\d{1,15}):\t(?=learn|test)")
    _end = re.compile(rf"(?P<name>bestTest|bestIteration) = (?P<digits>{_VALUE})\s*$")

    def read(self, line: str) -> Reading | None:
        """Read one round, or what is told of the best one."""
        best = self._end.match(line)
        if best is not None:
            return Reading(self.rule, (Found(best["name"], best["digits"]),))
        return super().read(line)

    def _is_metric(self, name: str) -> bool:
        return name not in ("best", "total", "remaining")
