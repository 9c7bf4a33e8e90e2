"""Progress bars with numbers beside them: tqdm, with which also Lightning and hyperopt draw, and Keras."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..pairs import find_pairs
from ..reading import NUMBER, Found, Reading
from ..steps import coarsest, finest, tell_steps

__all__ = ["KerasProgress", "TqdmBar", "is_interrupted", "is_left_behind", "is_same_epoch"]

#: ``Epoch 0: 100%|███| 10/10 [00:01<00:00, 9.1it/s, loss=0.3]``: in the brackets time, rate and what was added.
_TQDM = re.compile(
    r"(?P<before>.{0,200}?)(?:\d{1,3}%)?\|[^|]{0,300}\|\s*(?P<at>[\d.,]+)[kMG]?/(?P<end>[\d.,?]+)[kMG]?\s*"
    r"\[(?P<inside>[^\]]*)\]?(?P<after>.*)"
)
_KERAS = re.compile(r"\s*(?P<at>\d+)/(?P<end>\d+|Unknown)\s+(?:\[[=>.\s]*\]|[━╸╺─]+|(?=-\s))(?P<after>.*)")
_BAR_AT = re.compile(r"(?:\|\s*|^\s*)(\d+)/(\d+)[\s\[]")
_POSTFIX = re.compile(r"\s*(?P<name>[^=:,]{1,100}?)\s*[=:]\s*(?P<value>[^,]*)")
_VALUE = re.compile(rf"(?:tensor\()?(?P<digits>[-+]?(?:{NUMBER}|nan|inf))(?P<percent>\s?%)?\)?", re.IGNORECASE)


def is_left_behind(shown: str, text: str) -> bool:
    """Whether a text that is written over another one belongs to something else: the next epoch, another bar."""
    if len(shown) > 1_000 or len(text) > 1_000:
        return False
    before, after = coarsest(tell_steps(shown)), coarsest(tell_steps(text))
    if before is not None and after is not None and before.rank == after.rank:
        return before.number != after.number
    bar = _BAR_AT.search(shown)
    if bar is None:
        return False
    follows = _BAR_AT.search(text)
    if follows is None:
        # A line that is printed through an unfinished bar takes its place only for a while.
        return bar[1] == bar[2]
    if bar[2] != follows[2] or int(follows[1][:15]) < int(bar[1][:15]):
        return True
    # Where the bar tells no epoch, the numbers beside it are points of one curve as often as they change.
    shown, text = _beside(shown), _beside(text)
    return before is None and shown != "" and shown != text


def is_interrupted(shown: str, text: str) -> bool:
    """Whether a bar of no epoch is drawn over that of an epoch."""
    if len(shown) > 1_000 or len(text) > 1_000 or "|" not in shown or "|" not in text:
        return False
    return bool(tell_steps(shown)) and not tell_steps(text) and bool(_BAR_AT.search(shown) and _BAR_AT.search(text))


def is_same_epoch(shown: str, text: str) -> bool:
    """Whether two bars tell the same step."""
    before, after = coarsest(tell_steps(shown)), coarsest(tell_steps(text))
    return before is not None and after is not None and (before.rank, before.number) == (after.rank, after.number)


def _beside(text: str) -> str:
    """Return the fields that were added behind a bar."""
    bar = _TQDM.match(text)
    return ", ".join(bar["inside"].split(", ")[2:]) if bar is not None else ""


class TqdmBar:
    """A bar that tqdm draws, in the state in which it was left."""

    marks = r"\|\s*[\d.,]+[kMG]?/[\d.,?]+[kMG]?\s*\["
    is_open = False
    rule = "progress bar"

    def read(self, line: str) -> Reading | None:
        """Read the description before the bar and the fields behind it."""
        bar = _TQDM.match(line)
        if bar is None:
            return None
        before = bar["before"]
        told = finest(tell_steps(before))
        found = list(find_pairs(before.rstrip().removesuffix(":")))
        for field in bar["inside"].split(", ")[1:] + bar["after"].split(", "):
            pair = _POSTFIX.fullmatch(field)
            value = _VALUE.fullmatch(pair["value"].strip()) if pair is not None else None
            if pair is not None and value is not None and "<" not in field:
                found.append(Found(pair["name"].strip(" '\""), value["digits"], value["percent"] is not None))
        return Reading(self.rule, tuple(each for each in found if each.name != "v_num"), told.number if told else None)

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()


class KerasProgress:
    """``Epoch 1/5`` and below it ``8/8 [====] - 1s 2ms/step - loss: 0.5 - val_loss: 0.6``."""

    marks = r"^Epoch \d+/\d+\s*$|^\s*\d+/(?:\d+|Unknown)\s+(?:\[[=>.]|[━╸]|-\s)"
    is_open = False
    rule = "printed by Keras"

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._has_trained = False

    def read(self, line: str) -> Reading | None:
        """Read one line; the epoch is that of the heading just above it."""
        if line.startswith("Epoch "):
            self._epoch = int(line.split()[1].partition("/")[0][:15])
            return Reading(self.rule, (), self._epoch, heading=True)
        progress = _KERAS.match(line)
        if progress is None:
            return None
        # What is evaluated after the training is no point of the training's curves.
        prefix = "evaluate " if self._epoch is None and self._has_trained else ""
        found = []
        for part in re.split(r"\s-\s", progress["after"]):
            name, sign, value = part.rpartition(": ")
            value = value.strip()
            if sign and _VALUE.fullmatch(value):
                found.append(Found(prefix + name.strip(), value))
        epoch, self._epoch = self._epoch, None
        self._has_trained |= epoch is not None
        return Reading(self.rule, tuple(found), epoch)

    def end(self) -> Iterable[Reading]:
        """Nothing is left over."""
        return ()
