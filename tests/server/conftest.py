from contextlib import closing
from pathlib import Path

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.store import open_store

from ..store.postgres import postgres_server
from .jupyter import JupyterServer

READ_ONLY = Path(__file__).with_name("read_only.py")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server on the embedded store."""
    server = JupyterServer(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres():
    return postgres_server()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory, postgres):
    """A server on PostgreSQL, below a base URL, in which nobody may write."""
    with postgres.database() as uri:
        server = JupyterServer(
            tmp_path_factory.mktemp("shared"),
            uri,
            READ_ONLY,
            base_url="/user/ada%40home/",
        )
        yield server
        server.stop()


@pytest.fixture(scope="session")
def run(server):
    """A run with some files in the server's store."""
    with closing(open_store(server.tracking_uri)) as store:
        run = store.create_run("0", run_name="first")
        files = open_repository(run.info.artifact_uri)
        files.write("model/MLmodel", b"flavors: {}")
        files.write("page.html", b"<script>alert(1)</script>")
        (files.root.parent / "secret.txt").write_text("secret")
        return run
