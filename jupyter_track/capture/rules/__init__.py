"""The rules: small objects with a name, each of which sees one kind of param or metric."""

from .base import MISSING, MetricRule, Outcome, ParamRule, Situation
from .labels import printed_labels, same_quantity
from .metrics import METRIC_RULES, find_metrics
from .params import PARAM_RULES, find_made, find_params
from .printed import PrintedReader

__all__ = [
    "METRIC_RULES",
    "MISSING",
    "PARAM_RULES",
    "MetricRule",
    "Outcome",
    "ParamRule",
    "PrintedReader",
    "Situation",
    "find_made",
    "find_metrics",
    "find_params",
    "printed_labels",
    "same_quantity",
]
