"""The commands that bring runs back: ``restore``, ``rerun``, ``diff``, ``slice``."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ..printable import printable
from ..reproduce import options
from .commands import Commands, add_command, opened_client

if TYPE_CHECKING:
    from ..tracking import TrackClient

__all__ = ["add_commands"]

#: Which run is meant where none is named: a session is nothing that a shell knows of.
_LAST_RUN = "your newest one that is no rerun"


def add_commands(commands: Commands) -> None:
    """Add the commands to the command line."""
    restore = add_command(
        commands,
        "restore",
        _restore,
        "write the notebook of a run as a new file",
        "Write the notebook as it was when the run's cell had ended. A file that is there is never written over.",
    )
    options.add_run(restore, _LAST_RUN)
    options.add_restore_options(restore, "the present folder")

    rerun = add_command(
        commands,
        "rerun",
        _rerun,
        "execute a run again and compare",
        "Execute the cells of a run in a fresh kernel as a new run, compare both, and keep the verdict with the "
        "run: reproduced, differs or fails. The exit status is 0 if it was reproduced, or has come to its end with "
        "other params; else 1. Needs the extra 'reproduce'.",
    )
    options.add_run(rerun, _LAST_RUN)
    options.add_rerun_options(rerun)

    diff = add_command(commands, "diff", _diff, "show in what two runs differ")
    options.add_diff_options(diff)
    diff.add_argument("--html", action="store_true", help="write it as a page of HTML")
    diff.add_argument("--notebook", action="store_true", help="compare their notebooks, by nbdime")

    slice_ = add_command(commands, "slice", _slice, "show the executed cells that a run came from")
    options.add_run(slice_, _LAST_RUN)
    options.add_slice_options(slice_)
    form = slice_.add_mutually_exclusive_group()
    form.add_argument("--script", action="store_true", help="as a Python script in the percent format")
    form.add_argument("--notebook", action="store_true", help="as a notebook, in JSON")


def _run_of(client: TrackClient, named: str) -> str:
    """Return the run that is named, or the person's newest."""
    from ..entities import ResourceDoesNotExist
    from ..tracking.context import user_name

    if named:
        return named
    user = user_name()
    quoted = user.replace("'", "''")
    found = client.search_runs(
        filter_string=f"user_id = '{quoted}' AND tags.`jupyter_track.rerun_of` IS NULL", max_results=1
    )
    if not found:
        raise ResourceDoesNotExist(
            f"{user} has no runs at {client.shown_uri}: name one. 'jupyter-track runs' lists them."
        )
    return found[0].info.run_id


def _restore(found: argparse.Namespace) -> int:
    from ..views import reproduce

    with opened_client(found) as client:
        print(reproduce.restore(client, _run_of(client, found.run), found.folder, found.name))
    return 0


def _rerun(found: argparse.Namespace) -> int:
    from ..reproduce.execution import Limits
    from ..reproduce.rerun import FAILS, REPRODUCED, rerun
    from ..views import reproduce

    with opened_client(found) as client:
        run = client.find_run(_run_of(client, found.run))
        limits = Limits(found.timeout, found.total)
        done = rerun(client, run, found.slice, dict(found.params), limits, found.tolerance)
        print(reproduce.show_rerun(done))
    return int(done.verdict == FAILS if done.overrides else done.verdict != REPRODUCED)


def _diff(found: argparse.Namespace) -> int:
    from ..reproduce.differing import diff_notebooks
    from ..views import reproduce

    with opened_client(found) as client:
        if found.notebook:
            compared = diff_notebooks(client, client.find_run(found.first), client.find_run(found.second))
            print(printable(compared, "\n\t"), end="")
            return 0
        shown = reproduce.diff(client, found.first, found.second, found.all)
    print(f"<!DOCTYPE html><meta charset='utf-8'>{shown._repr_html_()}" if found.html else shown)
    return 0


def _slice(found: argparse.Namespace) -> int:
    from ..views import reproduce

    with opened_client(found) as client:
        run = _run_of(client, found.run)
        if found.script:
            print(reproduce.slice_script(client, run, found.metric), end="")
        elif found.notebook:
            print(json.dumps(reproduce.slice_notebook(client, run, found.metric), indent=1, ensure_ascii=False))
        else:
            print(reproduce.show_slice(client, run, found.metric))
    return 0
