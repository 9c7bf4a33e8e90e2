"""What a notebook remembers of the capture, and what a run knows of itself: seen, restored, brought back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from jupyter_track.entities import Metric, RunStatus
from jupyter_track.entities.clock import now_ms
from jupyter_track.tracking import TrackClient

from .conftest import PATIENCE
from .contrast import faint_texts
from .driving import (
    cell_with,
    change_theme,
    execute,
    open_lab,
    open_notebook,
    run_cell_by_keyboard,
    run_cell_to_its_end,
    screenshot,
    section,
    wait_for_kernel,
)
from .jupyter import TOKEN, JupyterServer

TRAINING = """\
%%track --name baseline
lr = 0.1
seed = 7
lr = 0.05
for epoch in range(4):
    loss = lr / (epoch + 1)
acc = 1 - loss
print(f"accuracy: {acc:.3f}")"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server of its own: what is recorded here is in no list that others look at."""
    server = JupyterServer(tmp_path_factory.mktemp("lab"), "lab")
    yield server
    server.stop()


def write_notebook(path: Path, *cells: str) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    sources = ["%load_ext jupyter_track", *cells]
    notebook = new_notebook(cells=[new_code_cell(each) for each in sources], metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)


def settings(page: Page) -> Any:
    """Return what the metadata of the notebook on show say of the capture."""
    entry = page.evaluate("window.jupyterapp.shell.currentWidget.context.model.getMetadata('jupyter_track')")
    return (entry or {}).get("capture")


def wait_for_settings(page: Page, expected: object) -> None:
    page.wait_for_function(
        "expected => JSON.stringify(window.jupyterapp.shell.currentWidget?.context?.model"
        "?.getMetadata('jupyter_track')?.capture ?? null) === expected",
        arg=json.dumps(expected, separators=(",", ":")),
        timeout=PATIENCE,
    )


def output(page: Page, cell: str) -> Locator:
    return cell_with(page, cell).locator(".jp-Cell-outputArea")


def save(page: Page) -> None:
    assert page.evaluate("window.jupyterapp.shell.currentWidget.context.model.dirty") is True
    execute(page, "docmanager:save")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=PATIENCE)


def open_run(page: Page, name: str) -> Locator:
    """Open a run from the list, and return where it is shown."""
    execute(page, "jupyter-track:show-sidebar")
    section(page, "Runs").get_by_title(name, exact=True).click()
    detail = page.get_by_role("article", name=f"Run {name}")
    expect(detail).to_be_visible()
    return detail


def test_what_is_said_of_the_capture_is_kept_in_the_notebook(page: Page, lab: JupyterServer) -> None:
    file = lab.work / "remembered.ipynb"
    write_notebook(file, "%track exclude seed", "%track rename acc score", "%track include seed acc", TRAINING)
    open_lab(page, lab)
    open_notebook(page, file.name)
    run_cell_to_its_end(page, "load_ext")
    run_cell_by_keyboard(page, "exclude seed")
    wait_for_settings(page, {"exclude": ["seed"], "rename": {}})
    expect(output(page, "exclude seed")).to_contain_text("the notebook's metadata")
    save(page)
    assert nbformat.read(file, 4).metadata.jupyter_track.capture == settings(page)

    # The page is loaded again while the kernel goes on: the channel is found, and taken up again.
    open_lab(page, lab)
    open_notebook(page, file.name)
    assert settings(page) == {"exclude": ["seed"], "rename": {}}
    run_cell_by_keyboard(page, "rename acc")
    wait_for_settings(page, {"exclude": ["seed"], "rename": {"acc": "score"}})
    save(page)

    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    run_cell_to_its_end(page, "load_ext")
    run_cell_by_keyboard(page, "--name baseline")
    detail = open_run(page, "baseline")
    expect(detail.get_by_role("row", name="score")).to_be_visible()
    expect(detail.get_by_role("row", name="lr")).to_be_visible()
    expect(detail.get_by_role("row", name="seed")).not_to_be_attached()

    # Nothing is left in the notebook of what was taken back.
    run_cell_by_keyboard(page, "include seed")
    wait_for_settings(page, None)
    save(page)
    assert "jupyter_track" not in nbformat.read(file, 4).metadata


def test_a_run_explains_itself_and_its_notebook_is_restored(page: Page, lab: JupyterServer) -> None:
    file = lab.work / "work" / "explained.ipynb"
    file.parent.mkdir()
    write_notebook(file, TRAINING.replace("baseline", "explained"), "%track restore explained")
    open_lab(page, lab)
    open_notebook(page, "work/explained.ipynb")
    run_cell_to_its_end(page, "load_ext")
    run_cell_by_keyboard(page, "--name explained")
    detail = open_run(page, "explained")
    expect(detail.get_by_role("button", name="Open snapshot")).to_be_visible()

    detail.get_by_role("button", name="How it was captured").click()
    params = detail.get_by_role("table", name="Params")
    expect(params.get_by_role("row", name="seed 7")).to_contain_text("line 3")
    metrics = detail.get_by_role("table", name="Metrics")
    expect(metrics.get_by_role("row", name=re.compile("^loss"))).to_contain_text("4 points")
    detail.get_by_role("button", name="How it was captured").scroll_into_view_if_needed()
    screenshot(page, "provenance")

    # By the button: a notebook of its own, which can be edited and run.
    detail.get_by_role("button", name="Restore notebook").click()
    expect(detail).to_contain_text("Restored as work/explained-explained.ipynb")
    panel = page.locator(".jp-NotebookPanel:visible")
    expect(panel).to_contain_text("accuracy: 0.988")
    wait_for_kernel(page)
    screenshot(page, "restored")
    restored = nbformat.read(file.with_name("explained-explained.ipynb"), 4)
    assert restored.cells[1].source == TRAINING.replace("baseline", "explained")
    assert set(restored.metadata.jupyter_track) == {"restored_from"}

    # By the command: another one.
    execute(page, "docmanager:open", {"path": "work/explained.ipynb"})
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.context.path === 'work/explained.ipynb'", timeout=PATIENCE
    )
    run_cell_by_keyboard(page, "track restore")
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.context.path === 'work/explained-explained-2.ipynb'", timeout=PATIENCE
    )
    expect(panel).to_contain_text("accuracy: 0.988")


def test_a_notebook_that_the_server_does_not_serve_is_not_opened(
    page: Page, lab: JupyterServer, tmp_path: Path
) -> None:
    write_notebook(tmp_path / "elsewhere.ipynb")
    write_notebook(
        lab.work / "outside.ipynb",
        'import comm\ncomm.create_comm(target_name="jupyter_track").send('
        f'{{"type": "open", "path": {str(tmp_path / "elsewhere.ipynb")!r}}})',
    )
    open_lab(page, lab)
    open_notebook(page, "outside.ipynb")
    run_cell_by_keyboard(page, "import comm")
    expect(page.get_by_text("This page cannot open the notebook.")).to_be_visible()
    assert page.evaluate("window.jupyterapp.shell.currentWidget.context.path") == "outside.ipynb"


@pytest.fixture
def judged_run(lab: JupyterServer) -> str:
    """Record a run that was executed again, with another outcome, and return its name."""
    client = TrackClient(lab.tracking_uri)
    again = client.record("meadows", "poplar-rerun", "ada")
    run = client.record("meadows", "poplar", "ada", {"jupyter_track.snapshot": "frontend"})
    run.set_tags(
        {
            "jupyter_track.order": "cell 4 [3] was run before cell 2 [4]\ncell 3 [2] has changed since it ran",
            "jupyter_track.reproduced": "differs",
            "jupyter_track.reproduced.at": str(now_ms()),
            "jupyter_track.reproduced.detail": "accuracy 0.93 → 0.91 (no seed is set)",
            "jupyter_track.reproduced.run": again.run_id,
        }
    )
    run.log_metrics([Metric("accuracy", 0.93, 30_000)])
    again.set_tags({"jupyter_track.rerun_of": run.run_id})
    nested = client.record("meadows", "poplar-fold-1", "ada", {"mlflow.parentRunId": run.run_id})
    for each in (nested, again, run):
        each.log_metrics([Metric("accuracy", 0.91, 30_000)])
        each.end(RunStatus.FINISHED)
    client.close(10)
    return run.run_name


def test_a_run_shows_its_state_its_verdict_and_its_relatives(page: Page, lab: JupyterServer, judged_run: str) -> None:
    open_lab(page, lab)
    detail = open_run(page, judged_run)
    expect(detail.get_by_role("region", name="Hidden state")).to_contain_text("cell 4 [3] was run before cell 2 [4]")
    expect(detail).to_contain_text("differs")
    expect(detail.get_by_role("list", name="Nested runs")).to_contain_text("poplar-fold-1")
    detail.get_by_role("button", name="Re-run and compare").click()
    expect(detail.get_by_text("%track diff")).to_be_visible()
    detail.locator(".jt-Detail-body").evaluate("body => body.scrollTo(0, 0)")
    screenshot(page, "judged")
    assert faint_texts(page) == []
    change_theme(page, "JupyterLab Dark")
    screenshot(page, "judged-dark")
    assert faint_texts(page) == []
    change_theme(page, "JupyterLab Light")
    detail.get_by_role("list", name="Re-runs").get_by_role("button", name="poplar-rerun").click()
    rerun = page.get_by_role("article", name="Run poplar-rerun")
    rerun.get_by_role("button", name=judged_run, exact=True).click()
    expect(page.get_by_role("article", name=f"Run {judged_run}")).to_be_visible()


def test_a_notebook_is_restored_in_notebook_7(page: Page, tmp_path: Path) -> None:
    server = JupyterServer(tmp_path, "notebook")
    try:
        write_notebook(server.work / "iris.ipynb", "%track exclude seed", TRAINING, "%track restore baseline")
        page.goto(f"{server.url}notebooks/iris.ipynb?token={TOKEN}")
        page.wait_for_function("window.jupyterapp !== undefined", timeout=PATIENCE)
        wait_for_kernel(page)
        run_cell_to_its_end(page, "load_ext")
        run_cell_by_keyboard(page, "exclude seed")
        wait_for_settings(page, {"exclude": ["seed"], "rename": {}})
        run_cell_by_keyboard(page, "--name baseline")
        expect(output(page, "--name baseline")).to_contain_text("accuracy: 0.988")
        with page.context.expect_page() as opened:
            run_cell_by_keyboard(page, "track restore")
        expect(opened.value.locator(".jp-Notebook")).to_contain_text("accuracy: 0.988")
        assert "iris-baseline.ipynb" in opened.value.url
        screenshot(opened.value, "restored-notebook-7")

        page.bring_to_front()
        output(page, "--name baseline").get_by_role("link", name="baseline").click()
        detail = page.get_by_role("article", name="Run baseline")
        with page.context.expect_page() as opened:
            detail.get_by_role("button", name="Restore notebook").click()
        expect(opened.value.locator(".jp-Notebook")).to_contain_text("accuracy: 0.988")
        assert "iris-baseline-2.ipynb" in opened.value.url
    finally:
        server.stop()
