"""Names for runs that nobody named: easy to say, easy to tell apart."""

from __future__ import annotations

import random

__all__ = ["invent_run_name"]

_ADJECTIVES = (
    "amber", "ample", "azure", "balmy", "bold", "brave", "bright", "brisk", "calm", "candid", "clear", "clever",
    "cosmic", "crisp", "curious", "deft", "eager", "early", "fair", "fleet", "fond", "fresh", "gentle", "glad",
    "golden", "grand", "happy", "hardy", "honest", "humble", "ideal", "jolly", "keen", "kind", "lively", "loyal",
    "lucid", "lucky", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "patient", "placid", "plucky",
    "polite", "proud", "quick", "quiet", "rapid", "ready", "robust", "royal", "serene", "sharp", "silver", "smooth",
    "snug", "solid", "spry", "stable", "steady", "sunny", "swift", "tidy", "vivid", "warm", "wise", "witty",
)  # fmt: skip
_NOUNS = (
    "acorn", "alder", "badger", "beacon", "birch", "brook", "cedar", "comet", "condor", "coral", "crane", "delta",
    "dune", "eagle", "ember", "falcon", "fern", "finch", "fjord", "fox", "gale", "glacier", "grove", "harbor",
    "hare", "hawk", "heron", "ibis", "island", "jay", "kestrel", "lagoon", "lark", "lemur", "linden", "lynx",
    "maple", "marten", "meadow", "moth", "nova", "oak", "orbit", "orchid", "osprey", "otter", "owl", "panda",
    "pebble", "pine", "plover", "puffin", "quail", "quartz", "rain", "raven", "reef", "river", "robin", "seal",
    "spruce", "stork", "swan", "tern", "thrush", "tide", "vale", "walnut", "willow", "wren", "yew", "zephyr",
)  # fmt: skip

# A source of its own: the names must not depend on, or change, the seeds that a person sets.
_random = random.SystemRandom()


def invent_run_name() -> str:
    """Return a name such as ``keen-heron-417``."""
    return f"{_random.choice(_ADJECTIVES)}-{_random.choice(_NOUNS)}-{_random.randrange(1000)}"
