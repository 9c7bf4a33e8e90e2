"""The commands of ``%track`` that bring runs back: ``restore``, ``rerun``, ``diff``, ``slice``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..capture.watcher import CellWatcher
from ..tracking import default_client
from ..views import reproduce
from .arguments import LineParser, pair, parsed

__all__ = ["ReproduceCommands"]


class ReproduceCommands:
    """What they do, by name.

    Parameters
    ----------
    watcher : CellWatcher
    namespace : dict of str to object
        Of the notebook.
    """

    def __init__(self, watcher: CellWatcher, namespace: dict[str, Any]) -> None:
        self._watcher = watcher
        self._namespace = namespace

    def by_name(self) -> dict[str, Callable[[str], Any]]:
        """Return the commands; each takes what is behind its name."""
        return {"slice": self._slice, "restore": self._restore, "rerun": self._rerun, "diff": self._diff}

    def _slice(self, rest: str) -> Any:
        parser = LineParser("%track slice")
        parser.add_argument("run")
        parser.add_argument("metric", nargs="?", default="")
        found = parsed(parser, rest)
        return reproduce.show_slice(default_client(), found.run, found.metric)

    def _restore(self, rest: str) -> Any:
        parser = LineParser("%track restore")
        parser.add_argument("run")
        parser.add_argument("--vars", action="store_true")
        parser.add_argument("--trust", action="store_true")
        parser.add_argument("--name", default="")
        found = parsed(parser, rest)
        client = default_client()
        if found.vars:
            return reproduce.restore_vars(client, found.run, self._namespace, found.trust)
        restored = reproduce.restore(client, found.run, self._watcher.notebook_folder(), found.name)
        self._watcher.open_notebook(restored.path)
        return restored

    def _rerun(self, rest: str) -> Any:
        parser = LineParser("%track rerun")
        parser.add_argument("run")
        parser.add_argument("--slice", action="store_true")
        parser.add_argument("-p", dest="params", action="append", default=[])
        parser.add_argument("--timeout", type=float, default=None)
        parser.add_argument("--tolerance", type=float, default=reproduce.DEFAULT_TOLERANCE)
        found = parsed(parser, rest)
        params = dict(pair(each, "-p") for each in found.params)
        return reproduce.rerun(
            default_client(), found.run, found.slice, params, found.timeout, tolerance=found.tolerance
        )

    def _diff(self, rest: str) -> Any:
        parser = LineParser("%track diff")
        parser.add_argument("first")
        parser.add_argument("second")
        parser.add_argument("--all", action="store_true")
        found = parsed(parser, rest)
        return reproduce.diff(default_client(), found.first, found.second, found.all)
