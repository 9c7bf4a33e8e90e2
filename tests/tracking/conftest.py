import pytest

from jupyter_track.tracking import TrackClient, active, chosen
from jupyter_track.tracking import process as process_module


@pytest.fixture
def uri(tmp_path):
    return f"sqlite:///{tmp_path}/track.db"


@pytest.fixture(autouse=True)
def outside_of_runs(monkeypatch, tmp_path):
    """Keep journals in a folder of the test, and leave no active run and no choice of an experiment to the next."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setattr(active, "_here", active._Thread())
    monkeypatch.setattr(active, "_last", None)
    yield
    active.end_all()
    chosen.forget_choice()


@pytest.fixture
def client(uri):
    client = TrackClient(uri)
    yield client
    assert client.close(10) == 0


@pytest.fixture
def process(monkeypatch, outside_of_runs):
    """A process that has not tracked anything: its default store is in a folder of the test."""
    for name in ("TRACKING_URI", "EXPERIMENT_NAME", "EXPERIMENT_ID", "RUN_ID", "RUN_NAME", "ENABLE_ASYNC_LOGGING"):
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
    process_module.close_all()
    yield process_module
    active.end_all()
    process_module.close_all()
