"""Two runs side by side, and the slices of runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from jupyter_track.entities import InvalidParameterValue, ResourceDoesNotExist, Run
from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.reproduce.differing import diff, diff_notebooks
from jupyter_track.reproduce.slices import slice_of_run
from jupyter_track.tracking import TrackClient
from jupyter_track.views import reproduce as views

from .conftest import Session

Recorded = Callable[..., tuple[TrackClient, Run]]

BASE = {
    "track/cell.py": b"%%track\nlr = 0.1\nfit(lr)",
    "track/environment.json": {"python": "3.11.2", "packages": {"numpy": "1.26", "scipy": "1.11"}},
    "output/stdout.txt": b"took 3 s\nloss: 0.3\n",
}


def history(*cells: tuple[str, str]) -> bytes:
    """Return the history of a kernel that has executed cells, by their ids; the last one is tracked."""
    executed = ExecutedHistory("kernel")
    for count, (cell_id, source) in enumerate(cells, 1):
        executed.end(executed.begin(cell_id, source, None, count, 1), "finished")
    return executed.document(len(cells)).to_bytes()


class TestDifferences:
    def test_only_what_differs_is_shown(self, recorded: Recorded) -> None:
        client, first = recorded(BASE, "first", params={"lr": "0.1", "n": "3"}, accuracy=[0.5, 0.9], loss=[0.3])
        other = {
            "track/cell.py": b"%%track\nlr = 0.2\nfit(lr)",
            "track/environment.json": {"python": "3.11.2", "packages": {"numpy": "2.0", "scipy": "1.11"}},
            "output/stdout.txt": b"took 9 s\nloss: 0.4\n",
        }
        _, second = recorded(other, "second", params={"lr": "0.2", "n": "3"}, accuracy=[0.5, 0.99], loss=[0.3])
        client.set_tag(second.info.run_id, "mlflow.source.git.commit", "abc123")
        found = diff(client, first, client.get_run(second.info.run_id))
        assert found.code == ("@@ -1,3 +1,3 @@", " %%track", "-lr = 0.1", "+lr = 0.2", " fit(lr)")
        assert [(row.name, row.same) for row in found.params] == [("lr", False), ("n", True)]
        (accuracy, loss) = found.metrics
        assert accuracy.change == pytest.approx(0.1)
        assert loss.same
        assert found.outputs["stdout"] == ("@@ -1,2 +1,2 @@", " took ‹time›", "-loss: 0.3", "+loss: 0.4")
        assert [row.name for row in found.versions if not row.same] == ["numpy"]
        assert [row.name for row in found.facts if not row.same] == ["git commit"]

        shown = repr(views.show_diff(found))
        for line in (
            "accuracy  0.9    0.99    +10 %",
            "lr  0.1    0.2",
            "numpy  1.26   2.0",
            "git commit         abc123",
        ):
            assert line in shown
        assert "scipy" not in shown
        assert "\n  n " not in shown
        everything = repr(views.show_diff(found, everything=True))
        assert "scipy" in everything
        assert "\n  n " in everything

    def test_runs_that_are_the_same_say_so(self, recorded: Recorded) -> None:
        client, first = recorded(BASE, "first", params={"lr": "0.1"})
        _, second = recorded(BASE, "second", params={"lr": "0.1"})
        found = diff(client, first, second)
        assert found.same
        assert "Nothing that was recorded differs." in repr(views.show_diff(found))

    def test_long_values_are_shown_where_they_differ(self, recorded: Recorded) -> None:
        long = ", ".join(map(str, range(200)))
        client, first = recorded({}, "first", params={"data": f"[{long}, 7]"})
        _, second = recorded({}, "second", params={"data": f"[{long}, 8]"})
        shown = repr(views.show_diff(diff(client, first, second)))
        assert "199, 7]" in shown
        assert "199, 8]" in shown

    def test_nothing_in_a_run_is_taken_for_html_or_speaks_to_the_terminal(self, recorded: Recorded) -> None:
        evil = "<script>alert(1)</script>\x1b[2J"
        files = {"track/cell.py": evil.encode(), "output/stdout.txt": evil.encode()}
        client, first = recorded(files, "first", params={"p": evil})
        _, second = recorded({}, "<b>second</b>")
        report = views.show_diff(diff(client, first, second))
        assert "<script>" not in report._repr_html_()
        assert "<b>second" not in report._repr_html_()
        assert "\x1b" not in repr(report)

    def test_damaged_files_are_passed_over_or_told(self, recorded: Recorded) -> None:
        files = {
            "track/cell.py": b"\xff\xfe not text",
            "track/capture.json": b"[{",
            "track/environment.json": {"packages": [1], "python": 3},
            "cells/x/track/cell.py": b"no number",
        }
        client, first = recorded(files, "first")
        _, second = recorded({"track/capture.json": {"params": [{"key": 1}, 2], "metrics": None}}, "second")
        assert diff(client, first, second).code
        _, third = recorded({"track/history.json": b"{}"}, "third")
        with pytest.raises(InvalidParameterValue, match=r"track/history\.json"):
            diff(client, first, third)


class TestSlices:
    ONE = (("a", "x = 1"), ("b", "y = x + 1"), ("c", "z = 0"), ("d", "%%track\ntotal = y * 2"))

    def test_cells_of_the_slices_are_set_side_by_side(self, recorded: Recorded) -> None:
        client, first = recorded({"track/history.json": history(*self.ONE)}, "first")
        other = (("a", "x = 5"), ("b", "y = x + 1"), ("e", "y *= 3"), ("d", "%%track\ntotal = y * 2"))
        _, second = recorded({"track/history.json": history(*other)}, "second")
        found = diff(client, first, second)
        assert found.slices is not None
        assert [(row.first, row.second, row.same) for row in found.slices] == [
            ("[1]", "[1]", False),
            ("[2]", "[2]", True),
            ("", "[3]", False),
        ]
        shown = repr(views.show_diff(found))
        assert "cell [1]\n  @@ -1 +1 @@\n  -x = 1\n  +x = 5" in shown
        assert "cell [3], only in the second\n  @@ -0,0 +1 @@\n  +y *= 3" in shown
        assert "[2]" not in shown

    def test_a_slice_is_shown_with_why_each_cell_is_in_it(self, recorded: Recorded) -> None:
        client, _ = recorded({"track/history.json": history(*self.ONE)}, "sliced", total=[4.0])
        shown = repr(views.show_slice(client, "sliced"))
        assert shown.startswith("Run sliced came from 3 of the 4 cells executed until then")
        for part in (
            "[1] for x\n  x = 1",
            "[2] for y\n  y = x + 1",
            "[4] the tracked cell\n  %%track\n  total = y * 2",
        ):
            assert part in shown
        assert "z = 0" not in shown
        script = views.slice_script(client, "sliced")
        assert "# %% [1] a\nx = 1\n" in script
        notebook = nbformat.from_dict(views.slice_notebook(client, "sliced"))
        nbformat.validate(notebook)
        assert [cell.source for cell in notebook.cells] == ["x = 1", "y = x + 1", "%%track\ntotal = y * 2"]

    def test_the_slice_of_a_metric_is_smaller(self, session: Session) -> None:
        cells = ("a = 1.5", "b = 2.5", "%%track --name two\nfirst = a * 2\nsecond = b * 2")
        session.run(*cells)
        run = session.named("two")

        def sources(metric: str) -> list[str]:
            return [cell.source for cell in slice_of_run(session.client, run, metric).sliced]

        assert sources("") == list(cells)
        assert sources("first") == [cells[0], cells[2]]
        assert sources("second") == [cells[1], cells[2]]
        assert "The metric second of run two came from 2 of" in repr(views.show_slice(session.client, "two", "second"))
        with pytest.raises(ResourceDoesNotExist, match=r"no metric 'third'. It has: first, second\."):
            sources("third")

    def test_a_metric_that_was_printed_or_logged_by_hand_has_no_slice_of_its_own(self, recorded: Recorded) -> None:
        client, run = recorded({"track/history.json": history(*self.ONE)}, loss=[0.3])
        with pytest.raises(InvalidParameterValue, match="it was printed, or logged by hand"):
            slice_of_run(client, run, "loss")

    def test_a_run_without_history_has_no_slice(self, recorded: Recorded) -> None:
        client, run = recorded({})
        with pytest.raises(ResourceDoesNotExist, match="has no history of executed cells"):
            slice_of_run(client, run)


def test_whole_notebooks_are_compared_by_nbdime(recorded: Recorded) -> None:
    def notebook(source: str) -> dict[str, Any]:
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")])
        found: dict[str, Any] = json.loads(nbformat.writes(document))
        return found

    client, first = recorded({"notebook.ipynb": notebook("x = 1")}, "first")
    _, second = recorded({"notebook.ipynb": notebook("x = 2")}, "second")
    told = diff_notebooks(client, first, second)
    assert "-  x = 1" in told
    assert "+  x = 2" in told
    assert "first" in told
