"""What is loaded, and when: nobody waits for what he does not need."""

import json
import subprocess
import sys

import pytest

HEAVY = [
    "IPython", "alembic", "jupyter_core", "jupyter_server", "matplotlib", "nbformat", "numpy", "pandas", "sklearn",
    "sqlalchemy", "tornado", "traitlets", "yaml", "zmq",
]  # fmt: skip
#: Not needed by a kernel before it records; of Jupyter it needs only what says where the data directory is.
NOT_FOR_LOADING = [name for name in HEAVY if name not in ("IPython", "traitlets", "jupyter_core")]


def loaded_by(code, tmp_path, monkeypatch):
    """Return which heavy modules are loaded by code that were not there before its last line."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    *setup, last = code.splitlines()
    script = "\n".join(
        [
            *setup,
            "import json, sys",
            "before = set(sys.modules)",
            last,
            f"print(json.dumps(sorted(set({HEAVY}) & (set(sys.modules) - before))))",
        ]
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


SHELL = """
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
"""


def test_importing_the_package_loads_nothing_heavy(tmp_path, monkeypatch):
    assert loaded_by("import jupyter_track; jupyter_track.__version__; dir(jupyter_track)", tmp_path, monkeypatch) == []


@pytest.mark.parametrize("room", ["entities", "filters", "wire", "artifacts", "store", "config", "outbox"])
def test_the_lower_rooms_load_nothing_heavy(tmp_path, monkeypatch, room):
    assert loaded_by(f"import jupyter_track.{room}", tmp_path, monkeypatch) == []


def test_loading_the_extension_loads_no_database_and_no_server(tmp_path, monkeypatch):
    loaded = loaded_by(f"{SHELL}shell.run_line_magic('load_ext', 'jupyter_track')", tmp_path, monkeypatch)
    assert not set(loaded) & set(NOT_FOR_LOADING)
    assert not (tmp_path / "data").exists()


def test_a_dry_run_loads_no_database_and_no_library(tmp_path, monkeypatch):
    code = (
        f"{SHELL}shell.run_line_magic('load_ext', 'jupyter_track'); import io, contextlib; out = io.StringIO()\n"
        "with contextlib.redirect_stdout(out): "
        "shell.run_cell('%%track --dry-run\\nlr = 0.1\\nloss = lr * 2\\nprint(loss)').raise_error()"
    )
    loaded = loaded_by(code, tmp_path, monkeypatch)
    assert not set(loaded) & set(NOT_FOR_LOADING)
    assert not (tmp_path / "data").exists()
