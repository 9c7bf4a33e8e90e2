"""A Jupyter server delivers what kernels that died have left."""

import time
from contextlib import closing

from jupyter_track.entities import RunStatus
from jupyter_track.outbox import StartRun
from jupyter_track.outbox.frames import frame
from jupyter_track.outbox.journal import Journal
from jupyter_track.store import open_store

from .jupyter import PATIENCE, JupyterServer


def leave_journal(data, run_id):
    """Be a kernel that has begun a run and died."""
    journal = Journal(data / "outbox", {"tracking_uri": f"sqlite:///{data}/track.db", "artifact_root": None})
    record = StartRun(run_id, "notebook", "n", "u", 1)
    journal.append(record, frame(record))
    journal.forget()
    return journal.path


def wait_until_gone(path):
    deadline = time.monotonic() + PATIENCE
    while path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_dead_kernels_have_left_is_delivered_when_the_server_starts_and_while_it_runs(tmp_path):
    data = tmp_path / "data" / "jupyter-track"
    run_ids = [digit * 32 for digit in "ab"]
    path = leave_journal(data, run_ids[0])
    server = JupyterServer(tmp_path, own_options={"recovery_seconds": 0.2})
    try:
        wait_until_gone(path)
        assert "Delivered 1 records" in server.log()
        wait_until_gone(leave_journal(data, run_ids[1]))
    finally:
        server.kill()
    with closing(open_store(f"sqlite:///{data}/track.db")) as store:
        assert {store.get_run(run_id).info.status for run_id in run_ids} == {RunStatus.KILLED}
