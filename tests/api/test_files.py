"""Downloads that no browser mistakes for a page, and sources and paths that lead nowhere they should not."""

import os
from urllib.parse import urlencode

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.artifacts.pack import PACK

from .conftest import read

RUN_ID = "0123456789abcdef" * 2


@pytest.fixture
def root(store):
    """The artifacts of a run, with a secret beside them."""
    run = store.create_run("0", run_id=RUN_ID)
    repository = open_repository(run.info.artifact_uri)
    repository.write("model/MLmodel", b"flavors: {}")
    (repository.root.parent / "secret.txt").write_text("secret")
    return repository.root


def download(call, path, method="GET"):
    return call.answer(method, "get-artifact", query=urlencode({"run_id": RUN_ID, "path": path}), content_type="")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.txt", "text/plain; charset=utf-8"),
        ("page.html", "text/plain; charset=utf-8"),
        ("page.XHTML", "text/plain; charset=utf-8"),
        ("script.js", "text/plain; charset=utf-8"),
        ("data.json", "text/plain; charset=utf-8"),
        ("notebook.ipynb", "text/plain; charset=utf-8"),
        ("MLmodel", "text/plain; charset=utf-8"),
        ("figure.png", "image/png"),
        ("figure.SVG", "image/svg+xml"),
        ("model.pkl", "application/octet-stream"),
        ("page.pdf", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ],
)
def test_a_file_is_a_download_of_a_harmless_type(call, root, name, content_type):
    (root / name).write_bytes(b"<script>")
    answer = download(call, name)
    assert answer.status == 200
    with answer.file as file:
        assert file.read() == b"<script>"
    assert answer.size == 8
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Length"] == "8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.mark.parametrize(
    ("name", "plain", "exact"),
    [
        ("a b.txt", "a b.txt", "a%20b.txt"),
        ('quote".txt', "quote_.txt", "quote%22.txt"),
        ("a%20b", "a_20b", "a%2520b"),
        ("größe 日本.txt", "gr__e __.txt", "gr%C3%B6%C3%9Fe%20%E6%97%A5%E6%9C%AC.txt"),
        ("line\r\nX-Evil: 1", "line__X-Evil: 1", "line%0D%0AX-Evil%3A%201"),
        ("a;b=c", "a;b=c", "a%3Bb%3Dc"),
    ],
)
def test_the_name_of_a_file_stays_in_its_header(call, root, name, plain, exact):
    (root / name).write_bytes(b"")
    answer = download(call, name)
    answer.file.close()
    assert answer.headers["Content-Disposition"] == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"


PATHS = [
    "../secret.txt", "model/../../secret.txt", "..", "/etc/passwd", "//etc/passwd", "..\\secret.txt", "C:\\x", "C:x",
    "\\\\host\\share", "model/..", "./../secret.txt", "model/../../../x", "nul\0", "a/\0/b",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=repr)
def test_a_path_that_leads_out_is_refused(call, root, path):
    answer = download(call, path)
    assert answer.status == 400
    assert read(answer)["error_code"] == "INVALID_PARAMETER_VALUE"
    listed = call.refused("GET", "artifacts/list", {"run_id": RUN_ID, "path": path})
    assert listed[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    "path", ["%2e%2e/secret.txt", "%2e%2e%2fsecret.txt", "..%2fsecret.txt", "file:///etc/passwd", "~root"]
)
def test_a_path_that_is_encoded_once_more_is_a_name_and_nothing_else(call, root, path):
    assert download(call, path).status == 404
    assert "files" not in call.ok("GET", "artifacts/list", {"run_id": RUN_ID, "path": path})


def test_links_that_lead_out_are_absent(call, root):
    os.symlink("../secret.txt", root / "link.txt")
    os.symlink("..", root / "folder")
    os.symlink("/etc", root / "etc")
    for path in ("link.txt", "folder/secret.txt", "etc/passwd"):
        assert download(call, path).status == 404
    files = call.ok("GET", "artifacts/list", {"run_id": RUN_ID})["files"]
    assert [file["path"] for file in files] == ["model"]


def test_files_of_the_pack_are_files_like_any_other_and_the_pack_is_none(call, root):
    written = {"notebook.ipynb": b"{}" * 5_000, "output/stdout.txt": b"said", "output/figure.png": bytes(20_000)}
    for path, data in written.items():
        open_repository(str(root)).write(path, data, shared=True)
    assert (root / PACK).is_file()
    assert not (root / "output").exists()
    files = call.ok("GET", "artifacts/list", {"run_id": RUN_ID})["files"]
    assert [file["path"] for file in files] == ["model", "notebook.ipynb", "output"]
    files = call.ok("GET", "artifacts/list", {"run_id": RUN_ID, "path": "output"})["files"]
    assert [(file["path"], file["file_size"]) for file in files] == [
        ("output/figure.png", 20_000),
        ("output/stdout.txt", 4),
    ]
    for path, data in written.items():
        answer = download(call, path)
        with answer.file as file:
            assert (answer.status, file.read()) == (200, data)
        assert answer.headers["Content-Length"] == str(len(data))
    assert download(call, PACK).status == 400
    assert call.refused("GET", "artifacts/list", {"run_id": RUN_ID, "path": PACK})[0] == 400


@pytest.fixture
def create(call, store, root):
    """Try to register a version from a source."""
    store.create_registered_model("churn")
    return lambda source, run_id="": call(
        "POST", "model-versions/create", {"name": "churn", "source": source, "run_id": run_id}
    )


@pytest.mark.parametrize(
    "source",
    [
        f"runs:/{RUN_ID}/model", f"runs:/{RUN_ID}", "{root}/model", "{root}", "file://{root}/model", "{root}/./model/",
    ],
)  # fmt: skip
def test_a_source_among_the_artifacts_of_its_run_is_taken(create, root, source):
    status, content = create(source.format(root=root), RUN_ID)
    assert (status, content["model_version"]["run_id"]) == (200, RUN_ID)
    assert create(source.format(root=root))[0] == 400


@pytest.mark.parametrize("source", ["s3://bucket/model", "gs://bucket/model", "S3://bucket/a b", "dbfs:/x"])
def test_a_source_in_an_object_store_needs_no_run(create, source):
    assert create(source)[0] == 200


@pytest.mark.parametrize(
    "source",
    [
        "runs:/{other}/model",
        "runs:/",
        "runs:model",
        "runs://{run}/model",
        "runs:/{run}/../model",
        "runs:/{run}/%2e%2e/x",
        "runs:/{run}/%252e%252e/x",
        "/etc/passwd",
        "/etc",
        "/",
        "etc/passwd",
        "./model",
        "../model",
        "file:///etc/passwd",
        "file://host{root}/model",
        "file:model",
        "file:{root}/../secret.txt",
        "file:{root}/%2e%2e/secret.txt",
        "{root}/../secret.txt",
        "{root}/..%2fsecret.txt",
        "{root}/link",
        "{root}-beside/x",
        "C:\\model",
        "\\\\host\\share",
        "http://host/model",
        "https://host/model",
        "ftp://host/model",
        "models:/churn/1",
        "mlflow-artifacts:/x",
        "s3://bucket/../other",
        "s3://bucket/%2e%2e/other",
        "javascript:alert(1)",
        "data:text/html,x",
        "x" * 501,
        "file:///{root}\0",
    ],
)
def test_any_other_source_is_refused(create, store, root, source):
    os.symlink("/etc", root / "link")
    store.create_run("0", run_id="f" * 32)
    status, content = create(source.format(root=root, run=RUN_ID, other="f" * 32), RUN_ID)
    assert (status, content["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert store.search_model_versions() == []


def test_a_source_of_a_run_that_is_not_there_is_told(create):
    status, content = create(f"runs:/{'0' * 32}/model", "0" * 32)
    assert (status, content["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
