import pytest

from jupyter_track.store import open_store

from ..store.postgres import postgres_server


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    """Nothing is kept outside the test's own folder."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "track.db"


@pytest.fixture(scope="session")
def postgres():
    return postgres_server()


@pytest.fixture(params=["sqlite", "postgresql"])
def uri(request, file, postgres):
    """A new database: a file, and one in PostgreSQL, whose tables may be changed."""
    if request.param == "sqlite":
        yield f"sqlite:///{file}"
    else:
        with postgres.database() as uri:
            yield uri


@pytest.fixture
def store(uri, tmp_path):
    store = open_store(uri, str(tmp_path / "artifacts"))
    yield store
    store.close()
