"""The commands for runs and registered models, which ``%track`` has too."""

from __future__ import annotations

import argparse

from .commands import Commands, add_command, opened_client

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the commands to the command line."""
    runs = add_command(commands, "runs", _runs, "list runs, the newest first")
    runs.add_argument("filter", nargs="?", default="", help='for instance: "metrics.accuracy > 0.9"')
    runs.add_argument("--experiment", default="", metavar="NAME", help="only the runs of this experiment")
    runs.add_argument(
        "--order-by",
        action="append",
        default=[],
        metavar="KEY",
        help='for instance "metrics.accuracy DESC"; more than once: what comes next if values are equal',
    )
    runs.add_argument("--max-results", type=int, default=50, metavar="N", help="how many to show at most (50)")
    show = add_command(commands, "show", _show, "show one run")
    show.add_argument("run", help="its id, the beginning of its id, or its name")
    add_command(commands, "models", _models, "list registered models")
    register = add_command(commands, "register", _register, "register the model of a run")
    register.add_argument("name", help="the registered model's name")
    register.add_argument("--run", required=True, help="the run's id, the beginning of its id, or its name")
    register.add_argument("--alias", default="", help="point this alias at the new version")


def _runs(found: argparse.Namespace) -> int:
    from ..views import commands

    with opened_client(found) as client:
        print(commands.runs(client, found.filter, found.max_results, found.order_by, found.experiment))
    return 0


def _show(found: argparse.Namespace) -> int:
    from ..views import commands

    with opened_client(found) as client:
        print(commands.show(client, found.run))
    return 0


def _models(found: argparse.Namespace) -> int:
    from ..views import commands

    with opened_client(found) as client:
        print(commands.models(client))
    return 0


def _register(found: argparse.Namespace) -> int:
    from ..views import commands

    with opened_client(found) as client:
        print(commands.register(client, found.name, found.run, found.alias))
    return 0
