"""What holds for all tests."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def nothing_of_whoever_runs_the_tests(tmp_path_factory):
    """Keep journals and stores out of the person's own data folder, and take no setting from the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield
