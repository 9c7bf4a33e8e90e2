import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jupyter_track.entities import Metric, RunStatus
from jupyter_track.tracking import TrackClient

from .jupyter import TOKEN, JupyterServer

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"

#: Milliseconds that a page is waited for.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


# Playwright keeps an event loop running in this thread as long as it is there.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    assert path, "The browser tests need Chromium; on Debian and Ubuntu: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                # Without these it asks the network for things of its own.
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path_factory.mktemp("lab"), "lab")
    yield server
    server.stop()


@pytest.fixture(scope="package")
def known_run(lab: JupyterServer) -> str:
    """Record a run, and return its name."""
    client = TrackClient(lab.tracking_uri)
    run = client.record("meadows", "meadow", "ada")
    run.log_params({"learning_rate": "0.1", "optimizer": "adam"})
    run.log_metrics([Metric("loss", 1 / step, 1_000 * step, step) for step in range(1, 30)])
    run.log_metrics([Metric("accuracy", 0.93, 30_000)])
    run.end(RunStatus.FINISHED)
    client.close(10)
    return run.run_name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.failed and page is not None and not page.is_closed():
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"failed-{item.name}.png")
    return report


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, extra_http_headers={"Authorization": f"token {TOKEN}"}
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    yield page
    context.close()
    # Jupyter has errors of its own, which come without the extension too.
    assert [error for error in errors if "extensions/jupyter-track" in error] == []
