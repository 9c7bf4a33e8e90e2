"""The main job, as a person does it: in a browser, by keyboard and by clicks."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Page, expect

from .conftest import PATIENCE
from .contrast import faint_texts
from .driving import (
    change_theme,
    execute,
    open_lab,
    open_notebook,
    run_cell_by_keyboard,
    screenshot,
    section,
    wait_for_kernel,
)
from .jupyter import TOKEN, JupyterServer

TRAINING = """\
%%track --name forest --log-model
n_estimators = 20
max_depth = 3
model = RandomForestClassifier(n_estimators=n_estimators, max_depth=max_depth, random_state=seed).fit(X, y)
accuracy = model.score(X, y)
for epoch in range(1, 5):
    print(f"epoch {epoch}/4 - loss: {1 / epoch:.4f}")
_ = input("Go on? ")
print(f"Accuracy: {accuracy:.3f}")"""


def write_notebook(path: Path) -> None:
    imports = (
        "%load_ext jupyter_track\nfrom sklearn.datasets import load_iris\n"
        "from sklearn.ensemble import RandomForestClassifier\nX, y = load_iris(return_X_y=True)\nseed = 7"
    )
    cells = [new_markdown_cell("# Iris"), new_code_cell(imports), new_code_cell(TRAINING)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def test_from_a_tracked_cell_to_a_registered_model(page: Page, lab: JupyterServer) -> None:
    write_notebook(lab.work / "iris.ipynb")
    open_lab(page, lab)
    execute(page, "jupyter-track:show-sidebar")
    runs = section(page, "Runs")
    expect(runs).to_contain_text("%%track")  # What to do when there is nothing yet.
    screenshot(page, "empty")

    open_notebook(page, "iris.ipynb")
    run_cell_by_keyboard(page, "load_ext")
    run_cell_by_keyboard(page, "--log-model")

    # The run is in the list while the cell still runs, and its curve grows.
    row = runs.get_by_role("button", name="forest")
    expect(row.get_by_role("img", name="running")).to_be_visible()
    expect(row).to_contain_text("loss")
    screenshot(page, "running")
    page.locator("input.jp-Stdin-input").fill("yes")
    page.keyboard.press("Enter")
    expect(row.get_by_role("img", name="finished")).to_be_visible()
    expect(row).to_contain_text("accuracy 0.9")
    screenshot(page, "finished")

    # The card under the cell leads to the run.
    page.locator(".jp-OutputArea a", has_text="forest").click()
    detail = page.get_by_role("article", name="Run forest")
    expect(detail).to_contain_text("n_estimators")
    expect(detail).to_contain_text("max_depth")
    expect(detail).to_contain_text("accuracy")
    expect(detail).to_contain_text("iris.ipynb")
    # Edits that were never saved are in the snapshot, and what the cell printed.
    detail.get_by_role("button", name="Open snapshot").click()
    snapshot = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(snapshot).to_contain_text("epoch 4/4 - loss: 0.2500")
    expect(snapshot).to_contain_text("load_ext jupyter_track")
    screenshot(page, "snapshot")

    detail.get_by_role("button", name="Register model").click()
    form = page.get_by_role("form", name="Register model")
    form.get_by_label("Model name").fill("iris")
    screenshot(page, "register")
    assert faint_texts(page) == []
    form.get_by_role("button", name="Register", exact=True).click()
    expect(detail).to_contain_text("Registered iris version 1")
    detail.get_by_role("button", name="iris", exact=True).click()

    model = page.get_by_role("article", name="Registered model iris")
    model.get_by_role("button", name="Add alias to version 1").click()
    model.get_by_label("Alias", exact=True).fill("champion")
    page.keyboard.press("Enter")
    expect(model.get_by_role("button", name="Remove alias champion")).to_be_visible()
    screenshot(page, "model")

    # Who adds it by keyboard goes on by keyboard, from where the form was opened.
    expect(model.get_by_label("Alias", exact=True)).not_to_be_attached()
    assert model.get_by_role("button", name="Add alias to version 1").evaluate(
        "each => each === document.activeElement"
    )
    page.keyboard.press("Escape")
    expect(detail.get_by_role("heading", name="forest")).to_be_focused()
    page.keyboard.press("Escape")
    expect(section(page, "Registered models")).to_contain_text("champion")
    expect(section(page, "Registered models")).to_contain_text("iris")
    screenshot(page, "registered")


def test_in_the_dark(page: Page, lab: JupyterServer, known_run: str) -> None:
    open_lab(page, lab)
    change_theme(page, "JupyterLab Dark")
    execute(page, "jupyter-track:show-sidebar")
    runs = section(page, "Runs")
    runs.get_by_role("button", name=known_run).click()
    expect(page.get_by_role("article", name=f"Run {known_run}")).to_contain_text("learning_rate")
    screenshot(page, "dark")
    assert faint_texts(page) == []
    change_theme(page, "JupyterLab Light")


def test_a_wrong_filter_is_explained_and_a_right_one_applied(page: Page, lab: JupyterServer, known_run: str) -> None:
    open_lab(page, lab)
    execute(page, "jupyter-track:show-sidebar")
    runs = section(page, "Runs")
    search = runs.get_by_role("textbox").or_(runs.get_by_role("searchbox"))
    search.fill("metrics.accuracy == 1")
    search.press("Enter")
    expect(runs).to_contain_text("Did you mean '='?")
    expect(runs.get_by_role("button", name=known_run)).to_be_visible()
    screenshot(page, "wrong-filter")
    search.fill("metrics.accuracy > 2")
    search.press("Enter")
    expect(runs.get_by_role("button", name=known_run)).not_to_be_attached()
    search.fill("metrics.accuracy > 0.9")
    search.press("Enter")
    expect(runs.get_by_role("button", name=known_run)).to_be_visible()


def test_the_same_sidebar_in_notebook_7(page: Page, tmp_path: Path) -> None:
    server = JupyterServer(tmp_path, "notebook")
    try:
        write_notebook(server.work / "iris.ipynb")
        page.goto(f"{server.url}notebooks/iris.ipynb?token={TOKEN}")
        page.wait_for_function("window.jupyterapp !== undefined", timeout=PATIENCE)
        wait_for_kernel(page)
        run_cell_by_keyboard(page, "load_ext")
        run_cell_by_keyboard(page, "--log-model")
        page.locator("input.jp-Stdin-input").fill("yes")
        page.keyboard.press("Enter")
        page.locator(".jp-OutputArea a", has_text="forest").click()
        detail = page.get_by_role("article", name="Run forest")
        expect(detail).to_contain_text("n_estimators")
        expect(detail.get_by_role("button", name="notebook.ipynb")).to_be_visible()
        screenshot(page, "notebook-7")
    finally:
        server.stop()
