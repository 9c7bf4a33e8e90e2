"""Where and with what a cell ran."""

import getpass
import json
import os
import subprocess
import sys
from importlib import metadata

import pytest

from jupyter_track.capture.environment import environment_json, git_state
from jupyter_track.tracking import context
from jupyter_track.tracking.context import notebook_path, user_name


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def git(folder, *arguments):
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_commit_and_whether_there_are_changes_on_top(repository):
    git(repository, "init", "-q")
    assert git_state(repository) == {}
    (repository / "a.py").write_text("1")
    git(repository, "add", "a.py")
    git(repository, "commit", "-q", "-m", "first")
    commit = git(repository, "rev-parse", "HEAD")
    assert git_state(repository) == {"mlflow.source.git.commit": commit, "jupyter_track.git.dirty": "false"}
    (repository / "untracked.txt").write_text("")
    assert git_state(repository)["jupyter_track.git.dirty"] == "false"
    (repository / "a.py").write_text("2")
    below = repository / "below"
    below.mkdir()
    assert git_state(below) == {"mlflow.source.git.commit": commit, "jupyter_track.git.dirty": "true"}


def test_looking_leaves_the_repository_alone(repository):
    git(repository, "init", "-q")
    (repository / "a.py").write_text("1")
    git(repository, "add", "a.py")
    git(repository, "commit", "-q", "-m", "first")
    os.utime(repository / "a.py", (1, 1))
    index = (repository / ".git" / "index").read_bytes()
    git_state(repository)
    assert (repository / ".git" / "index").read_bytes() == index


def test_no_repository_no_folder_no_git(repository, monkeypatch):
    assert git_state(repository) == {}
    assert git_state(repository / "absent") == {}
    monkeypatch.setenv("PATH", str(repository))
    assert git_state(repository) == {}


def test_a_git_that_hangs_is_given_up(repository, monkeypatch):
    fake = repository / "git"
    fake.write_text(f"#!{sys.executable}\nimport threading\nthreading.Event().wait()\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(repository))
    monkeypatch.setattr(context, "GIT_SECONDS", 0.2)
    assert git_state(repository) == {}


@pytest.mark.parametrize(
    ("namespace", "variable", "path"),
    [
        ({}, "/home/ada/a.ipynb", "/home/ada/a.ipynb"),
        ({"__vsc_ipynb_file__": "/b.ipynb"}, "/home/ada/a.ipynb", "/b.ipynb"),
        ({"__vsc_ipynb_file__": 3}, None, ""),
        ({}, "console-1", ""),
        ({}, "", ""),
        ({}, None, ""),
    ],
)
def test_the_path_of_the_notebook(monkeypatch, namespace, variable, path):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if variable is not None:
        monkeypatch.setenv("JPY_SESSION_NAME", variable)
    assert notebook_path(namespace) == path


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no user"), ImportError("pwd")])
def test_a_user_without_a_name(monkeypatch, error):
    assert user_name() == getpass.getuser()

    def fail():
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)
    assert user_name() == ""


def test_versions_of_python_and_of_every_package():
    versions = json.loads(environment_json())
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["packages"]["ipython"] == metadata.version("ipython")
    assert list(versions["packages"]) == sorted(versions["packages"], key=str.lower)


def test_a_package_that_is_installed_meanwhile_is_seen(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "a-new-one" not in json.loads(environment_json())["packages"]
    folder = tmp_path / "a_new_one-1.5.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: a-new-one\nVersion: 1.5\n")
    half_removed = tmp_path / "gone-1.0.dist-info"
    half_removed.mkdir()
    os.utime(tmp_path, (1, 1))
    assert json.loads(environment_json())["packages"]["a-new-one"] == "1.5"
    shadowing = tmp_path / "first" / "a_new_one-2.0.dist-info"
    shadowing.mkdir(parents=True)
    (shadowing / "METADATA").write_text("Metadata-Version: 2.1\nName: a-new-one\nVersion: 2.0\n")
    monkeypatch.syspath_prepend(str(shadowing.parent))
    assert json.loads(environment_json())["packages"]["a-new-one"] == "2.0"
