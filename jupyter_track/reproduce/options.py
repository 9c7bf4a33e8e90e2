"""What can be said behind ``restore``, ``rerun``, ``diff`` and ``slice``: the same in a notebook and in a shell."""

from __future__ import annotations

import argparse
import math

from .texts import DEFAULT_TOLERANCE

__all__ = [
    "RUN",
    "add_diff_options",
    "add_rerun_options",
    "add_restore_options",
    "add_run",
    "add_slice_options",
]

#: What a person may call a run by.
RUN = "its id, the beginning of its id, or its name (the newest of that name)"


def add_run(parser: argparse.ArgumentParser, last: str) -> None:
    """Add the run, which need not be named.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    last : str
        Which run it is if none is named, in words.
    """
    parser.add_argument("run", nargs="?", default="", metavar="RUN", help=f"{RUN}; {last}, if none is named")


def add_restore_options(parser: argparse.ArgumentParser, folder: str) -> None:
    """Add where a notebook is written; `folder` says in words where that is if no place is named."""
    parser.add_argument("--folder", default="", metavar="FOLDER", help=f"where it is written ({folder})")
    parser.add_argument(
        "--name", default="", metavar="FILE", help="the file's name (made of those of the notebook and of the run)"
    )


def add_rerun_options(parser: argparse.ArgumentParser) -> None:
    """Add what is executed, with which values and for how long, and when two numbers are the same."""
    parser.add_argument(
        "--slice", action="store_true", help="execute the cells that really led to it, in the order in which they ran"
    )
    parser.add_argument(
        "-p",
        dest="params",
        action="append",
        type=_param,
        default=[],
        metavar="NAME=VALUE",
        help="give a param another value; more than once for several",
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=None, metavar="SECONDS", help="stop at a cell that takes longer (no limit)"
    )
    parser.add_argument(
        "--total",
        type=_seconds,
        default=None,
        metavar="SECONDS",
        help="stop when all cells together have taken longer (no limit)",
    )
    parser.add_argument(
        "--tolerance",
        type=_tolerance,
        default=DEFAULT_TOLERANCE,
        metavar="PART",
        help=f"the relative difference of two numbers that is none ({DEFAULT_TOLERANCE:g})",
    )


def add_diff_options(parser: argparse.ArgumentParser) -> None:
    """Add the two runs, and how much of them is shown."""
    parser.add_argument("first", metavar="RUN", help=RUN)
    parser.add_argument("second", metavar="OTHER", help="the run that it is compared with")
    parser.add_argument("--all", action="store_true", help="also what is the same")


def add_slice_options(parser: argparse.ArgumentParser) -> None:
    """Add which of the run's results the cells are shown of."""
    parser.add_argument(
        "metric", nargs="?", default="", metavar="METRIC", help="show only the cells that this metric came from"
    )


def _param(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=VALUE")
    return key, value


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: write a number of seconds above 0")
    return value


def _tolerance(text: str) -> float:
    value = _number(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: write a number, 0 or above, such as 1e-6")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
