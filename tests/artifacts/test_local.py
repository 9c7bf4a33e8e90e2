"""Artifacts in a local folder: whole files, below the root, and errors of ours only."""

import os
import shutil
import tempfile
import threading
from pathlib import Path

import pytest

from jupyter_track.artifacts import LocalArtifactRepository
from jupyter_track.entities import FileInfo, InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable

from .test_paths import HOSTILE

NOBODY = 65_534


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


@pytest.fixture
def repository(root):
    return LocalArtifactRepository(root)


@pytest.fixture
def secret(tmp_path):
    """A folder beside the root, with a file in it."""
    folder = tmp_path / "root-of-another"
    folder.mkdir()
    (folder / "secret.txt").write_text("secret")
    return folder


def test_what_is_written_is_read(repository):
    repository.write("a/b/c.bin", b"\0\xff")
    assert repository.read("a/b/c.bin") == b"\0\xff"
    repository.write("a/b/c.bin", b"new")
    assert repository.read("./a//b/c.bin") == b"new"


def test_an_open_file_can_be_sought(repository):
    repository.write("a", b"0123")
    with repository.open("a") as file:
        assert file.seek(0, os.SEEK_END) == 4
        file.seek(2)
        assert file.read() == b"23"


def test_listing_a_folder(repository, root):
    repository.write("b.txt", b"12")
    repository.write("a/c.txt", b"1")
    repository.write("a/empty", b"")
    (root / "a" / "folder").mkdir()
    assert repository.list() == [FileInfo("a", True), FileInfo("b.txt", False, 2)]
    assert repository.list("a") == [
        FileInfo("a/c.txt", False, 1),
        FileInfo("a/empty", False, 0),
        FileInfo("a/folder", True),
    ]
    assert repository.list("./a/") == repository.list("a")


@pytest.mark.parametrize("path", ["", "absent", "absent/deeper", "file", "file/deeper", "x" * 5000, "x" * 300])
def test_what_is_no_folder_lists_as_empty(repository, path):
    if path:
        repository.write("file", b"")
    assert repository.list(path) == []


@pytest.mark.parametrize("path", ["", "absent", "folder", "file/deeper", "x" * 5000, "x" * 300, "%2e%2e/file"])
def test_reading_what_is_no_file(repository, path):
    repository.write("folder/file", b"")
    repository.write("file", b"")
    with pytest.raises(ResourceDoesNotExist, match="No such artifact"):
        repository.open(path)


@pytest.mark.parametrize("path", HOSTILE)
def test_hostile_paths_are_refused_by_every_call(repository, root, path):
    for call in (repository.open, repository.list, lambda path: repository.write(path, b"")):
        with pytest.raises(InvalidParameterValue):
            call(path)
    assert not root.exists()


@pytest.mark.parametrize("target", ["..", "../root-of-another", "absolute", "../root-of-another/secret.txt"])
def test_a_link_that_leads_out_leads_nowhere(repository, root, secret, target):
    repository.write("inside.txt", b"")
    (root / "link").symlink_to(secret if target == "absolute" else target)
    for path in ("link", "link/secret.txt", "link/root-of-another/secret.txt"):
        with pytest.raises(ResourceDoesNotExist):
            repository.open(path)
        assert repository.list(path) == []
        with pytest.raises(InvalidParameterValue, match="Cannot write"):
            repository.write(path, b"changed")
    assert [info.path for info in repository.list()] == ["inside.txt"]
    assert (secret / "secret.txt").read_text() == "secret"


def test_a_link_that_stays_inside_is_followed(repository, root):
    repository.write("models/1/weights", b"12")
    (root / "newest").symlink_to("models/1")
    (root / "weights").symlink_to(root / "models" / "1" / "weights")
    assert repository.read("newest/weights") == b"12"
    assert repository.list("newest") == [FileInfo("newest/weights", False, 2)]
    assert repository.list() == [FileInfo("models", True), FileInfo("newest", True), FileInfo("weights", False, 2)]


def test_a_root_that_is_a_link_is_a_root(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    repository = LocalArtifactRepository(tmp_path / "root")
    repository.write("a", b"1")
    assert (tmp_path / "real" / "a").read_bytes() == b"1"
    assert repository.list() == [FileInfo("a", False, 1)]


def test_broken_links_and_links_in_a_circle(repository, root):
    root.mkdir()
    (root / "broken").symlink_to("absent")
    (root / "circle").symlink_to("circle")
    assert repository.list() == []
    for path in ("broken", "circle", "circle/x"):
        assert repository.list(path) == []
        with pytest.raises(ResourceDoesNotExist):
            repository.open(path)


def test_a_link_put_in_place_after_the_check_is_not_followed(repository, root, secret, monkeypatch):
    repository.write("a", b"1")
    resolve = LocalArtifactRepository._resolve

    def resolve_then_swap(self, path):
        place = resolve(self, path)
        place.unlink()
        place.symlink_to(secret / "secret.txt")
        return place

    monkeypatch.setattr(LocalArtifactRepository, "_resolve", resolve_then_swap)
    with pytest.raises(ResourceDoesNotExist):
        repository.open("a")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_no_artifact_and_holds_nobody_up(repository, root):
    root.mkdir()
    os.mkfifo(root / "pipe")
    assert repository.list() == []
    with pytest.raises(ResourceDoesNotExist):
        repository.open("pipe")


@pytest.mark.parametrize("path", ["", ".", "folder", "file/deeper", "file/deeper/still", "x" * 300, "x" * 5000])
def test_writing_where_no_file_can_ever_be_is_refused_for_good(repository, root, path):
    repository.write("folder/file", b"")
    repository.write("file", b"kept")
    with pytest.raises(InvalidParameterValue, match="Cannot write the artifact"):
        repository.write(path, b"1")
    assert repository.read("file") == b"kept"
    assert sorted(os.listdir(root)) == ["file", "folder"]
    assert os.listdir(root / "folder") == ["file"]


def test_a_full_disk_leaves_the_old_file_and_no_rest(repository, root, monkeypatch):
    repository.write("a", b"old")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        repository.write("a", b"new")
    assert os.listdir(root) == ["a"]
    assert repository.read("a") == b"old"


@pytest.fixture
def folder_of_nobody_special():
    """A folder whose owner this process is, and no more than that: root may read and write everything."""
    folder = tempfile.mkdtemp()
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield Path(folder)
    if is_root:
        os.seteuid(0)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other permissions")
def test_no_permission(folder_of_nobody_special):
    root = folder_of_nobody_special / "root"
    repository = LocalArtifactRepository(root)
    repository.write("a/b", b"")
    (root / "a" / "b").chmod(0)
    (root / "a").chmod(0o500)
    try:
        with pytest.raises(StoreUnavailable, match="Permission denied"):
            repository.open("a/b")
        with pytest.raises(StoreUnavailable, match="Permission denied"):
            repository.write("a/c", b"")
        (root / "a").chmod(0)
        with pytest.raises(StoreUnavailable, match="Permission denied"):
            repository.list("a")
    finally:
        (root / "a").chmod(0o700)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_place_that_fails_is_unavailable(repository, monkeypatch, error):
    repository.write("a", b"")

    def fail(*arguments):
        raise error

    monkeypatch.setattr(os, "open", fail)
    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(StoreUnavailable, match=error.strerror):
        repository.open("a")
    with pytest.raises(StoreUnavailable, match=error.strerror):
        repository.list()


def test_a_reader_sees_the_whole_file_or_none(repository, root, monkeypatch):
    """At the moment before the new file takes its place, the old one is there whole and nothing is listed."""
    repository.write("a", b"old")
    replace, seen = os.replace, []

    def look_then_replace(source, target):
        assert os.path.getsize(source) == 3
        seen.append((repository.read("a"), [info.path for info in repository.list()]))
        replace(source, target)

    monkeypatch.setattr(os, "replace", look_then_replace)
    repository.write("a", b"new")
    assert seen == [(b"old", ["a"])]
    assert repository.read("a") == b"new"


def test_a_file_has_the_permissions_that_the_umask_gives(repository, root):
    if os.name == "nt":
        pytest.skip("Windows has no umask")
    before = os.umask(0o027)
    try:
        repository.write("a", b"")
    finally:
        os.umask(before)
    assert (root / "a").stat().st_mode & 0o777 == 0o640


def test_writers_of_one_file_do_not_mix(repository, root):
    contents = [bytes([number]) * 100_000 for number in range(8)]
    threads = [threading.Thread(target=repository.write, args=("a", content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert repository.read("a") in contents
    assert os.listdir(root) == ["a"]
