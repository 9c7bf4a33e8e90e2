"""Which store is meant, and by whom."""

import sys
from types import ModuleType

import pytest

from jupyter_track.config import resolve_tracking_uri


@pytest.fixture(autouse=True)
def default(tmp_path, monkeypatch):
    """The tracking URI if nothing is said."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return f"sqlite:///{tmp_path}/jupyter-track/track.db"


@pytest.fixture
def told_by_mlflow(monkeypatch):
    """Tell MLflow a tracking URI by a call, which it writes into the environment."""

    def tell(uri):
        # A stand-in for the module in which MLflow remembers it; the real one is in tests/mlflow_plugin.
        module = ModuleType("mlflow.tracking._tracking_service.utils")
        module._tracking_uri = uri
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)

    return tell


def test_what_a_person_configures_comes_before_the_environment(monkeypatch, default):
    assert resolve_tracking_uri() == default
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///said.db")
    assert resolve_tracking_uri() == "sqlite:///said.db"
    assert resolve_tracking_uri("sqlite:///chosen.db") == "sqlite:///chosen.db"


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("jupyter-track+sqlite:////a/b.db", "sqlite:////a/b.db"),
        ("jupyter-track+postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ],
)
def test_a_uri_for_mlflow_means_the_store_that_it_names(monkeypatch, told, meant):
    assert resolve_tracking_uri(told) == meant
    monkeypatch.setenv("MLFLOW_TRACKING_URI", told)
    assert resolve_tracking_uri() == meant


@pytest.mark.parametrize("told", ["jupyter-track:", "jupyter-track://", "jupyter-track"])
def test_a_uri_for_mlflow_without_a_place_means_the_embedded_store(monkeypatch, default, told):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", told)
    assert resolve_tracking_uri() == resolve_tracking_uri(told) == default


@pytest.mark.parametrize("uri", ["sqlite:///mlflow.db", "postgresql://h/mlflow"])
def test_a_database_that_mlflow_was_moved_to_by_a_call_is_not_ours(told_by_mlflow, default, uri):
    told_by_mlflow(uri)
    assert resolve_tracking_uri() == default
    assert resolve_tracking_uri(uri) == uri


@pytest.mark.parametrize("uri", ["jupyter-track+sqlite:////a/b.db", "http://server:5000"])
def test_any_other_place_that_mlflow_was_moved_to_holds_for_us_too(told_by_mlflow, uri):
    told_by_mlflow(uri)
    assert resolve_tracking_uri() == uri.removeprefix("jupyter-track+")
