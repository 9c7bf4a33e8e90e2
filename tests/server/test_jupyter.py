"""The service inside a real Jupyter server."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.entities import Metric
from jupyter_track.store import open_store

from .jupyter import PATIENCE, JupyterServer

API = "api/2.0/mlflow/"


class TestTheService:
    def test_what_a_kernel_has_written_is_read(self, server, run):
        with closing(open_store(server.tracking_uri)) as store:
            store.log_batch(run.info.run_id, [Metric("loss", float("inf"), 1)])
        content = server.call("GET", f"{API}runs/get", {"run_id": run.info.run_id}).json
        assert content["run"]["info"]["run_name"] == "first"
        assert content["run"]["data"]["metrics"] == [{"key": "loss", "value": "Infinity", "timestamp": 1, "step": 0}]
        found = server.call("POST", f"ajax-{API}runs/search", {"experiment_ids": ["0"], "filter": "run_name = 'first'"})
        assert found.json == {"runs": [content["run"]]}

    def test_a_model_is_registered_and_gets_an_alias(self, server, run):
        source = f"runs:/{run.info.run_id}/model"
        assert server.call("POST", f"{API}registered-models/create", {"name": "größe"}).status == 200
        version = {"name": "größe", "source": source, "run_id": run.info.run_id}
        assert server.call("POST", f"{API}model-versions/create", version).json["model_version"]["version"] == "1"
        alias = {"name": "größe", "alias": "best", "version": "1"}
        assert server.call("POST", f"{API}registered-models/alias", alias).json == {}
        found = server.call("GET", f"{API}registered-models/alias", {"name": "größe", "alias": "best"}).json
        assert found["model_version"]["source"] == source
        assert server.call("DELETE", f"{API}registered-models/alias", {"name": "größe", "alias": "best"}).json == {}
        assert (
            "aliases"
            not in server.call("GET", f"{API}registered-models/get", {"name": "größe"}).json["registered_model"]
        )

    def test_a_base_url_is_before_every_path(self, shared_server):
        answer = shared_server.call("GET", f"{API}experiments/get", {"experiment_id": "0"})
        assert answer.json["experiment"]["name"] == "Default"

    def test_head_is_get_without_the_body(self, server, run):
        for path, fields in (
            (f"{API}runs/get", {"run_id": run.info.run_id}),
            ("get-artifact", {"run_id": run.info.run_id, "path": "page.html"}),
            (f"{API}runs/get", {"run_id": "nobody"}),
            ("nothing", {}),
        ):
            get, head = (server.call(method, path, fields) for method in ("GET", "HEAD"))
            assert (head.status, head.body) == (get.status, b"")
            assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))

    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", f"{API}nothing", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", f"{API}runs/get/", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", f"{API}runs/../runs/get", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", "../../../../etc/passwd", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", "..%2f..%2fetc/passwd", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", "%00", 404, "ENDPOINT_NOT_FOUND"),
            ("GET", f"{API}runs/search", 405, "BAD_REQUEST"),
            ("PUT", f"{API}runs/search", 405, "BAD_REQUEST"),
            ("PATCH", f"{API}runs/get", 405, "BAD_REQUEST"),
            ("DELETE", "get-artifact", 405, "BAD_REQUEST"),
            ("GET", f"{API}runs/get?run_id=%ff", 400, "BAD_REQUEST"),
            ("GET", f"{API}runs/get?run_id=nobody", 404, "RESOURCE_DOES_NOT_EXIST"),
            ("GET", f"{API}runs/get", 400, "INVALID_PARAMETER_VALUE"),
        ],
    )
    def test_errors_have_one_form(self, server, method, path, status, code):
        answer = server.call(method, path)
        assert (answer.status, answer.json["error_code"]) == (status, code)
        assert set(answer.json) == {"error_code", "message"}
        if status == 405:
            assert answer.headers["Allow"] in ("POST", "GET")

    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (b"{", "application/json", 400),
            (b"[1]", "application/json", 400),
            (b"\xff\xfe", "application/json", 400),
            (b"{}", "text/plain", 400),
            (b"a=1", "application/x-www-form-urlencoded", 400),
            (b"%%%=%zz", "application/x-www-form-urlencoded", 400),
            (b"x" * (16 * 1024 * 1024 + 1), "application/json", 413),
        ],
        ids=["half", "list", "bytes", "text", "form", "odd form", "large"],
    )
    def test_a_body_that_cannot_be_read_is_refused(self, server, body, content_type, status):
        answer = server.fetch("POST", f"jupyter-track/{API}runs/search", body, {"Content-Type": content_type})
        assert (answer.status, answer.json["error_code"]) == (status, "BAD_REQUEST")

    def test_a_broken_form_of_a_browser_is_refused(self, server):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        assert 400 <= server.fetch("POST", f"jupyter-track/{API}runs/search", b"nothing of x", headers).status < 500


class TestDownloads:
    def test_a_file_comes_with_the_headers_that_keep_it_harmless(self, server, run):
        answer = server.call("GET", "get-artifact", {"run_id": run.info.run_id, "path": "page.html"})
        assert answer.body == b"<script>alert(1)</script>"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Content-Disposition"] == "attachment; filename=\"page.html\"; filename*=UTF-8''page.html"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers.get_all("Content-Security-Policy") == [
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        ]

    @pytest.mark.parametrize(
        "path", ["../secret.txt", "model/../../secret.txt", "/etc/passwd", "..\\secret.txt", "a\0"]
    )
    def test_a_path_that_leads_out_is_refused(self, server, run, path):
        for route in ("get-artifact", f"{API}artifacts/list"):
            answer = server.call("GET", route, {"run_id": run.info.run_id, "path": path})
            assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")

    @pytest.mark.parametrize("path", ["%2e%2e/secret.txt", "none", "model"])
    def test_what_is_no_file_is_not_found(self, server, run, path):
        answer = server.call("GET", "get-artifact", {"run_id": run.info.run_id, "path": path})
        assert (answer.status, answer.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")

    @pytest.fixture
    def large(self, run):
        """The name of a file of 256 MB, which takes no room."""
        place = f"{run.info.artifact_uri}/large.bin"
        with open(place, "wb") as file:
            file.truncate(256 * 2**20)
        return "large.bin"

    def test_a_large_file_arrives_whole(self, server, run):
        content = random.Random(0).randbytes(30 * 2**20 + 1)
        open_repository(run.info.artifact_uri).write("model/weights.bin", content)
        answer = server.call("GET", "get-artifact", {"run_id": run.info.run_id, "path": "model/weights.bin"})
        assert answer.headers["Content-Length"] == str(len(content))
        # Not compared as they are: what a difference of 30 MB looks like, nobody wants to read.
        assert sha256(answer.body).hexdigest() == sha256(content).hexdigest()

    def test_a_large_file_is_sent_in_pieces(self, server, run, large):
        before = server.memory()
        with server.connect() as connection:
            path = f"/jupyter-track/get-artifact?run_id={run.info.run_id}&path={large}&token=only-for-tests"
            connection.request("GET", path)
            response = connection.getresponse()
            assert response.headers["Content-Length"] == str(256 * 2**20)
            received = 0
            while piece := response.read(2**20):
                received += len(piece)
        assert received == 256 * 2**20
        assert server.memory() - before < 64

    def test_a_download_that_is_broken_off_troubles_nobody(self, server, run, large):
        before = len(server.log())
        for _ in range(3):
            with server.connect() as connection:
                path = f"/jupyter-track/get-artifact?run_id={run.info.run_id}&path={large}&token=only-for-tests"
                connection.request("GET", path)
                assert connection.getresponse().read(1000) == b"\0" * 1000
        assert server.call("GET", f"{API}runs/get", {"run_id": run.info.run_id}).status == 200
        assert "Traceback" not in server.log()[before:]


class TestAStoreThatIsSlowOrAway:
    def test_the_rest_of_the_server_does_not_wait_for_a_slow_store(self, shared_server, postgres):
        def ask():
            return shared_server.call("GET", f"{API}experiments/get", {"experiment_id": "0"})

        assert ask().status == 200
        database = shared_server.tracking_uri.partition("@/")[2].partition("?")[0]
        with ThreadPoolExecutor(6) as pool, postgres.connect(database) as connection:
            with connection.transaction():
                connection.execute("LOCK TABLE experiments IN ACCESS EXCLUSIVE MODE")
                # More than there are threads that may work on the store.
                waiting = [pool.submit(ask) for _ in range(6)]
                deadline = time.monotonic() + PATIENCE
                while connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] < 4:
                    assert not any(each.done() for each in waiting)
                    assert time.monotonic() < deadline
                    time.sleep(0.02)
                for _ in range(5):
                    assert shared_server.fetch("GET", "api/status", timeout=5).status == 200
                assert not any(each.done() for each in waiting)
            assert [each.result().status for each in waiting] == [200] * 6

    def test_a_store_that_is_away_is_told_and_found_again(self, shared_server, postgres):
        def ask():
            return shared_server.call("POST", f"{API}runs/search", {"experiment_ids": ["0"]})

        assert ask().status == 200
        with postgres.away():
            for _ in range(2):
                answer = ask()
                assert (answer.status, answer.json["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
                assert "\n" not in answer.json["message"]
        assert ask().json == {}

    def test_a_store_that_cannot_be_opened_is_told_and_tried_again(self, tmp_path):
        (tmp_path / "file").touch()
        server = JupyterServer(tmp_path / "server", f"sqlite:///{tmp_path}/file/track.db")
        try:
            answer = server.call("GET", f"{API}experiments/get", {"experiment_id": "0"})
            assert (answer.status, answer.json["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
            assert answer.json["message"].startswith("Cannot make the folder")
            assert "\n" not in answer.json["message"]
            (tmp_path / "file").unlink()
            assert server.call("GET", f"{API}experiments/get", {"experiment_id": "0"}).status == 200
            assert server.stop() == 0
            assert "Traceback" not in server.log()
        finally:
            server.kill()
