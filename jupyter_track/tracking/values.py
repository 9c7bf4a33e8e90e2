"""What a person hands to a log call, as the entities take it: checked at the call, where it can still be mended."""

from __future__ import annotations

import logging
import numbers
import os
from typing import Any

from ..entities import InvalidParameterValue, RunStatus, RunTag, ViewType
from ..entities.limits import MAX_PARAM_VALUE, MAX_TAG_VALUE, check_integer, check_key, check_number, check_text

__all__ = [
    "as_number",
    "as_param_value",
    "as_status",
    "as_step",
    "as_tag",
    "as_tags",
    "as_view_type",
    "check_name",
    "waits_for_store",
]

_log = logging.getLogger("jupyter_track")

#: Characters that are no param any more, but a file.
MAX_CUT = 100_000
#: Names that were found good, so that a loop checks its names once.
_good: dict[str, set[str]] = {"metric": set(), "param": set(), "tag": set()}
MAX_GOOD = 10_000


def check_name(kind: str, key: Any) -> None:
    """Refuse a metric, param or tag name that is not allowed.

    Raises
    ------
    InvalidParameterValue
    """
    if type(key) is not str:
        if not isinstance(key, str):
            raise InvalidParameterValue(f"Invalid {kind} name {key!r}: it must be a string.")
        key = str(key)
    good = _good[kind]
    if key not in good:
        check_key(kind, key)
        if len(good) >= MAX_GOOD:
            good.clear()
        good.add(key)


def as_number(key: str, value: Any) -> float:
    """Return the value of a metric: a number, or whatever holds just one (an array or a tensor of one element).

    Raises
    ------
    InvalidParameterValue
        If it is anything else.
    """
    if isinstance(value, (int, float)):
        check_number(f"value of metric {key!r}", value)
        return float(value)
    item = getattr(value, "item", None)
    try:
        # float() of an array is deprecated where item() says the same.
        return float(item() if callable(item) else value)
    except Exception as error:  # Whatever the library of an array raises.
        raise InvalidParameterValue(
            f"Invalid value of metric {key!r}: {_short(value)} is not one number. Log one value a call, "
            "with step= for a curve."
        ) from error


def as_step(key: str, step: Any) -> int:
    """Return the step of a metric point, or its timestamp: a whole number within 64 bits.

    Raises
    ------
    InvalidParameterValue
    """
    if isinstance(step, numbers.Real) and not isinstance(step, numbers.Integral) and float(step).is_integer():
        step = int(float(step))
    check_integer(f"step or timestamp of metric {key!r}", step)
    return int(step)


def as_param_value(key: str, value: Any) -> str:
    """Return the value of a param: its text, cut at the limit with a warning as MLflow does.

    ``MLFLOW_TRUNCATE_LONG_VALUES=false`` refuses what would be cut.

    Raises
    ------
    InvalidParameterValue
        If it is so long that it is no param but a file.
    """
    text = value if type(value) is str else str(value)
    if len(text) > MAX_PARAM_VALUE:
        text = _cut(f"value of param {key!r}", text, MAX_PARAM_VALUE)
    check_text(f"value of param {key!r}", text)
    return text


def as_tag(key: str, value: Any) -> RunTag:
    """Return a tag, its value as a text, cut at the limit with a warning as MLflow does.

    Raises
    ------
    InvalidParameterValue
    """
    check_name("tag", key)
    text = str(value)
    if len(text) > MAX_TAG_VALUE:
        text = _cut(f"value of tag {key!r}", text, MAX_TAG_VALUE)
    check_text(f"value of tag {key!r}", text)
    return RunTag(key, text)


def as_tags(tags: Any) -> tuple[RunTag, ...]:
    """Return tags from a dictionary; see `as_tag`.

    Raises
    ------
    InvalidParameterValue
    """
    if not hasattr(tags, "items"):
        raise InvalidParameterValue(f"Invalid tags {_short(tags)}: give a dictionary.")
    return tuple(as_tag(key, value) for key, value in tags.items())


def _cut(what: str, text: str, limit: int) -> str:
    allowed = os.environ.get("MLFLOW_TRUNCATE_LONG_VALUES", "true").strip().lower() not in ("false", "0")
    if len(text) > MAX_CUT or not allowed:
        raise InvalidParameterValue(
            f"The {what} {text[:40]!r}... has {len(text)} characters; at most {limit} are allowed. "
            "Log it as a file, with log_text."
        )
    _log.warning("The %s has %d characters: the first %d are kept.", what, len(text), limit)
    return text[:limit]


def as_status(status: Any) -> RunStatus:
    """Return a run's status from its name.

    Raises
    ------
    InvalidParameterValue
    """
    try:
        return RunStatus(str(status))
    except ValueError:
        known = ", ".join(each.value for each in RunStatus)
        raise InvalidParameterValue(f"Invalid run status {_short(status)}: it is one of {known}.") from None


#: MLflow's view types are numbers, which code that was written for it may hold.
_NUMBERED_VIEWS = {1: ViewType.ACTIVE_ONLY, 2: ViewType.DELETED_ONLY, 3: ViewType.ALL}


def as_view_type(view_type: Any) -> ViewType:
    """Return a view type from its name or MLflow's number for it.

    Raises
    ------
    InvalidParameterValue
    """
    try:
        return _NUMBERED_VIEWS.get(view_type) or ViewType(str(view_type))
    except (TypeError, ValueError):
        raise InvalidParameterValue(
            f"Invalid view type {_short(view_type)}: use one of jupyter_track.entities.ViewType."
        ) from None


def waits_for_store() -> bool:
    """Return whether ``MLFLOW_ENABLE_ASYNC_LOGGING`` says that every call waits until the store has what it logs."""
    return os.environ.get("MLFLOW_ENABLE_ASYNC_LOGGING", "").strip().lower() in ("false", "0")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
