"""``gc``: what was deleted goes for good with its files, and nothing else does."""

import os
import time
from pathlib import Path

import pytest

from jupyter_track.artifacts import LocalArtifactRepository, open_repository
from jupyter_track.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    InvalidParameterValue,
    Metric,
    Param,
    ResourceDoesNotExist,
    RunTag,
    ViewType,
)
from jupyter_track.housekeeping import artifact_folders, erasing
from jupyter_track.housekeeping.fsck import fsck
from jupyter_track.housekeeping.gc import Wanted, collect_garbage
from jupyter_track.store.sql.database import Database

DAY = 86_400_000


def collect(uri, dry_run=False, **wanted):
    """Collect garbage; return what went, and what was kept with the reason."""
    found = list(collect_garbage(uri, Wanted(**wanted), dry_run))
    return [each.what for each in found if not each.kept], {each.what: each.kept for each in found if each.kept}


def execute(uri, statement, **values):
    database = Database(uri)
    with database.write() as connection:
        found = connection.exec_driver_sql(statement.format(**{key: f"'{value}'" for key, value in values.items()}))
        rows = found.fetchall() if found.returns_rows else []
    database.close()
    return rows


def die(*_):
    raise KeyboardInterrupt


def count(uri, table):
    return execute(uri, f"SELECT count(*) FROM {table}")[0][0]


@pytest.fixture
def make_run(store):
    """Make a run with something of everything, and an artifact of ten bytes."""

    def make(experiment_id="0", name="run"):
        run = store.create_run(experiment_id, run_name=name)
        run_id = run.info.run_id
        store.log_batch(run_id, [Metric("m", 1.0, 1), Metric("m", 2.0, 2, 1)], [Param("p", "1")], [RunTag("t", "v")])
        data = Dataset(f"data-{name}", "digest", "local", "source")
        store.log_inputs(run_id, [DatasetInput(data, (InputTag("a", "b"),))])
        open_repository(run.info.artifact_uri).write("folder/file", b"x" * 10)
        return run

    return make


def folder_of(run):
    return Path(run.info.artifact_uri).parent


class TestRuns:
    def test_a_deleted_run_goes_with_all_that_belongs_to_it(self, store, uri, make_run):
        gone, kept = make_run(name="gone"), make_run(name="kept")
        before = store.get_run(kept.info.run_id)
        store.delete_run(gone.info.run_id)
        (run, datasets) = collect_garbage(uri, Wanted())
        assert (run.what, run.bytes, run.kept) == (f"run {gone.info.run_id} gone", 10, "")
        assert datasets.what == "1 datasets that no run has read"
        with pytest.raises(ResourceDoesNotExist):
            store.get_run(gone.info.run_id)
        assert not folder_of(gone).exists()
        assert store.get_run(kept.info.run_id) == before
        assert (folder_of(kept) / "artifacts" / "folder" / "file").read_bytes() == b"x" * 10
        counts = {table: count(uri, table) for table in ("runs", "metrics", "latest_metrics", "params", "inputs")}
        assert counts == {"runs": 1, "metrics": 2, "latest_metrics": 1, "params": 1, "inputs": 1}
        assert [count(uri, table) for table in ("datasets", "input_tags", "tags")] == [1, 1, 2]
        assert fsck(uri) == []

    def test_a_dry_run_says_the_same_and_erases_nothing(self, store, uri, make_run):
        run = make_run(store.create_experiment("a"))
        store.delete_experiment(run.info.experiment_id)
        would = collect(uri, dry_run=True)
        assert would == ([f"run {run.info.run_id} run", "experiment 1 a"], {})
        assert store.get_run(run.info.run_id).data.params == {"p": "1"}
        assert folder_of(run).exists()
        assert collect(uri)[0][:2] == would[0]

    def test_each_transaction_that_erases_runs_is_counted(self, store, uri, make_run):
        (before,) = execute(uri, "SELECT value FROM counters WHERE name = 'erasures'")
        collect(uri)
        assert execute(uri, "SELECT value FROM counters WHERE name = 'erasures'") == [before]
        store.delete_run(make_run().info.run_id)
        collect(uri)
        assert execute(uri, "SELECT value FROM counters WHERE name = 'erasures'") == [(before[0] + 1,)]

    def test_runs_deleted_lately_are_kept_if_asked(self, store, uri, make_run):
        old, new = make_run(name="old"), make_run(name="new")
        for run in (old, new):
            store.delete_run(run.info.run_id)
        execute(uri, f"UPDATE runs SET deleted_time = deleted_time - {2 * DAY} WHERE run_name = 'old'")
        assert collect(uri, older_than=DAY)[0][0] == f"run {old.info.run_id} old"
        assert store.get_run(new.info.run_id).data.params == {"p": "1"}

    def test_only_the_runs_that_are_named_go(self, store, uri, make_run):
        runs = [make_run(name=f"{number}") for number in range(3)]
        for run in runs:
            store.delete_run(run.info.run_id)
        collect(uri, run_ids=[runs[1].info.run_id])
        left = {run.info.run_name for run in store.search_runs(["0"], view_type=ViewType.ALL)}
        assert left == {"0", "2"}

    def test_a_named_run_that_cannot_be_erased_is_told_before_any_is(self, store, uri, make_run):
        gone, active = make_run(), make_run()
        store.delete_run(gone.info.run_id)
        for wanted, said in (
            ({"run_ids": [gone.info.run_id, active.info.run_id]}, "is not deleted"),
            ({"run_ids": [gone.info.run_id], "older_than": DAY}, "not been deleted for that long"),
            ({"experiment_ids": ["0"]}, "always there"),
            ({"experiment_ids": ["x"]}, "Invalid experiment id"),
        ):
            with pytest.raises(InvalidParameterValue, match=said):
                collect(uri, **wanted)
        for wanted in ({"run_ids": [gone.info.run_id, "0" * 32]}, {"experiment_ids": ["77"]}):
            with pytest.raises(ResourceDoesNotExist, match="There is no"):
                collect(uri, **wanted)
        assert store.get_run(gone.info.run_id).data.params == {"p": "1"}

    @pytest.mark.parametrize("by", ["run_id", "source"])
    def test_a_run_whose_model_is_registered_is_kept_unless_forced(self, store, uri, make_run, by):
        run = make_run()
        run_id = run.info.run_id
        store.create_registered_model("churn")
        store.create_model_version("churn", f"runs:/{run_id}/model", run_id=run_id if by == "run_id" else "")
        store.delete_run(run_id)
        gone, kept = collect(uri)
        assert gone == []
        assert "version 1 of model churn" in kept[f"run {run_id} run"]
        assert folder_of(run).exists()
        assert collect(uri, force=True)[0][0] == f"run {run_id} run"
        assert store.get_model_version("churn", 1).source == f"runs:/{run_id}/model"
        assert any("churn" in str(finding) for finding in fsck(uri))

    def test_a_run_with_more_points_than_a_transaction_erases_goes_whole(self, store, uri, make_run, monkeypatch):
        monkeypatch.setattr(erasing, "POINTS_AT_ONCE", 10)
        large, small = make_run(name="large"), make_run(name="small")
        points = [Metric("nan", float("nan"), 1, step) for step in range(25)]
        points += [Metric("loss", step, 10**12 + step, step) for step in range(30)]
        store.log_batch(large.info.run_id, points)
        kept = make_run(name="kept")
        for run in (large, small):
            store.delete_run(run.info.run_id)
        gone, _ = collect(uri)
        assert set(gone[:2]) == {f"run {run.info.run_id} {run.info.run_name}" for run in (large, small)}
        assert not folder_of(large).exists()
        assert count(uri, "metrics") == 2
        assert store.search_runs(["0"], view_type=ViewType.ALL) == [store.get_run(kept.info.run_id)]

    def test_a_large_run_cannot_be_restored_while_it_goes_and_the_rest_goes_with_the_next_collection(
        self, store, uri, make_run, monkeypatch
    ):
        monkeypatch.setattr(erasing, "POINTS_AT_ONCE", 10)
        run = make_run(name="large")
        store.log_batch(run.info.run_id, [Metric("loss", step, step, step) for step in range(30)])
        store.delete_run(run.info.run_id)

        with monkeypatch.context() as patched:
            patched.setattr(erasing, "literal", die)  # What is used first after the run has lost its id.
            with pytest.raises(KeyboardInterrupt):
                collect(uri)
        with pytest.raises(ResourceDoesNotExist):
            store.restore_run(run.info.run_id)
        (what, *_), kept = collect(uri)
        assert what.endswith(" large")
        assert kept == {}
        assert count(uri, "runs") == count(uri, "metrics") == 0

    def test_more_runs_than_are_looked_at_together_all_go(self, store, uri, make_run, monkeypatch):
        monkeypatch.setattr(erasing, "RUNS_AT_ONCE", 3)
        for _ in range(8):
            store.delete_run(make_run().info.run_id)
        assert len(collect(uri)[0]) == 9
        assert count(uri, "runs") == 0


class TestExperiments:
    def test_a_deleted_experiment_goes_with_its_runs_and_its_folder(self, store, uri, make_run, tmp_path):
        run = make_run(store.create_experiment("a"))
        root = folder_of(run).parent
        store.delete_experiment(run.info.experiment_id)
        assert collect(uri)[0][:2] == [f"run {run.info.run_id} run", "experiment 1 a"]
        assert store.get_experiment_by_name("a") is None
        assert not root.exists()
        assert store.create_experiment("a") == "2"

    def test_an_experiment_stays_as_long_as_a_run_of_it_is_kept(self, store, uri, make_run):
        run = make_run(store.create_experiment("a"))
        store.create_registered_model("churn")
        store.create_model_version("churn", "s3://elsewhere", run_id=run.info.run_id)
        store.delete_experiment("1")
        for dry_run in (True, False):
            assert collect(uri, dry_run)[1]["experiment 1 a"] == "1 runs of it are kept"
        assert store.get_experiment("1").name == "a"

    def test_the_default_experiment_stays(self, store, uri, make_run):
        run = make_run()
        store.delete_experiment("0")
        assert collect(uri)[0][0] == f"run {run.info.run_id} run"
        assert store.get_experiment("0").name == "Default"

    def test_only_the_experiments_that_are_named_go_with_their_runs(self, store, uri, make_run):
        runs = [make_run(store.create_experiment(name)) for name in "ab"]
        store.delete_experiment("1")
        store.delete_experiment("2")
        collect(uri, experiment_ids=["2"])
        assert store.get_run(runs[0].info.run_id).info.experiment_id == "1"
        assert store.get_experiment_by_name("b") is None


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
class TestFilesOfOthers:
    @pytest.fixture
    def precious(self, tmp_path):
        folder = tmp_path / "precious"
        folder.mkdir()
        (folder / "file").write_bytes(b"x")
        return folder

    @pytest.mark.parametrize("force", [False, True])
    @pytest.mark.parametrize(
        "hostile",
        [
            "{precious}",
            "file://{precious}",
            "{root}/{run_id}/artifacts/../../../precious",
            "{root}/{run_id}",
            "{root}",
            "{root}/{other}/artifacts",
            "/",
            "precious",
            "s3://bucket/{run_id}/artifacts",
            "file://host/{precious}",
            "",
        ],
    )
    def test_a_hostile_address_removes_nothing(self, store, uri, make_run, precious, hostile, force):
        run, other = make_run(name="hostile"), make_run(name="other")
        root = folder_of(run).parent
        address = hostile.format(precious=precious, root=root, run_id=run.info.run_id, other=other.info.run_id)
        execute(uri, "UPDATE runs SET artifact_uri = {address} WHERE run_name = 'hostile'", address=address)
        store.delete_run(run.info.run_id)
        gone, kept = collect(uri, force=force)
        assert (f"run {run.info.run_id} hostile" in gone) is force
        assert any(address in f"{what} {why}" for what, why in kept.items())
        assert (precious / "file").exists()
        for each in (run, other):
            assert (folder_of(each) / "artifacts" / "folder" / "file").exists()

    @pytest.mark.parametrize("link", ["artifacts", "run"])
    def test_a_link_in_place_of_a_folder_removes_nothing(self, store, uri, make_run, precious, link):
        run = make_run()
        place = folder_of(run) / "artifacts" if link == "artifacts" else folder_of(run)
        place.rename(place.with_name("moved"))
        place.symlink_to(precious)
        (precious / "artifacts").mkdir()
        store.delete_run(run.info.run_id)
        collect(uri, force=True)
        assert (precious / "file").exists()
        assert (precious / "artifacts").exists()

    def test_links_among_the_artifacts_go_and_not_what_they_lead_to(self, store, uri, make_run, precious):
        run = make_run()
        (folder_of(run) / "artifacts" / "link").symlink_to(precious)
        store.delete_run(run.info.run_id)
        collect(uri)
        assert not folder_of(run).exists()
        assert (precious / "file").exists()

    def test_a_folder_that_another_run_points_into_stays(self, store, uri, make_run):
        run, other = make_run(), make_run(name="other")
        address = f"{run.info.artifact_uri}/folder"
        execute(uri, "UPDATE runs SET artifact_uri = {address} WHERE run_name = 'other'", address=address)
        store.delete_run(run.info.run_id)
        collect(uri, force=True)
        assert open_repository(store.get_run(other.info.run_id).info.artifact_uri).read("file") == b"x" * 10

    def test_a_folder_that_an_experiment_keeps_its_artifacts_in_stays(self, store, uri, make_run):
        run = make_run()
        inner = make_run(store.create_experiment("inner", f"{run.info.artifact_uri}/folder"))
        store.delete_run(run.info.run_id)
        collect(uri, force=True)
        assert open_repository(inner.info.artifact_uri).read("folder/file") == b"x" * 10

    def test_what_else_is_in_a_runs_folder_stays(self, store, uri, make_run):
        run = make_run()
        (folder_of(run) / "notes").write_text("x")
        store.delete_run(run.info.run_id)
        collect(uri)
        assert os.listdir(folder_of(run)) == ["notes"]


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
class TestOrphans:
    def make_old(self, folder):
        moment = time.time() - artifact_folders.YOUNG_SECONDS - 60
        for path in (*folder.rglob("*"), folder):
            os.utime(path, (moment, moment))

    def make_folder(self, root, name, part="artifacts"):
        (root / name / part).mkdir(parents=True)
        (root / name / part / "file").write_bytes(b"x" * 7)
        self.make_old(root / name)
        return root / name

    def test_an_old_folder_that_no_run_has_goes_if_asked(self, store, uri, make_run):
        run = make_run()
        self.make_old(folder_of(run))
        root = folder_of(run).parent
        orphan = self.make_folder(root, "a" * 32)
        assert collect(uri) == ([], {})
        assert collect(uri, dry_run=True, orphans=True)[0] == [f"folder {orphan}/artifacts, which no run has"]
        assert orphan.exists()
        (garbage,) = collect_garbage(uri, Wanted(orphans=True))
        assert garbage.bytes == 7
        assert not orphan.exists()
        assert folder_of(run).exists()

    def test_what_may_be_something_else_stays(self, store, uri, make_run, tmp_path):
        root = folder_of(make_run()).parent
        stays = [
            self.make_folder(root, "b" * 31),
            self.make_folder(root, "B" * 32),
            self.make_folder(root, "models"),
            self.make_folder(root, "c" * 32, part="other"),
            self.make_folder(root / "below", "d" * 32),
            self.make_folder(tmp_path, "e" * 32),
        ]
        (root / ("f" * 32)).symlink_to(stays[-1])
        young = self.make_folder(root, "0" * 32)
        os.utime(young / "artifacts" / "file")
        assert collect(uri, orphans=True) == ([], {})
        assert all((folder).exists() for folder in (*stays, young))

    def test_a_folder_of_a_deleted_run_is_no_orphan(self, store, uri, make_run):
        run = make_run()
        self.make_old(folder_of(run))
        store.delete_run(run.info.run_id)
        assert collect(uri, orphans=True, older_than=DAY) == ([], {})
        assert folder_of(run).exists()

    def test_files_that_were_never_written_to_their_end_go_if_asked(self, store, uri, make_run, monkeypatch):
        run = make_run()
        repository = LocalArtifactRepository(run.info.artifact_uri)
        # What is left by a process that dies in the middle of writing, when nobody tidies up.
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", die)
            patched.setattr(Path, "unlink", lambda *_, **__: None)
            with pytest.raises(KeyboardInterrupt):
                repository.write("folder/other", b"x" * 5)
        (partial,) = (folder_of(run) / "artifacts" / "folder").glob(".*")
        assert collect(uri, orphans=True) == ([], {})
        self.make_old(folder_of(run))
        assert collect(uri)[0] == []
        (garbage,) = collect_garbage(uri, Wanted(orphans=True))
        assert (str(partial) in garbage.what, garbage.bytes) == (True, 5)
        assert [file.path for file in repository.list("folder")] == ["folder/file"]
        assert not partial.exists()
