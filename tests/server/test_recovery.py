"""A Jupyter server that starts delivers what kernels that died have left."""

import time
from contextlib import closing

from jupyter_track.entities import RunStatus
from jupyter_track.outbox import StartRun
from jupyter_track.outbox.frames import frame
from jupyter_track.outbox.journal import Journal
from jupyter_track.store import open_store

from .jupyter import PATIENCE, JupyterServer

RUN_ID = "0123456789abcdef" * 2


def test_what_a_dead_kernel_has_left_is_delivered_when_the_server_starts(tmp_path):
    data = tmp_path / "data" / "jupyter-track"
    uri = f"sqlite:///{data}/track.db"
    journal = Journal(data / "outbox", {"tracking_uri": uri, "artifact_root": None})
    record = StartRun(RUN_ID, "notebook", "n", "u", 1)
    journal.append(record, frame(record))
    journal.forget()
    server = JupyterServer(tmp_path)
    try:
        deadline = time.monotonic() + PATIENCE
        while journal.path.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "Delivered 1 records" in server.log()
    finally:
        server.kill()
    with closing(open_store(uri)) as store:
        assert store.get_run(RUN_ID).info.status is RunStatus.KILLED
