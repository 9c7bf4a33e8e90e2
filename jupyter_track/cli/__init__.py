"""``jupyter-track``: the commands of the line magic, for the shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .. import __version__

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter-track", description="Look at tracked runs and registered models from the shell."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--tracking-uri",
        default="",
        help="where runs are kept; by default $MLFLOW_TRACKING_URI, else an SQLite file in the Jupyter data directory",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    runs = commands.add_parser("runs", help="list runs, the newest first")
    runs.add_argument("filter", nargs="?", default="", help='for instance: "metrics.accuracy > 0.9"')
    show = commands.add_parser("show", help="show one run")
    show.add_argument("run", help="its id, the beginning of its id, or its name")
    commands.add_parser("models", help="list registered models")
    register = commands.add_parser("register", help="register the model of a run")
    register.add_argument("name", help="the registered model's name")
    register.add_argument("--run", required=True, help="the run's id, the beginning of its id, or its name")
    register.add_argument("--alias", default="", help="point this alias at the new version")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return the exit status: 0, or 1 with one line on stderr."""
    found = _parser().parse_args(arguments)
    # What a command needs is loaded after its line is known to be right.
    from ..entities import TrackError
    from ..tracking import TrackClient
    from ..views import commands

    client = TrackClient(found.tracking_uri)
    try:
        if found.command == "runs":
            shown: object = commands.runs(client, found.filter)
        elif found.command == "show":
            shown = commands.show(client, found.run)
        elif found.command == "models":
            shown = commands.models(client)
        else:
            shown = commands.register(client, found.name, found.run, found.alias)
    except TrackError as error:
        # The drawing of where a filter is wrong follows on lines of its own; scripts read one line an error.
        message, _, _ = str(error).partition("\n")
        print(f"jupyter-track: {message}", file=sys.stderr)
        return 1
    finally:
        client.close(0)
    print(shown)
    return 0
