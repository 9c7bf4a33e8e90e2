"""The extension of the Jupyter server."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float, Int, Unicode

from ...api import Api
from ...outbox import Recovered, RecoveryWatch
from ..opening import LazyService
from .handlers import TrackHandler

__all__ = ["JupyterTrack"]


class JupyterTrack(ExtensionApp):
    """Serves the REST API under ``<base_url>jupyter-track/``.

    ``jupyter-track/api/2.0/mlflow/...`` is MLflow's API, ``jupyter-track/get-artifact`` its downloads.
    """

    name = "jupyter_track"

    tracking_uri = Unicode(
        "",
        help="Where runs and models are kept: sqlite:///PATH or postgresql://USER@HOST/DATABASE. "
        "If empty, the environment variable MLFLOW_TRACKING_URI, and without it a SQLite file in the "
        "Jupyter data directory, which all notebooks of a person share.",
    ).tag(config=True)

    artifact_root = Unicode(
        "",
        help="Where new experiments keep the files of their runs: a folder. If empty, a folder beside the SQLite file.",
    ).tag(config=True)

    threads = Int(
        4,
        min=1,
        help="How many requests may work on the store at the same time.",
    ).tag(config=True)

    recovery_seconds = Float(
        10.0,
        min=0.1,
        help="Seconds between two looks for kernels that have died: what they have recorded is brought to the store, "
        "and their runs are ended.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Let every page know which folder the server serves, by which it finds what a kernel names.

        JupyterLab tells its pages so, under this name; Notebook does not.
        """
        root = str(self.settings.get("server_root_dir", ""))
        self.settings.setdefault("page_config_data", {}).setdefault("serverRoot", root.replace(os.sep, "/"))

    def initialize_handlers(self) -> None:
        """Serve the API. The store is opened by the first request, not here: starting must not wait for it."""
        self._service = LazyService(self.tracking_uri, self.artifact_root)
        self._executor = ThreadPoolExecutor(self.threads, thread_name_prefix="jupyter-track")
        api = Api(self._service, self.log)
        self._recovery = RecoveryWatch(self._tell_of_recovery, self.recovery_seconds)
        self.handlers.append(("jupyter-track/(.*)", TrackHandler, {"api": api, "executor": self._executor}))

    def _tell_of_recovery(self, recovered: Recovered) -> None:
        if recovered.records or recovered.ended:
            self.log.info(
                "Delivered %d records that a kernel has left to %s, and ended %d of its runs.",
                recovered.records,
                recovered.tracking_uri,
                len(recovered.ended),
            )
        for problem in recovered.problems:
            self.log.warning("%s: %s", recovered.path, problem)

    async def stop_extension(self) -> None:
        """Let running requests end and give back the store."""
        self._recovery.stop()
        # Waiting takes a thread of its own: a slow store must not hold up the rest of the server.
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        self._executor.shutdown(cancel_futures=True)
        self._service.close()
