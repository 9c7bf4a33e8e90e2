"""``%load_ext jupyter_track``: puts magics, watcher and first-line transformer into a shell, and takes them out."""

from __future__ import annotations

import logging
import sys
from typing import Any

from ..capture import loops
from ..capture.watcher import CellWatcher
from ..outbox import start_recovery
from ..tracking import default_client
from ..views import Card
from .arguments import command_help
from .first_line import FirstLine
from .track import TrackMagics

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

_log = logging.getLogger(__name__)

#: The name under which a shell keeps what was put into it.
_ATTRIBUTE = "_jupyter_track"


class _Installed:
    """What one shell was given."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.watcher = CellWatcher(
            shell, default_client, lambda info: self.magics.options_for(info), self._show, self._warn
        )
        self.magics = TrackMagics(shell, self.watcher)
        self.loop_transformer = loops.LoopTransformer(self.watcher.watched_loops)
        self.first_line = FirstLine(lambda: self.watcher.executing, self._one_line)

    def put_in(self) -> None:
        self.shell.register_magics(self.magics)
        self.shell.input_transformers_cleanup.extend([self.first_line, command_help])
        loops.install()
        self.shell.ast_transformers.append(self.loop_transformer)
        self.shell.events.register("pre_run_cell", self.watcher.pre_run_cell)
        self.shell.events.register("post_run_cell", self.watcher.post_run_cell)

    def take_out(self) -> None:
        self.shell.events.unregister("pre_run_cell", self.watcher.pre_run_cell)
        self.shell.events.unregister("post_run_cell", self.watcher.post_run_cell)
        for transformer in (self.first_line, command_help):
            self.shell.input_transformers_cleanup.remove(transformer)
        if self.loop_transformer in self.shell.ast_transformers:  # IPython takes out one that has failed.
            self.shell.ast_transformers.remove(self.loop_transformer)
        for kind in ("line", "cell"):
            self.shell.magics_manager.magics[kind].pop("track", None)
        # What %config offers; it would go on to configure magics that nobody hears any more.
        self.shell.magics_manager.registry.pop(type(self.magics).__name__, None)
        self.shell.configurables.remove(self.magics)
        self.watcher.close()
        loops.uninstall()

    def _one_line(self, line: str) -> str:
        with self.shell.builtin_trap:
            return str(self.shell.prefilter_manager.prefilter_lines(line))

    def _show(self, summary: Any) -> None:
        card = Card(summary)
        data = {"text/plain": str(card), "text/html": card.html()}
        if hasattr(self.shell.display_pub, "session"):
            self.shell.display_pub.publish(data)
        else:
            # A terminal: its publisher would print nothing but the text anyway.
            print(card)

    @staticmethod
    def _warn(message: str) -> None:
        for stream in (sys.stderr, sys.__stderr__):
            try:
                # Not print(), which a notebook may have replaced.
                stream.write(f"jupyter-track: {message}\n")  # type: ignore[union-attr]
                return
            except Exception:
                continue  # The notebook has closed it, or put something else there.


def load_ipython_extension(shell: Any) -> None:
    """Load the extension into a shell; loading it again changes nothing."""
    if getattr(shell, _ATTRIBUTE, None) is None:
        installed = _Installed(shell)
        installed.put_in()
        setattr(shell, _ATTRIBUTE, installed)
        # A kernel that died may have left something, and the new one is where its person looks next.
        start_recovery(lambda recovered: _log.info("%s", recovered))


def unload_ipython_extension(shell: Any) -> None:
    """Take the extension out; the shell is then as it was."""
    installed = getattr(shell, _ATTRIBUTE, None)
    if installed is not None:
        setattr(shell, _ATTRIBUTE, None)
        installed.take_out()
