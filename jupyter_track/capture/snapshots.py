"""A snapshot of the notebook for each run: at once from what the kernel can reach, then from the front end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..tracking import Recorder
from . import notebook
from .background import Background

__all__ = ["Snapshots"]

#: Runs whose live notebook is still accepted; a front end answers soon, or has not the extension.
MAX_AWAITED = 100


class Snapshots:
    """Writes snapshots in the background.

    Parameters
    ----------
    background : Background
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._awaited: dict[str, tuple[Recorder, Callable[[str], str]]] = {}

    def take(self, recorder: Recorder, path: str, executed: Sequence[str], redact: Callable[[str], str]) -> None:
        """Write the best snapshot that the kernel can make, and accept a better one from now on.

        Parameters
        ----------
        recorder : Recorder
            Of the run.
        path : str
            Of the notebook on disk; empty if it is not known.
        executed : sequence of str
            The cells of this session as they were run, the first being cell 1.
        redact : callable
            Blots the secrets out of a text.
        """
        self._awaited[recorder.run_id] = (recorder, redact)
        while len(self._awaited) > MAX_AWAITED:
            del self._awaited[next(iter(self._awaited))]

        def write() -> None:
            document, origin = notebook.from_file(path), "file"
            if document is None:
                document, origin = notebook.from_session(enumerate(executed, 1)), "session"
            if recorder.run_id in self._awaited:
                _write(recorder, document, origin, redact)

        self._background.add(write)

    def accept(self, run_id: str, document: dict[str, Any]) -> bool:
        """Take the live notebook from a front end, and say whether it was awaited; the first one counts."""
        awaited = self._awaited.pop(run_id, None)
        if awaited is not None:
            recorder, redact = awaited
            self._background.add(_write, recorder, document, "frontend", redact)
        return awaited is not None


def _write(recorder: Recorder, document: dict[str, Any], origin: str, redact: Callable[[str], str]) -> None:
    recorder.log_artifact("notebook.ipynb", notebook.snapshot_bytes(document, redact))
    recorder.set_tags({"jupyter_track.snapshot": origin})
