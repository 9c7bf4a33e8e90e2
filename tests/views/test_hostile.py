"""Whatever names, values and texts a run has: what is shown of it is no HTML of theirs, and speaks to no terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from jupyter_track.cli import main
from jupyter_track.entities import Metric, RunStatus
from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.reproduce.comparison import Comparison, Difference
from jupyter_track.reproduce.execution import Failure
from jupyter_track.reproduce.overrides import Override
from jupyter_track.reproduce.rerun import DIFFERS, FAILS, Rerun
from jupyter_track.tracking import TrackClient
from jupyter_track.views import Note, Table, commands, reproduce
from jupyter_track.views.explain import explain

#: Erases a screen, rings, sets a title, goes back over the line, turns the direction of writing, and is HTML.
EVIL = "\x1b[2J\x07\x1b]0;owned\x07\x9b31m\r\b\u202e<script>alert(1)</script><img src=x onerror=alert(1)>'\""

ALLOWED = {"a", "b", "code", "div", "p", "pre", "span", "table", "tbody", "td", "th", "thead", "tr"}


class Tags(HTMLParser):
    """The tags and attributes that a browser finds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def check(shown: Any) -> None:
    """Look at both forms of what is shown."""
    check_text(repr(shown))
    if not isinstance(shown, Note):
        tags = Tags(shown._repr_html_())
        assert tags.found <= ALLOWED
        assert tags.attributes <= {"class", "style", "aria-hidden"}


def check_text(text: str) -> None:
    assert "<script>" in text, "what is hostile must have come so far"
    assert [each for each in text if not each.isprintable() and each not in "\n\t"] == []


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrackClient]:
    """Two runs in which whatever can hold a text holds a hostile one."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client = TrackClient(f"sqlite:///{tmp_path}/jupyter-track/track.db")
    for number in (1, 2):
        name = f"run{number} {EVIL}"
        tags = {
            "mlflow.source.name": f"/{EVIL}",
            "mlflow.source.git.commit": EVIL,
            "jupyter_track.order": EVIL,
        }
        run = client.record(f"study{EVIL}", name, EVIL, tags)
        run.log_params({"lr": f"{number}{EVIL}"})
        run.log_metrics([Metric("score", number / 3, 1, 0)])
        cell = f"%%track\n# {number} {EVIL}\nscore = 1"
        history = ExecutedHistory(EVIL)
        for source in (f"base = '''{number}{EVIL}'''", cell):
            history.end(history.begin("", source, None, None, 1), "finished")
        entry = {"key": f"lr{EVIL}", "value": EVIL, "rule": EVIL, "line": 1, "expression": EVIL, "reason": EVIL,
                 "later": [[EVIL, EVIL]]}  # fmt: skip
        captured = {"params": [entry], "metrics": [entry], "skipped": [entry], "excluded": [EVIL], "renamed": {}}
        environment = {"python": f"3.{number}{EVIL}", "packages": {EVIL: f"{number}{EVIL}"}}
        notebook = {
            "cells": [{"cell_type": "code", "id": EVIL, "metadata": {}, "outputs": [], "source": cell}],
            "metadata": {"kernelspec": {"name": EVIL}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        for path, content in (
            ("track/cell.py", cell),
            ("track/history.json", history.document(2).to_bytes().decode()),
            ("track/capture.json", json.dumps(captured)),
            ("track/environment.json", json.dumps(environment)),
            ("output/stdout.txt", f"{number} {EVIL}"),
            ("output/result.txt", f"{number} {EVIL}"),
            ("error/traceback.txt", f"{number} {EVIL}"),
            ("notebook.ipynb", json.dumps(notebook)),
        ):
            run.log_text(path, content)
        run.end(RunStatus.FINISHED)
    client.outbox.flush(20)
    yield client
    client.close(0)


@pytest.mark.parametrize(
    "show",
    [
        lambda client, first, second: commands.runs(client, ""),
        lambda client, first, second: commands.show(client, first),
        lambda client, first, second: commands.status(client, True, first),
        lambda client, first, second: explain(client, first),
        lambda client, first, second: reproduce.diff(client, first, second),
        lambda client, first, second: reproduce.diff(client, first, second, True),
        lambda client, first, second: reproduce.show_slice(client, first),
        lambda client, first, second: reproduce.restore_vars(client, first, {}),
        lambda client, first, second: Table([EVIL], [[EVIL]], foot=f"{EVIL}\n{EVIL}", empty=EVIL),
        lambda client, first, second: Table([EVIL], [], empty=EVIL),
    ],
)
def test_no_view_of_a_run_passes_on_what_is_hostile(
    client: TrackClient, show: Callable[[TrackClient, str, str], Any]
) -> None:
    second, first = [run.info.run_id for run in client.search_runs()]
    check(show(client, first, second))


@pytest.mark.parametrize("failed", [False, True])
def test_what_came_of_a_rerun_does_not_either(client: TrackClient, failed: bool) -> None:
    second, first = client.search_runs()
    differences = tuple(Difference(kind, EVIL, EVIL, f"{EVIL}!") for kind in ("param", "output", "package"))
    comparison = Comparison(differences, differences[2:], 1, 0, 1, 0.0)
    found = Rerun(
        original=first,
        repeated=second,
        verdict=FAILS if failed else DIFFERS,
        detail=EVIL,
        seeds=EVIL,
        comparison=None if failed else comparison,
        failure=Failure(0, EVIL, EVIL) if failed else None,
        overrides=(Override(EVIL, EVIL, EVIL, EVIL),),
        notes=(EVIL,),
        cells=1,
        of_slice=False,
    )
    check(reproduce.show_rerun(found))


def test_the_shell_does_not_either_nor_do_its_errors(
    client: TrackClient, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    second, first = [run.info.run_id for run in client.search_runs()]
    for line in (["runs"], ["show", first], ["diff", first, second], ["slice", first], ["rerun", first, "-p", "no=1"],
                 ["slice", first, "no"], ["restore", first, "--folder", str(tmp_path)]):  # fmt: skip
        main(line)
        written = capsys.readouterr()
        text = written.out + written.err
        assert text
        assert [each for each in text if not each.isprintable() and each not in "\n\t"] == []
    main(["diff", first, second, "--html"])
    page = capsys.readouterr().out
    assert not re.search(r"<(script|img)", page)
