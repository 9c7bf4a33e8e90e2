"""The scikit-learn flavor: a fitted estimator as a folder that MLflow's own loader reads."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import Any

from ..entities import InvalidParameterValue
from .model import SavedModel, model_files

__all__ = ["find_fitted_estimator", "save_estimator"]

MODEL_FILE = "model.pkl"


def find_fitted_estimator(names: Iterable[str], namespace: Mapping[str, Any]) -> str | None:
    """Return the last of `names` that holds a fitted estimator with a ``predict``, or None.

    scikit-learn is not imported for it: if nothing has loaded it, there is no estimator.
    """
    base = sys.modules.get("sklearn.base")
    if base is None:
        return None
    from sklearn.utils.validation import check_is_fitted

    for name in reversed(list(names)):
        value = namespace.get(name)
        # type(), not isinstance(): see `capture.values`.
        if not issubclass(type(value), base.BaseEstimator):
            continue
        try:
            check_is_fitted(value)
            if hasattr(value, "predict"):
                return name
        except Exception:  # NotFittedError, or whatever the estimator's own code raises when it is asked.
            continue
    return None


def save_estimator(estimator: Any, run_id: str, artifact_path: str = "model") -> SavedModel:
    """Turn a fitted estimator into the files of a model folder.

    Parameters
    ----------
    estimator : sklearn.base.BaseEstimator
    run_id : str
        The run that made it.
    artifact_path : str
        Where the folder will be among the run's artifacts.

    Raises
    ------
    InvalidParameterValue
        If it cannot be pickled, or cloudpickle is not installed.
    """
    try:
        import cloudpickle
    except ImportError as error:
        raise InvalidParameterValue(
            'Saving a model needs cloudpickle: pip install "jupyter-track[sklearn]".'
        ) from error
    try:
        pickled = cloudpickle.dumps(estimator)
    except Exception as error:  # Whatever a part of the estimator raises when it is pickled.
        raise InvalidParameterValue(
            f"The model {type(estimator).__name__} cannot be pickled: {type(error).__name__}: {error}."
        ) from error
    version = metadata.version("scikit-learn")
    requirements = [f"scikit-learn=={version}", f"cloudpickle=={metadata.version('cloudpickle')}"]
    requirements += [
        f"{package}=={metadata.version(package)}" for package in ("numpy", "scipy") if package in sys.modules
    ]
    flavors: dict[str, dict[str, Any]] = {
        "python_function": {
            "loader_module": "mlflow.sklearn",
            "model_path": MODEL_FILE,
            "predict_fn": "predict",
        },
        "sklearn": {
            "code": None,
            "pickled_model": MODEL_FILE,
            "serialization_format": "cloudpickle",
            "sklearn_version": version,
        },
    }
    files = model_files(flavors, requirements, run_id, artifact_path)
    return SavedModel({MODEL_FILE: pickled, **files}, f"{type(estimator).__name__} (scikit-learn {version})")
