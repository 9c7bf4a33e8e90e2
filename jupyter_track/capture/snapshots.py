"""A snapshot of the notebook for each run: at once from what the kernel can reach, then from the front end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..entities import InvalidParameterValue
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
        self._awaited: dict[str, _Snapshot] = {}

    def take(
        self,
        recorder: Recorder,
        path: str,
        executed: Sequence[str],
        redact: Callable[[str], str],
        written: Callable[[dict[str, Any] | None], None],
    ) -> None:
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
        written : callable
            Called in the background with each notebook that was written, None for one that is no document but rebuilt
            from the cells.
        """
        snapshot = _Snapshot(recorder, path, executed, redact, written)
        self._awaited[recorder.run_id] = snapshot
        while len(self._awaited) > MAX_AWAITED:
            del self._awaited[next(iter(self._awaited))]

        def write() -> None:
            if recorder.run_id in self._awaited:  # Else the better one is there already.
                snapshot.write_own()

        self._background.add(write)

    def accept(self, run_id: str, document: dict[str, Any]) -> bool:
        """Take the live notebook from a front end, and say whether it was awaited; the first one counts."""
        snapshot = self._awaited.pop(run_id, None)
        if snapshot is not None:
            self._background.add(snapshot.write_live, document)
        return snapshot is not None


@dataclass(frozen=True)
class _Snapshot:
    """What is known for the snapshot of one run."""

    recorder: Recorder
    path: str
    executed: Sequence[str]
    redact: Callable[[str], str]
    written: Callable[[dict[str, Any] | None], None]

    def write_own(self) -> None:
        """Write what the kernel can reach."""
        document = notebook.from_file(self.path)
        if document is not None:
            self._write(document, "file")
        else:
            self._write(notebook.from_session(enumerate(self.executed, 1)), "session")

    def write_live(self, document: dict[str, Any]) -> None:
        """Write what a front end has sent; if that is no notebook, what the kernel can reach."""
        try:
            self._write(document, "frontend")
        except InvalidParameterValue:
            self.write_own()
            raise

    def _write(self, document: dict[str, Any], origin: str) -> None:
        self.recorder.log_artifact("notebook.ipynb", notebook.snapshot_bytes(document, self.redact))
        self.recorder.set_tags({"jupyter_track.snapshot": origin})
        self.written(None if origin == "session" else document)
