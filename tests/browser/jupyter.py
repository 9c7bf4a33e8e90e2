"""A Jupyter server with folders of its own, as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

#: Seconds within which the server answers, on a busy machine too.
PATIENCE = 90.0
TOKEN = "only-for-tests"

#: A person's settings: no question about news over the pages that are looked at.
_SETTINGS = {
    "apputils-extension/notification.jupyterlab-settings": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes.jupyterlab-settings": {"theme": "JupyterLab Light"},
}


class JupyterServer:
    """A running server.

    Parameters
    ----------
    folder : pathlib.Path
        For everything that Jupyter keeps; notebooks are in its folder ``work``.
    application : str
        ``lab`` or ``notebook``.

    Attributes
    ----------
    tracking_uri : str
        Of the embedded store.
    """

    def __init__(self, folder: Path, application: str) -> None:
        self.work = folder / "work"
        self.tracking_uri = f"sqlite:///{folder / 'data' / 'jupyter-track' / 'track.db'}"
        self.work.mkdir(parents=True)
        self._settings = folder / "settings"
        self._log = (folder / "server.log").open("wb")
        self._runtime = folder / "runtime"
        for name, content in _SETTINGS.items():
            self.set(name, content)
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(self._settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_TOKEN": TOKEN,
        }
        command = [sys.executable, "-m", "jupyter", application, "--no-browser", "--allow-root", "--port=0"]
        self._process = subprocess.Popen(
            [*command, "--expose-app-in-browser"],
            cwd=self.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.url = self._wait_until_it_answers()

    def set(self, name: str, content: dict[str, object]) -> None:
        """Write a person's settings of one plugin."""
        file = self._settings / "@jupyterlab" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), "utf-8")

    def _wait_until_it_answers(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            for file in self._runtime.glob("jpserver-*.json"):
                try:
                    url = str(json.loads(file.read_text("utf-8"))["url"])
                    with urlopen(Request(f"{url}api", headers={"Authorization": f"token {TOKEN}"}), timeout=5):
                        return url
                except (OSError, ValueError):
                    continue  # Not written whole, or not listening yet.
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"The server does not answer: {Path(self._log.name).read_text('utf-8')[-3000:]}")

    def stop(self) -> None:
        """End the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
