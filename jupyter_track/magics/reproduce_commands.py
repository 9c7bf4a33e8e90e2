"""The commands of ``%track`` that bring runs back: ``restore``, ``rerun``, ``diff``, ``slice``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError

from ..capture.watcher import CellWatcher
from ..reproduce.options import (
    add_diff_options,
    add_rerun_options,
    add_restore_options,
    add_run,
    add_slice_options,
)
from ..tracking import default_client
from ..views import reproduce
from .arguments import LineParser, parsed
from .line_commands import LAST_RUN

__all__ = ["ReproduceCommands"]


class ReproduceCommands:
    """What they do, by name.

    Parameters
    ----------
    watcher : CellWatcher
    namespace : dict of str to object
        Of the notebook.
    last_run : callable
        Returns the run that is meant where none is named.
    """

    def __init__(self, watcher: CellWatcher, namespace: dict[str, Any], last_run: Callable[[], str]) -> None:
        self._watcher = watcher
        self._namespace = namespace
        self._last_run = last_run

    def by_name(self) -> dict[str, Callable[[str], Any]]:
        """Return the commands; each takes what is behind its name."""
        return {"slice": self._slice, "restore": self._restore, "rerun": self._rerun, "diff": self._diff}

    def _slice(self, rest: str) -> Any:
        parser = LineParser("%track slice", "Show the executed cells that a run came from, and why each is among them.")
        add_run(parser, LAST_RUN)
        add_slice_options(parser)
        found = parsed(parser, rest)
        return reproduce.show_slice(default_client(), found.run or self._last_run(), found.metric)

    def _restore(self, rest: str) -> Any:
        parser = LineParser(
            "%track restore",
            "Write the notebook as it was when the run's cell had ended, as a new file, and open it; or bring the "
            "run's params back as variables.",
        )
        add_run(parser, LAST_RUN)
        add_restore_options(parser, "that of the present notebook")
        parser.add_argument(
            "--vars", action="store_true", help="set the names that were params, and what --keep has kept, instead"
        )
        parser.add_argument(
            "--trust", action="store_true", help="read kept variables of others too, whose pickles may run any code"
        )
        found = parsed(parser, rest)
        if found.trust and not found.vars:
            raise UsageError("%track restore: --trust is for --vars; a notebook is written without running anything.")
        client, run = default_client(), found.run or self._last_run()
        if found.vars:
            if found.folder or found.name:
                raise UsageError("%track restore: --folder and --name are for a notebook; --vars writes no file.")
            return reproduce.restore_vars(client, run, self._namespace, found.trust)
        restored = reproduce.restore(client, run, found.folder or self._watcher.notebook_folder(), found.name)
        self._watcher.open_notebook(restored.path)
        return restored

    def _rerun(self, rest: str) -> Any:
        parser = LineParser(
            "%track rerun",
            "Execute the cells of a run in a fresh kernel as a new run, compare both, and keep the verdict with the "
            "run: reproduced, differs or fails. Needs the extra 'reproduce'.",
        )
        add_run(parser, LAST_RUN)
        add_rerun_options(parser)
        found = parsed(parser, rest)
        return reproduce.rerun(
            default_client(),
            found.run or self._last_run(),
            found.slice,
            dict(found.params),
            found.timeout,
            found.total,
            found.tolerance,
        )

    def _diff(self, rest: str) -> Any:
        parser = LineParser("%track diff", "Show in what two runs differ.")
        add_diff_options(parser)
        found = parsed(parser, rest)
        return reproduce.diff(default_client(), found.first, found.second, found.all)
