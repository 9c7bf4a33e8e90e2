"""The magics ``%%track`` and ``%track``."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from traitlets import Bool, TraitError, Unicode, observe

from ..capture.options import TrackOptions
from ..capture.watcher import CellWatcher
from ..entities import TrackError
from ..tracking import configure, default_client, move_to
from ..views import commands
from .first_line import options_of_cell, parse_options, track_arguments

__all__ = ["TrackMagics"]

#: Seconds that a command waits for what is still being recorded.
SETTLE_SECONDS = 10.0


@magics_class
class TrackMagics(Magics):
    """Track cells as runs, and look at runs and registered models.

    Options are traits: ``c.TrackMagics.tracking_uri = ...`` in a configuration file,
    ``%config TrackMagics.tracking_uri = ...`` in a notebook.
    """

    tracking_uri = Unicode(
        "",
        help="Where runs are kept: sqlite:///PATH or postgresql://USER@HOST/DATABASE. Empty: the environment's "
        "MLFLOW_TRACKING_URI, and without it an SQLite file in the Jupyter data directory.",
    ).tag(config=True)
    artifact_root = Unicode("", help="Where new experiments keep their artifacts. Empty: beside the SQLite file.").tag(
        config=True
    )
    experiment = Unicode("", help="The experiment of runs that name none. Empty: the notebook's name.").tag(config=True)
    auto = Bool(False, help="Track every cell, as %track on does.").tag(config=True)

    def __init__(self, shell: Any, watcher: CellWatcher) -> None:
        super().__init__(shell)
        self._watcher = watcher
        watcher.runs.default_experiment = self.experiment
        if self.tracking_uri or self.artifact_root:
            # Nothing is opened yet: a wrong place must not keep the notebook from loading the extension.
            configure(self.tracking_uri, self.artifact_root or None)
        self._ready = True

    _ready = False

    @observe("tracking_uri", "artifact_root")
    def _place_changed(self, change: Any) -> None:
        if not self._ready:
            return
        try:
            move_to(self.tracking_uri, self.artifact_root or None)
        except TrackError as error:
            raise TraitError(str(error)) from None

    @observe("experiment")
    def _experiment_changed(self, change: Any) -> None:
        if self._ready:
            self._watcher.runs.default_experiment = self.experiment

    def options_for(self, info: Any) -> TrackOptions | None:
        """Return the options of a cell that is about to run, or None if it is not to be tracked."""
        options = options_of_cell(info.raw_cell)
        # Front ends run code of their own too, which leaves no trace in the history.
        every = self.auto or self._watcher.runs.open is not None
        if options is None and every and info.store_history and not _is_own(info.raw_cell):
            return TrackOptions(automatic=True)
        return options

    @track_arguments
    @cell_magic("track")  # type: ignore[arg-type]  # IPython's annotation is for the use without a name.
    def track_cell(self, line: str, cell: str) -> Any:
        """Run the cell and record it as a run: what went in, what came out, and the notebook as it is.

        The cell runs exactly as it would without this line. Recorded are

        * params: names that the cell sets to constants, simple values from earlier cells that it uses, and
          keyword arguments that are written as constants;
        * metrics: numbers that it computes and names, prints as 'name: value' or 'name=value', or displays
          as its last value;
        * text, figures and the last value; the traceback if it fails; the notebook, the git commit, and the
          versions of all packages.

        Examples
        --------
        ::

            %%track --name baseline --tag stage=draft
            model = LogisticRegression(C=0.5).fit(X, y)
            accuracy = model.score(X_test, y_test)

        ``%track show`` tells what was recorded and by which rule, ``--dry-run`` shows that beforehand.
        """
        # IPython comes here only where the first line could not be taken from the top of a cell: inside
        # another cell, or with options that cannot be read, which parse_options then says.
        return self._watcher.run_inside(parse_options(line), cell)

    @line_magic("track")  # type: ignore[arg-type]
    def track_line(self, line: str) -> Any:
        """Look at runs and registered models, and say what is tracked.

        ::

            %track                      what is tracked, and where it goes
            %track on | off             track every following cell, or only those with %%track
            %track runs [FILTER]        runs, the newest first: %track runs metrics.accuracy > 0.9
            %track show [RUN]           one run (the last, if none is named): id, beginning of id, or name
            %track models               registered models
            %track register NAME [--run RUN] [--alias ALIAS]
                                        register the model of a run (the last, if none is named)
        """
        command, _, rest = line.strip().partition(" ")
        handlers: dict[str, Callable[[str], Any]] = {
            "": self._status,
            "status": self._status,
            "on": lambda rest: self._switch(True),
            "off": lambda rest: self._switch(False),
            "runs": lambda rest: commands.runs(default_client(), rest.strip()),
            "show": lambda rest: commands.show(default_client(), rest.strip() or self._last_run()),
            "models": lambda rest: commands.models(default_client()),
            "register": self._register,
        }
        handler = handlers.get(command)
        if handler is None:
            known = ", ".join(name for name in handlers if name)
            raise UsageError(f"%track has no command {command!r}. It has: {known}. '%track?' explains them.")
        self._watcher.settle(SETTLE_SECONDS)
        try:
            return handler(rest)
        except TrackError as error:
            waiting = default_client().outbox.waiting()
            raise UsageError(f"{error} {waiting} records wait for the store." if waiting else str(error)) from None

    def _status(self, rest: str) -> Any:
        return commands.status(default_client(), self.auto, self._watcher.last_run_id)

    def _switch(self, on: bool) -> Any:
        self.auto = on
        return commands.status(default_client(), self.auto, self._watcher.last_run_id)

    def _last_run(self) -> str:
        if not self._watcher.last_run_id:
            raise UsageError("No run was tracked in this session: name one. '%track runs' lists them.")
        return self._watcher.last_run_id

    def _register(self, rest: str) -> Any:
        parser = _Parser(prog="%track register", add_help=False)
        parser.add_argument("name")
        parser.add_argument("--run", default="")
        parser.add_argument("--alias", default="")
        try:
            found = parser.parse_args(shlex.split(rest))
        except ValueError as error:  # An open quote.
            raise UsageError(f"%track register: {error} in {rest!r}.") from None
        return commands.register(default_client(), found.name, found.run or self._last_run(), found.alias)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong as IPython does, instead of ending the process."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{self.prog}: {message}. '%track?' explains the commands.")


def _is_own(text: str) -> bool:
    """Whether a cell only speaks to this extension."""
    return all(line.startswith(("%track", "%load_ext", "#")) for line in text.splitlines() if line.strip())
