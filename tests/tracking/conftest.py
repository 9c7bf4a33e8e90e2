import pytest

from jupyter_track.tracking import TrackClient, fluent


@pytest.fixture
def uri(tmp_path):
    return f"sqlite:///{tmp_path}/track.db"


@pytest.fixture
def client(uri):
    client = TrackClient(uri)
    yield client
    assert client.close(10) == []


@pytest.fixture
def process(monkeypatch, tmp_path):
    """A process that has not tracked anything: its default store is in a folder of the test."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(fluent, "_client", None)
    monkeypatch.setattr(fluent, "_former", [])
    yield fluent
    fluent._close_at_exit()
