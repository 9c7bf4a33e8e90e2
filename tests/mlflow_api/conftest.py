"""What the snippets print, with this package and with the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("driver.py")
MLFLOW = ROOT / ".venv-mlflow" / "bin" / "python"
#: Both run in one process each; MLflow's takes half a minute on a slow machine.
TIMEOUT = 280


def run(python: Path | str, package: str, folder: Path) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environment |= {"JUPYTER_DATA_DIR": str(folder / "jupyter"), "HOME": str(folder), "GIT_PYTHON_REFRESH": "quiet"}
    if package == "mlflow":
        environment.pop("PYTHONPATH", None)
    command = [str(python), str(DRIVER), package, str(folder)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    assert ran.returncode == 0, ran.stderr
    return {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("printed", "signatures")}


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(sys.executable, "jupyter_track", tmp_path_factory.mktemp("jupyter_track"))


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    assert MLFLOW.exists(), "MLflow's own environment is not there: make .venv-mlflow/.made"
    return run(MLFLOW, "mlflow", tmp_path_factory.mktemp("mlflow"))
