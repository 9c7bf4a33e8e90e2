"""What a request may hold: its fields, their kinds, and how a value is read from JSON or a query string.

The messages and the leniency (decimal strings for integers, numbers for enumerations, null and ``""`` for
"not given", unknown fields ignored) are those of MLflow's server, because its clients were written
against them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from ..entities import InvalidParameterValue
from ..entities.limits import UNSTORABLE

__all__ = [
    "INT32_MAX",
    "Choice",
    "Field",
    "Integer",
    "Kind",
    "Number",
    "Object",
    "Step",
    "Tags",
    "Text",
    "Time",
    "Version",
    "decode_fields",
]

INT32_MAX = 2**31 - 1

_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}")
_SEE = "See the API docs for more information about request parameters."
# What is echoed of a value that was refused.
_SHOWN = 200


class Kind(Protocol):
    """How one value of a field is read."""

    def decode(self, value: Any, path: str) -> Any:
        """Return the value.

        Parameters
        ----------
        value : object
            As JSON or a query string has it; never None.
        path : str
            Where it stands in the request (``tags[0].key``), for the message.

        Raises
        ------
        InvalidParameterValue
        """


def _refusal(value: Any, path: str) -> InvalidParameterValue:
    shown = json.dumps(value, sort_keys=True, separators=(",", ":"))
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}..."
    return InvalidParameterValue(
        f"Invalid value {shown} for parameter '{path}' supplied:  "
        f"Hint: Value was of type '{type(value).__name__}'. {_SEE}"
    )


def _missing(path: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"Missing value for required parameter '{path}'. {_SEE}")


def _integer(value: Any) -> int | None:
    """Return the integer that `value` is or spells, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return int(value)
    return None


@dataclass(frozen=True, slots=True)
class Text:
    """A string that every store can keep."""

    def decode(self, value: Any, path: str) -> str:  # noqa: D102 (the protocol's docstring holds)
        if not isinstance(value, str) or UNSTORABLE.search(value):
            raise _refusal(value, path)
        return value


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer between 1 and `maximum`: a page size.

    MLflow's searches disagree on a page size of zero; here it is always refused.
    """

    maximum: int = INT32_MAX

    def decode(self, value: Any, path: str) -> int:  # noqa: D102
        number = _integer(value)
        if number is None or number > self.maximum:
            raise _refusal(value, path)
        if number < 1:
            raise InvalidParameterValue(
                f"Invalid value {number} for parameter '{path}' supplied. It must be a positive integer"
            )
        return number


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a metric: an integer of 64 bits."""

    def decode(self, value: Any, path: str) -> int:  # noqa: D102
        number = _integer(value)
        if number is None or not -(2**63) <= number < 2**63:
            raise _refusal(value, path)
        return number


@dataclass(frozen=True, slots=True)
class Time:
    """Milliseconds since the epoch, UTC."""

    def decode(self, value: Any, path: str) -> int:  # noqa: D102
        number = _integer(value)
        if number is None or not 0 <= number < 2**63:
            raise _refusal(value, path)
        return number


@dataclass(frozen=True, slots=True)
class Number:
    """A double; as a string it may also spell NaN or an infinity, for which JSON has no numbers."""

    def decode(self, value: Any, path: str) -> float:  # noqa: D102
        if not isinstance(value, (int, float, str)):
            raise _refusal(value, path)
        try:
            return float(value)
        except (OverflowError, ValueError) as error:
            raise _refusal(value, path) from error


@dataclass(frozen=True, slots=True)
class Version:
    """A model version: a string on the wire, a number in here."""

    def decode(self, value: Any, path: str) -> int:  # noqa: D102
        number = _integer(value)
        if number is None or abs(number) > INT32_MAX:
            shown = str(value)
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
            raise InvalidParameterValue(f"Parameter '{path}' must be an integer, got {shown!r}.")
        return number


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of an enumeration, by name or by its number in MLflow's protocol, which counts from 1."""

    of: type[Enum]

    def decode(self, value: Any, path: str) -> Enum:  # noqa: D102
        members = list(self.of)
        number = _integer(value)
        if number is not None and 1 <= number <= len(members):
            return members[number - 1]
        for member in members:
            if member.value == value:
                return member
        # MLflow ignores an unknown name, and so would answer another question than the one asked.
        raise _refusal(value, path)


@dataclass(frozen=True, slots=True)
class Tags:
    """A list of ``{"key": ..., "value": ...}``, read into a dict; of one key the last value counts."""

    def decode(self, value: Any, path: str) -> dict[str, str]:  # noqa: D102
        if not isinstance(value, list):
            raise _refusal(value, path)
        tags = {}
        for index, tag in enumerate(value):
            if not isinstance(tag, dict):
                raise _refusal(tag, f"{path}[{index}]")
            decoded = decode_fields(_TAG, tag, within=f"{path}[{index}].")
            tags[decoded["key"]] = decoded["value"]
        return tags


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request.

    Parameters
    ----------
    name : str
        On the wire, and as argument of the service's function.
    kind : Kind
    required : bool
        Whether a request without it (or with ``""`` or ``[]``) is refused.
    default : object
        What a request without it means, as the wire would say it; None stays None. A repeated field that
        is left out is an empty list.
    repeated : bool
        A list in JSON; a repeated key in a query string.
    alias : str
        An older name that is still understood.
    """

    name: str
    kind: Kind = Text()
    required: bool = False
    default: Any = ""
    repeated: bool = False
    alias: str = ""


_TAG = (Field("key", required=True), Field("value"))


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object with fields of its own, read into an entity.

    Parameters
    ----------
    fields : tuple of Field
    build : callable
        Takes the fields by their names and returns the entity.
    """

    fields: tuple[Field, ...]
    build: Callable[..., Any]

    def decode(self, value: Any, path: str) -> Any:  # noqa: D102
        if not isinstance(value, dict):
            raise _refusal(value, path)
        return self.build(**decode_fields(self.fields, value, within=f"{path}."))


def decode_fields(fields: Sequence[Field], request: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Return a value for every field, read from a request.

    Parameters
    ----------
    fields : sequence of Field
    request : mapping of str to object
        The JSON object; a query string as a mapping of the same form.
    within : str
        What comes before the names of the fields in messages.

    Raises
    ------
    InvalidParameterValue
        If a required field is missing or a value is of the wrong kind.
    """
    decoded: dict[str, Any] = {}
    for field in fields:
        path = f"{within}{field.name}"
        value: Any = request.get(field.name)
        if value is None and field.alias:
            value = request.get(field.alias)
        if field.required and (value is None or value in ("", [], [""])):
            raise _missing(path)
        if value is None:
            value = [] if field.repeated else field.default
        if value is None:
            decoded[field.name] = None
        elif field.repeated:
            if not isinstance(value, list):
                raise _refusal(value, path)
            decoded[field.name] = [field.kind.decode(each, f"{path}[{index}]") for index, each in enumerate(value)]
        else:
            decoded[field.name] = field.kind.decode(value, path)
    return decoded
