"""Requests as they should not be: each gets an answer of 4xx that says why, and nothing is written."""

import json
import logging
from contextlib import closing
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_track.api import MAX_BODY_BYTES, Service
from jupyter_track.artifacts import open_repository
from jupyter_track.entities import SchemaMismatch, StoreUnavailable
from jupyter_track.store import open_store
from jupyter_track.wire import ENDPOINTS, Choice, Integer, Number, Object, Step, Tags, Text, Time, Version

from .conftest import PREFIX, Caller, read

RUN_ID = "0123456789abcdef" * 2
POSTS = [endpoint for endpoint in ENDPOINTS if endpoint.methods[0] != "GET"]

WRONG = {
    Text: [1, 1.5, True, {}, ["a"], "nul\0", "half \ud800"],
    Integer: ["x", "", 0, -1, 1.5, True, {}, [1], 2**40, 10**30, "1" * 30],
    Step: ["x", 1.5, True, {}, [1], 2**63, "9" * 30],
    Time: ["x", -1, "-1", 1.5, True, {}, [1], 2**63, "9" * 30],
    Number: ["x", "", "1,5", {}, [1]],
    Object: ["x", 1, True, {}, {"key": ""}, {"key": 1}, {"dataset": 1}, {"dataset": {"name": "a"}}, [{}]],
    Version: ["x", 1.5, True, {}, [1], 2**40, "9" * 30],
    Choice: ["NOPE", 0, 9, True, {}, ["ALL"]],
    Tags: ["x", 1, {}, ["x"], [1], [{}], [{"key": ""}], [{"key": 1}], [{"key": "a", "value": 1}], [[]], [None]],
}


def fields_of(endpoint):
    return [(endpoint, field) for field in endpoint.request]


def each(pairs):
    return pytest.mark.parametrize(
        ("endpoint", "field"), pairs, ids=[f"{endpoint.name}-{field.name}" for endpoint, field in pairs]
    )


def searches(name):
    """Return the searches that have a field of that name, each with the field."""
    return [(endpoint, field) for endpoint in ENDPOINTS for field in endpoint.request if field.name == name]


def a_request(endpoint):
    """Return a value for every field that a request has to have."""
    return {field.name: "1" for field in endpoint.request if field.required or field.name == "max_results"}


def check_error(answer, status=400, code="INVALID_PARAMETER_VALUE"):
    content = read(answer)
    assert (answer.status, content["error_code"]) == (status, code)
    assert set(content) == {"error_code", "message"}
    assert len(content["message"]) < 1500
    return content["message"]


@each([pair for endpoint in ENDPOINTS for pair in fields_of(endpoint) if pair[1].required])
@pytest.mark.parametrize("empty", [None, ""])
def test_a_required_field_that_is_missing_or_empty_is_named(call, endpoint, field, empty):
    fields = {**a_request(endpoint), field.name: empty}
    method = endpoint.methods[0]
    if method == "GET":
        query = "&".join(f"{name}={value}" for name, value in fields.items() if value is not None)
        answer = call.answer("GET", endpoint.paths[0], query=query)
    else:
        answer = call.answer(method, endpoint.paths[0], json.dumps(fields).encode())
    assert f"Missing value for required parameter '{field.name}'." in check_error(answer)


@each([pair for endpoint in ENDPOINTS for pair in fields_of(endpoint)])
def test_a_field_of_another_type_is_named(call, endpoint, field):
    wrong = WRONG[type(field.kind)]
    if endpoint.methods[0] == "GET":
        values = [value for value in wrong if isinstance(value, str) and value.isascii()]
    else:
        values = ["a", {"a": 1}, 1, *([value] for value in wrong)] if field.repeated else wrong
    for value in values:
        if field.required and value in ("", []):
            continue
        fields = {**a_request(endpoint), field.name: value}
        query = urlencode(fields) if endpoint.methods[0] == "GET" else ""
        message = check_error(call.answer(endpoint.methods[0], endpoint.paths[0], json.dumps(fields).encode(), query))
        assert f"'{field.name}" in message


@pytest.mark.parametrize("endpoint", POSTS, ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize(
    "body",
    [b"{", b"nul", b"[]", b"1", b'"a"', b"null", b"\xff", b"{'a': 1}", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"],
    ids=lambda body: repr(body[:8]),
)
def test_a_body_that_is_no_json_object_is_refused(call, endpoint, body):
    answer = call.answer(endpoint.methods[0], endpoint.paths[0], body)
    assert check_error(answer, 400, "BAD_REQUEST").startswith("Bad Request.")


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "json", "multipart/form-data"]
)
def test_a_body_of_another_content_type_is_refused(call, content_type):
    answer = call.answer("POST", f"{PREFIX}registered-models/create", b'{"name": "a"}', content_type=content_type)
    message = check_error(answer, 400, "BAD_REQUEST")
    assert message == "Bad Request. Content-Type must be one of ['application/json']."


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_the_content_type_may_have_parameters(call, content_type):
    answer = call.answer("POST", f"{PREFIX}registered-models/create", b'{"name": "a"}', content_type=content_type)
    assert answer.status == 200


def test_a_body_that_is_too_large_is_refused(call):
    body = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'
    answer = call.answer("POST", f"{PREFIX}registered-models/create", body)
    assert "at most" in check_error(answer, 413, "BAD_REQUEST")


@pytest.mark.parametrize("query", ["name=%ff", "name=%C3", "&".join(f"a{number}=1" for number in range(1001))])
def test_a_query_that_cannot_be_read_is_refused(call, query):
    answer = call.answer("GET", f"{PREFIX}registered-models/get", query=query)
    assert "query string" in check_error(answer, 400, "BAD_REQUEST")


def test_a_query_is_read_as_a_browser_and_a_program_write_it(call, store):
    store.create_registered_model("a b & ü=%")
    for query in ("name=a+b+%26+%C3%BC%3D%25", "name=a%20b%20%26%20%c3%bc%3d%25&name=second&unknown=1"):
        answer = call.answer("GET", f"{PREFIX}registered-models/get", query=query)
        assert read(answer)["registered_model"]["name"] == "a b & ü=%"


@pytest.fixture
def search(call, store):
    """Ask an endpoint that searches, with everything right but one field."""
    store.create_run("0", run_id=RUN_ID)
    right = {"run_id": RUN_ID, "metric_key": "loss", "experiment_ids": ["0"], "max_results": "5"}

    def ask(endpoint, name, value):
        names = {field.name for field in endpoint.request}
        fields = {key: given for key, given in right.items() if key in names} | {name: value}
        query = urlencode(fields, doseq=True) if endpoint.methods[0] == "GET" else ""
        return call.answer(endpoint.methods[0], endpoint.paths[0], json.dumps(fields).encode(), query)

    return ask


@each(searches("page_token"))
@pytest.mark.parametrize("token", ["x", "-1", "e30=", "MQ==", "W10=", "bnVsbA==", "ü", "A" * 3000])
def test_a_page_token_of_no_page_is_refused(search, endpoint, field, token):
    assert check_error(search(endpoint, field.name, token)).startswith("Invalid page token '")


@each(searches("page_token"))
def test_a_page_token_of_another_search_is_refused(call, store, search, endpoint, field):
    for name in ("a", "b"):
        store.create_experiment(name)
    fields = {"max_results": 1, "order_by": ["name DESC"], "filter": "name != 'nobody'"}
    token = call.ok("POST", "experiments/search", fields)["next_page_token"]
    assert check_error(search(endpoint, field.name, token)).startswith("Invalid page token '")


@each(searches("filter"))
@pytest.mark.parametrize(
    "text", ["attributes.nothing = 1", "name =", "name", "'", "name = 'a", "(" * 1000, "x" * 20_000]
)
def test_a_filter_that_cannot_be_read_is_refused(search, endpoint, field, text):
    assert check_error(search(endpoint, field.name, text)).startswith("Cannot read the filter: ")


@each(searches("order_by"))
@pytest.mark.parametrize("order", ["attributes.nothing", "name UP", "'", ""])
def test_an_order_that_cannot_be_read_is_refused(search, endpoint, field, order):
    message = check_error(search(endpoint, field.name, [order]))
    assert message.startswith(("Cannot order ", "Cannot read the order "))


def test_unknown_fields_and_null_are_ignored(call):
    body = {"name": "a", "tags": None, "description": None, "unknown": {"a": [1]}}
    assert call.ok("POST", "registered-models/create", body)["registered_model"]["name"] == "a"


@pytest.mark.parametrize(
    "path", ["", "api", PREFIX, f"{PREFIX}nothing", f"{PREFIX}runs/get/", f"/{PREFIX}runs/get", "x" * 5000]
)
def test_a_path_that_leads_nowhere_is_told(call, path):
    for method in ("GET", "POST", "HEAD"):
        check_error(call.answer(method, path), 404, "ENDPOINT_NOT_FOUND")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_another_method_is_refused_with_those_that_are_taken(call, endpoint):
    for path in endpoint.paths:
        answer = call.answer("PATCH", path, b"{}")
        check_error(answer, 405, "BAD_REQUEST")
        assert set(endpoint.methods) <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_the_api_is_served_where_programs_and_where_mlflows_pages_ask(call, endpoint):
    answers = [call.answer(endpoint.methods[0], path) for path in endpoint.paths]
    assert len({answer.status for answer in answers}) == 1
    if endpoint.name != "create_run":  # Which answers each request with a run of its own.
        assert len({answer.body for answer in answers}) == 1
    assert answers[0].status != 404
    if endpoint.name != "get_artifact":
        assert len(answers) == 2


def test_only_what_changes_the_store_is_a_write(call):
    writes = {endpoint.name for endpoint in ENDPOINTS if call.api.writes(endpoint.methods[0], endpoint.paths[0])}
    reading = ("get_", "search_", "list_")
    assert writes == {endpoint.name for endpoint in ENDPOINTS if not endpoint.name.startswith(reading)}
    assert call.api.writes("POST", "nothing")
    assert not call.api.writes("GET", "nothing")
    assert not call.api.writes("HEAD", "get-artifact")


def test_head_is_answered_as_get(call, store):
    store.create_registered_model("a")
    get, head = (call.answer(method, f"{PREFIX}registered-models/get", query="name=a") for method in ("GET", "HEAD"))
    assert (head.status, head.headers) == (get.status, get.headers) == (200, get.headers)
    check_error(call.answer("HEAD", f"{PREFIX}runs/search"), 405, "BAD_REQUEST")


@pytest.mark.parametrize("error", [StoreUnavailable("The disk is full."), SchemaMismatch("Run: pip install")])
def test_a_store_that_is_away_is_told(error):
    def service():
        raise error

    answer = Caller(service).answer("GET", f"{PREFIX}runs/get", query="run_id=1")
    assert check_error(answer, 503, "TEMPORARILY_UNAVAILABLE") == str(error)


def test_an_error_that_nobody_expected_is_in_the_log_and_not_in_the_answer(caplog):
    def service():
        raise RuntimeError("the secret of the house")

    with caplog.at_level(logging.ERROR, "jupyter_track.tests"):
        answer = Caller(service).answer("GET", f"{PREFIX}runs/get", query="run_id=1")
    message = check_error(answer, 500, "INTERNAL_ERROR")
    assert "secret" not in message
    (record,) = caplog.records
    assert record.exc_info[1].args == ("the secret of the house",)
    assert record.args[0] in message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_is_answered_with_a_server_error(call, endpoint, data):
    known = st.sampled_from(["0", "1", "a", "churn", "2", "s3://x", "runs:/x/y", "name = 'a'", ["name"], [], {}])
    values = {field.name: data.draw(known | json_values, label=field.name) for field in endpoint.request}
    if endpoint.methods[0] == "GET":
        status, content = call("GET", endpoint.route, {name: _storable(value) for name, value in values.items()})
    else:
        status, content = call(endpoint.methods[0], endpoint.route, values)
    assert 200 <= status < 500, content


def _storable(value):
    """Return a value that can be written as a query string."""
    return str(value).encode("utf-8", "replace").decode()


def test_reads_of_a_store_on_disk_leave_it_as_it_is(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path}/track.db")) as store:
        call = Caller(lambda: Service(store, open_repository))
        call.ok("POST", "runs/search", {"experiment_ids": ["0"]})
        before = (tmp_path / "track.db").read_bytes()
        for endpoint in ENDPOINTS:
            if not endpoint.writes:
                call(endpoint.methods[0], endpoint.route, a_request(endpoint))
        assert (tmp_path / "track.db").read_bytes() == before
