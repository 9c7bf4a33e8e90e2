"""Reading what stands behind a command of ``%track``."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

from IPython.core.error import UsageError

__all__ = ["LineParser", "names", "pair", "parsed"]


class LineParser(argparse.ArgumentParser):
    """Says what is wrong as IPython does, instead of ending the process.

    Parameters
    ----------
    command : str
        As it is typed, for the messages.
    """

    def __init__(self, command: str) -> None:
        super().__init__(prog=command, add_help=False)

    def error(self, message: str) -> Any:  # noqa: D102 (argparse's)
        raise UsageError(f"{self.prog}: {message}. '%track?' explains the commands.")


def _split(command: str, rest: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError as error:  # An open quote.
        raise UsageError(f"{command}: {error} in {rest!r}.") from None


def parsed(parser: LineParser, rest: str) -> argparse.Namespace:
    """Return the arguments in a line."""
    return parser.parse_args(_split(parser.prog, rest))


def names(command: str, rest: str) -> list[str]:
    """Return the names in a line, of which there must be one."""
    found = _split(command, rest)
    if not found:
        raise UsageError(f"{command}: name what you mean. '%track?' explains the commands.")
    return found


def pair(text: str, option: str) -> tuple[str, str]:
    """Return the two sides of ``KEY=VALUE``."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise UsageError(f"{option} {text!r}: write KEY=VALUE.")
    return key, value
