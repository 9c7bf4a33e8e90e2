"""The command that delivers what processes which died have left: ``recover``."""

from __future__ import annotations

import argparse

from .commands import Commands, add_command

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the command to the command line."""
    add_command(
        commands,
        "recover",
        _recover,
        "deliver what killed kernels have left",
        "What is logged waits in a journal until the database has it. This delivers the journals of all processes "
        "that have ended without doing so, each to the store that it was meant for, and gives the runs which died "
        "with them the status KILLED. Kernels and Jupyter servers do the same when they start. The exit status is 1 "
        "if something could not be delivered; it is then kept.",
    )


def _recover(found: argparse.Namespace) -> int:
    from ..outbox import journal_folder, recover_all

    status = 0
    count = 0
    for count, recovered in enumerate(recover_all(), start=1):  # noqa: B007 (counted)
        print(f"{recovered.path.name}: {recovered.records} records to {recovered.tracking_uri}", end="")
        print(f", {len(recovered.ended)} runs ended as KILLED" if recovered.ended else "")
        for problem in recovered.problems:
            print(f"  {problem}")
        if recovered.remains:
            print("  The journal is kept, and is tried again.")
            status = 1
    if not count:
        print(f"Nothing was left: {journal_folder()} holds no journal of a process that has ended.")
    return status
