"""The commands that clean up: ``gc`` and ``fsck``."""

from __future__ import annotations

import argparse
import re

from .commands import Commands, add_command, report, say, size

__all__ = ["add_commands"]

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}
_SPAN = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+")


def add_commands(commands: Commands) -> None:
    """Add the commands to the command line."""
    gc = add_command(
        commands,
        "gc",
        _gc,
        "erase deleted runs and experiments for good",
        "Erase for good what was deleted: runs with their artifacts, and experiments. Kernels may go on working "
        "meanwhile. Runs that a registered model was made from are kept. What runs share of their files goes a day "
        "after its last use. A SQLite file does not get smaller, its "
        "free space is used again.",
    )
    gc.add_argument("--dry-run", action="store_true", help="only say what would be erased")
    gc.add_argument(
        "--older-than",
        type=_span,
        default=0,
        metavar="SPAN",
        help="only what was deleted at least that long ago: 30d, 12h, 1d12h30m",
    )
    gc.add_argument("--run-ids", type=_ids, default=(), metavar="IDS", help="only these runs, separated by commas")
    gc.add_argument(
        "--experiment-ids", type=_ids, default=(), metavar="IDS", help="only these experiments and their runs"
    )
    gc.add_argument(
        "--orphans",
        action="store_true",
        help="also erase folders of artifacts that no run has, and files that were never written to their end, if "
        "they are more than a day old. Not after an older backup was put back: what was recorded since would be lost",
    )
    gc.add_argument(
        "--force",
        action="store_true",
        help="also erase runs that registered models were made from, and runs whose artifacts have to be left",
    )

    fsck = add_command(
        commands,
        "fsck",
        _fsck,
        "prove that nothing refers to nothing",
        "Check that what the rows, the registered models and the journals refer to is there, and that the latest "
        "value and the curve of each metric are those of its history. Prints a line for each finding; the exit "
        "status is 1 if there is one. Nothing is changed without --repair. The database file itself is checked by: "
        "jupyter-track db check.",
    )
    fsck.add_argument(
        "--repair",
        action="store_true",
        help="mend what can be mended without a doubt: latest values and curves of metrics; and put damaged contents "
        "aside that runs share, so that the next run which has the same writes them again",
    )


def _span(text: str) -> int:
    """Return a span of time, as MLflow writes one, in milliseconds."""
    if not _SPAN.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time: write 30d, 12h or 1d12h30m")
    return round(sum(float(count) * _UNITS[unit] for count, unit in re.findall(r"([\d.]+)([dhms])", text)))


def _ids(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _gc(found: argparse.Namespace) -> int:
    from ..housekeeping.gc import Wanted, collect_garbage

    wanted = Wanted(found.older_than, found.run_ids, found.experiment_ids, found.orphans, found.force)
    verb = "Would erase" if found.dry_run else "Erased"
    count = total = 0
    for garbage in collect_garbage(found.tracking_uri, wanted, found.dry_run):
        if garbage.kept:
            say(f"Kept {garbage.what}: {garbage.kept}.")
        else:
            say(f"{verb} {garbage.what}{f', {size(garbage.bytes)} of files' if garbage.bytes else ''}.")
            count += 1
            total += garbage.bytes
    print(f"{verb} {count:,} in all, {size(total)} of files." if count else "Nothing to erase.")
    return 0


def _fsck(found: argparse.Namespace) -> int:
    from ..housekeeping.fsck import fsck

    return report(fsck(found.tracking_uri, found.repair))
