"""``jupyter-track db``: what it shows, and its exit status."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_track.entities import Metric
from jupyter_track.store import open_store
from jupyter_track.store.sql.migrate import SCHEMA

OLD = Path(__file__).parents[1] / "data" / "schema-0001.db"


@pytest.fixture
def old(tmp_path):
    return Path(shutil.copy(OLD, tmp_path / "old.db"))


@pytest.fixture
def store(uri):
    with closing(open_store(uri)) as store:
        yield store


def test_an_old_database_is_checked_and_upgraded(shell, old):
    uri = f"sqlite:///{old}"
    status, out, err = shell("db", "check", uri)
    assert (status, out.count("\n"), err) == (1, 1, "")
    assert "Run: jupyter-track db upgrade" in out
    assert shell("db", "upgrade", uri) == (0, f"Upgraded {old} from schema 0001 to schema {SCHEMA}.\n", "")
    assert shell("db", "upgrade", uri) == (0, f"{old} has schema {SCHEMA} already.\n", "")
    assert shell("db", "check", uri) == (0, "Nothing found.\n", "")


def test_the_place_is_an_argument_or_an_option_or_the_one_in_force(shell, old, store, tmp_path):
    assert "from schema 0001" in shell("--tracking-uri", f"sqlite:///{old}", "db", "upgrade")[1]
    assert str(tmp_path / "jupyter-track" / "track.db") in shell("db", "upgrade")[1]


def test_stats_are_shown(shell, store):
    store.log_batch(store.create_run("0").info.run_id, [Metric("m", step, step, step) for step in range(1_000)])
    status, out, err = shell("db", "stats")
    assert (status, err) == (0, "")
    shown = dict(line.split("  ", 1) for line in (each.strip() for each in out.splitlines()))
    shown = {name: value.strip() for name, value in shown.items()}
    assert (shown["runs"], shown["RUNNING"], shown["metric points"]) == ("1", "1", "1,000")
    assert shown["size of the database"].endswith("kB")
    assert shown["size of the artifacts"] == "not counted (--artifacts)"
    assert "0 bytes" in shell("db", "stats", "--artifacts")[1]


@pytest.mark.parametrize("part", ["upgrade", "check", "stats"])
@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sqlite:////nowhere/track.db", "There is no database at /nowhere/track.db."),
        ("http://ada:secret@host/", "only a database can be looked after"),
        ("postgresql://ada:secret@127.0.0.1:1/db", "Start the server"),
    ],
)
def test_a_place_that_is_no_good_is_told_in_one_line(shell, part, uri, said):
    status, out, err = shell("db", part, uri)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert "secret" not in err


def test_a_backup_is_made_once(shell, store, tmp_path):
    copy = tmp_path / "copy.db"
    status, out, err = shell("backup", str(copy))
    assert (status, err) == (0, "")
    assert out.startswith(f"Backed up to {copy}, ")
    status, out, err = shell("backup", str(copy))
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "--force" in err
    assert shell("backup", str(copy), "--force")[0] == 0
