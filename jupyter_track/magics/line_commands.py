"""The commands of ``%track``: each parses what is behind its name, calls one function, and returns what to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError

from ..capture.watcher import CellWatcher
from ..entities import RunStatus
from ..reproduce.options import RUN, add_run
from ..tracking import default_client
from ..views import Note, commands
from ..views.explain import explain
from .arguments import HelpAsked, LineParser, pair, parsed

__all__ = ["LAST_RUN", "LineCommands", "without_comment"]

#: Which run is meant where none is named.
LAST_RUN = "the last one of this session"

_COMMENT = re.compile(r"""(?P<kept>(?:[^#'"]|'[^']*'|"[^"]*"|(?<=\S)\#)*)(?<!\S)\#.*""", re.DOTALL)


def without_comment(line: str) -> str:
    """Return a line without the comment at its end; a ``#`` in quotes or in a word is none."""
    found = _COMMENT.fullmatch(line)
    return found["kept"] if found else line


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether every cell is tracked: how to ask, and how to say so."""

    get: Callable[[], bool]
    set: Callable[[bool], None]


class LineCommands:
    """What ``%track`` can be told.

    Parameters
    ----------
    watcher : CellWatcher
    switch : Switch
    others : callable
        Returns commands by name that are carried out elsewhere, and are loaded when one is asked for that is not here;
        it is given what returns the last run.
    """

    def __init__(
        self,
        watcher: CellWatcher,
        switch: Switch,
        others: Callable[[Callable[[], str]], Mapping[str, Callable[[str], Any]]],
    ) -> None:
        self._watcher = watcher
        self._switch = switch
        self._load_others = others
        self._commands: dict[str, Callable[[str], Any]] = {
            "": self._status,
            "status": self._status,
            "on": self._on,
            "off": self._off,
            "start": self._start,
            "end": self._end,
            "runs": self._runs,
            "show": self._show,
            "explain": self._explain,
            "exclude": self._exclude,
            "rename": self._rename,
            "include": self._include,
            "models": self._models,
            "register": self._register,
        }

    def run(self, line: str) -> Any:
        """Carry out a command and return what it shows.

        Raises
        ------
        UsageError
            If there is no such command, or what is behind it cannot be read.
        TrackError
            Whatever it meets.
        """
        command, _, rest = without_comment(line).strip().partition(" ")
        handler = self._commands.get(command) or self._others().get(command)
        if handler is None:
            known = ", ".join(name for name in (*self._commands, *self._others()) if name)
            raise UsageError(f"%track has no command {command!r}. It has: {known}. '%track?' explains them.")
        try:
            return handler(rest)
        except HelpAsked as asked:
            return Note(str(asked))

    def _others(self) -> Mapping[str, Callable[[str], Any]]:
        return self._load_others(self._last_run)

    # -- what is tracked

    def _status(self, rest: str) -> Any:
        parsed(LineParser("%track status", "Say what is tracked, and where it goes."), rest)
        return self._said()

    def _said(self) -> Note:
        note = commands.status(default_client(), self._switch.get(), self._watcher.last_run_id)
        open_run = self._watcher.runs.open
        settings = self._watcher.remembered.settings
        lines = [note.text]
        if open_run is not None:
            lines.append(f"Open run: {open_run.run_name} ({open_run.run_id[:8]}): every cell goes there. %track end")
        if settings.exclude:
            lines.append(f"Left out in this notebook: {', '.join(sorted(settings.exclude))}")
        if settings.rename:
            lines.append(f"Renamed: {', '.join(f'{old} → {new}' for old, new in sorted(settings.rename.items()))}")
        return Note("\n".join(lines))

    def _on(self, rest: str) -> Any:
        parsed(LineParser("%track on", "Track every following cell."), rest)
        self._switch.set(True)
        return self._said()

    def _off(self, rest: str) -> Any:
        parsed(LineParser("%track off", "Track only the cells that begin with %%track."), rest)
        self._switch.set(False)
        return self._said()

    def _start(self, rest: str) -> Any:
        parser = LineParser("%track start", "Begin a run that the following cells share, until '%track end'.")
        parser.add_argument("name", nargs="?", default="", metavar="NAME", help="the run's name (one is invented)")
        parser.add_argument("--experiment", default="", help="the experiment (the notebook's name)")
        parser.add_argument(
            "--tag",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="a tag of the run; may be repeated",
        )
        found = parsed(parser, rest)
        tags = dict(pair(tag, "--tag") for tag in found.tag)
        recorder = self._watcher.start_run(found.name, found.experiment, tags)
        return Note(
            f"Run {recorder.run_name} ({recorder.run_id[:8]}) has begun: what the following cells do is recorded in "
            "it. '%track end' ends it."
        )

    def _end(self, rest: str) -> Any:
        parser = LineParser("%track end", "End the run that '%track start' has begun.")
        statuses = [status.value.lower() for status in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED)]
        parser.add_argument("--status", default="finished", choices=statuses, help="how it ends (finished)")
        found = parsed(parser, rest)
        recorder = self._watcher.end_run(RunStatus(found.status.upper()))
        return Note(f"Run {recorder.run_name} ({recorder.run_id[:8]}) has ended: {found.status}.")

    # -- what is left out

    def _exclude(self, rest: str) -> Any:
        parser = LineParser(
            "%track exclude", "Leave names out of this notebook's runs from now on; without a name, list them."
        )
        parser.add_argument("names", nargs="*", metavar="NAME", help="what a param or metric is called")
        names = parsed(parser, rest).names
        if names:
            self._watcher.remembered.exclude(*names)
        return self._remembered()

    def _include(self, rest: str) -> Any:
        parser = LineParser("%track include", "Take back that names are left out or renamed.")
        parser.add_argument("names", nargs="+", metavar="NAME", help="what '%%track exclude' or 'rename' was told")
        self._watcher.remembered.include(*parsed(parser, rest).names)
        return self._remembered()

    def _rename(self, rest: str) -> Any:
        parser = LineParser(
            "%track rename", "Record what is found as OLD under the name NEW; without names, list what is renamed."
        )
        parser.add_argument("names", nargs="*", metavar="OLD NEW", help="a name that has spaces in quotes")
        names = parsed(parser, rest).names
        if len(names) not in (0, 2):
            raise UsageError("%track rename: write OLD NEW, with quotes around a name that has spaces.")
        if names:
            self._watcher.remembered.rename(*names)
        return self._remembered()

    def _remembered(self) -> Any:
        settings = self._watcher.remembered.settings
        lines = [
            f"Left out: {', '.join(sorted(settings.exclude)) or 'nothing'}",
            f"Renamed: {', '.join(f'{old} → {new}' for old, new in sorted(settings.rename.items())) or 'nothing'}",
            f"Kept in {self._watcher.remembered.place}. '%track include NAME' takes it back.",
        ]
        return Note("\n".join(lines))

    # -- runs and models

    def _runs(self, rest: str) -> Any:
        if rest.strip() in ("?", "??", "-h", "--help"):
            # Anything else may be a filter, and a filter has quotes of its own.
            parser = LineParser("%track runs", "List runs, the newest first.")
            parser.add_argument("filter", nargs="?", metavar="FILTER", help="for instance: metrics.accuracy > 0.9")
            parsed(parser, rest)
        return commands.runs(default_client(), rest.strip())

    def _show(self, rest: str) -> Any:
        return commands.show(default_client(), self._run("%track show", "Show one run.", rest))

    def _explain(self, rest: str) -> Any:
        about = "Tell where each value of a run came from, and what was left out and why."
        return explain(default_client(), self._run("%track explain", about, rest))

    def _run(self, command: str, about: str, rest: str) -> str:
        """Return the run that stands behind a command; the last one if none does."""
        parser = LineParser(command, about)
        add_run(parser, LAST_RUN)
        return str(parsed(parser, rest).run) or self._last_run()

    def _models(self, rest: str) -> Any:
        parsed(LineParser("%track models", "List registered models."), rest)
        return commands.models(default_client())

    def _last_run(self) -> str:
        if not self._watcher.last_run_id:
            raise UsageError("No run was tracked in this session: name one. '%track runs' lists them.")
        return self._watcher.last_run_id

    def _register(self, rest: str) -> Any:
        parser = LineParser("%track register", "Register the model of a run as the next version of a name.")
        parser.add_argument("name", metavar="NAME", help="the registered model's name")
        parser.add_argument("--run", default="", help=f"{RUN}; {LAST_RUN}, if none is named")
        parser.add_argument("--alias", default="", help="point this alias at the new version")
        found = parsed(parser, rest)
        return commands.register(default_client(), found.name, found.run or self._last_run(), found.alias)
