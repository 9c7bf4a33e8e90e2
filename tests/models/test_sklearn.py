"""A fitted estimator as a folder in MLflow's layout."""

import subprocess
import sys
from importlib import metadata

import cloudpickle
import numpy as np
import pytest
import sklearn
import yaml
from sklearn.base import BaseEstimator
from sklearn.cluster import DBSCAN
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_track.entities import InvalidParameterValue
from jupyter_track.models import find_fitted_estimator, save_estimator

X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
RUN_ID = "0" * 32


@pytest.fixture(scope="module")
def fitted():
    return LogisticRegression().fit(X, y)


@pytest.fixture(scope="module")
def saved(fitted):
    return save_estimator(fitted, RUN_ID)


def test_the_folder_has_what_every_model_folder_of_mlflow_has(saved):
    assert set(saved.files) == {"MLmodel", "model.pkl", "conda.yaml", "python_env.yaml", "requirements.txt"}
    assert saved.description == f"LogisticRegression (scikit-learn {sklearn.__version__})"


def test_the_estimator_comes_back(saved, fitted):
    loaded = cloudpickle.loads(saved.files["model.pkl"])
    assert loaded.get_params() == fitted.get_params()
    assert (loaded.predict(X) == fitted.predict(X)).all()


def test_the_mlmodel_file(saved):
    described = yaml.safe_load(saved.files["MLmodel"])
    assert described["run_id"] == RUN_ID
    assert described["artifact_path"] == "model"
    assert described["flavors"]["sklearn"] == {
        "code": None,
        "pickled_model": "model.pkl",
        "serialization_format": "cloudpickle",
        "sklearn_version": sklearn.__version__,
    }
    pyfunc = described["flavors"]["python_function"]
    assert (pyfunc["loader_module"], pyfunc["model_path"], pyfunc["predict_fn"]) == (
        "mlflow.sklearn",
        "model.pkl",
        "predict",
    )
    assert set(pyfunc["env"].values()) <= set(saved.files)
    assert pyfunc["python_version"] == ".".join(map(str, sys.version_info[:3]))
    assert len(described["model_uuid"]) == 32


def test_two_models_are_told_apart(fitted):
    first, second = (yaml.safe_load(save_estimator(fitted, RUN_ID).files["MLmodel"]) for _ in range(2))
    assert first["model_uuid"] != second["model_uuid"]


def test_the_requirements_are_pinned_and_the_same_everywhere(saved):
    requirements = saved.files["requirements.txt"].decode().splitlines()
    assert requirements == [
        f"{name}=={metadata.version(name)}" for name in ("scikit-learn", "cloudpickle", "numpy", "scipy")
    ]
    conda = yaml.safe_load(saved.files["conda.yaml"])
    assert conda["dependencies"][-1] == {"pip": requirements}
    environment = yaml.safe_load(saved.files["python_env.yaml"])
    assert environment["dependencies"] == ["-r requirements.txt"]


def test_an_estimator_that_cannot_be_pickled_is_told_in_one_sentence():
    class Locked(LogisticRegression):
        def __getstate__(self):
            raise TypeError("cannot pickle a lock")

    with pytest.raises(
        InvalidParameterValue, match=r"The model Locked cannot be pickled: TypeError: cannot pickle a lock\."
    ):
        save_estimator(Locked().fit(X, y), RUN_ID)


def test_an_estimator_in_itself_is_saved(fitted):
    around = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    around.self_ = around
    assert cloudpickle.loads(save_estimator(around, RUN_ID).files["model.pkl"]).predict(X).shape == (4,)


def test_without_cloudpickle_it_is_said_what_to_install(monkeypatch, fitted):
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(InvalidParameterValue, match=r'pip install "jupyter-track\[sklearn\]"'):
        save_estimator(fitted, RUN_ID)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression().fit(X, y),
        make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y),
        GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2).fit(X, y),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_what_is_a_fitted_estimator(estimator):
    assert find_fitted_estimator(["m"], {"m": estimator}) == "m"


def test_the_last_of_several_is_found(fitted):
    namespace = {"a": fitted, "b": LogisticRegression().fit(X, y), "c": LogisticRegression(), "d": 3}
    assert find_fitted_estimator(["a", "b", "c", "d", "absent"], namespace) == "b"
    assert find_fitted_estimator(["b", "a"], namespace) == "a"
    assert find_fitted_estimator(iter(["a"]), namespace) == "a"
    assert find_fitted_estimator([], namespace) is None


class Raising(BaseEstimator):
    def fit(self):
        self.fitted_ = True
        return self

    @property
    def predict(self):
        raise RuntimeError("not now")


class Refusing(LogisticRegression):
    def __sklearn_is_fitted__(self):
        raise RuntimeError("no")


class Lying:
    __class__ = LogisticRegression
    coef_ = 3

    def predict(self):
        return 0


@pytest.mark.parametrize(
    "value",
    [
        LogisticRegression(),
        LogisticRegression,
        PCA().fit(X),
        DBSCAN().fit(X),
        GridSearchCV(LogisticRegression(), {"C": [1.0]}),
        make_pipeline(StandardScaler(), LogisticRegression()),
        Raising().fit(),
        Refusing().fit(X, y),
        Lying(),
        None,
        3,
        "model",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_none(value):
    assert find_fitted_estimator(["m"], {"m": value}) is None


def test_nobody_who_has_no_estimator_loads_scikit_learn():
    code = (
        "import sys\nfrom jupyter_track.models import find_fitted_estimator\n"
        "assert find_fitted_estimator(['a'], {'a': 3}) is None\n"
        "print([name for name in ('sklearn', 'numpy', 'cloudpickle', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
