"""The files that make a model folder."""

from __future__ import annotations

import datetime
import platform
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["SavedModel", "model_files"]


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A model folder that is to be written: its files by their path in the folder."""

    files: Mapping[str, bytes]
    description: str


def model_files(
    flavors: Mapping[str, Mapping[str, Any]],
    requirements: list[str],
    run_id: str,
    artifact_path: str,
) -> dict[str, bytes]:
    """Return the files that every model folder has, whatever its flavors.

    Parameters
    ----------
    flavors : mapping of str to mapping
        What the ``MLmodel`` file says of each flavor; "python_function" is added its environment.
    requirements : list of str
        Pinned requirements, one a line of ``requirements.txt``.
    run_id : str
        The run that made the model.
    artifact_path : str
        The folder's path among the run's artifacts.

    Notes
    -----
    The layout and the keys are those that MLflow's documentation gives for its model format
    (``MLmodel``, ``conda.yaml``, ``python_env.yaml``, ``requirements.txt``).
    """
    import yaml

    python = platform.python_version()
    described = {name: dict(flavor) for name, flavor in flavors.items()}
    described["python_function"] |= {
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        "python_version": python,
    }
    mlmodel = {
        "artifact_path": artifact_path,
        "flavors": described,
        "model_uuid": uuid.uuid4().hex,
        "run_id": run_id,
        "utc_time_created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f"),
    }
    conda = {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": requirements}],
    }
    python_env = {
        "python": python,
        "build_dependencies": ["pip", "setuptools", "wheel"],
        "dependencies": ["-r requirements.txt"],
    }
    return {
        "MLmodel": yaml.safe_dump(mlmodel).encode(),
        "conda.yaml": yaml.safe_dump(conda, sort_keys=False).encode(),
        "python_env.yaml": yaml.safe_dump(python_env, sort_keys=False).encode(),
        "requirements.txt": ("\n".join(requirements) + "\n").encode(),
    }
