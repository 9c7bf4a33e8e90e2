"""``%track restore``, ``rerun``, ``diff`` and ``slice`` in a notebook."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from .conftest import Session


def test_runs_are_executed_again_compared_and_sliced_from_within_a_kernel(session: Session) -> None:
    cells = ("base = 2", "looked = base * 3", "%%track --name here\npower = 3\nscore = base ** power + 0.5")
    session.write(*cells)
    session.run(*cells)
    rerun = session.run("%track rerun here --slice -p power=4")
    assert str(rerun.result).startswith("→ here with power = 4 (was 3)")
    assert "metric  score  8.5     16.5   48.5 %" in str(rerun.result)
    assert str(session.run("%track rerun here").result).startswith("✓ here: reproduced")
    (other,) = [each for each in session.client.search_runs(filter_string="run_name LIKE 'here-rerun-%'")
                if each.data.params["power"] == "4"]  # fmt: skip
    assert "score  8.5   16.5" in str(session.run(f"%track diff here {other.info.run_id}").result)
    assert "came from 2 of the 4 cells" in str(session.run("%track slice here score").result)


def test_a_notebook_and_what_was_kept_come_back(session: Session) -> None:
    cells = ("import collections", "%%track --name kept --keep counts --keep missing\nletters = 'abca'\n"
             "counts = collections.Counter(letters)")  # fmt: skip
    session.write(*cells)
    (card,) = session.run(*cells).cards
    assert "--keep missing: no variable has that name" in card
    assert str(session.run("%track restore kept").result).endswith(str(session.folder / "study-kept.ipynb"))
    session.run("del counts, letters")
    assert "2 set" in str(session.run("%track restore kept --vars").result)
    assert session.kernel.evaluate("(letters, dict(counts))") == ("abca", {"a": 2, "b": 1, "c": 1})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%track rerun nobody", "No run has the id or the name 'nobody'"),
        ("%track rerun", "required: run"),
        ("%track rerun errors -p lr", "-p 'lr': write KEY=VALUE"),
        ("%track diff errors nobody", "No run has the id or the name 'nobody'"),
        ("%track slice errors nothing", "has no metric 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_one_line(session: Session, line: str, said: str) -> None:
    session.run("%%track --name errors\nx = 1.5 * 2")
    execution = session.run(line)
    assert execution.status == "error"
    (told,) = execution.stderr.strip().splitlines()
    assert said in told


def test_an_interrupt_ends_the_kernel_that_executes_a_run_again(session: Session, tmp_path: Path) -> None:
    mark = tmp_path / "begun"
    cells = (
        "import os, pathlib, threading\nif 'JUPYTER_TRACK_RERUN_OF' in os.environ:\n"
        f"    new = pathlib.Path({str(mark)!r} + '.new')\n    new.write_text(str(os.getpid()))\n"
        f"    new.rename({str(mark)!r})\n    threading.Event().wait(300)",
        "%%track --name endless\nx = 1",
    )
    session.write(*cells)
    session.run(*cells)
    run = session.named("endless")
    execution = session.kernel.submit("%track rerun endless")
    session.kernel.wait_until(mark.exists)
    session.kernel.interrupt()
    session.kernel.finish(execution)
    assert execution.reply["ename"] == "KeyboardInterrupt"
    process = int(mark.read_text("utf-8"))
    deadline = time.monotonic() + 20
    while is_running(process) and time.monotonic() < deadline:
        session.run("")
    assert not is_running(process)
    assert "jupyter_track.reproduced" not in session.client.get_run(run.info.run_id).data.tags


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
