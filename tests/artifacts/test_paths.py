"""What is an artifact path, and which place an artifact URI names."""

import ntpath
import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_track.artifacts import (
    LocalArtifactRepository,
    check_artifact_path,
    local_path,
    open_repository,
    uri_scheme,
)
from jupyter_track.entities import InvalidParameterValue

HOSTILE = [
    "..",
    "../secret",
    "a/../../secret",
    "a/..",
    "./..",
    "/etc/passwd",
    "//server/share",
    "///etc/passwd",
    "..\\secret",
    "a\\b",
    "\\\\server\\share",
    "C:/Windows",
    "C:secret",
    "c:",
    "a\0b",
    "\0",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_some_file_system_reads_as_outside_is_refused(path):
    with pytest.raises(InvalidParameterValue, match="Invalid artifact path"):
        check_artifact_path(path)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("", ""),
        (".", ""),
        ("./", ""),
        ("a", "a"),
        ("a/b.txt", "a/b.txt"),
        ("a//b/", "a/b"),
        ("./a/./b", "a/b"),
        ("..a/b..", "..a/b.."),
        ("…", "…"),
        ("a b/ü.png", "a b/ü.png"),
        # The percent sign means nothing to a file system.
        ("%2e%2e/x", "%2e%2e/x"),
        ("a/C:/x", "a/C:/x"),
        ("train:loss.csv", "train:loss.csv"),
    ],
)
def test_a_path_below_the_root_is_made_plain(path, plain):
    assert check_artifact_path(path) == plain


_parts = st.sampled_from(["..", ".", "", "a", "...", "C:", "~", "%2e%2e", "\\", "\0", "/", " ", "a b", "ü"]) | st.text(
    max_size=5
)


@given(st.lists(_parts, max_size=8).map("/".join) | st.text())
@example("a/../..")
@example("C:..")
def test_no_path_leaves_the_root_on_any_system(path):
    try:
        plain = check_artifact_path(path)
    except InvalidParameterValue:
        return
    for joined in (os.path.normpath(f"/root/{plain}"), ntpath.normpath(f"D:\\root\\{plain}").replace("\\", "/")[2:]):
        assert joined == "/root" or joined.startswith("/root/")
    assert check_artifact_path(plain) == plain


@given(st.text(max_size=20), st.binary(max_size=20))
def test_what_is_written_below_any_name_is_read_or_refused(tmp_path_factory, path, data):
    root = tmp_path_factory.mktemp("root")
    repository = LocalArtifactRepository(root / "below")
    try:
        repository.write(path, data)
    except InvalidParameterValue:
        return
    assert repository.read(path) == data
    assert [child.name for child in root.iterdir()] == ["below"]


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/home/ada/artifacts", "/home/ada/artifacts"),
        ("relative/folder", "relative/folder"),
        # Plain paths are taken as they are, whatever a URL parser would cut off or refuse.
        ("/home/ada/#1?x=%20", "/home/ada/#1?x=%20"),
        ("//[odd", "//[odd"),
        ("file:///home/ada/artifacts", "/home/ada/artifacts"),
        ("file://localhost/home/ada", "/home/ada"),
        ("file:/home/ada", "/home/ada"),
        ("FILE:///home/ada", "/home/ada"),
        ("file:///home/a%20b/%23%3F%25", "/home/a b/#?%"),
        ("file:///C:/Users", "/C:/Users"),
        ("C:\\Users\\Ada", "C:\\Users\\Ada"),
        ("C:/Users", "C:/Users"),
        ("s3://bucket/key", None),
        ("mlflow-artifacts:/1/2", None),
        ("runs:/1/model", None),
    ],
)
def test_the_local_path_that_a_uri_names(uri, path):
    assert local_path(uri, windows=False) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///C:/Users/Ada%20L", "C:/Users/Ada L"),
        ("file:///c:", "c:"),
        ("file:/D:/x", "D:/x"),
        ("file:///home/ada", "/home/ada"),
        ("file:///ab:/x", "/ab:/x"),
        ("C:\\Users", "C:\\Users"),
    ],
)
def test_a_file_url_of_windows_begins_with_a_drive(uri, path):
    assert local_path(uri, windows=True) == path


@pytest.mark.parametrize(
    "uri", ["file://server/share", "file://server", "file:///a?b", "file:///a#b", "file:///a?", "file:///a#"]
)
def test_a_file_url_whose_meaning_would_be_cut_is_refused(uri):
    with pytest.raises(InvalidParameterValue, match="Cannot use the file URL"):
        local_path(uri)


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [("S3://b", "s3"), ("C:/x", ""), ("/a:b", ""), ("a/b:c", ""), ("", ""), ("git+ssh://x", "git+ssh")],
)
def test_scheme(uri, scheme):
    assert uri_scheme(uri) == scheme


def test_a_repository_is_opened_at_a_path_or_file_url(tmp_path):
    assert open_repository(str(tmp_path)).root == tmp_path
    repository = open_repository(tmp_path.as_uri())
    assert isinstance(repository, LocalArtifactRepository)
    assert repository.root == tmp_path


@pytest.mark.parametrize(
    "uri", ["ftp://host/x", "s3://bucket/key", "", "file:", "file://localhost", "/a\0b", "file:///%00"]
)
def test_no_repository_is_opened_where_none_can_be(uri):
    with pytest.raises(InvalidParameterValue, match="Cannot open the artifact location"):
        open_repository(uri)
