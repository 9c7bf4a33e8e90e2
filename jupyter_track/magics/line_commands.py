"""The commands of ``%track``: each parses what is behind its name, calls one function, and returns what to show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError

from ..capture.watcher import CellWatcher
from ..entities import RunStatus
from ..tracking import default_client
from ..views import Note, commands
from ..views.explain import explain
from .arguments import LineParser, names, pair, parsed

__all__ = ["LineCommands", "without_comment"]

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
        Returns commands by name that are carried out elsewhere, and are loaded when one is asked for that is not here.
    """

    def __init__(
        self, watcher: CellWatcher, switch: Switch, others: Callable[[], Mapping[str, Callable[[str], Any]]]
    ) -> None:
        self._watcher = watcher
        self._switch = switch
        self._others = others
        self._commands: dict[str, Callable[[str], Any]] = {
            "": self._status,
            "status": self._status,
            "on": lambda rest: self._turn(True),
            "off": lambda rest: self._turn(False),
            "start": self._start,
            "end": self._end,
            "runs": lambda rest: commands.runs(default_client(), rest.strip()),
            "show": lambda rest: commands.show(default_client(), rest.strip() or self._last_run()),
            "explain": lambda rest: explain(default_client(), rest.strip() or self._last_run()),
            "exclude": self._exclude,
            "rename": self._rename,
            "include": self._include,
            "models": lambda rest: commands.models(default_client()),
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
        return handler(rest)

    # -- what is tracked

    def _status(self, rest: str) -> Any:
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

    def _turn(self, on: bool) -> Any:
        self._switch.set(on)
        return self._status("")

    def _start(self, rest: str) -> Any:
        parser = LineParser("%track start")
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--experiment", default="")
        parser.add_argument("--tag", action="append", default=[])
        found = parsed(parser, rest)
        tags = dict(pair(tag, "--tag") for tag in found.tag)
        recorder = self._watcher.start_run(found.name, found.experiment, tags)
        return Note(
            f"Run {recorder.run_name} ({recorder.run_id[:8]}) has begun: what the following cells do is recorded in "
            "it. '%track end' ends it."
        )

    def _end(self, rest: str) -> Any:
        parser = LineParser("%track end")
        statuses = [status.value.lower() for status in (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED)]
        parser.add_argument("--status", default="finished", choices=statuses)
        found = parsed(parser, rest)
        recorder = self._watcher.end_run(RunStatus(found.status.upper()))
        return Note(f"Run {recorder.run_name} ({recorder.run_id[:8]}) has ended: {found.status}.")

    # -- what is left out

    def _exclude(self, rest: str) -> Any:
        if rest.strip():
            self._watcher.remembered.exclude(*names("%track exclude", rest))
        return self._remembered()

    def _include(self, rest: str) -> Any:
        self._watcher.remembered.include(*names("%track include", rest))
        return self._remembered()

    def _rename(self, rest: str) -> Any:
        if rest.strip():
            old_and_new = names("%track rename", rest)
            if len(old_and_new) != 2:
                raise UsageError("%track rename: write OLD NEW, with quotes around a name that has spaces.")
            self._watcher.remembered.rename(*old_and_new)
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

    def _last_run(self) -> str:
        if not self._watcher.last_run_id:
            raise UsageError("No run was tracked in this session: name one. '%track runs' lists them.")
        return self._watcher.last_run_id

    def _register(self, rest: str) -> Any:
        parser = LineParser("%track register")
        parser.add_argument("name")
        parser.add_argument("--run", default="")
        parser.add_argument("--alias", default="")
        found = parsed(parser, rest)
        return commands.register(default_client(), found.name, found.run or self._last_run(), found.alias)
