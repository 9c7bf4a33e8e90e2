"""What may be named in a filter: one vocabulary for each thing that is searched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum

from ..entities import InvalidParameterValue
from ..entities.limits import check_key
from .tree import Key, Kind

__all__ = [
    "DATASET_KEYS",
    "EXPERIMENTS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
    "VALUES",
    "Attribute",
    "Values",
    "Vocabulary",
]


class Values(Enum):
    """What something can be compared with."""

    TEXT = "text"
    NUMBER = "number"
    #: Milliseconds since the epoch, or a text that says when.
    TIME = "time"
    TEXT_OR_NUMBER = "text or number"


#: Of a metric, param, tag or dataset.
VALUES = {
    Kind.METRIC: Values.NUMBER,
    Kind.PARAM: Values.TEXT_OR_NUMBER,
    Kind.TAG: Values.TEXT,
    Kind.DATASET: Values.TEXT,
}

#: What is known of a dataset that a run has read.
DATASET_KEYS = ("name", "digest", "context")

#: How like an attribute a bare name must be (by `difflib`) to be taken for a slip of the pen: ``start_tme`` is,
#: ``train_time`` and ``run_time`` are names that a person gives.
SLIP = 0.8


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute and what it can be compared with."""

    name: str
    values: Values = Values.TEXT


@dataclass(frozen=True)
class Vocabulary:
    """The words for one kind of thing.

    Parameters
    ----------
    things : str
        What is searched, for messages.
    attributes : tuple of Attribute
    kinds : frozenset of Kind
        Besides attributes.
    synonyms : mapping of str to str
        Other names of attributes.
    """

    things: str
    attributes: tuple[Attribute, ...]
    kinds: frozenset[Kind]
    synonyms: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name or synonym."""
        plain = self.synonyms.get(name, name)
        return next((each for each in self.attributes if each.name == plain), None)

    def kind(self, prefix: str) -> Kind | None:
        """Return what a prefix such as ``metrics`` stands for, if things of this kind have it."""
        kind = _PREFIXES.get(prefix.lower())
        return kind if kind in self.kinds or kind is Kind.ATTRIBUTE else None

    def bare(self, name: str) -> tuple[Key, ...]:
        """Return what a name stands for that has no prefix and is no attribute.

        The metric, param or tag of that name: the first of them that a run has and that can be compared with
        the value given. Nothing in a vocabulary without metrics, nor if the name seems to be a misspelt attribute
        or is none that a metric can have.
        """
        if Kind.METRIC not in self.kinds or not _is_name(name) or self._like(name, SLIP):
            return ()
        return (Key(Kind.METRIC, name), Key(Kind.PARAM, name), Key(Kind.TAG, name))

    @property
    def prefixes(self) -> list[str]:
        """The prefixes as a person would write them."""
        return [f"{kind.value}s." for kind in Kind if kind in self.kinds or kind is Kind.ATTRIBUTE]

    def suggestion(self, name: str) -> str:
        """Return what may have been meant by an unknown attribute, in a sentence or two."""
        prefixed = " or ".join(f"{kind.value}s.{_written(name)}" for kind in _NAMED if kind in self.kinds)
        close = self._like(name, 0.6)
        if close:
            return f"Did you mean {close}?" + (f" If not, write {prefixed}." if prefixed else "")
        if prefixed:
            return f"Did you mean {prefixed}?"
        return "Use one of: " + ", ".join(each.name for each in self.attributes) + "."

    def prefix_suggestion(self, prefix: str, name: str) -> str:
        """Return what may have been meant by a name behind an unknown prefix, in a sentence or two."""
        close = get_close_matches(f"{prefix.lower()}.", self.prefixes, n=1)
        if close:
            return f"Did you mean {close[0]}{_written(name)}?"
        known = ", ".join(self.prefixes)
        dotted = (
            f" A name with a dot in it stands in backticks: `{prefix}.{name}`." if Kind.METRIC in self.kinds else ""
        )
        return f"They have {known.removesuffix('.')}.{dotted}"

    def _like(self, name: str, cutoff: float) -> str | None:
        names = [each.name for each in self.attributes] + list(self.synonyms)
        close = get_close_matches(name.lower(), names, n=1, cutoff=cutoff)
        return close[0] if close else None


def _is_name(text: str) -> bool:
    try:
        check_key("metric", text)
    except InvalidParameterValue:
        return False
    return True


def _written(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f"`{name}`"


_PLAIN = re.compile(r"\w+(?:[.\-/:]\w+)*")
_NAMED = (Kind.METRIC, Kind.PARAM, Kind.TAG)
_PREFIXES = {
    "attribute": Kind.ATTRIBUTE,
    "attributes": Kind.ATTRIBUTE,
    "attr": Kind.ATTRIBUTE,
    "run": Kind.ATTRIBUTE,
    "metric": Kind.METRIC,
    "metrics": Kind.METRIC,
    "param": Kind.PARAM,
    "params": Kind.PARAM,
    "parameter": Kind.PARAM,
    "parameters": Kind.PARAM,
    "tag": Kind.TAG,
    "tags": Kind.TAG,
    "dataset": Kind.DATASET,
    "datasets": Kind.DATASET,
}

RUNS = Vocabulary(
    "runs",
    (
        Attribute("run_id"),
        Attribute("run_name"),
        Attribute("status"),
        Attribute("user_id"),
        Attribute("artifact_uri"),
        Attribute("start_time", Values.TIME),
        Attribute("end_time", Values.TIME),
    ),
    frozenset({Kind.METRIC, Kind.PARAM, Kind.TAG, Kind.DATASET}),
    {
        "created": "start_time",
        "Created": "start_time",
        "name": "run_name",
        "run name": "run_name",
        "Run name": "run_name",
        "Run Name": "run_name",
    },
)
EXPERIMENTS = Vocabulary(
    "experiments",
    (
        Attribute("name"),
        Attribute("experiment_id"),
        Attribute("creation_time", Values.TIME),
        Attribute("last_update_time", Values.TIME),
    ),
    frozenset({Kind.TAG}),
)
REGISTERED_MODELS = Vocabulary(
    "registered models",
    (
        Attribute("name"),
        Attribute("creation_timestamp", Values.TIME),
        Attribute("last_updated_timestamp", Values.TIME),
    ),
    frozenset({Kind.TAG}),
    {"timestamp": "last_updated_timestamp"},
)
MODEL_VERSIONS = Vocabulary(
    "model versions",
    (
        Attribute("name"),
        Attribute("run_id"),
        Attribute("source_path"),
        Attribute("current_stage"),
        Attribute("version_number", Values.NUMBER),
        Attribute("creation_timestamp", Values.TIME),
        Attribute("last_updated_timestamp", Values.TIME),
    ),
    frozenset({Kind.TAG}),
)
