"""The example notebooks are checked on a store of their own."""

import os
import tempfile


def pytest_sessionstart(session):
    # Kept by the session, and removed with it; kernels inherit the environment.
    session.config.stash_for_notebooks = tempfile.TemporaryDirectory(prefix="jupyter-track-")
    os.environ["JUPYTER_DATA_DIR"] = session.config.stash_for_notebooks.name
