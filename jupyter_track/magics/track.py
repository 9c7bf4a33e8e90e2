"""The magics ``%%track`` and ``%track``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from traitlets import Bool, List, TraitError, Unicode, observe

from ..capture.options import TrackOptions
from ..capture.watcher import CellWatcher
from ..entities import TrackError
from ..printable import printable
from ..tracking import configure, default_client, move_to
from .first_line import options_of_cell, parse_options, track_arguments
from .line_commands import LineCommands, Switch

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
    allow_secrets = List(
        Unicode(),
        help="Names that are recorded although they look like those of secrets: c.TrackMagics.allow_secrets = "
        "['monkey_token'].",
    ).tag(config=True)
    auto = Bool(False, help="Track every cell, as %track on does.").tag(config=True)

    def __init__(self, shell: Any, watcher: CellWatcher) -> None:
        super().__init__(shell)
        self._watcher = watcher
        self._namespace = shell.user_ns
        self._commands = LineCommands(watcher, Switch(lambda: self.auto, self._turn), self._reproduce)
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

    def _turn(self, on: bool) -> None:
        self.auto = on

    def _reproduce(self, last_run: Callable[[], str]) -> dict[str, Callable[[str], Any]]:
        from .reproduce_commands import ReproduceCommands

        return ReproduceCommands(self._watcher, self._namespace, last_run).by_name()

    def options_for(self, info: Any) -> TrackOptions | None:
        """Return the options of a cell that is about to run, or None if it is not to be tracked."""
        options = self._with_settings(options_of_cell(info.raw_cell))
        # Front ends run code of their own too, which leaves no trace in the history.
        every = self.auto or self._watcher.runs.open is not None
        if options is None and every and info.store_history and not _is_own(info.raw_cell):
            return self._with_settings(TrackOptions(automatic=True))
        return options

    def _with_settings(self, options: TrackOptions | None) -> TrackOptions | None:
        return replace(options, allow_secrets=frozenset(self.allow_secrets)) if options is not None else None

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
        return self._watcher.run_inside(replace(parse_options(line), allow_secrets=frozenset(self.allow_secrets)), cell)

    @line_magic("track")  # type: ignore[arg-type]
    def track_line(self, line: str) -> Any:
        """Look at runs and registered models, and say what is tracked.

        ::

            %track                      what is tracked, and where it goes
            %track on | off             track every following cell, or only those with %%track
            %track start [NAME] [--experiment E] [--tag K=V]
                                        begin a run that the following cells share
            %track end [--status failed]
                                        end it
            %track runs [FILTER]        runs, the newest first: %track runs metrics.accuracy > 0.9
            %track show [RUN]           one run (the last, if none is named): id, beginning of id, or name
            %track explain [RUN]        where each of its values came from, and what was left out
            %track exclude NAME...      leave names out of this notebook's runs from now on
            %track rename OLD NEW       record what is found as OLD under the name NEW
            %track include NAME...      take such a thing back
            %track slice [RUN [METRIC]] the cells that really led to it, in the order in which they ran
            %track restore [RUN] [--vars]
                                        its notebook as a new file, or its params as variables
            %track rerun [RUN] [--slice] [-p K=V] [--timeout S] [--total S] [--tolerance T]
                                        execute it again in a fresh kernel, and compare
            %track diff A B [--all]     in what two runs differ
            %track models               registered models
            %track register NAME [--run RUN] [--alias ALIAS]
                                        register the model of a run

        Where RUN may be left out it is the last one of this session. ``%track COMMAND?`` explains one command.
        """
        self._watcher.settle(SETTLE_SECONDS)
        try:
            return self._commands.run(line)
        except TrackError as error:
            waiting = default_client().outbox.waiting()
            said = f"{error} {waiting} records wait for the store." if waiting else str(error)
            # A run's name may be in it, whoever has given it.
            raise UsageError(printable(said, "\n")) from None


def _is_own(text: str) -> bool:
    """Whether a cell only speaks to this extension."""
    return all(line.startswith(("%track", "%load_ext", "#")) for line in text.splitlines() if line.strip())
