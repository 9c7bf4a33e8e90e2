"""The names of the package: there at once, loaded when they are used."""

import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_track


def test_every_public_name_is_there_and_listed():
    for name in jupyter_track.__all__:
        assert getattr(jupyter_track, name) is getattr(jupyter_track, name)
    assert set(jupyter_track.__all__) <= set(dir(jupyter_track))
    assert sorted(jupyter_track.__all__) == sorted(set(jupyter_track.__all__))


def test_what_type_checkers_see_is_what_is_there():
    source = Path(jupyter_track.__file__).read_text("utf-8")
    seen = source[source.index("if TYPE_CHECKING:") : source.index("__all__")]
    missing = [name for name in jupyter_track.__all__ if f" {name}" not in seen]
    assert missing == ["__version__"]


@pytest.mark.parametrize(
    "line",
    [
        "from jupyter_track import log_metric, start_run, TrackClient, MlflowClient",
        "from jupyter_track.entities import ViewType, RunStatus, Metric, Param, RunTag",
        "from jupyter_track.tracking import MlflowClient",
        "from jupyter_track.exceptions import MlflowException",
        "import jupyter_track as jt; jt.data.from_pandas; jt.entities.ViewType; jt.exceptions.MlflowException",
    ],
)
def test_names_are_imported_as_from_mlflow_and_load_no_database(line):
    heavy = "{'sqlalchemy', 'pandas', 'numpy', 'IPython', 'yaml', 'PIL', 'matplotlib'}"
    program = f"{line}\nimport sys; loaded = {heavy} & set(sys.modules); assert not loaded, loaded"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
