"""A kernel in the environment that has the real MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_track.tracking import TrackClient

from ..kernels import Kernel

ROOT = Path(__file__).parents[2]
MLFLOW = ROOT / ".venv-mlflow" / "bin" / "python"


class MlflowKernel(Kernel):
    """A kernel of MLflow's environment, with the code that is tested."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        quiet = {
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "GIT_PYTHON_REFRESH": "quiet",
            "PYTHONWARNINGS": "ignore",
        }
        super().__init__(folder, quiet | (environment or {}))

    def _start(self) -> None:
        assert MLFLOW.exists(), "MLflow's own environment is not there: make .venv-mlflow/.made"
        self._manager.kernel_spec.argv[0] = str(MLFLOW)
        super()._start()

    def ok(self, code: str) -> Any:
        """Run a cell that must not fail."""
        execution = self.run(code, patience=240)
        assert execution.status == "ok", execution.reply.get("traceback")
        return execution


@pytest.fixture(scope="module")
def new_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., MlflowKernel]]:
    """Return a function that starts a kernel; all of them are shut down after the module."""
    kernels: list[MlflowKernel] = []

    def start(environment: dict[str, str] | None = None) -> MlflowKernel:
        kernels.append(MlflowKernel(tmp_path_factory.mktemp("kernel"), environment))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def reader(kernel: MlflowKernel) -> Iterator[TrackClient]:
    """Return a client that reads what the kernel has recorded."""
    client = kernel.reader()
    yield client
    client.close(0)
