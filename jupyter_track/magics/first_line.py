"""The first line of a tracked cell: its options, and how it is taken away before IPython compiles the rest.

IPython's way with a cell magic is to hand the body to a function, which would then have to run it: without
top-level ``await``, with other line numbers, with a traceback through the magic. So the line is turned into a
comment before IPython looks at it. IPython itself runs what is left, as it runs any cell, and the watcher
hears of it by IPython's events. Nothing but that comment is added to what runs.

The transformation has no effects. It stands aside where the line is not at the top of the cell that is about
to run (``%%time`` above it, a call of ``run_cell_magic``) or cannot be parsed: then IPython calls the
registered magic, which runs the cell inside the other one, or says what is wrong.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import leading_indent
from IPython.core.magic_arguments import argument, construct_parser, magic_arguments

from ..capture.options import TrackOptions
from ..entities import InvalidParameterValue
from ..entities.limits import MAX_PARAM_VALUE, MAX_RUN_NAME, check_experiment_name, check_key, check_length

__all__ = ["FirstLine", "options_of_cell", "parse_options", "track_arguments"]

_FIRST_LINE = re.compile(r"%%track(?:[ \t]+(?P<arguments>.*?))?[ \t]*\r?\n?$")

#: Signs of lines that IPython's other transformations are for.
_ESCAPES = ("%", "!", "?", ",", ";", "/")

#: One argument: in quotes, or with a value in quotes (``lr="a b"``), which are taken off; else up to the next space
#: that does not stand in quotes, which are then a part of it (``acc=scores["a b"]``).
_ARGUMENT = re.compile(
    r"""
      (?P<head>[^\s"'=]*=)? (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' ) (?=\s|$)
    | (?P<plain> (?: [^\s"'] | "[^"]*" | '[^']*' )+ ) (?=\s|$)
    """,
    re.VERBOSE,
)


def _name(text: str) -> str:
    check_length("run name", text, MAX_RUN_NAME)
    return text


def _experiment(text: str) -> str:
    check_experiment_name(text)
    return text


def _tag(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise InvalidParameterValue(f"Invalid tag {text!r}: write KEY=VALUE.")
    check_key("tag", key)
    return key, value


def _param(text: str) -> tuple[str, str | None]:
    key, sign, value = text.partition("=")
    check_key("param", key)
    check_length("param value", value, MAX_PARAM_VALUE)
    return key, value if sign else None


def _metric(text: str) -> tuple[str, str]:
    key, sign, expression = text.partition("=")
    check_key("metric", key)
    if sign and not expression.strip():
        raise InvalidParameterValue(f"Invalid metric {text!r}: write NAME or NAME=EXPRESSION.")
    return key, expression if sign else key


def _argument_type(check: Callable[[str], Any], name: str) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return check(text)
        except InvalidParameterValue as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    convert.__name__ = name
    return convert


def track_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a magic with the options of ``%%track``."""
    for add in (
        argument(
            "--resume",
            metavar="RUN",
            default="",
            help="Go on with a run that is there (its id, the beginning of its id, or its name) instead of beginning "
            "one.",
        ),
        argument(
            "--same-run",
            action="store_true",
            help="Record this cell in the run that '%%track start' has begun, instead of in a run nested in it.",
        ),
        argument(
            "--keep",
            metavar="NAME",
            action="append",
            default=[],
            help="Keep the variable NAME with the run as it is when the cell has ended, for "
            "'%%track restore RUN --vars'. May be repeated.",
        ),
        argument(
            "--log-model",
            metavar="NAME",
            nargs="?",
            const="",
            help="Save the fitted scikit-learn estimator in the variable NAME (or the last one that the cell sets) "
            "under model/, so that it can be registered.",
        ),
        argument(
            "--dry-run",
            action="store_true",
            help="Run the cell and show what would be captured and by which rule; record nothing.",
        ),
        argument(
            "--exclude",
            metavar="NAME",
            action="append",
            default=[],
            help="Leave this name out, whatever rule finds it. May be repeated.",
        ),
        argument(
            "--metric",
            metavar="NAME[=EXPRESSION]",
            action="append",
            default=[],
            type=_argument_type(_metric, "metric"),
            help="Add a metric: the variable NAME, or an expression (without spaces, or in quotes), taken when the "
            "cell has ended. May be repeated.",
        ),
        argument(
            "--param",
            metavar="NAME[=VALUE]",
            action="append",
            default=[],
            type=_argument_type(_param, "param"),
            help="Add a param: the variable NAME as the cell begins, or a text. May be repeated.",
        ),
        argument(
            "--tag",
            metavar="KEY=VALUE",
            action="append",
            default=[],
            type=_argument_type(_tag, "tag"),
            help="Set a tag of the run. May be repeated.",
        ),
        argument(
            "--experiment",
            type=_argument_type(_experiment, "experiment"),
            help="The experiment; by default the notebook's name.",
        ),
        argument(
            "--name",
            "-n",
            type=_argument_type(_name, "name"),
            help="The run's name; by default one is invented.",
        ),
        magic_arguments("track"),
    ):
        function = add(function)
    return function


@track_arguments
def _track(line: str) -> None:
    """Stand for the magic where only its parser is needed."""


_track.parser = construct_parser(_track)  # type: ignore[attr-defined]


def _split(line: str) -> list[str]:
    """Return the arguments in a line. A backslash is a sign like any other, as paths of Windows want it."""
    arguments = []
    rest = line.strip()
    while rest:
        found = _ARGUMENT.match(rest)
        if found is None:
            raise UsageError(f"a quote is not closed in {rest!r}")
        arguments.append(found["plain"] or (found["head"] or "") + (found["double"] or found["single"] or ""))
        rest = rest[found.end() :].lstrip()
    return arguments


def parse_options(line: str) -> TrackOptions:
    """Return the options in a line.

    Raises
    ------
    UsageError
        If they cannot be read, with one line that says why.
    """
    try:
        found = _track.parser.parse_args(_split(line))  # type: ignore[attr-defined]
    except UsageError as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise UsageError(f"%%track: {said}. '%%track?' explains the options.") from None
    return TrackOptions(
        name=found.name or "",
        experiment=found.experiment or "",
        tags=dict(found.tag),
        params=dict(found.param),
        metrics=dict(found.metric),
        exclude=frozenset(found.exclude),
        dry_run=found.dry_run,
        log_model=found.log_model,
        keep=tuple(found.keep),
        resume=found.resume,
        same_run=found.same_run,
    )


def options_of_cell(text: str) -> TrackOptions | None:
    """Return the options of a cell that begins with ``%%track``, or None if it does not, or wrongly."""
    stripped = text.lstrip()
    if not stripped.startswith("%%track"):
        return None
    found = _FIRST_LINE.match(stripped.partition("\n")[0])
    if found is None:
        return None
    try:
        return parse_options(found["arguments"] or "")
    except UsageError:
        return None


class FirstLine:
    """The input transformer: takes ``%%track`` from the top of a cell.

    Parameters
    ----------
    inside : callable
        Whether a cell is being executed, so that what is transformed is a part of it.
    one_line : callable, optional
        What IPython does to a cell of one line, and would not do to this one, which has two: ``exit`` without
        parentheses, and magics without their sign.
    """

    #: IPython then leaves it out when it asks whether a cell that is being typed is complete, and takes the
    #: text for what it is: a cell magic, complete at a blank line.
    has_side_effects = True

    def __init__(self, inside: Callable[[], bool], one_line: Callable[[str], str] = str) -> None:
        self._inside = inside
        self._one_line = one_line

    def __call__(self, lines: list[str]) -> list[str]:
        """Return the lines that IPython goes on with."""
        if not lines or not lines[0].startswith("%%track") or self._inside():
            return lines
        if options_of_cell(lines[0]) is None:
            return lines
        # A cell that is indented as a whole is one that IPython moves to the left.
        body: list[str] = leading_indent(lines[1:])
        first = next((number for number, line in enumerate(body) if line.strip()), None)
        if first is not None and body[first].startswith("%%"):
            # Another cell magic must stand at the top to be one.
            return body[first:]
        if first is not None and first == len(body) - 1 and not body[first].startswith(_ESCAPES):
            line = body[first].rstrip("\r\n")
            body[first] = self._one_line(line) + body[first][len(line) :]
        return ["# " + lines[0], *body]
