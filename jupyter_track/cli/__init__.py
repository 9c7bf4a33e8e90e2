"""``jupyter-track``: the commands of the line magic for the shell, and those that keep house."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .. import __version__
from ..printable import printable
from . import cleaning, databases, recovery, reproduce, runs

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter-track", description="Look at tracked runs and registered models from the shell, and keep house."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--tracking-uri",
        default="",
        help="where runs are kept; by default $MLFLOW_TRACKING_URI, else an SQLite file in the Jupyter data directory",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in (runs, reproduce, databases, cleaning, recovery):
        group.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return the exit status.

    Returns
    -------
    int
        0; or 1 with one line on stderr, or after a check has printed what it found.
    """
    found = _parser().parse_args(arguments)
    # What a command needs is loaded after its line is known to be right.
    from ..entities import TrackError

    try:
        status: int = found.carry_out(found)
    except TrackError as error:
        # The drawing of where a filter is wrong follows on lines of its own; scripts read one line an error.
        message, _, _ = str(error).partition("\n")
        print(f"jupyter-track: {printable(message)}", file=sys.stderr)
        return 1
    return status
