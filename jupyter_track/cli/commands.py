"""What the groups of commands have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from ..printable import printable

if TYPE_CHECKING:
    from ..tracking import TrackClient

__all__ = ["CarryOut", "Commands", "add_command", "opened_client", "report", "say", "size"]

#: Where commands are added to; argparse names the type only privately.
Commands: TypeAlias = Any

#: Carries out a command whose line has been parsed, and returns the exit status.
CarryOut: TypeAlias = Callable[[argparse.Namespace], int]


def add_command(
    commands: Commands, name: str, carry_out: CarryOut, summary: str, description: str = ""
) -> argparse.ArgumentParser:
    """Add a command.

    Parameters
    ----------
    commands : Commands
        What it is added to.
    name : str
    carry_out : CarryOut
    summary : str
        One line for the list of commands.
    description : str
        For the command's own ``--help``; the summary, if not given.
    """
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description or summary)
    parser.set_defaults(carry_out=carry_out)
    return parser


@contextmanager
def opened_client(found: argparse.Namespace) -> Iterator[TrackClient]:
    """Give a client of the place that the command line names, and close it in the end."""
    from ..tracking import TrackClient

    client = TrackClient(found.tracking_uri)
    try:
        yield client
    finally:
        client.close(0)


def report(findings: Sequence[object]) -> int:
    """Print a line for each finding, and return the exit status of a check: 1 if there are any."""
    for finding in findings:
        say(str(finding))
    if not findings:
        print("Nothing found.")
    return 1 if findings else 0


def say(text: str) -> None:
    """Print a text as one line, whatever is in the names that people have given."""
    print(printable(text))


def size(count: int) -> str:
    """Return a number of bytes to read at a glance."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1_000:
            return f"{amount:.4g} {unit}"
        amount /= 1_000
    return f"{amount:.4g} TB"
