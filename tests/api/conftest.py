import json
import logging
from contextlib import closing
from urllib.parse import urlencode

import pytest

from jupyter_track.api import Api, Request, Service
from jupyter_track.artifacts import open_repository
from jupyter_track.store import open_store

PREFIX = "api/2.0/mlflow/"


class Caller:
    """Asks an `Api` as a host would, and reads what it answers."""

    def __init__(self, service):
        self.api = Api(service, logging.getLogger("jupyter_track.tests"))

    def answer(self, method, path, body=b"", query="", content_type="application/json"):
        return self.api.answer(Request(method, path, query, content_type, body))

    def __call__(self, method, route, fields=None):
        """Return the status and the JSON of an endpoint's answer."""
        if method == "GET":
            answer = self.answer(method, f"{PREFIX}{route}", query=urlencode(fields or {}, doseq=True), content_type="")
        else:
            answer = self.answer(method, f"{PREFIX}{route}", json.dumps(fields or {}).encode())
        return answer.status, read(answer)

    def ok(self, method, route, fields=None):
        status, content = self(method, route, fields)
        assert status == 200, content
        return content

    def refused(self, method, route, fields=None):
        """Return the status and the message of an answer that has the form of MLflow's errors."""
        status, content = self(method, route, fields)
        assert status >= 400
        assert set(content) == {"error_code", "message"}
        return status, content["error_code"], content["message"]


def read(answer):
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.file is None
    return json.loads(answer.body, parse_constant=pytest.fail)


@pytest.fixture
def store(tmp_path):
    with closing(open_store("sqlite://", str(tmp_path / "artifacts"))) as store:
        yield store


@pytest.fixture
def call(store):
    return Caller(lambda: Service(store, open_repository))
