"""Whoever reads a recorded snapshot gets one ordinary file: the REST service and the client."""

import json
import logging
from pathlib import Path
from urllib.parse import urlencode

import nbformat
import pytest

from jupyter_track.api import Api, Request, Service
from jupyter_track.artifacts import open_repository
from jupyter_track.artifacts.pack import PACK
from jupyter_track.entities import RunStatus
from jupyter_track.outbox import WriteArtifact
from jupyter_track.outbox.encoding import decode, encode
from jupyter_track.tracking import Recorder, TrackClient

from .test_shared import noise, plain_files


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    client = TrackClient(f"sqlite:///{tmp_path}/track.db")
    yield client
    assert client.close(30) == 0


@pytest.fixture
def snapshot():
    cells = [nbformat.v4.new_code_cell(f"x = {number}\n" * 20) for number in range(30)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


@pytest.fixture
def run(client, snapshot):
    """A run as a tracked cell records it."""
    recorder = Recorder(client.outbox, "notebook", "brave-fox")
    recorder.log_artifact("notebook.ipynb", snapshot)
    recorder.log_artifact("output/figure-1.png", noise(1, 9_000))
    recorder.log_text("output/stdout.txt", "loss: 0.5\n")
    recorder.log_text("track/capture.json", json.dumps({"metrics": list(range(500))}))
    recorder.log_artifact("model/model.pkl", noise(2, 9_000))
    recorder.end(RunStatus.FINISHED)
    assert client.outbox.flush(30)
    return client.get_run(recorder.run_id)


def test_only_what_the_tracker_writes_is_kept_as_shared(run):
    assert plain_files(open_repository(run.info.artifact_uri)) == [PACK, "model/model.pkl"]
    assert (Path(run.info.artifact_uri) / "model" / "model.pkl").read_bytes() == noise(2, 9_000)


def test_the_client_downloads_ordinary_files(client, run, snapshot, tmp_path):
    place = Path(client.download_artifacts(run.info.run_id, "", str(tmp_path / "all")))
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert files == {
        "notebook.ipynb", "output/figure-1.png", "output/stdout.txt", "track/capture.json", "model/model.pkl"
    }  # fmt: skip
    assert (place / "notebook.ipynb").read_bytes() == snapshot
    one = Path(client.download_artifacts(run.info.run_id, "notebook.ipynb"))
    nbformat.validate(nbformat.read(one, as_version=4))
    assert (Path(client.download_artifacts(run.info.run_id, "output")) / "figure-1.png").read_bytes() == noise(1, 9_000)


def test_the_rest_service_lists_and_sends_ordinary_files(client, run, snapshot):
    store = client._connection.up_to_date_store()
    api = Api(lambda: Service(store, open_repository), logging.getLogger("jupyter_track.tests"))

    def ask(route, **fields):
        return api.answer(Request("GET", route, urlencode(fields), "", b""))

    listed = json.loads(ask("api/2.0/mlflow/artifacts/list", run_id=run.info.run_id).body)["files"]
    assert {"path": "notebook.ipynb", "is_dir": False, "file_size": len(snapshot)} in listed
    answer = ask("get-artifact", run_id=run.info.run_id, path="notebook.ipynb")
    with answer.file as file:
        assert answer.headers["Content-Length"] == str(len(snapshot))
        assert file.read() == snapshot
    refused = ask("get-artifact", run_id=run.info.run_id, path=PACK)
    assert (refused.status, json.loads(refused.body)["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("shared", [True, False])
def test_a_journal_knows_which_files_are_shared(shared):
    record = WriteArtifact("0" * 32, "output/a", b"\0data", shared)
    assert decode(*encode(record)) == record


def test_a_journal_of_an_earlier_version_is_understood():
    encoded = json.dumps(["WriteArtifact", "0" * 32, "output/a"]).encode()
    assert decode(encoded, b"data") == WriteArtifact("0" * 32, "output/a", b"data")
