"""The two packages that are measured, each with an interpreter of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Subject", "mlflow", "ours"]

ROOT = Path(__file__).parents[2]
_WORKLOADS = Path(__file__).with_name("workloads.py")


@dataclass(frozen=True)
class Subject:
    """A package, the interpreter that has it, and the environment of its processes."""

    module: str
    python: Path
    environment: dict[str, str]

    def run(self, workload: str, **arguments: Any) -> dict[str, Any]:
        """Run a workload in a new process and return what it has measured."""
        told = self._python(str(_WORKLOADS), self.module, workload, json.dumps(arguments))
        return dict(json.loads(told.splitlines()[-1]))

    def importing(self, prepare: str, program: str) -> float:
        """Return the seconds of processor time that a program takes in a new process that has been prepared."""
        timed = f"import time; start = time.process_time(); {program}; print(time.process_time() - start)"
        return float(self._python("-c", f"{prepare}; {timed}").split()[-1])

    def _python(self, *arguments: str) -> str:
        environment = {**os.environ, **self.environment}
        command = [str(self.python), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stderr[-3000:]}")
        return done.stdout


def ours(folder: Path) -> Subject:
    """Return this package as it is in the source tree; its journals are below `folder`."""
    environment = {"PYTHONPATH": str(ROOT), "JUPYTER_DATA_DIR": str(folder), "MLFLOW_TRACKING_URI": ""}
    return Subject("jupyter_track", Path(sys.executable), environment)


def mlflow(python: Path) -> Subject:
    """Return MLflow with its default settings, but that it sends no statistics about its use."""
    if not python.exists():
        raise FileNotFoundError(f"MLflow's own environment is not there ({python}): make .venv-mlflow/.made")
    return Subject("mlflow", python, {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_TRACKING_URI": ""})
