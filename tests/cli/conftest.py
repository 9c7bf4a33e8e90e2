import pytest

from jupyter_track.cli import main


@pytest.fixture(autouse=True)
def uri(tmp_path, monkeypatch):
    """The place that a command looks at if it is told none."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return f"sqlite:///{tmp_path}/jupyter-track/track.db"


@pytest.fixture
def shell(capsys):
    """Carry out a command line; return its status and what it wrote."""

    def call(*arguments):
        status = main(arguments)
        written = capsys.readouterr()
        return status, written.out, written.err

    return call
