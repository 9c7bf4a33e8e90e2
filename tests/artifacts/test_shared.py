"""Shared files: to a reader like any other, on disk only what is new; and nobody is hurt when they cannot be."""

import base64
import io
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.artifacts import LocalArtifactRepository, shared
from jupyter_track.artifacts.bases import BASES
from jupyter_track.artifacts.objects import OBJECTS, ObjectFolder
from jupyter_track.artifacts.pack import PACK, unpack
from jupyter_track.entities import FileInfo, InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable

from .test_local import folder_of_nobody_special  # noqa: F401 (a fixture)


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def notebook(run, cells=60, pictures=3):
    """Return a notebook in which a run has changed its execution counts."""
    made = []
    for number in range(cells):
        outputs = [{"data": {"image/png": base64.b64encode(noise(number, 20_000)).decode()}}] * (number < pictures)
        source = [f"line {line} of cell {number}\n" for line in range(20)]
        made.append({"execution_count": run * cells + number, "outputs": outputs, "source": source})
    return json.dumps({"cells": made, "nbformat": 4}, indent=1).encode()


@pytest.fixture
def experiment(tmp_path):
    return tmp_path / "1"


@pytest.fixture
def make(experiment):
    """Return the repository of one run of an experiment."""

    def make(run):
        return LocalArtifactRepository(experiment / f"{run:032x}" / "artifacts")

    return make


def objects(experiment):
    return ObjectFolder(experiment / OBJECTS)


def plain_files(repository):
    return sorted(path.relative_to(repository.root).as_posix() for path in repository.root.rglob("*") if path.is_file())


CONTENTS = {
    "empty": b"",
    "short": b"accuracy: 0.9\n",
    "short-binary": b"\0\1\xff",
    "binary": noise(1, 50_000),
    "text": b"".join(b"line %d\n" % number for number in range(5_000)),
    "latin": "é\n".encode("latin-1") * 3_000,
    "notebook": notebook(1),
    "one-line": json.dumps(json.loads(notebook(1))).encode(),
    "picture": base64.b64encode(noise(2, 9_000)),
    "mark": b"a\1\nb" * 3_000,
}


class TestReading:
    @pytest.mark.parametrize("name", CONTENTS)
    def test_what_is_written_is_read_and_nothing_else_is_in_the_folder(self, make, name):
        repository, data = make(1), CONTENTS[name]
        for content in (data, data + b"more", data):
            repository.write("output/file", content, shared=True)
            assert repository.read("output/file") == content
            assert repository.list("output") == [FileInfo("output/file", False, len(content))]
        assert plain_files(repository) == [PACK]

    @given(data=st.data())
    def test_any_contents_one_after_the_other(self, tmp_path_factory, data):
        root = tmp_path_factory.mktemp("root")
        written = {}
        contents = st.binary(max_size=300) | st.sampled_from([*CONTENTS.values()])
        for run, path, content in data.draw(
            st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), contents), max_size=8)
        ):
            LocalArtifactRepository(root / f"{run:032x}" / "artifacts").write(path, content, shared=True)
            written[run, path] = content
        for (run, path), content in written.items():
            assert LocalArtifactRepository(root / f"{run:032x}" / "artifacts").read(path) == content

    def test_a_file_can_be_read_in_pieces_and_sought(self, make):
        data = CONTENTS["notebook"]
        make(1).write("a.ipynb", data, shared=True)
        with make(1).open("a.ipynb") as file:
            assert file.seek(0, os.SEEK_END) == len(data)
            assert file.read() == b""
            for place in (0, 1_000, 26_000, 90_000, len(data) - 5):
                file.seek(place)
                assert file.read(3_000) == data[place : place + 3_000]
            file.seek(-10, os.SEEK_CUR)
            assert file.read() == data[-10:] or file.tell() == len(data)
            file.seek(0)
            target = io.BytesIO()
            shutil.copyfileobj(file, target, 777)
            assert target.getvalue() == data

    def test_shared_and_plain_files_are_listed_together(self, make):
        repository = make(1)
        repository.write("output/b.txt", b"12", shared=True)
        repository.write("output/a.txt", b"1")
        repository.write("z", b"123", shared=True)
        repository.write("cells/2/output/text.txt", b"", shared=True)
        assert repository.list() == [FileInfo("cells", True), FileInfo("output", True), FileInfo("z", False, 3)]
        assert repository.list("output") == [FileInfo("output/a.txt", False, 1), FileInfo("output/b.txt", False, 2)]
        assert repository.list("cells") == [FileInfo("cells/2", True)]
        assert repository.list("outp") == repository.list("z") == []
        with pytest.raises(ResourceDoesNotExist):
            repository.open("output")

    def test_the_last_write_counts_shared_or_plain(self, make):
        repository = make(1)
        for number, is_shared in enumerate([True, False, True, True, False, False, True]):
            repository.write("a/b", b"%d" % number, shared=is_shared)
            assert repository.read("a/b") == b"%d" % number
            assert repository.list("a") == [FileInfo("a/b", False, 1)]

    def test_elsewhere_than_at_a_run_they_are_plain_files(self, tmp_path):
        for root in (tmp_path / "models", tmp_path / ("a" * 32), tmp_path / "x" / "artifacts"):
            LocalArtifactRepository(root).write("a/b", b"1" * 9_000, shared=True)
            assert (root / "a" / "b").read_bytes() == b"1" * 9_000
        assert not [*tmp_path.rglob(OBJECTS)]


class TestSharing:
    def test_of_a_hundred_runs_only_what_is_new_is_kept(self, make, experiment):
        for run in range(100):
            make(run).write("notebook.ipynb", notebook(run), shared=True)
            make(run).write("output/figure-1.png", noise(1, 20_000), shared=True)
        packs = [(make(run).root / PACK).stat().st_size for run in range(1, 100)]
        assert max(packs) < 2_000
        # The three pictures, one of them as a file as well, and the text of the first notebook.
        assert len([*objects(experiment).names()]) == 4
        assert all(make(run).read("notebook.ipynb") == notebook(run) for run in range(100))

    def test_two_notebooks_in_turn_are_told_apart(self, make, experiment):
        other = notebook(0).replace(b"line", b"other line")
        for run in range(10):
            make(run).write("notebook.ipynb", notebook(run) if run % 2 else other, shared=True)
        assert len([*objects(experiment).names()]) == 5

    def test_a_notebook_that_becomes_another_is_a_base_itself_when_that_pays(self, make, experiment):
        lines = [b"line %d %s\n" % (number, noise(number, 20).hex().encode()) for number in range(1_000)]
        for run in range(100):
            lines[run * 10 : run * 10 + 10] = [
                noise((run, line).__repr__(), 20).hex().encode() + b"\n" for line in range(10)
            ]
            make(run).write("a.txt", b"".join(lines), shared=True)
        sizes = [(make(run).root / PACK).stat().st_size for run in range(100)]
        assert max(sizes) < 4_000
        assert 2 < len([*objects(experiment).names()]) < 30

    def test_without_the_list_of_bases_new_ones_are_made(self, make, experiment):
        make(1).write("notebook.ipynb", notebook(1), shared=True)
        for damaged in (b"", b"[[1]]", b"\xff", b'[["x", "y", "z"]]'):
            (experiment / OBJECTS / BASES).write_bytes(damaged)
            make(2).write("notebook.ipynb", notebook(2), shared=True)
            assert make(2).read("notebook.ipynb") == notebook(2)

    def test_a_cut_off_object_is_written_again_by_the_next_run(self, make, experiment):
        data = noise(1, 9_000)
        make(1).write("a", data, shared=True)
        (name,) = objects(experiment).names()
        os.truncate(objects(experiment).place(name), 50)
        make(2).write("a", data, shared=True)
        assert make(1).read("a") == make(2).read("a") == data

    def test_using_an_object_again_marks_it(self, make, experiment):
        make(1).write("a", noise(1, 9_000), shared=True)
        (name,) = objects(experiment).names()
        place = objects(experiment).place(name)
        os.utime(place, (1, 1))
        make(2).write("a", noise(1, 9_000), shared=True)
        assert place.stat().st_mtime > time.time() - 3_600

    def test_a_full_pack_takes_no_more_short_files(self, make):
        repository = make(1)
        for number in range(40):
            repository.write(f"output/{number}", noise(number, 3_000), shared=True)
        assert (repository.root / PACK).stat().st_size < shared.FULL + 4_000
        repository.write("notebook.ipynb", notebook(1), shared=True)
        assert len(plain_files(repository)) == 19
        assert repository.read("notebook.ipynb") == notebook(1)
        assert [repository.read(f"output/{number}") for number in range(40)] == [noise(n, 3_000) for n in range(40)]


class TestNames:
    @pytest.mark.parametrize(
        "path",
        [
            PACK,
            PACK.upper(),
            f"{PACK}.",
            f"{PACK} ",
            f"{PACK}::$DATA",
            f"a/{PACK}",
            f"{PACK}/a",
            ".writing-x",
            "a/.WRITING-x",
        ],
    )
    def test_the_trackers_own_names_are_refused(self, make, path):
        repository = make(1)
        repository.write("a/b", b"1", shared=True)
        for call in (repository.open, repository.list, lambda path: repository.write(path, b"")):
            with pytest.raises(InvalidParameterValue, match="tracker's own"):
                call(path)
        assert repository.list() == [FileInfo("a", True)]

    def test_no_link_leads_to_the_pack(self, make):
        repository = make(1)
        repository.write("a", b"1", shared=True)
        (repository.root / "link").symlink_to(PACK)
        assert repository.list() == [FileInfo("a", False, 1)]
        with pytest.raises(ResourceDoesNotExist):
            repository.open("link")
        with pytest.raises(InvalidParameterValue):
            repository.write("link", b"")

    @pytest.mark.parametrize("first", [True, False])
    @pytest.mark.parametrize("second", [True, False])
    def test_a_file_and_a_folder_never_have_the_same_path(self, make, first, second):
        repository = make(1)
        repository.write("file", b"kept", shared=first)
        repository.write("folder/file", b"kept", shared=first)
        for path in ("folder", "file/deeper", "file/deeper/still", "x" * 300, "."):
            with pytest.raises(InvalidParameterValue, match="Cannot write the artifact"):
                repository.write(path, b"1", shared=second)
        assert [info.path for info in repository.list()] == ["file", "folder"]
        assert repository.read("file") == repository.read("folder/file") == b"kept"

    def test_a_folder_that_is_a_link_is_the_same_folder(self, make):
        repository = make(1)
        repository.write("real/plain", b"1")
        (repository.root / "link").symlink_to("real")
        repository.write("link/a", b"2", shared=True)
        assert repository.read("real/a") == repository.read("link/a") == b"2"
        assert [info.path for info in repository.list("link")] == ["link/a", "link/plain"]


class TestDamage:
    def test_a_run_that_was_copied_without_the_objects_says_what_is_missing(self, make, experiment, tmp_path):
        make(1).write("notebook.ipynb", notebook(1), shared=True)
        make(1).write("short", b"1", shared=True)
        shutil.copytree(make(1).root, tmp_path / "2" / f"{1:032x}" / "artifacts")
        copied = LocalArtifactRepository(tmp_path / "2" / f"{1:032x}" / "artifacts")
        assert copied.read("short") == b"1"
        assert copied.list()[0] == FileInfo("notebook.ipynb", False, len(notebook(1)))
        with pytest.raises(StoreUnavailable, match=rf"copy the folder .*/2/{OBJECTS} as well"):
            copied.open("notebook.ipynb")
        shutil.copytree(experiment / OBJECTS, tmp_path / "2" / OBJECTS)
        assert copied.read("notebook.ipynb") == notebook(1)

    def test_a_changed_object_is_never_read(self, make, experiment):
        make(1).write("a", noise(1, 9_000), shared=True)
        (name,) = objects(experiment).names()
        place = objects(experiment).place(name)
        data = bytearray(place.read_bytes())
        data[-1] ^= 1
        place.write_bytes(data)
        with pytest.raises(StoreUnavailable, match="is damaged"):
            make(1).read("a")

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"JTP1", b"JTP1" + zlib.compress(b"[]"), b"JTP1" + zlib.compress(b"{}")[:-3],
            b"JTP1" + zlib.compress(b'{"a": {"size": 1, "base": "../../../etc/passwd"}}'),
            b"JTP1" + zlib.compress(b'{"a": {"size": 1, "embedded": [["../x", 1]]}}'),
            b"JTP1" + zlib.compress(b'{"a": {"text": "x"}}'), b"JTP1" + zlib.compress(b"[" * 100_000),
        ],
    )  # fmt: skip
    def test_a_damaged_pack_is_told_and_plain_files_are_still_there(self, make, content):
        repository = make(1)
        repository.write("plain", b"1")
        (repository.root / PACK).write_bytes(content)
        with pytest.raises(StoreUnavailable, match="is damaged"):
            repository.open("notebook.ipynb")
        with pytest.raises(StoreUnavailable, match="is damaged"):
            repository.list()
        assert repository.read("plain") == b"1"
        repository.write("new", b"2", shared=True)
        assert repository.read("new") == b"2"
        assert (repository.root / PACK).read_bytes() == content

    @pytest.mark.parametrize("described", ['{"size": 7, "text": "x"}', '{"size": 1, "text": "x", "changes": [1, 2]}'])
    def test_a_pack_whose_parts_do_not_make_the_file_is_told(self, make, described):
        repository = make(1)
        repository.write("a", b"1", shared=True)
        (repository.root / PACK).write_bytes(b"JTP1" + zlib.compress(b'{"a": %s}' % described.encode()))
        if "changes" in described:
            assert repository.read("a") == b"x"  # Changes of nothing are none.
            return
        with pytest.raises(StoreUnavailable, match="is damaged"):
            repository.read("a")


class TestPlacesThatFail:
    def test_a_full_disk_leaves_what_was_there(self, make, experiment, monkeypatch):
        make(1).write("a", b"old", shared=True)
        before = sorted(path for path in experiment.rglob("*"))

        def full(source, target):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", full)
            for data in (b"new", noise(1, 9_000)):
                with pytest.raises(StoreUnavailable, match="No space left"):
                    make(1).write("a", data, shared=True)
        assert make(1).read("a") == b"old"
        assert {path for path in experiment.rglob("*") if path.is_file()} == {path for path in before if path.is_file()}
        make(1).write("a", noise(1, 9_000), shared=True)
        assert make(1).read("a") == noise(1, 9_000)

    def test_where_the_objects_are_somebody_elses_a_file_is_plain(self, folder_of_nobody_special):  # noqa: F811
        experiment = folder_of_nobody_special
        repository = LocalArtifactRepository(experiment / ("a" * 32) / "artifacts")
        (experiment / OBJECTS).mkdir()
        (experiment / OBJECTS).chmod(0o500)
        repository.write("a/b", noise(1, 9_000), shared=True)
        assert plain_files(repository) == ["a/b"]
        (experiment / OBJECTS).chmod(0o700)

    def test_where_another_one_holds_the_lock_for_long_a_file_is_plain(self, make, experiment, monkeypatch):
        monkeypatch.setattr("jupyter_track.artifacts.objects._PATIENCE", 0.05)
        with objects(experiment).lock():
            make(1).write("a", b"1", shared=True)
        assert plain_files(make(1)) == ["a"]
        make(1).write("a", b"2", shared=True)
        assert (make(1).read("a"), plain_files(make(1))) == (b"2", [PACK])

    def test_a_read_only_place_is_read(self, folder_of_nobody_special):  # noqa: F811
        experiment = folder_of_nobody_special
        repository = LocalArtifactRepository(experiment / ("a" * 32) / "artifacts")
        repository.write("notebook.ipynb", notebook(1), shared=True)
        folders = [path for path in [experiment, *experiment.rglob("*")] if path.is_dir()]
        for folder in folders:
            folder.chmod(0o500)
        try:
            assert repository.read("notebook.ipynb") == notebook(1)
            with pytest.raises(StoreUnavailable, match="Permission denied"):
                repository.write("new", b"1", shared=True)
        finally:
            for folder in folders:
                folder.chmod(0o700)


class TestManyWriters:
    def test_threads_that_write_to_one_run_lose_nothing(self, make):
        def write(thread):
            for number in range(10):
                make(1).write(f"output/{thread}-{number}", b"%d" % number * 100, shared=True)

        threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(make(1).list("output")) == 80
        assert plain_files(make(1)) == [PACK]

    def test_processes_that_are_killed_at_any_moment_leave_nothing_torn(self, make, experiment):
        program = (
            "import sys\n"
            "sys.path.insert(0, sys.argv[3])\n"
            "from tests.artifacts.test_shared import LocalArtifactRepository, noise, notebook\n"
            "print(flush=True)\n"
            "for round in range(10_000):\n"
            "    for run in range(3):\n"
            "        repository = LocalArtifactRepository(f'{sys.argv[1]}/{run:032x}/artifacts')\n"
            "        repository.write('notebook.ipynb', notebook(round % 7), shared=True)\n"
            "        repository.write(f'output/{sys.argv[2]}', noise(round % 5, 9_000), shared=True)\n"
        )
        here = str(Path(__file__).parents[2])
        command = [sys.executable, "-c", program, str(experiment)]
        children = [subprocess.Popen([*command, f"{n}", here], stdout=subprocess.PIPE) for n in range(8)]
        chance = random.Random(1)
        whole = {notebook(round) for round in range(7)}
        try:
            for child in children:
                child.stdout.readline()
            for child in children:
                until = time.monotonic() + chance.uniform(0.05, 0.3)
                while time.monotonic() < until:
                    for run in range(3):
                        if make(run).list():
                            assert make(run).read("notebook.ipynb") in whole
                child.kill()
        finally:
            for child in children:
                child.kill()
                child.wait()
                child.stdout.close()
        folder = objects(experiment)
        names = [*folder.names()]
        assert {len(folder.read(name)) for name in names} >= {9_000, 20_000}
        for run in range(3):
            for entry in unpack((make(run).root / PACK).read_bytes()).values():
                assert set(entry.objects) <= set(names)
            assert make(run).read("notebook.ipynb") in whole
            make(run).write("after", b"1", shared=True)
            assert plain_files(make(run))[0] == PACK
