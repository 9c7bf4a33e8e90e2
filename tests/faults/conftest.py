import time

import pytest

from jupyter_track.tracking import active, chosen
from jupyter_track.tracking import process as process_module

from ..store.postgres import postgres_server

pytest.register_assert_rewrite("tests.faults.logged")

from .logged import Account  # noqa: E402


@pytest.fixture(autouse=True)
def data_dir(monkeypatch, tmp_path):
    """Keep the default store and all journals in a folder of the test; leave nothing open to the next."""
    for name in ("TRACKING_URI", "EXPERIMENT_NAME", "EXPERIMENT_ID", "RUN_ID", "RUN_NAME", "ENABLE_ASYNC_LOGGING"):
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
    process_module.close_all()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    yield tmp_path / "jupyter"
    active.end_all()
    process_module.close_all()
    chosen.forget_choice()


@pytest.fixture
def default_uri(data_dir):
    return f"sqlite:///{data_dir}/jupyter-track/track.db"


@pytest.fixture
def sqlite_uri(tmp_path):
    """A file that is not there yet, in a folder that is not there yet."""
    return f"sqlite:///{tmp_path}/folder/track.db"


@pytest.fixture(scope="session")
def postgres():
    return postgres_server()


@pytest.fixture
def postgres_uri(postgres):
    """A store in PostgreSQL that is as if new."""
    return postgres.new_store()


# -- the table of faults, shown when the tests have ended

_ROWS = pytest.StashKey()


@pytest.fixture
def account(request):
    """What the test enters of what was acknowledged, lost and doubled; a row of the table."""
    entered = Account()
    begun = time.monotonic()
    yield entered
    rows = request.config.stash.setdefault(_ROWS, [])
    rows.append((request.node.name, entered, time.monotonic() - begun))


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash.get(_ROWS, [])
    if rows:
        terminalreporter.section("faults")
        terminalreporter.line(f"{'acknowledged':>12} {'lost':>5} {'doubled':>7} {'seconds':>7}  fault")
    for name, entered, seconds in rows:
        numbers = f"{entered.acknowledged:12,} {entered.lost:5} {entered.doubled:7} {seconds:7.1f}"
        terminalreporter.line(f"{numbers}  {name.removeprefix('test_').replace('_', ' ')}")
