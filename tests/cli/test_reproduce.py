"""``jupyter-track restore``, ``rerun``, ``diff``, ``slice``."""

import json
import os
from pathlib import Path

import nbformat
import pytest

import jupyter_track
from jupyter_track.entities import RunStatus
from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.tracking import TrackClient
from jupyter_track.tracking.context import user_name

SETUP, CELL = "import random\nrandom.seed(1)", "%%track\nn = 2\nscore = random.random() * n\nprint('score:', score)"


@pytest.fixture
def runs(uri):
    """Two runs as the tracker records them, of which nobody has executed a cell yet."""
    history = ExecutedHistory("kernel")
    for count, source in enumerate([SETUP, "unused = 3", CELL], 1):
        history.end(history.begin(f"cell-{count}", source, None, count, 1), "finished")
    code = [
        {
            "cell_type": "code",
            "id": f"cell-{count}",
            "metadata": {},
            "outputs": [],
            "execution_count": 1,
            "source": each,
        }
        for count, each in enumerate([SETUP, "unused = 3", CELL], 1)
    ]
    notebook = {"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    param = {"key": "n", "value": "2", "rule": "assigned constant", "line": 2, "expression": "2"}
    client = TrackClient(uri)
    try:
        for name, n in (("first", "2"), ("second", "3")):
            run_id = client.create_run("0", run_name=name).info.run_id
            client.log_param(run_id, "n", n)
            client.log_metric(run_id, "score", 0.13436424411240122 * int(n))
            files = {
                "notebook.ipynb": json.dumps(notebook).encode(),
                "track/cell.py": CELL.encode(),
                "track/history.json": history.document(3).to_bytes(),
                "track/capture.json": json.dumps({"params": [param], "metrics": []}).encode(),
                "output/stdout.txt": b"score: 0.26872848822480244\n",
            }
            for path, data in files.items():
                client.artifacts(client.get_run(run_id)).write(path, data)
            client.set_terminated(run_id)
    finally:
        client.close(10)


def test_a_notebook_is_restored(shell, runs, tmp_path):
    status, out, err = shell("restore", "first", "--folder", str(tmp_path), "--name", "mine")
    assert (status, err) == (0, "")
    assert out == f"Restored the notebook of run first as {tmp_path / 'mine.ipynb'}\n"
    assert nbformat.read(tmp_path / "mine.ipynb", as_version=4).cells[0].source == SETUP


def test_a_run_is_executed_again_and_the_status_says_whether_it_was_reproduced(shell, runs, monkeypatch):
    package = str(Path(jupyter_track.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])]))
    status, out, err = shell("rerun", "first", "--slice")
    assert (status, err) == (0, "")
    assert out.startswith("✓ first: reproduced\n")
    assert "Executed 2 cells of its slice as first-rerun-" in out
    # The second run tells what its code does not do.
    status, out, err = shell("rerun", "second")
    assert (status, err) == (1, "")
    assert out.startswith("≠ second: differs\n")
    assert "although seeds are set" in out
    status, out, err = shell("rerun", "second", "-p", "n=3")
    assert (status, err) == (0, "")
    assert out.startswith("→ second with n = 3 (was 2)\n")
    status, out, err = shell("runs", "tags.`jupyter_track.reproduced` = 'differs'")
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["second"]


def test_the_newest_run_of_the_person_is_meant_where_none_is_named(shell, uri):
    status, out, err = shell("slice")
    assert (status, out) == (1, "")
    assert f"has no runs at {uri}: name one. 'jupyter-track runs' lists them." in err
    client = TrackClient(uri)
    try:
        for name, user, tags in (
            ("mine", user_name(), {}),
            ("again", user_name(), {"jupyter_track.rerun_of": "a" * 32}),
            ("theirs", "somebody else", {}),
        ):
            client.record("Default", name, user, tags).end(RunStatus.FINISHED)
    finally:
        client.close(10)
    for command in ("slice", "restore", "rerun"):
        status, out, err = shell(command)
        assert (status, out) == (1, "")
        assert " run mine (" in err


def test_what_cannot_be_executed_is_one_line(shell, runs):
    status, out, err = shell("rerun", "first", "-p", "m=1")
    assert (status, out) == (1, "")
    assert err == "jupyter-track: The run has no param 'm'. It has: n.\n"
    with pytest.raises(SystemExit):
        shell("rerun", "first", "-p", "m")


def test_two_runs_are_compared_as_text_as_html_and_by_their_notebooks(shell, runs):
    status, out, err = shell("diff", "first", "second")
    assert (status, err) == (0, "")
    assert "score  0.2687  0.4031  +50 %" in out
    assert "stdout" not in out
    assert "stdout" in shell("diff", "first", "second", "--all")[1]
    assert shell("diff", "first", "second", "--html")[1].startswith("<!DOCTYPE html>")
    assert shell("diff", "first", "second", "--notebook") == (0, "", "")


def test_a_slice_is_shown_and_written_as_script_and_as_notebook(shell, runs):
    status, out, err = shell("slice", "first")
    assert (status, err) == (0, "")
    assert out.startswith("Run first came from 2 of the 3 cells executed until then")
    assert "# %% [1] cell-1\nimport random" in shell("slice", "first", "--script")[1]
    notebook = nbformat.reads(shell("slice", "first", "--notebook")[1], as_version=4)
    assert [cell.source for cell in notebook.cells] == [SETUP, CELL]
    status, out, err = shell("slice", "first", "other")
    assert (status, out) == (1, "")
    assert "has no metric 'other'. It has: score." in err
