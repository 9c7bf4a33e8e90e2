"""The package as `pip install` leaves it: one version, and everything that Jupyter looks for in its place."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import jupyter_track

ROOT = Path(__file__).parents[1]


def installed(*parts: str) -> Path:
    return Path(sys.prefix, *parts)


def said_by(*command: str) -> str:
    ran = subprocess.run([sys.executable, "-m", "jupyter", *command], capture_output=True, text=True, check=True)
    return ran.stdout + ran.stderr


def test_there_is_one_version_number():
    front_end = json.loads((ROOT / "labextension" / "package.json").read_text("utf-8"))
    built = json.loads(installed("share/jupyter/labextensions/jupyter-track/package.json").read_text("utf-8"))
    assert jupyter_track.__version__ == metadata.version("jupyter-track") == front_end["version"] == built["version"]


def test_the_changelog_speaks_of_the_version():
    assert f"\n## {jupyter_track.__version__} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_jupyterlab_finds_the_sidebar():
    line = next(line for line in said_by("labextension", "list").splitlines() if "jupyter-track " in line)
    assert "enabled" in line
    assert "OK" in line


def test_the_jupyter_server_finds_its_part():
    said = said_by("server", "extension", "list")
    assert f"jupyter_track {jupyter_track.__version__}" in said
    own = said[said.index("jupyter_track") :].splitlines()[:3]
    assert "enabled" in own[0]
    assert "OK" in own[2]


def test_the_front_end_names_no_place_outside():
    lock = (ROOT / "labextension" / "yarn.lock").read_text("utf-8")
    assert "http://" not in lock
    assert "https://" not in lock
