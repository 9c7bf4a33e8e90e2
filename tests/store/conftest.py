import pytest

from .postgres import postgres_server

PARTS = ("concurrency", "experiments", "history", "inputs", "lifecycle", "logging", "registry", "runs", "search")
pytest.register_assert_rewrite(*(f"tests.store.contract_{part}" for part in PARTS))


@pytest.fixture(scope="session")
def postgres():
    return postgres_server()


@pytest.fixture
def postgres_uri(postgres):
    """A store in PostgreSQL that is as if new."""
    return postgres.new_store()


@pytest.fixture
def sqlite_uri(tmp_path):
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path}/folder/track.db"


@pytest.fixture
def run_id(store):
    """A run of the store under test."""
    return store.create_run("0").info.run_id


@pytest.fixture
def model(store):
    """The name of a registered model of the store under test."""
    return store.create_registered_model("churn").name
