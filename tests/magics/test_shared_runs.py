"""Runs over several cells, cells that go on with a run, and what a notebook remembers of its capture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from jupyter_track.entities import Run, RunStatus
from jupyter_track.tracking import TrackClient

from ..kernels import Kernel


@pytest.fixture
def client(tracked: Kernel) -> Iterator[TrackClient]:
    client = tracked.reader()
    yield client
    client.close(0)


def named(kernel: Kernel, client: TrackClient, name: str) -> Run:
    kernel.settle()
    (run,) = client.search_runs(filter_string=f"run_name = '{name}'")
    return run


def text(client: TrackClient, run: Run, path: str) -> str:
    return client.artifacts(run).read(path).decode()


def test_cells_between_start_and_end_share_a_run(tracked: Kernel, client: TrackClient) -> None:
    assert "shared" in str(tracked.run("%track start shared --tag team=a").result)
    tracked.run("lr = 0.1\nscore = sum([lr, 1])\nprint('said in the first')")
    tracked.run("import math\ndef helper(): ...")
    tracked.run("depth = 3\nscore = sum([lr, 2])\nimport jupyter_track as jt\njt.log_metric('by_hand', 5)")
    assert "Open run: shared" in str(tracked.run("%track").result)
    assert named(tracked, client, "shared").info.status is RunStatus.RUNNING
    tracked.run("%track end")
    tracked.run("after = sum([1.5])")
    run = named(tracked, client, "shared")
    assert run.info.status is RunStatus.FINISHED
    assert run.data.tags["team"] == "a"
    assert run.data.params == {"lr": "0.1", "depth": "3"}
    assert run.data.metrics == {"score": 2.1, "by_hand": 5.0}
    assert [point.step for point in client.get_metric_history(run.info.run_id, "score")] == [0, 1]
    assert text(client, run, "cells/1/output/stdout.txt") == "said in the first\n"
    assert "depth = 3" in text(client, run, "cells/2/track/cell.py")
    assert "notebook.ipynb" in [file.path for file in client.artifacts(run).list()]


def test_a_param_is_written_once_and_a_later_value_is_told(tracked: Kernel, client: TrackClient) -> None:
    tracked.run("%track start twice")
    tracked.run("rate = 1")
    (card,) = tracked.run("rate = 2").cards
    tracked.run("%track end")
    run = named(tracked, client, "twice")
    assert run.data.params["rate"] == "1"
    assert "rate = 1 already" in card
    captured = json.loads(text(client, run, "cells/2/track/capture.json"))
    assert [(each["key"], each["value"]) for each in captured["params"]] == [("rate", "2")]


def test_a_tracked_cell_inside_is_nested_unless_it_shares(tracked: Kernel, client: TrackClient) -> None:
    tracked.run("%track start outside")
    tracked.run("%%track --name inside\nn = 1")
    tracked.run("%%track --same-run\nm = 2")
    tracked.run("%track end")
    outside, inside = named(tracked, client, "outside"), named(tracked, client, "inside")
    assert inside.data.tags["mlflow.parentRunId"] == outside.info.run_id
    assert (inside.data.params, outside.data.params) == ({"n": "1"}, {"m": "2"})
    assert inside.info.status is outside.info.status is RunStatus.FINISHED


def test_runs_begun_inside_a_run_are_nested_and_end_in_turn(tracked: Kernel, client: TrackClient) -> None:
    for line in ("start first", "start second", "end --status failed", "end"):
        assert tracked.run(f"%track {line}").status == "ok"
    first, second = named(tracked, client, "first"), named(tracked, client, "second")
    assert second.data.tags["mlflow.parentRunId"] == first.info.run_id
    assert (first.info.status, second.info.status) == (RunStatus.FINISHED, RunStatus.FAILED)
    assert tracked.run("%track end").status == "error"


def test_a_failed_cell_leaves_the_run_open(tracked: Kernel, client: TrackClient) -> None:
    tracked.run("%track start sturdy")
    tracked.run("1 / 0")
    assert named(tracked, client, "sturdy").info.status is RunStatus.RUNNING
    tracked.run("kept = sum([3])")
    tracked.run("%track end")
    run = named(tracked, client, "sturdy")
    assert (run.info.status, run.data.metrics) == (RunStatus.FINISHED, {"kept": 3.0})
    assert "ZeroDivisionError" in text(client, run, "cells/1/error/traceback.txt")


def test_same_run_without_one_has_a_run_of_its_own_and_says_so(tracked: Kernel, client: TrackClient) -> None:
    execution = tracked.run("%%track --same-run --name alone\nn = 1")
    assert "no run is open" in execution.stderr
    assert named(tracked, client, "alone").data.params == {"n": "1"}


def test_resume_goes_on_with_a_run(tracked: Kernel, client: TrackClient) -> None:
    loop = "for epoch in range(2):\n    print(f'epoch {epoch} loss: "
    tracked.run(f"%%track --name long\na = 1\n{loop}{{1 / (epoch + 1)}}')")
    before = named(tracked, client, "long")
    tracked.run(f"%%track --resume long\nb = 2\n{loop}0.{{epoch + 1}}')")
    run = named(tracked, client, "long")
    assert run.info.run_id == before.info.run_id
    assert run.info.status is RunStatus.FINISHED
    assert run.data.params == {"a": "1", "b": "2"}
    points = [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "loss")]
    assert points == [(0, 1.0), (1, 0.5), (2, 0.1), (3, 0.2)]
    assert "b = 2" in text(client, run, "cells/2/track/cell.py")
    tracked.run(f"%%track --resume {run.info.run_id[:10]}\n1 / 0")
    run = named(tracked, client, "long")
    assert run.info.status is RunStatus.FAILED
    assert run.data.tags["jupyter_track.cells"] == "3"


def test_resume_of_a_run_that_is_not_there_loses_nothing(tracked: Kernel, client: TrackClient) -> None:
    execution = tracked.run("%%track --resume nowhere --name own\nn = 1")
    assert "nowhere" in execution.stderr
    assert named(tracked, client, "own").data.params == {"n": "1"}


@pytest.mark.parametrize(("cell", "status"), [("n = 1", RunStatus.FINISHED), ("1 / 0", RunStatus.FAILED)])
def test_open_runs_end_with_the_kernel(tmp_path: Path, cell: str, status: RunStatus) -> None:
    kernel = Kernel(tmp_path)
    for text in ("%load_ext jupyter_track", "%track start open", cell):
        kernel.run(text)
    kernel.close()
    client = kernel.reader()
    assert [run.info.status for run in client.search_runs()] == [status]
    client.close(0)


def test_explain_tells_where_each_value_came_from(tracked: Kernel) -> None:
    tracked.run("%%track --name explained --exclude noise\nlr = 0.1\nnoise = 3\nscore = sum([lr])")
    told = str(tracked.run("%track explain explained").result)
    (lr,) = (line.split() for line in told.splitlines() if " lr " in line)
    assert lr[:6] == ["param", "lr", "0.1", "assigned", "constant", "2"]
    assert "excluded" in told
    assert "computed name" in told
    assert tracked.run("%track explain").result is not None


def test_comments_behind_commands_are_comments(tracked: Kernel) -> None:
    for line in ("%track # what?", "%track status  # really", "%track runs  # all", "%track explain # the last"):
        assert tracked.run(line).status == "ok"
    found = tracked.run("%track runs tags.x = 'a # b'")
    assert found.status == "ok"


# -- what a notebook remembers


@pytest.fixture
def in_notebook(new_kernel: Callable[..., Kernel], tmp_path: Path) -> Kernel:
    notebook = nbformat.v4.new_notebook(metadata={"jupyter_track": {"capture": {"exclude": ["noise"], "rename": {}}}})
    (tmp_path / "study.ipynb").write_text(nbformat.writes(notebook), "utf-8")
    kernel = new_kernel(environment={"JPY_SESSION_NAME": str(tmp_path / "study.ipynb")}, work_dir=tmp_path)
    kernel.run("%load_ext jupyter_track")
    return kernel


def params(kernel: Kernel, cell: str) -> dict[str, str]:
    kernel.run(f"%%track --name it\n{cell}")
    kernel.settle()
    client = kernel.reader()
    found = client.find_run("it").data.params
    client.close(0)
    return found


def test_names_are_left_out_and_renamed_once_and_for_all(in_notebook: Kernel) -> None:
    assert params(in_notebook, "noise = 1\nlr = 2\nold = 3") == {"lr": "2", "old": "3"}
    in_notebook.run("%track exclude lr")
    said = str(in_notebook.run("%track rename old new").result)
    assert "lr, noise" in said
    assert "old → new" in said
    assert params(in_notebook, "noise = 1\nlr = 2\nold = 3") == {"new": "3"}
    in_notebook.restart()
    in_notebook.run("%load_ext jupyter_track")
    assert params(in_notebook, "noise = 1\nlr = 2\nold = 3") == {"new": "3"}
    in_notebook.run("%track include lr old noise")
    assert params(in_notebook, "noise = 1\nlr = 2\nold = 3") == {"noise": "1", "lr": "2", "old": "3"}


@pytest.mark.parametrize("line", ["exclude 'a", "exclude ''", "rename a", "rename a b c", "include never_said"])
def test_wrong_names_are_one_clear_message(tracked: Kernel, line: str) -> None:
    execution = tracked.run(f"%track {line}")
    assert execution.status == "error"
    assert execution.reply["ename"] == "UsageError"
