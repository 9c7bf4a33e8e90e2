"""``db upgrade`` and ``db check``: what they say of good, old, changed and damaged databases."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_track.entities import InvalidParameterValue, Metric, ResourceDoesNotExist, StoreUnavailable
from jupyter_track.housekeeping.soundness import check, upgrade
from jupyter_track.store.sql.database import Database
from jupyter_track.store.sql.migrate import SCHEMA

OLD = Path(__file__).parents[1] / "data" / "schema-0001.db"


def execute(uri, *statements):
    with closing(Database(uri)) as database, database.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_store_in_use_is_sound(store, uri):
    store.log_batch(store.create_run("0").info.run_id, [Metric("m", 1.0, 1)])
    assert check(uri) == []
    assert upgrade(uri)[1:] == (SCHEMA, SCHEMA)


def test_an_old_file_is_told_left_alone_and_then_upgraded(file):
    shutil.copy(OLD, file)
    uri = f"sqlite:///{file}"
    for _ in range(2):
        (finding,) = check(uri)
        assert str(finding) == (
            f"{file}: it has schema 0001, and this version works with schema {SCHEMA}. Run: jupyter-track db upgrade"
        )
    assert upgrade(uri) == (str(file), "0001", SCHEMA)
    assert check(uri) == []


def test_an_empty_file_has_no_tables_until_it_is_upgraded(file):
    file.touch()
    uri = f"sqlite:///{file}"
    assert "it has no tables" in str(*check(uri))
    assert upgrade(uri)[1:] == ("", SCHEMA)
    assert check(uri) == []


def test_tables_that_were_changed_by_hand_are_told(store, uri):
    execute(uri, "DROP INDEX ix_runs_name", "ALTER TABLE params ADD COLUMN extra INTEGER")
    told = "\n".join(map(str, check(uri)))
    assert "ix_runs_name" in told
    assert "extra" in told


def test_tables_of_other_programs_in_the_same_database_do_not_count(store, uri):
    execute(uri, "CREATE TABLE of_others (a INTEGER)", "CREATE INDEX ix_of_others ON of_others (a)")
    assert check(uri) == []


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
class TestAFile:
    def test_rows_whose_owner_is_not_there_are_told(self, store, uri, file):
        store.log_batch(store.create_run("0").info.run_id, [Metric("m", 1.0, 1), Metric("n", 1.0, 1)])
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM runs")
        told = [str(finding) for finding in check(uri)]
        assert any(line.startswith("Table metrics: 2 rows refer to rows of runs that are not there.") for line in told)

    def test_an_index_that_does_not_fit_its_table_is_told(self, store, uri, file):
        store.create_run("0", run_name="name")
        store.close()
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'run_name', 'user_id')"
                               " WHERE name = 'ix_runs_name'")  # fmt: skip
        assert any("damaged" in str(finding) and "ix_runs_name" in str(finding) for finding in check(uri))

    def test_a_damaged_file_is_told(self, store, uri, file):
        store.close()
        with file.open("r+b") as damaged:
            damaged.seek(4096)
            damaged.write(b"\xaa" * (file.stat().st_size - 4096))
        with pytest.raises(StoreUnavailable, match=r"malformed.*restore a copy"):
            check(uri)


@pytest.mark.parametrize("command", [check, upgrade])
class TestPlacesThatAreNoGood:
    def test_a_file_that_is_not_there_is_not_made(self, tmp_path, command):
        with pytest.raises(ResourceDoesNotExist, match=r"no database at .*new/track\.db"):
            command(f"sqlite:///{tmp_path}/new/track.db")
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize(
        ("uri", "said"),
        [("sqlite://", "in memory"), ("http://ada:secret@host/", "only a database"), ("runs", "only a database")],
    )
    def test_an_address_that_is_no_databases_is_refused(self, command, uri, said):
        with pytest.raises(InvalidParameterValue, match=said) as error:
            command(uri)
        assert "secret" not in str(error.value)
