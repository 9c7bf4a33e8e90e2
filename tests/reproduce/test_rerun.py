"""Runs executed again in kernels of their own, and what is said of them afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from jupyter_track.entities import InvalidParameterValue, ResourceDoesNotExist, RunStatus
from jupyter_track.reproduce.execution import Limits
from jupyter_track.reproduce.recorded import RecordedRun
from jupyter_track.reproduce.rerun import DIFFERS, FAILS, REPRODUCED, rerun
from jupyter_track.views.reproduce import show_rerun

from .conftest import Session

#: For the first worked example: what counts for the tracked cell, and much that does not.
SEEDED = (
    "import random\nrandom.seed(3)",
    "rows = [[random.gauss(0, 1) for _ in range(4)] for _ in range(50)]",
    "import math\nprint('only to look:', len(rows), math.pi)",
    "unused = [row[0] for row in rows if row[0] > 0]",
    "%precision 4\nrate = 0.5",
)
FIT = (
    "%%track --name seeded\nsteps = 20\nweights = [0.0] * 4\nfor step in range(steps):\n"
    "    weights = [w + rate * random.choice(rows)[n] / (step + 1) for n, w in enumerate(weights)]\n"
    "    loss = sum(w * w for w in weights)\nprint(f'loss: {loss:.6f}')\nloss"
)


class TestWorkedExamples:
    def test_a_seeded_notebook_is_reproduced_from_the_top_and_by_its_slice(self, session: Session) -> None:
        session.write(*SEEDED, FIT)
        assert session.run(*SEEDED, FIT).status == "ok"
        run = session.named("seeded")
        whole = rerun(session.client, run)
        assert (whole.verdict, whole.cells, whole.notes) == (REPRODUCED, 6, ())
        repeated = whole.repeated
        assert repeated is not None
        assert repeated.info.experiment_id == run.info.experiment_id
        assert repeated.info.run_name.startswith("seeded-rerun-")
        assert repeated.data.tags["jupyter_track.rerun_of"] == run.info.run_id
        assert repeated.data.tags["mlflow.source.name"] == str(session.notebook)
        assert "mlflow.parentRunId" not in repeated.data.tags
        assert (repeated.data.params, repeated.data.metrics) == (run.data.params, run.data.metrics)

        sliced = rerun(session.client, run, use_slice=True)
        assert (sliced.verdict, sliced.cells) == (REPRODUCED, 4)
        tags = session.client.get_run(run.info.run_id).data.tags
        assert sliced.repeated is not None
        assert tags["jupyter_track.reproduced"] == "reproduced"
        assert tags["jupyter_track.reproduced.run"] == sliced.repeated.info.run_id
        assert int(tags["jupyter_track.reproduced.at"]) >= sliced.repeated.info.start_time
        assert tags["jupyter_track.reproduced.detail"].startswith("the same: ")
        # Nothing but the tracked cell was recorded.
        others = f"tags.`jupyter_track.rerun_of` = '{run.info.run_id}'"
        assert len(session.client.search_runs([run.info.experiment_id], others)) == 2

    def test_what_functions_and_objects_of_other_cells_do_is_in_the_slice(self, session: Session) -> None:
        cells = (
            "class Counter:\n    def __init__(self):\n        self.seen = []\n"
            "    def add(self, value):\n        self.seen.append(value * scale)",
            "scale = 3",
            "counter = Counter()",
            "alias = counter",
            "for value in range(4):\n    alias.add(value)",
            "other = [100]\nother.append(sum(other))",
            "%%track --name counted\ntotal = sum(counter.seen)\ntotal",
        )
        session.write(*cells)
        assert session.run(*cells).result == "18"
        found = rerun(session.client, session.named("counted"), use_slice=True)
        assert (found.verdict, found.detail) == (REPRODUCED, "the same: 0 params, 1 metric, 1 output")
        assert found.cells < len(cells)

    def test_a_notebook_run_out_of_order_is_reproduced_by_its_slice_alone(self, session: Session) -> None:
        load, clean, score = (
            "values = [1, 2, 3]",
            "values = [value * 10 for value in values]",
            "%%track --name disorderly\ntotal = sum(values) + offset\ntotal",
        )
        late = "offset = 4"
        session.write(load, clean, score, late)
        # The second cell was run twice, and the last one before the tracked one.
        assert session.run(load, clean, clean, late, score).result == "604"
        run = session.named("disorderly")
        top_to_bottom = rerun(session.client, run)
        assert top_to_bottom.verdict == FAILS
        assert top_to_bottom.detail == "cell 3: NameError: name 'offset' is not defined"
        sliced = rerun(session.client, run, use_slice=True)
        assert (sliced.verdict, sliced.cells) == (REPRODUCED, 5)

        # With the missing name further up, it comes to its end, and to something else.
        session.write(late, load, clean, score)
        session.run(load, clean, clean, score.replace("disorderly", "disorderly-too"))
        differs = rerun(session.client, session.named("disorderly-too"))
        assert differs.verdict == DIFFERS
        assert "metric total 604 → 64" in differs.detail


class TestWhatDiffers:
    def test_an_unseeded_result_is_said_to_have_no_seed(self, session: Session) -> None:
        cells = ("import random as r", "%%track --name unseeded\nscore = r.SystemRandom().random()\nscore")
        session.write(*cells)
        session.run(*cells)
        found = rerun(session.client, session.named("unseeded"))
        assert found.verdict == DIFFERS
        assert found.seeds == "no seed is set"
        assert found.detail.endswith("(no seed is set)")
        shown = show_rerun(found)
        assert repr(shown).startswith("≠ unseeded: differs")
        assert "no seed is set" in repr(shown)
        assert "no seed is set" in shown._repr_html_()

    def test_a_shorter_curve_is_a_difference_and_other_times_are_none(self, session: Session) -> None:
        cell = (
            "%%track --name curve\nimport time, os\nn = 5 if 'JUPYTER_TRACK_RERUN_OF' not in os.environ else 3\n"
            "for step in range(n):\n    print(f'epoch {step}/5 - loss: {1 / (step + 1):.4f}')\n"
            "print('took', time.time() % 60, 's at', hex(id(cell_of_mine)))"
        )
        session.write("cell_of_mine = object()", cell)
        session.run("cell_of_mine = object()", cell)
        found = rerun(session.client, session.named("curve"))
        assert found.comparison is not None
        assert [(each.kind, each.name) for each in found.comparison.differences] == [
            ("metric", "loss"),
            ("curve", "loss"),
            ("output", "stdout"),
        ]
        assert found.comparison.differences[1].in_words() == "curve loss ends at step 4 → ends at step 2"

    def test_a_cell_that_failed_and_fails_again_is_reproduced(self, session: Session) -> None:
        cell = "%%track --name broken\nx = 3\nprint('before')\n1 / 0"
        session.write(cell)
        session.run(cell)
        run = session.named("broken")
        assert run.info.status is RunStatus.FAILED
        found = rerun(session.client, run)
        assert (found.verdict, found.failure) == (REPRODUCED, None)
        assert found.repeated is not None
        assert found.repeated.info.status is RunStatus.FAILED

    def test_a_cell_that_fails_only_now_is_told(self, session: Session) -> None:
        cells = ("present = True", "%%track --name vanished\nassert present, 'no longer there'\nx = 1")
        session.write(*cells)
        session.run(*cells)
        run = session.named("vanished")
        assert rerun(session.client, run).verdict == REPRODUCED
        found = rerun(session.client, run, params={"present": "False"})
        assert (found.verdict, found.detail) == (FAILS, "cell 2: AssertionError: no longer there")
        assert found.repeated is not None
        # With another param it is another experiment.
        tags = session.client.get_run(run.info.run_id).data.tags
        assert tags["jupyter_track.reproduced"] == "reproduced"


class TestRunsOfSeveralCells:
    CELLS = (
        "base = 2\n%track start 'it is {shared}' --tag team=a --tag='why=for show'",
        "rate = 0.5\nfor step in range(3):\n    loss = base * rate ** step\nprint('loss:', loss)",
        "def helper(x):\n    return x + offset",
        "%%track --same-run --keep offset\noffset = 4\nscore = helper(loss)\nscore",
        "%%track --name nested\nother = 5 * 1.5",
        "%%time\ntotal = score + loss",
        "%track end",
        "after = 7 * 1.5",
    )

    def test_a_run_that_cells_share_is_reproduced_from_the_top_and_by_its_slice(self, session: Session) -> None:
        session.write(*self.CELLS)
        session.run(*self.CELLS)
        run = session.named("it is {shared}")
        assert run.data.tags["jupyter_track.cells"] == "3"
        whole = rerun(session.client, run)
        assert (whole.verdict, whole.cells, whole.notes) == (REPRODUCED, 6, ())
        assert whole.detail.endswith(" params, 3 metrics, 3 outputs")
        repeated = whole.repeated
        assert repeated is not None
        assert repeated.info.status is RunStatus.FINISHED
        assert repeated.info.run_name.startswith("it is _shared_-rerun-")
        assert (repeated.data.params, repeated.data.metrics) == (run.data.params, run.data.metrics)
        expected = {
            "jupyter_track.rerun_of": run.info.run_id,
            "jupyter_track.cells": "3",
            "mlflow.source.name": str(session.notebook),
            "team": "a",
            "why": "for show",
        }
        assert {key: repeated.data.tags.get(key) for key in expected} == expected
        files = {file.path for file in session.client.artifacts(repeated).list("cells/2/track/vars")}
        assert files == {"cells/2/track/vars/offset.pkl"}

        sliced = rerun(session.client, run, use_slice=True)
        assert (sliced.verdict, sliced.cells) == (REPRODUCED, 5)
        # One run came of each, and none of the nested cell.
        others = f"tags.`jupyter_track.rerun_of` = '{run.info.run_id}'"
        assert len(session.client.search_runs([run.info.experiment_id], others)) == 2

    def test_params_of_any_of_the_cells_can_be_given_other_values(self, session: Session) -> None:
        session.write(*self.CELLS)
        session.run(*self.CELLS)
        session.kernel.settle()
        run = session.client.find_run("it is {shared}")
        found = rerun(session.client, run, params={"rate": "1.0", "offset": "1"})
        assert found.repeated is not None
        assert found.repeated.data.metrics["score"] == 3.0
        assert [(each.key, each.cell) for each in found.overrides] == [("rate", "cell 2"), ("offset", "cell 4")]

    def test_a_cell_that_failed_on_the_way_may_fail_again(self, session: Session) -> None:
        cells = ("%track start hurt", "x = 2 * 1.5\n1 / 0", "y = x + 1", "%track end")
        session.write(*cells)
        session.run(*cells)
        run = session.named("hurt")
        assert rerun(session.client, run).verdict == REPRODUCED
        assert rerun(session.client, run, use_slice=True).verdict == REPRODUCED

    def test_the_run_of_a_cell_that_fails_only_now_ends_as_failed(self, session: Session) -> None:
        cells = (
            "%track start vulnerable\nimport os",
            "x = 2 * 1.5",
            "assert 'JUPYTER_TRACK_RERUN_OF' not in os.environ\ny = x + 1",
            "z = y + 1",
            "%track end",
        )
        session.write(*cells)
        session.run(*cells)
        found = rerun(session.client, session.named("vulnerable"))
        assert (found.verdict, found.detail) == (FAILS, "cell 3: AssertionError:")
        assert found.repeated is not None
        assert found.repeated.info.status is RunStatus.FAILED

    def test_cells_that_ran_twice_or_out_of_order_are_told_and_the_slice_executes_them_so(
        self, session: Session
    ) -> None:
        first, again, last = "count = 1 * 1.0", "count = count + 1", "total = count * 10"
        session.write("%track start looped", last, first, again, "%track end")
        session.run("%track start looped", first, again, again, last, "%track end")
        run = session.named("looped")
        top = rerun(session.client, run)
        assert top.verdict == FAILS
        assert top.notes == (
            "cells of the run ran more than once, and are executed once; --slice executes them as often as they ran",
        )
        sliced = rerun(session.client, run, use_slice=True)
        assert (sliced.verdict, sliced.cells) == (REPRODUCED, 4)

    def test_cells_that_went_on_with_a_run_are_executed_again_too(self, session: Session) -> None:
        cells = ("%%track --name begun\nx = 2 * 1.5", "y = 3", "%%track --resume begun\nz = x + y")
        session.write(*cells)
        session.run(cells[0])
        session.named("begun")
        session.run(*cells[1:])
        run = session.named("begun")
        whole = rerun(session.client, run)
        assert (whole.verdict, whole.cells) == (REPRODUCED, 3)
        assert rerun(session.client, run, use_slice=True).verdict == REPRODUCED
        session.restart()
        session.run("x = 3.0", "%%track --resume begun\nw = x + 1")
        session.write(*cells, "%%track --resume begun\nw = x + 1")
        run = session.named("begun")
        with pytest.raises(InvalidParameterValue, match="ran in several kernels"):
            rerun(session.client, run, use_slice=True)


class TestOverrides:
    def test_other_params_make_another_run_and_leave_the_original_alone(self, session: Session) -> None:
        cells = (
            "base = 10\ncfg = {'power': 2}",
            "%%track --name powers\nscore = base ** cfg['power'] + round(2.5, ndigits=1)",
        )
        session.write(*cells)
        session.run(*cells)
        run = session.named("powers")
        found = rerun(session.client, run, params={"cfg.power": "3", "base": "2"})
        assert found.repeated is not None
        assert found.repeated.data.params["cfg.power"] == "3"
        assert found.repeated.data.metrics == {"score": 10.5}
        assert [(each.key, each.before, each.after, each.cell) for each in found.overrides] == [
            ("cfg.power", "2", "3", "cell 1"),
            ("base", "10", "2", "cell 1"),
        ]
        assert "jupyter_track.reproduced" not in session.client.get_run(run.info.run_id).data.tags
        shown = repr(show_rerun(found))
        assert shown.startswith("→ powers with cfg.power = 3 (was 2), base = 2 (was 10)")
        assert "nothing is said of the original" in shown
        sliced = rerun(session.client, run, use_slice=True, params={"base": "3"})
        assert sliced.repeated is not None
        assert sliced.repeated.data.metrics == {"score": 11.5}

    def test_nothing_runs_if_a_param_cannot_be_given_another_value(self, session: Session) -> None:
        cells = ("size = len('abc')", "%%track --name sized\ndouble = 2 * size")
        session.write(*cells)
        session.run(*cells)
        run = session.named("sized")
        with pytest.raises(InvalidParameterValue, match="has no param 'size'"):
            rerun(session.client, run, params={"size": "5"})
        found = session.client.search_runs(filter_string="run_name LIKE 'sized-rerun%'")
        assert list(found) == []


class TestTheKernel:
    def test_a_cell_that_takes_too_long_fails_and_so_does_all_that_takes_too_long(self, session: Session) -> None:
        cells = (
            "import os, threading\nif 'JUPYTER_TRACK_RERUN_OF' in os.environ:\n    threading.Event().wait(300)",
            "%%track --name slow\nx = 1",
        )
        session.write(*cells)
        session.run(*cells)
        run = session.named("slow")
        assert rerun(session.client, run, limits=Limits(cell=1)).detail == "cell 1: it took longer than 1 seconds"
        assert rerun(session.client, run, limits=Limits(total=1)).detail == "cell 1: it took longer than 1 seconds"

    def test_a_kernel_that_dies_fails_with_the_cell(self, session: Session) -> None:
        cells = (
            "import os\nif 'JUPYTER_TRACK_RERUN_OF' in os.environ:\n    os._exit(1)",
            "%%track --name dying\nx = 1",
        )
        session.write(*cells)
        session.run(*cells)
        run = session.named("dying")
        found = rerun(session.client, run)
        assert (found.verdict, found.detail, found.repeated) == (FAILS, "cell 1: the kernel died", None)
        assert session.client.get_run(run.info.run_id).data.tags["jupyter_track.reproduced"] == "fails"

    def test_cells_are_executed_where_the_notebook_is_in_a_kernel_that_knows_nothing_of_this_one(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tied = {
            "IPY_INTERRUPT_EVENT": "7",
            "JPY_INTERRUPT_EVENT": "7",
            "JPY_SESSION_NAME": "/nowhere/other.ipynb",
            "JUPYTER_TRACK_CELL_RUN": "c" * 32,
            "KERNEL_ID": "another",
            "MLFLOW_ACTIVE_MODEL_ID": "m-1",
            "MLFLOW_RUN_ID": "f" * 32,
            "MLFLOW_RUN_NAME": "another's",
            "_MLFLOW_ACTIVE_MODEL_ID": "m-1",
        }
        for name, value in tied.items():
            monkeypatch.setenv(name, value)
        # What the person has set for all programs counts in this kernel too.
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://elsewhere.example.org")
        monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "chosen")
        (session.folder / "data.txt").write_text("41", "utf-8")
        seen = session.folder / "seen.json"
        cells = (
            "import json, os\nif 'JUPYTER_TRACK_RERUN_OF' in os.environ:\n"
            f"    with open({str(seen)!r}, 'w') as file:\n        json.dump(dict(os.environ), file)",
            "%%track --name placed\nvalue = int(open('data.txt').read()) + 1.5\nprint(os.path.basename(os.getcwd()))",
        )
        session.write(*cells)
        session.run(*cells)
        run = session.named("placed")
        found = rerun(session.client, run)
        assert (found.verdict, found.notes) == (REPRODUCED, ())
        environment = json.loads(seen.read_text("utf-8"))
        assert {name: environment[name] for name in tied if environment.get(name) == tied[name]} == {}
        assert {name for name in environment if name.startswith("JUPYTER_TRACK")} == {"JUPYTER_TRACK_RERUN_OF"}
        assert environment["JUPYTER_TRACK_RERUN_OF"] == run.info.run_id
        assert environment["MLFLOW_TRACKING_URI"] == "https://elsewhere.example.org"
        assert environment["MLFLOW_EXPERIMENT_NAME"] == "chosen"

    def test_a_run_is_executed_again_from_within_a_tracked_cell_and_apart_from_it(self, session: Session) -> None:
        cells = (
            "import os\ntied = [os.environ.get(name) for name in ('JUPYTER_TRACK_CELL_RUN', 'MLFLOW_RUN_ID')]",
            "%%track --name inner\nscore = 2.5 * 1\nprint(tied)",
        )
        session.write(*cells)
        session.run(*cells)
        outer = "%%track --name outer\nimport IPython\nIPython.get_ipython().run_line_magic('track', 'rerun inner')"
        assert str(session.run(outer).result).startswith("✓ inner: reproduced")
        assert session.named("outer").data.metrics == {}

    def test_what_brings_a_run_back_is_no_part_of_the_new_history(self, session: Session) -> None:
        cells = ("base = 2", "%%track --name anew\nscore = base * 1.5")
        session.write(*cells)
        session.run(*cells)
        again = rerun(session.client, session.named("anew")).repeated
        assert again is not None
        history = RecordedRun(session.client, again).history
        assert history is not None
        first, tracked = history.cells
        assert first.source == "base = 2"
        assert tracked.source.endswith("\nscore = base * 1.5")
        assert rerun(session.client, again, use_slice=True).verdict == REPRODUCED

    def test_a_notebook_whose_folder_and_kernel_are_gone_is_executed_with_a_note(
        self, new_session: Callable[[], Session]
    ) -> None:
        session = new_session()
        cell = "%%track --name homeless\nimport os\nprint(os.listdir())\nx = 1.5 * 2"
        session.write(cell)
        text = session.notebook.read_text("utf-8")
        session.notebook.write_text(text.replace('"name": "python3"', '"name": "gone"'), "utf-8")
        session.run("import os, tempfile\nos.chdir(tempfile.mkdtemp())", cell)
        run = session.named("homeless")
        os.rename(session.folder, session.folder.with_name("elsewhere"))
        found = rerun(session.client, run)
        folder, kernel = found.notes
        assert "is not there, so the cells are executed in an empty one" in folder
        assert kernel == "there is no kernel 'gone' here, so 'python3' executes the cells"
        assert found.verdict == REPRODUCED


class TestWhatCannotBeExecuted:
    def test_a_cell_changed_before_it_was_saved_is_executed_as_it_ran(self, session: Session) -> None:
        # A front end tells the cell's id, and without one the text has to be found.
        session.write("a = 1", "b = 2")
        session.run("%%track --name unsaved\nsum_of_it = 1 + 1.5")
        with pytest.raises(InvalidParameterValue, match=r"may not have been saved when it ran\. --slice executes"):
            rerun(session.client, session.named("unsaved"))
        assert rerun(session.client, session.named("unsaved"), use_slice=True).verdict == REPRODUCED

    def test_a_run_without_a_cell_or_history_says_so(self, recorded: Callable[..., object]) -> None:
        client, run = recorded({})  # type: ignore[misc]
        with pytest.raises(ResourceDoesNotExist, match="not recorded from a cell"):
            rerun(client, run)
        client, run = recorded({"track/cell.py": b"%%track\nx = 1"}, "cell only")  # type: ignore[misc]
        with pytest.raises(ResourceDoesNotExist, match="has no notebook"):
            rerun(client, run)
        with pytest.raises(ResourceDoesNotExist, match="no history of executed cells"):
            rerun(client, run, use_slice=True)
