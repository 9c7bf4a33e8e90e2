"""What a name or value may be: MLflow's limits, checked in one place.

A store checks again what a client has checked, so that no way in is unguarded.
"""

from __future__ import annotations

import operator
import re

from .errors import InvalidParameterValue

__all__ = [
    "MAX_DATASET_DIGEST",
    "MAX_DATASET_NAME",
    "MAX_DATASET_PROFILE",
    "MAX_DATASET_SCHEMA",
    "MAX_DATASET_SOURCE",
    "MAX_DATASET_SOURCE_TYPE",
    "MAX_EXPERIMENT_NAME",
    "MAX_EXPERIMENT_TAG_VALUE",
    "MAX_INPUT_TAG_VALUE",
    "MAX_KEY",
    "MAX_METRICS_PER_BATCH",
    "MAX_MODEL_NAME",
    "MAX_MODEL_TAG_VALUE",
    "MAX_PARAMS_PER_BATCH",
    "MAX_PARAM_VALUE",
    "MAX_RUN_NAME",
    "MAX_TAGS_PER_BATCH",
    "MAX_TAG_VALUE",
    "MAX_USER_ID",
    "UNSTORABLE",
    "check_alias",
    "check_experiment_name",
    "check_integer",
    "check_key",
    "check_length",
    "check_model_name",
    "check_number",
    "check_run_id",
    "check_text",
    "is_int64",
]

MAX_KEY = 250
MAX_PARAM_VALUE = 6_000
MAX_TAG_VALUE = 8_000
MAX_EXPERIMENT_TAG_VALUE = 20_000
MAX_MODEL_TAG_VALUE = 100_000
MAX_USER_ID = 256
MAX_EXPERIMENT_NAME = 500
MAX_RUN_NAME = 250
MAX_MODEL_NAME = 256
MAX_ALIAS = 255
MAX_DATASET_NAME = 500
MAX_DATASET_DIGEST = 36
MAX_DATASET_SOURCE_TYPE = 36
MAX_DATASET_SOURCE = 65_535
MAX_DATASET_SCHEMA = 1_048_575
MAX_DATASET_PROFILE = 16_777_215
MAX_INPUT_TAG_VALUE = 500
MAX_METRICS_PER_BATCH = 1_000
MAX_PARAMS_PER_BATCH = 100
MAX_TAGS_PER_BATCH = 100

_KEY = re.compile(r"[\w\-. :/]+")
_ALIAS = re.compile(r"[\w\-]+")
_RESERVED_ALIAS = re.compile(r"latest|v\d+", re.IGNORECASE)
_RUN_ID = re.compile(r"[0-9a-f]{32}")
#: A NUL, which PostgreSQL has no place for, or half of a surrogate pair, which has no encoding.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INT64 = 2**63


def check_length(what: str, value: str, limit: int) -> None:
    """Refuse a text longer than `limit` characters.

    Raises
    ------
    InvalidParameterValue
        Naming `what`, the start of the value and both lengths.
    """
    if len(value) > limit:
        raise InvalidParameterValue(
            f"The {what} {value[:40]!r}... has {len(value)} characters; at most {limit} are allowed. Shorten it."
        )


def check_text(what: str, value: str) -> None:
    """Refuse a text that some store cannot keep (`InvalidParameterValue`)."""
    if UNSTORABLE.search(value):
        raise InvalidParameterValue(f"The {what} holds a NUL or a lone surrogate, which no store can keep.")


def check_integer(what: str, value: int) -> None:
    """Refuse what is no integer, or has no place in 64 bits (`InvalidParameterValue`)."""
    try:
        number = operator.index(value)
    except TypeError as error:
        raise InvalidParameterValue(f"Invalid {what} {value!r}: it must be an integer.") from error
    if not -_INT64 <= number < _INT64:
        raise InvalidParameterValue(f"Invalid {what}: it takes {number.bit_length()} bits and must fit into 64.")


def is_int64(value: object) -> bool:
    """Return whether a value is an integer of Python's own, and has a place in 64 bits."""
    return type(value) is int and -_INT64 <= value < _INT64


def check_number(what: str, value: float) -> None:
    """Refuse what is no number, or too great for a float (`InvalidParameterValue`)."""
    try:
        float(value)
    except (OverflowError, TypeError, ValueError) as error:
        raise InvalidParameterValue(f"Invalid {what}: it must be a number that a float can hold.") from error


def check_key(kind: str, key: str) -> None:
    """Refuse a metric, param or tag name that MLflow would refuse.

    Parameters
    ----------
    kind : str
        What the name is of ("metric", "param", "tag"), for the message.
    key : str
        Letters, digits and ``_ - . space : /``, at most 250, and a path that stays where it is.

    Raises
    ------
    InvalidParameterValue
        If it is anything else.
    """
    check_length(f"{kind} name", key, MAX_KEY)
    if not _KEY.fullmatch(key):
        raise InvalidParameterValue(
            f"Invalid {kind} name {key!r}: use letters, digits, and the signs _ - . : / and space."
        )
    if any(part in ("", ".", "..") for part in key.split("/")):
        raise InvalidParameterValue(
            f"Invalid {kind} name {key!r}: between slashes there must be a name other than '.' and '..'."
        )


def check_experiment_name(name: str) -> None:
    """Refuse a blank or over-long experiment name (`InvalidParameterValue`)."""
    if not name.strip():
        raise InvalidParameterValue(f"Invalid experiment name {name!r}: it must not be blank.")
    check_length("experiment name", name, MAX_EXPERIMENT_NAME)
    check_text("experiment name", name)


def check_model_name(name: str) -> None:
    """Refuse a registered model name that is blank, over-long, or holds ``/`` or ``:``.

    Those two signs separate the parts of a ``models:/name/version`` address.
    """
    if not name.strip():
        raise InvalidParameterValue(f"Invalid registered model name {name!r}: it must not be blank.")
    check_length("registered model name", name, MAX_MODEL_NAME)
    check_text("registered model name", name)
    if "/" in name or ":" in name:
        raise InvalidParameterValue(f"Invalid registered model name {name!r}: it must not hold '/' or ':'.")


def check_alias(alias: str) -> None:
    """Refuse an alias that is not a word, or that reads as a version (``latest``, ``v3``)."""
    check_length("alias", alias, MAX_ALIAS)
    if not _ALIAS.fullmatch(alias):
        raise InvalidParameterValue(f"Invalid alias {alias!r}: use letters, digits, '_' and '-'.")
    if _RESERVED_ALIAS.fullmatch(alias):
        raise InvalidParameterValue(f"Invalid alias {alias!r}: 'latest' and 'v<number>' are reserved; choose another.")


def check_run_id(run_id: str) -> None:
    """Refuse what is not 32 lower-case hexadecimal digits (`InvalidParameterValue`)."""
    if not _RUN_ID.fullmatch(run_id):
        raise InvalidParameterValue(f"Invalid run id {run_id[:80]!r}: 32 hexadecimal digits are expected.")
