"""The search language: from a text to a tree. Standard library only."""

from .order import OrderTerm, parse_order
from .parser import parse_filter
from .tree import Aggregate, And, Comparison, Condition, Key, Kind, Not, Or
from .vocabulary import EXPERIMENTS, MODEL_VERSIONS, REGISTERED_MODELS, RUNS, Attribute, Vocabulary

__all__ = [
    "EXPERIMENTS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
    "Aggregate",
    "And",
    "Attribute",
    "Comparison",
    "Condition",
    "Key",
    "Kind",
    "Not",
    "Or",
    "OrderTerm",
    "Vocabulary",
    "parse_filter",
    "parse_order",
]
