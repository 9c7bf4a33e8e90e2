"""Reading what stands behind a command of ``%track``."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import Any, NoReturn

from IPython.core.error import UsageError

__all__ = ["HelpAsked", "LineParser", "command_help", "pair", "parsed"]

_ASKED = re.compile(r"(?P<command>[ \t]*%track[ \t]+[a-z]+)[ \t]*\?{1,2}[ \t]*(?P<end>\r?\n?)\Z")


class HelpAsked(Exception):
    """Ends the reading of a line that asks what the command is: the text that explains it."""


class LineParser(argparse.ArgumentParser):
    """Says what is wrong as IPython does, instead of ending the process.

    Parameters
    ----------
    command : str
        As it is typed, for the messages.
    description : str
        What it does, for ``-h``.
    """

    def __init__(self, command: str, description: str = "") -> None:
        super().__init__(prog=command, description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:  # noqa: D102 (argparse's)
        raise UsageError(f"{self.prog}: {message}. '{self.prog} -h' explains it.")

    def print_help(self, file: Any = None) -> NoReturn:  # noqa: D102 (argparse's)
        raise HelpAsked(self.format_help().rstrip())


def parsed(parser: LineParser, rest: str) -> argparse.Namespace:
    """Return the arguments in a line.

    Raises
    ------
    UsageError
        If they cannot be read.
    HelpAsked
        If the line asks for help.
    """
    try:
        words = shlex.split(rest)
    except ValueError:
        raise UsageError(f"{parser.prog}: a quote is not closed in {rest!r}.") from None
    return parser.parse_args(["-h"] if words in (["?"], ["??"]) else words)


def pair(text: str, option: str) -> tuple[str, str]:
    """Return the two sides of ``KEY=VALUE``."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise UsageError(f"{option} {text!r}: write KEY=VALUE.")
    return key, value


def command_help(lines: list[str]) -> list[str]:
    """Let ``%track COMMAND?`` ask for the command, where IPython would look for an object of that name.

    A transformer of input: takes and returns the lines of a cell, which must have no other line. In another place
    the line may stand in a text.
    """
    return [_ASKED.sub(r"\g<command> -h\g<end>", lines[0])] if len(lines) == 1 else lines
