"""``%track restore``, ``rerun``, ``diff`` and ``slice`` in a notebook."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jupyter_track.cli import main

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
        (
            "%track rerun errors -p lr",
            "%track rerun: argument -p: 'lr': write NAME=VALUE. '%track rerun -h' explains it",
        ),
        ("%track rerun errors --total 0", "argument --total: '0': write a number of seconds above 0"),
        ("%track rerun errors --timeout soon", "argument --timeout: 'soon': write a number of seconds above 0"),
        ("%track rerun errors --tolerance -1", "argument --tolerance: '-1': write a number, 0 or above"),
        ("%track diff errors", "the following arguments are required: OTHER"),
        ("%track restore errors --trust", "--trust is for --vars"),
        ("%track restore errors --vars --name a", "--folder and --name are for a notebook"),
        ("%track show errors again", "unrecognized arguments: again"),
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


def test_the_last_run_of_the_session_is_meant_where_none_is_named(session: Session) -> None:
    cells = ("%%track --name older\nx = 1", "base = 2", "%%track --name newer\nscore = base * 3.5")
    session.write(*cells)
    for command in ("slice", "restore", "rerun", "explain"):
        assert "No run was tracked in this session: name one" in session.run(f"%track {command}").stderr
    session.run(*cells)
    assert "Run newer came from 2 of the" in str(session.run("%track slice").result)
    assert str(session.run("%track restore").result).endswith("study-newer.ipynb")
    assert str(session.run("%track rerun --total 300 --timeout 200").result).startswith("✓ newer: reproduced")
    # The run that another kernel has made is none of this session's.
    assert str(session.run("%track slice").result).startswith("Run newer came from")


@pytest.mark.parametrize("command", ["slice", "restore", "rerun", "diff", "explain", "runs", "exclude", "on", "start"])
def test_every_command_explains_itself(session_of_module: Session, command: str) -> None:
    for asked in (" -h", " --help", "?", " ?", "??"):
        execution = session_of_module.run(f"%track {command}{asked}")
        assert (execution.status, execution.stderr) == ("ok", "")
        assert str(execution.result).startswith(f"usage: %track {command} [-h]")


def test_rerun_has_the_same_options_in_a_notebook_and_in_a_shell(
    session_of_module: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    in_notebook = str(session_of_module.run("%track rerun -h").result)
    with pytest.raises(SystemExit):
        main(["rerun", "-h"])
    in_shell = capsys.readouterr().out
    options = [text.partition("options:\n")[2].split() for text in (in_notebook, in_shell)]
    assert options[0] == options[1]
    assert "--total" in options[0]


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
