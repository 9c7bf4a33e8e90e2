"""Standing beside IPython: whatever goes wrong here, the cell runs as it would without."""

import sys
import threading

import pytest

from jupyter_track.capture import cell as cell_module
from jupyter_track.capture.watcher import CellWatcher
from jupyter_track.entities import RunStatus
from jupyter_track.magics.first_line import FirstLine, options_of_cell
from jupyter_track.outbox import EndRun, StartRun
from jupyter_track.tracking import Recorder


class Outbox:
    """Keeps the records, as a store would."""

    def __init__(self):
        self.records = []

    def put(self, record):
        self.records.append(record)

    def flush(self, timeout):
        return True

    def waiting(self):
        return 0

    def take_problems(self):
        return []


class Client:
    """Records into an outbox that is no store's."""

    def __init__(self):
        self.outbox = Outbox()

    def record(self, *arguments):
        return Recorder(self.outbox, *arguments)

    def enter_cell(self, recorder):
        pass


class Watched:
    """A shell with a watcher, and what it says."""

    def __init__(self, shell):
        self.shell = shell
        self.client = Client()
        self.shown, self.warnings = [], []
        self.watcher = CellWatcher(
            shell,
            lambda: self.client,
            lambda info: options_of_cell(info.raw_cell),
            self.shown.append,
            self.warnings.append,
        )

    def run(self, cell):
        return self.shell.run_cell(cell, store_history=True)

    def records(self, kind):
        self.watcher.settle(30)
        return [record for record in self.client.outbox.records if isinstance(record, kind)]


@pytest.fixture
def watched(shell, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shell.run_cell("pass")  # IPython's own way of listening to the streams leaves something on them.
    watched = Watched(shell)
    first_line = FirstLine(lambda: watched.watcher.executing)
    shell.input_transformers_cleanup.append(first_line)
    shell.events.register("pre_run_cell", watched.watcher.pre_run_cell)
    shell.events.register("post_run_cell", watched.watcher.post_run_cell)
    streams = {name: dict(getattr(sys, name).__dict__) for name in ("stdout", "stderr")}
    yield watched
    assert {name: dict(getattr(sys, name).__dict__) for name in streams} == streams
    tickers = [thread for thread in threading.enumerate() if thread.name == "jupyter-track-ticker"]
    for ticker in tickers:
        ticker.join(30)
    assert not any(ticker.is_alive() for ticker in tickers)
    shell.events.unregister("pre_run_cell", watched.watcher.pre_run_cell)
    shell.events.unregister("post_run_cell", watched.watcher.post_run_cell)
    shell.input_transformers_cleanup.remove(first_line)
    watched.watcher.close()


def test_a_tracked_cell_is_one_run(watched):
    assert watched.run("%%track --name first --experiment iris --tag a=b\nlr = 0.1\nlr * 5").result == 0.5
    (summary,) = watched.shown
    assert (summary.run_name, summary.experiment_name, summary.status) == ("first", "iris", RunStatus.FINISHED)
    (start,) = watched.records(StartRun)
    (end,) = watched.records(EndRun)
    assert start.run_id == end.run_id == summary.run_id == watched.watcher.last_run_id
    tags = {tag.key: tag.value for tag in start.tags}
    assert (tags["a"], tags["mlflow.source.type"]) == ("b", "NOTEBOOK")
    paths = {record.path for record in watched.client.outbox.records if hasattr(record, "path")}
    assert {"track/cell.py", "track/capture.json", "track/environment.json", "notebook.ipynb"} <= paths
    assert watched.warnings == []


@pytest.mark.parametrize("cell", ["x = 1", "", "%%track --bogus\nx = 1", "%%track\nx = ("])
def test_other_cells_are_none(watched, cell):
    watched.run(cell)
    assert (watched.shown, watched.client.outbox.records) == ([], [])


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("%%track --dry-run\nlr = 1", 2),
        ("\n\n%%track --dry-run\n\nlr = 1", 5),
        ("%%track --dry-run\n%%time\nlr = 1", 3),
        ("%%track --dry-run\n\n\n\n%%time\nlr = 1", 6),
        ("%%track --dry-run\n%%capture out\n%%time\nlr = 1", 4),
        ("%%track --dry-run\n%time lr = 1", 2),
    ],
)
def test_lines_are_those_that_the_person_sees(watched, cell, line):
    assert watched.run(cell).success
    (summary,) = watched.shown
    assert summary.findings.params["lr"].line == line
    assert watched.client.outbox.records == []


def test_a_cell_that_fails_and_one_that_is_interrupted(watched):
    assert isinstance(watched.run("%%track\n1 / 0").error_in_exec, ZeroDivisionError)
    assert isinstance(watched.run("%%track\nraise KeyboardInterrupt").error_in_exec, KeyboardInterrupt)
    assert [summary.status for summary in watched.shown] == [RunStatus.FAILED, RunStatus.KILLED]
    assert [record.status for record in watched.records(EndRun)] == [RunStatus.FAILED, RunStatus.KILLED]


def broken(*arguments, **settings):
    raise RuntimeError("the tracker\nis broken")


@pytest.mark.parametrize("part", ["find_params", "DisplayTap.start", "StreamTap.start", "Ticker"])
def test_a_cell_that_cannot_be_watched_runs_all_the_same(watched, monkeypatch, part):
    name, _, method = part.partition(".")
    if method:
        monkeypatch.setattr(getattr(cell_module, name), method, broken)
    else:
        monkeypatch.setattr(cell_module, name, broken)
    assert watched.run("%%track\nx = 2\nx * 3").result == 6
    assert watched.warnings == ["this cell is not tracked: RuntimeError: the tracker is broken"]
    # A run that was begun does not seem to go on for ever.
    assert len(watched.records(StartRun)) == 1
    assert [record.status for record in watched.records(EndRun)] == [RunStatus.KILLED]
    monkeypatch.undo()
    assert watched.run("%%track\nx").result == 2
    assert len(watched.shown) == 1


@pytest.mark.parametrize("part", ["find_metrics", "merge_printed", "end_of_curves", "CellSummary"])
def test_a_cell_whose_end_cannot_be_recorded_keeps_its_result(watched, monkeypatch, part):
    monkeypatch.setattr(cell_module, part, broken)
    assert watched.run("%%track\nx = 2\nx * 3").result == 6
    assert watched.warnings == ["part of this cell was not recorded: RuntimeError: the tracker is broken"]
    assert [record.status for record in watched.records(EndRun)][-1:] == [RunStatus.FINISHED]


def test_an_interrupt_at_the_very_end_leaves_nothing_behind(watched, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cell_module, "find_metrics", interrupt)
    assert watched.run("%%track\nx = 2\nx * 3").result == 6
    assert [record.status for record in watched.records(EndRun)] == [RunStatus.FINISHED]


def test_a_print_that_cannot_be_read_is_no_reason_to_lose_the_rest(watched, monkeypatch):
    monkeypatch.setattr(cell_module.PrintedNumbers, "feed", broken)
    watched.run("%%track\nprint('acc: 0.5')\nscore = sum([1]) / 4")
    (summary,) = watched.shown
    assert {key: point.value for key, point in summary.findings.latest().items()} == {"score": 0.25}
    assert summary.notes == ("Not all that was printed could be read: RuntimeError: the tracker is broken",)


def test_metrics_are_recorded_while_the_cell_runs(watched, monkeypatch):
    monkeypatch.setattr(cell_module, "TICK_SECONDS", 0.005)
    seen = threading.Event()
    put = watched.client.outbox.put

    def put_and_tell(record):
        put(record)
        if getattr(record, "metrics", ()):
            seen.set()

    watched.client.outbox.put = put_and_tell
    watched.shell.user_ns["seen"] = seen
    result = watched.run(
        "%%track\nfor epoch in range(2):\n    print(f'epoch {epoch} loss: {1 / (1 + epoch)}')\nseen.wait(30)"
    )
    assert result.result is True


def test_settling_gives_up_in_time_and_says_nothing(watched):
    release = threading.Event()
    watched.watcher._background.add(release.wait, 30)
    watched.watcher.settle(0.01)
    release.set()
    watched.watcher.settle(30)
    assert watched.warnings == []


def test_a_cell_in_a_cell_is_a_run_below_the_other(watched):
    inner = "watcher.run_inside(options, 'y = 3\\ny * 2')"
    watched.shell.user_ns.update(watcher=watched.watcher, options=options_of_cell("%%track --name inner"))
    assert watched.run(f"%%track --name outer\n{inner}").result == 6
    outer, nested = watched.records(StartRun)
    assert (outer.run_name, nested.run_name) == ("outer", "inner")
    assert {tag.key: tag.value for tag in nested.tags}["mlflow.parentRunId"] == outer.run_id
    assert [summary.run_name for summary in watched.shown] == ["inner", "outer"]
