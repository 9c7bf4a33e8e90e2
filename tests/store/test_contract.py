"""The contract over every family of stores."""

import pytest

from jupyter_track.store import open_store

from .contract import SharedStoreContract, StoreContract


@pytest.fixture
def store(uri, tmp_path):
    store = open_store(uri, str(tmp_path / "artifacts"))
    yield store
    store.close()


class TestSqliteInMemory(StoreContract):
    @pytest.fixture
    def uri(self):
        return "sqlite://"


class TestSqliteFile(SharedStoreContract):
    @pytest.fixture
    def uri(self, sqlite_uri):
        return sqlite_uri


class TestPostgres(SharedStoreContract):
    @pytest.fixture
    def uri(self, postgres_uri):
        return postgres_uri
