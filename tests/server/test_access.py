"""Who may ask the service inside a Jupyter server, and from where."""

import pytest

from jupyter_track.wire import ENDPOINTS

from .jupyter import TOKEN

API = "api/2.0/mlflow/"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
REFUSED = {"error_code": "PERMISSION_DENIED", "message": "Forbidden"}
ROUTES = [(method, path, endpoint) for endpoint in ENDPOINTS for path in endpoint.paths for method in endpoint.methods]


def cookies_of(answer):
    pairs = (cookie.partition(";")[0].partition("=") for cookie in answer.headers.get_all("Set-Cookie"))
    return {name: value for name, _, value in pairs}


@pytest.fixture
def stranger(server):
    """The cookies of a browser that has seen the login page and no more."""
    found = cookies_of(server.fetch("GET", "login", token=""))
    assert set(found) == {"_xsrf"}
    return found


@pytest.fixture
def cookies(server, stranger):
    """The cookies of a browser that has logged in, and what it sends against forged requests."""
    session = server.fetch("GET", f"api/status?token={TOKEN}", token="")
    assert session.status == 200
    found = stranger | cookies_of(session)
    assert len(found) == 2
    return found


def browser(cookies, **headers):
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **headers}


@pytest.mark.parametrize("token", ["", "wrong", TOKEN.upper()])
def test_each_route_refuses_whoever_is_not_logged_in(server, stranger, token):
    # No forgery: what is refused is the person, and not the way that was asked.
    headers = browser(stranger, **{"X-XSRFToken": stranger["_xsrf"]})
    for method, path, endpoint in [*ROUTES, *((method, "nothing", None) for method in METHODS), ("GET", "", None)]:
        fields = {field.name: "1" for field in endpoint.request} if endpoint else {}
        answer = server.call(method, path, fields, token=token, headers=headers)
        assert (answer.status, answer.json) == (403, REFUSED), (method, path)
    for path in {path for _, path, _ in ROUTES}:
        assert server.call("HEAD", path, token=token, headers=headers).status == 403


def test_each_route_answers_whoever_is(server):
    for method, path, endpoint in ROUTES:
        answer = server.call(method, path)
        assert answer.status in (200, 400), (method, path)
        if answer.status == 400:
            required = [field.name for field in endpoint.request if field.required] or ["max_results"]
            assert f"'{required[0]}'" in answer.json["message"]


def test_a_token_may_come_as_a_bearers(server):
    answer = server.call("GET", f"{API}experiments/get?experiment_id=0", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.json["experiment"]["name"] == "Default"


def test_a_browser_reads_with_its_cookies(server, cookies):
    answer = server.call("GET", f"{API}experiments/get?experiment_id=0", token="", headers=browser(cookies))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, endpoint in ROUTES if method in ("POST", "DELETE")]
)
def test_a_request_that_another_page_has_forged_is_refused(server, cookies, method, path):
    for forged in ({}, {"X-XSRFToken": "wrong"}, {"Content-Type": "text/plain"}):
        answer = server.call(method, path, token="", headers=browser(cookies, **forged))
        assert answer.status == 403
        assert answer.json["error_code"] == "PERMISSION_DENIED"


def test_a_browser_writes_with_what_only_our_pages_know(server, cookies):
    headers = browser(cookies, **{"X-XSRFToken": cookies["_xsrf"]})
    created = server.call("POST", f"{API}registered-models/create", {"name": "by cookie"}, token="", headers=headers)
    assert created.json["registered_model"]["name"] == "by cookie"


def test_a_page_of_another_origin_is_refused(server, cookies):
    headers = browser(cookies, **{"X-XSRFToken": cookies["_xsrf"], "Origin": "http://evil.example"})
    for method, path in (("GET", f"{API}experiments/get?experiment_id=0"), ("POST", f"{API}registered-models/create")):
        answer = server.call(method, path, {}, token="", headers=headers)
        assert answer.status in (403, 404)
        assert set(answer.json) == {"error_code", "message"}


def test_a_name_that_was_bound_to_this_machine_is_refused(server):
    answer = server.call("GET", f"{API}experiments/get?experiment_id=0", headers={"Host": "evil.example"})
    assert answer.status == 403
    assert answer.json["error_code"] == "PERMISSION_DENIED"


def test_the_servers_own_rules_are_asked_whether_one_may_read_or_write(shared_server):
    for method, path, endpoint in ROUTES:
        answer = shared_server.call(method, path)
        assert answer.status == 403 if endpoint.writes else answer.status in (200, 400), (method, path)
        if endpoint.writes:
            assert answer.json == {
                "error_code": "PERMISSION_DENIED",
                "message": "User is not authorized to write on resource: jupyter_track.",
            }
    assert shared_server.call("POST", f"{API}runs/search", {"experiment_ids": ["0"]}).json == {}
    assert shared_server.call("PATCH", "nothing").status == 403
