"""A Jupyter server with folders of its own and our extension, as a person starts it."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

PATIENCE = 60.0
TOKEN = "only-for-tests"

# What belongs to other pages takes time to start.
_EXTENSIONS = {
    "jupyterlab": False,
    "notebook": False,
    "notebook_shim": False,
    "jupyter_lsp": False,
    "jupyter_track": True,
}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


class JupyterServer:
    def __init__(self, folder, tracking_uri="", rules=None, own_options=None, **options):
        self.folder = folder
        self.tracking_uri = tracking_uri or f"sqlite:///{folder}/data/jupyter-track/track.db"
        (folder / "config").mkdir(parents=True)
        (folder / "work").mkdir()
        config = {"ServerApp": {"jpserver_extensions": _EXTENSIONS, **options}, "JupyterTrack": own_options or {}}
        (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        if rules:
            shutil.copy(rules, folder / "config" / "jupyter_server_config.py")
        environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"} | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_TOKEN": TOKEN,
        }
        if tracking_uri:
            environment["MLFLOW_TRACKING_URI"] = tracking_uri
        self._log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0"],
            cwd=folder / "work",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._place = urlsplit(self._url())
        except BaseException:
            self.kill()
            raise

    def _url(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            # The file with the address is written when the server listens.
            for file in (self.folder / "runtime").glob("jpserver-*.json"):
                if found := re.search(r'"url": "([^"]+)"', file.read_text()):
                    return found[1]
            time.sleep(0.05)
        raise AssertionError(f"The server has not started:\n{self.log()}")

    def log(self):
        return (self.folder / "log").read_text()

    def stop(self):
        """End the server as a service manager does, and return its exit status."""
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self._log.close()
        return status

    def kill(self):
        """End the server whatever it does; a second time is no error."""
        self.process.kill()
        self.process.wait()
        self._log.close()

    def memory(self):
        """Return the most memory that the server has held so far, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024

    def connect(self, timeout=PATIENCE):
        return closing(http.client.HTTPConnection(self._place.hostname, self._place.port, timeout=timeout))

    def fetch(self, method, path, body=None, headers=None, token=TOKEN, timeout=PATIENCE):
        """Ask for a path below the server's base URL, as it is: nothing is encoded or made plain."""
        headers = {"Authorization": f"token {token}"} | (headers or {}) if token else headers or {}
        with self.connect(timeout) as connection:
            connection.request(method, f"{self._place.path.rstrip('/')}/{path}", body, headers)
            return Answer(connection.getresponse())

    def call(self, method, path, fields=None, **options):
        """Ask an endpoint below ``jupyter-track/``: fields go where the method wants them."""
        if method in ("GET", "HEAD"):
            query = f"?{urlencode(fields, doseq=True)}" if fields else ""
            return self.fetch(method, f"jupyter-track/{path}{query}", **options)
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return self.fetch(method, f"jupyter-track/{path}", json.dumps(fields or {}), headers, **options)
