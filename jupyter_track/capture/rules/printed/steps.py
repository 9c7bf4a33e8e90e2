"""Where on its curve a printed number lies: the step that its line tells, or the heading above it, or the next one."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["STEP_WORDS", "Curves", "Told", "coarsest", "finest", "tell_steps"]

#: Words that are followed by a step, and how fine the steps are that they count: many iterations make an epoch. An
#: episode has steps of its own, but the episode is what is counted.
STEP_WORDS = {
    "trial": 0, "run": 0, "seed": 0, "fold": 0, "repeat": 0, "split": 0,
    "epoch": 1, "round": 1, "generation": 1, "gen": 1, "ep": 1,
    "iteration": 2, "iter": 2, "step": 2, "batch": 2, "update": 2, "it": 2,
    "episode": 3,
}  # fmt: skip

#: Words that tell a step only where they begin a line.
_LEADING = ("ep", "it", "run", "seed", "split")
_WORDS = "|".join(sorted(set(STEP_WORDS) - set(_LEADING), key=len, reverse=True))
#: "Epochs: 10" and "best epoch: 7" are not steps at which something is printed.
_STEP = re.compile(
    rf"""
    (?P<before>\b(?:best|max|min|num|n|of|per|total|the|every|each|this)[ _])?
    (?<![^\W_])
    (?P<word>{_WORDS})
    (?:[_ ](?:number|no\.?|idx|index|nr\.?|id))?
    \s*[:=\#]?\s*[\[(\#]?\s*
    (?P<number>\d+)
    (?![.]\d|[\w%])
    (?:\s*(?:/|of|out[ ]of)\s*\d+)?
    [\])]?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT = re.compile(
    rf"^\W*(?P<word>{'|'.join(_LEADING)})(?:\s*[:=]\s*(?=\d+\W+\w)|\.?\s*\#?\s*)\[?(?P<number>\d+)(?![.]\d|[\w%])(?:\s*/\s*\d+)?\]?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"^\s*\[\s*(?P<number>\d+)(?:\s*/\s*\d+)?(?:\s*,\s*(?P<inner>\d+))?\s*\]")
#: What a line must have to be looked at more closely.
_HINT = re.compile(
    rf"^\s*\[\s*\d|^\W*(?:{'|'.join(_LEADING)})\b|trial|fold|repeat|epoch|round|gen|iter|step|batch|update|episode",
    re.IGNORECASE,
)

#: Steps of more digits than this are no steps.
_MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Told:
    """A step that a text tells: how fine, which, where in the text it stands, and where its number begins."""

    rank: int
    number: int
    start: int
    end: int
    at: int


def tell_steps(line: str) -> list[Told]:
    """Return the steps that a line tells, in their order: ``Epoch [3/10], Step [100/600]`` has two."""
    if not _HINT.search(line):
        return []
    told = []
    first = _BRACKETED.match(line)
    if first is not None and len(first["number"]) <= _MAX_DIGITS:
        inner = first["inner"]
        if inner is not None and len(inner) <= _MAX_DIGITS:
            # "[2,  4000] loss: ..." is the epoch and the batch.
            told.append(Told(1, int(first["number"]), first.start(), first.start("inner") - 1, first.start("number")))
            told.append(Told(2, int(inner), first.start("inner") - 1, first.end(), first.start("inner")))
        else:
            told.append(Told(2, int(first["number"]), first.start(), first.end(), first.start("number")))
    short = _SHORT.match(line)
    if short is not None and len(short["number"]) <= _MAX_DIGITS:
        told.append(
            Told(
                STEP_WORDS[short["word"].lower()],
                int(short["number"]),
                short.start("word"),
                short.end(),
                short.start("number"),
            )
        )
    for found in _STEP.finditer(line):
        if found["before"] or len(found["number"]) > _MAX_DIGITS:
            continue
        rank, number = STEP_WORDS[found["word"].lower()], int(found["number"])
        told.append(Told(rank, number, found.start("word"), found.end(), found.start("number")))
    return told


def finest(told: list[Told]) -> Told | None:
    """Return the step that tells most: of epoch and batch the batch."""
    return max(told, key=lambda each: each.rank, default=None)


def coarsest(told: list[Told]) -> Told | None:
    """Return the step that stays longest: of epoch and batch the epoch."""
    return min(told, key=lambda each: each.rank, default=None)


@dataclass(slots=True)
class _Curve:
    last: int
    told: int | None
    heading: int
    offset: int = 0


class Curves:
    """Gives each point its step, so that the steps of a curve always grow.

    A point has the step that its line tells. Where the telling begins again (the first batch of the next epoch, the
    first epoch of the next fold), the curve goes on behind its end. A line that tells none takes the step of the
    heading above, once; else the step after the curve's last.
    """

    def __init__(self) -> None:
        self._curves: dict[str, _Curve] = {}
        self._heading: int | None = None
        self._headings = 0
        self._is_fine = True

    def head(self, step: int, rank: int = 1) -> None:
        """Note a step that holds for the lines that follow; a batch's not where an epoch's holds already."""
        is_fine = rank == STEP_WORDS["batch"]
        if self._is_fine or not is_fine:
            self._heading, self._is_fine = step, is_fine
            self._headings += 1

    def has(self, name: str) -> bool:
        """Whether the curve has points."""
        return name in self._curves

    def end(self, name: str) -> int:
        """Return the step of the curve's last point."""
        return self._curves[name].last

    def next_step(self, name: str, told: int | None) -> int:
        """Return the step of a new point, which its line tells or does not."""
        curve = self._curves.get(name)
        if told is None and self._heading is not None and (curve is None or curve.heading != self._headings):
            told = self._heading
        if curve is None:
            step = told or 0
            self._curves[name] = _Curve(step, told, self._headings)
            return step
        if told is None:
            step = curve.last + 1
        else:
            if curve.told is not None and told < curve.told:
                curve.offset = curve.last if told else curve.last + 1
            step = max(told + curve.offset, curve.last + 1)
            curve.told = told
        curve.last, curve.heading = step, self._headings
        return step
