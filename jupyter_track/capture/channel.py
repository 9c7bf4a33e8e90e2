"""The channel between the kernel and whatever front end shows its notebook.

The kernel tells that a run has changed and asks for the notebook as the person sees it; a front end that
has the extension answers, and tells what the notebook's metadata say of the capture. One that has not never hears
of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import comm

__all__ = ["TARGET", "FrontEndChannel"]

TARGET = "jupyter_track"

# What a Jupyter server, or a gateway on behalf of one, gives the kernels that it starts. Elsewhere nobody could
# answer, and some that run notebooks (nbclient, papermill) would warn of a message that they do not know.
_SIGNS_OF_A_SERVER = ("JPY_SESSION_NAME", "KERNEL_ID")


class FrontEndChannel:
    """The kernel's end.

    Parameters
    ----------
    on_snapshot : callable
        Called with a run id, the notebook, and its path, for each answer; on whatever thread the kernel
        reads messages. What arrives is checked for its shape only.
    on_settings : callable
        Called with what the notebook's metadata say of the capture, when a front end has found the channel.
    """

    def __init__(
        self, on_snapshot: Callable[[str, dict[str, Any], str], None], on_settings: Callable[[Any], None]
    ) -> None:
        self._on_snapshot = on_snapshot
        self._on_settings = on_settings
        self._comm: Any = None
        if any(sign in os.environ for sign in _SIGNS_OF_A_SERVER):
            self._comm = comm.create_comm(target_name=TARGET)
            self._comm.on_msg(self._receive)

    def run_changed(self, run_id: str, status: str) -> None:
        """Tell that a run has started, grown or ended."""
        self._send({"type": "run", "run_id": run_id, "status": status})

    def ask_for_snapshot(self, run_id: str) -> None:
        """Ask for the live notebook."""
        self._send({"type": "snapshot", "run_id": run_id})

    def keep_settings(self, settings: dict[str, Any]) -> None:
        """Let the notebook's metadata say what is remembered of the capture."""
        self._send({"type": "settings", "settings": settings})

    def open_notebook(self, path: str) -> None:
        """Ask for a notebook to be opened, by its absolute path; a front end that cannot reach it says so."""
        self._send({"type": "open", "path": path})

    def close(self) -> None:
        """Close the channel."""
        if self._comm is not None:
            self._comm.close()

    def _send(self, data: dict[str, Any]) -> None:
        if self._comm is not None:
            self._comm.send(data)

    def _receive(self, message: dict[str, Any]) -> None:
        data = message.get("content", {}).get("data")
        if not isinstance(data, dict):
            return
        if data.get("type") == "settings":
            self._on_settings(data.get("settings"))
        if data.get("type") != "snapshot":
            return
        run_id, notebook, path = data.get("run_id"), data.get("notebook"), data.get("path")
        if isinstance(run_id, str) and isinstance(notebook, dict):
            self._on_snapshot(run_id, notebook, path if isinstance(path, str) else "")
