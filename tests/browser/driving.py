"""What a person does in Jupyter, in a few words."""

from playwright.sync_api import Locator, Page, expect

from .conftest import PATIENCE, SCREENSHOTS
from .jupyter import TOKEN, JupyterServer


def screenshot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def open_lab(page: Page, server: JupyterServer) -> None:
    page.goto(f"{server.url}lab?reset&token={TOKEN}")
    page.wait_for_function("window.jupyterapp !== undefined", timeout=PATIENCE)
    page.evaluate("window.jupyterapp.restored")


def execute(page: Page, command: str, args: dict[str, object] | None = None) -> None:
    page.evaluate("([id, args]) => { window.jupyterapp.commands.execute(id, args); }", [command, args or {}])


def change_theme(page: Page, theme: str) -> None:
    """Change the theme, and wait until the page has it and can be clicked on again."""
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    # A curtain lies over the page meanwhile.
    expect(page.locator("#jupyterlab-splash")).not_to_be_attached()


def wait_for_kernel(page: Page) -> None:
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=PATIENCE
    )


def open_notebook(page: Page, path: str) -> None:
    execute(page, "docmanager:open", {"path": path})
    wait_for_kernel(page)


def run_cell_by_keyboard(page: Page, text: str) -> None:
    cell_with(page, text).locator(".jp-InputPrompt").first.click()
    page.keyboard.press("Control+Enter")


def run_cell_to_its_end(page: Page, text: str) -> None:
    cell_with(page, text).locator(".jp-InputPrompt").first.click()
    assert page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')") is True


def cell_with(page: Page, text: str) -> Locator:
    """Return the cell of the notebook on show that holds a text."""
    return page.locator(".jp-NotebookPanel:visible .jp-CodeCell", has_text=text)


def section(page: Page, title: str) -> Locator:
    return page.locator(f"#jupyter-track section[aria-label='{title}']")
