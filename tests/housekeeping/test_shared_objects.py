"""What runs share of their files: kept as long as a run uses it, and told when it is damaged or missing."""

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.artifacts.objects import OBJECTS, ObjectFolder
from jupyter_track.artifacts.pack import PACK
from jupyter_track.housekeeping.artifact_folders import YOUNG_SECONDS
from jupyter_track.housekeeping.backup import back_up
from jupyter_track.housekeeping.fsck import fsck
from jupyter_track.housekeeping.gc import Wanted, collect_garbage
from jupyter_track.housekeeping.stats import stats
from jupyter_track.store import open_store

pytestmark = pytest.mark.parametrize("uri", ["sqlite"], indirect=True)


def noise(seed, size=9_000):
    return random.Random(seed).randbytes(size)


def collect(uri, dry_run=False, **wanted):
    found = list(collect_garbage(uri, Wanted(**wanted), dry_run))
    return [each for each in found if "shared" in each.what or "share" in each.what]


def told(uri, **options):
    return [str(finding) for finding in fsck(uri, **options)]


@pytest.fixture
def make_run(store):
    """Make a run with shared files, each with its own number of what is in it."""

    def make(*seeds, experiment_id="0"):
        run = store.create_run(experiment_id)
        files = open_repository(run.info.artifact_uri)
        for seed in seeds:
            files.write(f"output/{seed}", noise(seed), shared=True)
        return run

    return make


def root_of(run):
    return Path(run.info.artifact_uri).parents[1]


def objects_of(run):
    return ObjectFolder(root_of(run) / OBJECTS)


def make_old(run):
    moment = time.time() - YOUNG_SECONDS - 60
    for path in objects_of(run).folder.rglob("*"):
        os.utime(path, (moment, moment))


class TestGc:
    def test_what_no_run_uses_any_more_goes_and_the_rest_stays(self, store, uri, make_run):
        gone, kept = make_run(1, 2), make_run(2, 3)
        make_old(gone)
        store.delete_run(gone.info.run_id)
        (would,) = collect(uri, dry_run=True)
        assert len([*objects_of(kept).names()]) == 3
        (garbage,) = collect(uri)
        assert garbage == would
        assert (garbage.what, garbage.kept) == (f"1 contents below {root_of(kept)} that runs have shared", "")
        assert garbage.bytes > 9_000
        files = open_repository(kept.info.artifact_uri)
        assert [files.read("output/2"), files.read("output/3")] == [noise(2), noise(3)]
        assert len([*objects_of(kept).names()]) == 2
        assert collect(uri) == []

    def test_a_deleted_run_that_is_not_erased_yet_keeps_what_it_uses(self, store, uri, make_run):
        run = make_run(1)
        make_old(run)
        store.delete_run(run.info.run_id)
        assert collect(uri, older_than=1_000_000) == []
        store.restore_run(run.info.run_id)
        assert open_repository(run.info.artifact_uri).read("output/1") == noise(1)

    def test_what_was_used_lately_stays(self, store, uri, make_run):
        run = make_run(1)
        store.delete_run(run.info.run_id)
        assert collect(uri) == []
        assert len([*objects_of(run).names()]) == 1
        make_old(run)
        assert len(collect(uri)) == 1

    def test_what_another_run_takes_up_meanwhile_stays(self, store, uri, make_run, monkeypatch):
        from jupyter_track.housekeeping import gc

        gone = make_run(1, 2)
        make_old(gone)
        store.delete_run(gone.info.run_id)
        erase = gc.erase_objects

        def erase_late(*arguments):
            make_run(2)
            erase(*arguments)

        monkeypatch.setattr(gc, "erase_objects", erase_late)
        collect(uri)
        (run,) = store.search_runs(["0"])
        assert open_repository(run.info.artifact_uri).read("output/2") == noise(2)
        assert len([*objects_of(run).names()]) == 1

    def test_folders_of_no_run_keep_what_they_use_until_they_are_erased(self, store, uri, make_run):
        run = make_run(1)
        orphan = root_of(run) / ("a" * 32)
        shutil.copytree(root_of(run) / run.info.run_id, orphan)
        open_repository(str(orphan / "artifacts")).write("more", noise(2), shared=True)
        make_old(run)
        assert collect(uri) == []
        for path in (orphan, *orphan.rglob("*")):
            os.utime(path, (1, 1))
        (would,) = collect(uri, dry_run=True, orphans=True)[-1:]
        assert would.what.startswith("1 contents")
        assert collect(uri, orphans=True)[-1] == would
        assert open_repository(run.info.artifact_uri).read("output/1") == noise(1)

    def test_nothing_goes_while_it_cannot_be_told_what_a_run_uses(self, store, uri, make_run):
        gone, damaged = make_run(1), make_run(2)
        make_old(gone)
        store.delete_run(gone.info.run_id)
        (Path(damaged.info.artifact_uri) / PACK).write_bytes(b"JTP1")
        (garbage,) = collect(uri)
        assert f"{damaged.info.run_id}/artifacts/{PACK} cannot be read" in garbage.kept
        assert len([*objects_of(gone).names()]) == 2

    def test_an_experiment_goes_with_all_that_its_runs_shared(self, store, uri, make_run):
        run = make_run(1, experiment_id=store.create_experiment("a"))
        open_repository(run.info.artifact_uri).write("text", b"".join(b"%d\n" % n for n in range(5_000)), shared=True)
        store.delete_experiment(run.info.experiment_id)
        for dry_run in (True, False):
            (garbage,) = collect(uri, dry_run)
            assert garbage.what.startswith("2 contents")
        assert not root_of(run).exists()

    def test_a_folder_that_two_experiments_share_stays_for_the_other(self, store, uri, make_run, tmp_path):
        ids = [store.create_experiment(name, str(tmp_path / "files")) for name in "ab"]
        gone, kept = (make_run(1, number, experiment_id=each) for number, each in enumerate(ids, 2))
        make_old(gone)
        store.delete_experiment(ids[0])
        assert len(collect(uri)) == 1
        files = open_repository(kept.info.artifact_uri)
        assert [files.read("output/1"), files.read("output/3")] == [noise(1), noise(3)]
        assert len([*objects_of(kept).names()]) == 2

    def test_objects_that_were_never_written_to_their_end_go_if_asked(self, store, uri, make_run):
        run = make_run(1)
        partial = objects_of(run).folder / "a" / f".writing-{'0' * 32}"
        partial.parent.mkdir(exist_ok=True)
        partial.write_bytes(b"x")
        make_old(run)
        list(collect_garbage(uri, Wanted(orphans=True)))
        assert not partial.exists()
        assert open_repository(run.info.artifact_uri).read("output/1") == noise(1)


class TestFsck:
    def damage(self, run):
        (name,) = objects_of(run).names()
        place = objects_of(run).place(name)
        data = bytearray(place.read_bytes())
        data[-1] ^= 1
        place.write_bytes(data)
        return place

    def test_runs_in_order_have_no_findings(self, uri, make_run):
        make_run(1, 2)
        make_run(2)
        assert told(uri) == []

    def test_a_missing_object_is_told_with_who_needs_it(self, uri, make_run):
        run = make_run(1)
        other = make_run(1)
        (name,) = objects_of(run).names()
        objects_of(run).place(name).unlink()
        (line,) = told(uri)
        first = min(run.info.run_id, other.info.run_id)
        assert line.startswith(
            f"File {objects_of(run).place(name)}: it is not there, and output/1 of run {first} and 1"
        )
        make_run(1)
        assert told(uri) == []

    def test_a_damaged_object_is_told_put_aside_and_written_again_by_the_next_run(self, uri, make_run):
        run = make_run(1)
        place = self.damage(run)
        (line,) = told(uri)
        assert line.startswith(f"File {place}: it is damaged, and output/1 of run {run.info.run_id} cannot be read")
        (line,) = told(uri, repair=True)
        assert "it is not there" in line
        make_run(1)
        assert told(uri) == []
        assert open_repository(run.info.artifact_uri).read("output/1") == noise(1)

    def test_a_damaged_object_that_nobody_needs_is_told_and_mended(self, store, uri, make_run):
        run = make_run(1)
        store.delete_run(run.info.run_id)
        list(collect_garbage(uri, Wanted()))
        self.damage(run)
        (line,) = told(uri)
        assert "it is damaged. Put" in line
        assert told(uri, repair=True) == told(uri) == []

    def test_a_damaged_pack_is_told(self, uri, make_run):
        run = make_run(1)
        pack = Path(run.info.artifact_uri) / PACK
        pack.write_bytes(b"JTP1")
        (line,) = told(uri)
        assert line.startswith(f"File {pack}: it cannot be read")


def test_a_copy_of_database_and_artifacts_is_whole(store, uri, make_run, tmp_path):
    run = make_run(1)
    back_up(uri, str(tmp_path / "copy.db"))
    shutil.copytree(root_of(run), tmp_path / "away")
    shutil.rmtree(root_of(run))
    shutil.move(tmp_path / "away", root_of(run))
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    assert open_repository(copy.get_run(run.info.run_id).info.artifact_uri).read("output/1") == noise(1)
    copy.close()
    assert told(f"sqlite:///{tmp_path / 'copy.db'}") == []


def test_what_runs_share_is_counted(store, uri, make_run):
    make_run(1, 2)
    run = make_run(1)
    counted = stats(uri, artifacts=True)
    shared = sum(path.stat().st_size for path in objects_of(run).folder.rglob("*") if path.is_file())
    assert 18_000 < counted.shared_bytes == shared < counted.artifact_bytes < 20_000
    assert stats(uri).shared_bytes is None
