"""The commands that bring runs back: ``restore``, ``rerun``, ``diff``, ``slice``."""

from __future__ import annotations

import argparse
import json

from .commands import Commands, add_command, opened_client

__all__ = ["add_commands"]

_RUN = "its id, the beginning of its id, or its name"


def add_commands(commands: Commands) -> None:
    """Add the commands to the command line."""
    restore = add_command(
        commands,
        "restore",
        _restore,
        "write the notebook of a run as a new file",
        "Write the notebook as it was when the run's cell had ended. A file that is there is never written over.",
    )
    restore.add_argument("run", help=_RUN)
    restore.add_argument("--folder", default="", help="where it is written (the present folder)")
    restore.add_argument("--name", default="", help="the file's name (those of the notebook and of the run)")

    rerun = add_command(
        commands,
        "rerun",
        _rerun,
        "execute a run again and compare",
        "Execute the cells of a run in a fresh kernel as a new run, compare both, and keep the verdict with the "
        "run: reproduced, differs or fails. The exit status is 0 if it was reproduced, or has come to its end with "
        "other params; else 1. Needs the extra 'reproduce'.",
    )
    rerun.add_argument("run", help=_RUN)
    rerun.add_argument(
        "--slice", action="store_true", help="execute the cells that really led to it, in the order in which they ran"
    )
    rerun.add_argument(
        "-p",
        dest="params",
        action="append",
        type=_param,
        default=[],
        metavar="NAME=VALUE",
        help="give a param another value; more than once for several",
    )
    rerun.add_argument("--timeout", type=float, default=None, metavar="SECONDS", help="that one cell may take")
    rerun.add_argument("--total", type=float, default=None, metavar="SECONDS", help="that all cells may take")
    rerun.add_argument(
        "--tolerance", type=float, default=1e-6, help="the relative difference of numbers that is none (1e-6)"
    )

    diff = add_command(commands, "diff", _diff, "show in what two runs differ")
    diff.add_argument("first", metavar="run", help=_RUN)
    diff.add_argument("second", metavar="run", help="the other one")
    diff.add_argument("--all", action="store_true", help="also what is the same")
    diff.add_argument("--html", action="store_true", help="write it as a page of HTML")
    diff.add_argument("--notebook", action="store_true", help="compare their notebooks, by nbdime")

    slice_ = add_command(commands, "slice", _slice, "show the executed cells that a run came from")
    slice_.add_argument("run", help=_RUN)
    slice_.add_argument("metric", nargs="?", default="", help="only those that this metric came from")
    form = slice_.add_mutually_exclusive_group()
    form.add_argument("--script", action="store_true", help="as a Python script in the percent format")
    form.add_argument("--notebook", action="store_true", help="as a notebook, in JSON")


def _param(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=VALUE")
    return key, value


def _restore(found: argparse.Namespace) -> int:
    from ..views import reproduce

    with opened_client(found) as client:
        print(reproduce.restore(client, found.run, found.folder, found.name))
    return 0


def _rerun(found: argparse.Namespace) -> int:
    from ..reproduce.execution import Limits
    from ..reproduce.rerun import FAILS, REPRODUCED, rerun
    from ..views import reproduce

    with opened_client(found) as client:
        run = client.find_run(found.run)
        limits = Limits(found.timeout, found.total)
        done = rerun(client, run, found.slice, dict(found.params), limits, found.tolerance)
        print(reproduce.show_rerun(done))
    return int(done.verdict == FAILS if done.overrides else done.verdict != REPRODUCED)


def _diff(found: argparse.Namespace) -> int:
    from ..reproduce.differing import diff_notebooks
    from ..views import reproduce

    with opened_client(found) as client:
        if found.notebook:
            print(diff_notebooks(client, client.find_run(found.first), client.find_run(found.second)), end="")
            return 0
        shown = reproduce.diff(client, found.first, found.second, found.all)
    print(f"<!DOCTYPE html><meta charset='utf-8'>{shown._repr_html_()}" if found.html else shown)
    return 0


def _slice(found: argparse.Namespace) -> int:
    from ..views import reproduce

    with opened_client(found) as client:
        if found.script:
            print(reproduce.slice_script(client, found.run, found.metric), end="")
        elif found.notebook:
            notebook = reproduce.slice_notebook(client, found.run, found.metric)
            print(json.dumps(notebook, indent=1, ensure_ascii=False))
        else:
            print(reproduce.show_slice(client, found.run, found.metric))
    return 0
