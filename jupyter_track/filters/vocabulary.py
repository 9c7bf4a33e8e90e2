"""What may be named in a filter: one vocabulary for each thing that is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from .tree import Kind

__all__ = ["EXPERIMENTS", "MODEL_VERSIONS", "REGISTERED_MODELS", "RUNS", "Attribute", "Vocabulary"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute and whether its values are numbers (else they are texts)."""

    name: str
    numeric: bool = False


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

    @property
    def prefixes(self) -> list[str]:
        """The prefixes as a person would write them."""
        return [f"{kind.value}s." for kind in Kind if kind in self.kinds]

    def suggestion(self, name: str) -> str:
        """Return what may have been meant by an unknown name, as a sentence."""
        close = get_close_matches(name, [each.name for each in self.attributes], n=1)
        if close:
            return f"Did you mean {close[0]}?"
        prefixed = [f"{prefix}{name}" for prefix in self.prefixes]
        if not prefixed:
            return "Use one of: " + ", ".join(each.name for each in self.attributes) + "."
        return f"Did you mean {' or '.join(prefixed)}?"


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
}

RUNS = Vocabulary(
    "runs",
    (
        Attribute("run_id"),
        Attribute("run_name"),
        Attribute("status"),
        Attribute("user_id"),
        Attribute("artifact_uri"),
        Attribute("start_time", numeric=True),
        Attribute("end_time", numeric=True),
    ),
    frozenset({Kind.METRIC, Kind.PARAM, Kind.TAG}),
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
        Attribute("creation_time", numeric=True),
        Attribute("last_update_time", numeric=True),
    ),
    frozenset({Kind.TAG}),
)
REGISTERED_MODELS = Vocabulary(
    "registered models",
    (
        Attribute("name"),
        Attribute("creation_timestamp", numeric=True),
        Attribute("last_updated_timestamp", numeric=True),
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
        Attribute("version_number", numeric=True),
        Attribute("creation_timestamp", numeric=True),
        Attribute("last_updated_timestamp", numeric=True),
    ),
    frozenset({Kind.TAG}),
)
