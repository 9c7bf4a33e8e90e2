"""Kernels whose runs are brought back, and the notebooks that they belong to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

import jupyter_track
from jupyter_track.entities import Run
from jupyter_track.tracking import TrackClient

from ..kernels import Execution, Kernel


class Session:
    """A kernel, the notebook on disk that it says to belong to, and a client of its store.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "where it ran"
        self.folder.mkdir(parents=True)
        self.notebook = self.folder / "study.ipynb"
        self.write()
        self.kernel = Kernel(folder, {"JPY_SESSION_NAME": str(self.notebook)}, self.folder)
        assert self.kernel.run("%load_ext jupyter_track").status == "ok"
        self.client = self.kernel.reader()

    def restart(self) -> None:
        """Restart the kernel, if it has run anything."""
        if self.kernel.evaluate("get_ipython().execution_count") > 2:
            self.kernel.restart()
            assert self.kernel.run("%load_ext jupyter_track").status == "ok"

    def write(self, *cells: str) -> None:
        """Save the notebook with these code cells, in this order."""
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        document.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        self.notebook.write_text(nbformat.writes(document), "utf-8")

    def run(self, *cells: str) -> Execution:
        """Execute cells one after the other, and return what came of the last."""
        for cell in cells:
            execution = self.kernel.run(cell)
        return execution

    def named(self, name: str) -> Run:
        """Return the run of that name, when all of it has arrived."""
        self.kernel.settle()
        (run,) = self.client.search_runs(filter_string=f"run_name = '{name}'")
        return run

    def close(self) -> None:
        """End the kernel and give back the client."""
        self.client.close(0)
        self.kernel.close()


@pytest.fixture(autouse=True)
def kernels_find_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernels that execute runs again import what the tests import, installed or not."""
    package = str(Path(jupyter_track.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])]))


@pytest.fixture(scope="module")
def new_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Session]]:
    """Return a function that starts a session; all end after the module."""
    sessions: list[Session] = []

    def start() -> Session:
        sessions.append(Session(tmp_path_factory.mktemp("session")))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


@pytest.fixture(scope="module")
def session_of_module(new_session: Callable[[], Session]) -> Session:
    """Return a session whose store the tests of a module share."""
    return new_session()


@pytest.fixture
def session(session_of_module: Session) -> Session:
    """Return that session with a kernel in which nothing has run yet."""
    session_of_module.restart()
    return session_of_module


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Callable[..., tuple[TrackClient, Run]]]:
    """Return a function that makes a run with files, as any client may have made it."""
    client = TrackClient(f"sqlite:///{tmp_path}/team.db")

    def record(
        files: dict[str, Any], name: str = "made", params: dict[str, str] | None = None, **metrics: Sequence[float]
    ) -> tuple[TrackClient, Run]:
        run = client.create_run("0", run_name=name)
        run_id = run.info.run_id
        for key, value in (params or {}).items():
            client.log_param(run_id, key, value)
        for key, values in metrics.items():
            for step, value in enumerate(values):
                client.log_metric(run_id, key, value, step=step)
        for path, content in files.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            client.artifacts(client.get_run(run_id)).write(path, data)
        client.set_terminated(run_id)
        return client, client.get_run(run_id)

    yield record
    client.close(0)
