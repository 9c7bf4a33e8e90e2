"""Log calls in a tracked cell: they go to the cell's run, beside what is captured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_track.entities import Run, RunStatus
from jupyter_track.tracking import TrackClient

from ..kernels import Kernel


@pytest.fixture(scope="module")
def client(tracked: Kernel) -> Iterator[TrackClient]:
    client = tracked.reader()
    yield client
    client.close(0)


def run_named(kernel: Kernel, client: TrackClient, name: str) -> Run:
    kernel.settle()
    return client.find_run(name)


def test_what_is_logged_in_a_tracked_cell_is_the_cells(tracked: Kernel, client: TrackClient) -> None:
    found = tracked.run(
        "%%track --name by-hand\n"
        "import jupyter_track as jt\n"
        "depth = 3\n"
        "for step in range(5):\n"
        "    jt.log_metric('loss', 1 / (1 + step), step=step)\n"
        "jt.log_param('rate', 0.1)\n"
        "jt.set_tag('team', 'growth')\n"
        "jt.log_text('a note', 'note.txt')\n"
        "jt.active_run().info.run_name"
    )
    assert (found.status, found.result, found.stderr) == ("ok", "'by-hand'", "")
    run = run_named(tracked, client, "by-hand")
    assert run.info.status is RunStatus.FINISHED
    assert run.data.metrics["loss"] == 0.2
    assert len(client.get_metric_history(run.info.run_id, "loss")) == 5
    assert (run.data.params["rate"], run.data.params["depth"]) == ("0.1", "3")
    assert run.data.tags["team"] == "growth"
    assert client.artifacts(run).read("note.txt") == b"a note"


def test_a_run_begun_in_a_tracked_cell_is_nested_in_the_cells(tracked: Kernel, client: TrackClient) -> None:
    found = tracked.run(
        "%%track --name outer\n"
        "import jupyter_track as jt\n"
        "with jt.start_run(run_name='inner', nested=True):\n"
        "    jt.log_metric('inside', 1)\n"
        "jt.log_metric('outside', 2)"
    )
    assert (found.status, found.stderr) == ("ok", "")
    outer, inner = (run_named(tracked, client, name) for name in ("outer", "inner"))
    assert inner.data.tags["mlflow.parentRunId"] == outer.info.run_id
    assert (inner.data.metrics, outer.data.metrics["outside"]) == ({"inside": 1.0}, 2.0)
    assert inner.info.status is outer.info.status is RunStatus.FINISHED


def test_a_run_that_a_cell_leaves_open_ends_with_the_kernel(tracked: Kernel, client: TrackClient) -> None:
    found = tracked.run("import jupyter_track as jt\njt.start_run(run_name='left open')\njt.log_metric('m', 1)")
    assert (found.status, found.stderr) == ("ok", "")
    tracked.restart()
    tracked.run("%load_ext jupyter_track")
    assert run_named(tracked, client, "left open").info.status is RunStatus.FINISHED


def test_a_param_that_is_logged_again_with_another_value_is_an_error_of_the_cell(
    tracked: Kernel, client: TrackClient
) -> None:
    found = tracked.run(
        "%%track --name rewritten\nimport jupyter_track as jt\njt.log_param('p', 1)\njt.log_param('p', 2)"
    )
    assert found.status == "error"
    assert "cannot become" in str(found.reply["evalue"])
    run = run_named(tracked, client, "rewritten")
    assert (run.info.status, run.data.params["p"]) == (RunStatus.FAILED, "1")
