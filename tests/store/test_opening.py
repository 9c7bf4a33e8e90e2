"""Opening a store: what is made, what is upgraded, and what is told when the place is no good."""

import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from jupyter_track.config import data_dir
from jupyter_track.entities import InvalidParameterValue, SchemaMismatch, StoreUnavailable
from jupyter_track.store import open_store, shown_uri
from jupyter_track.store.sql import engines
from jupyter_track.store.sql.migrate import SCHEMA, VERSION_TABLE

from .processes import in_processes, open_and_look


def told(error):
    """Return the message, which is one line."""
    message = str(error.value)
    assert message
    assert "\n" not in message
    assert "Traceback" not in message
    return message


def sqlite(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "track.db"


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits long for a lock."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.2)


@contextmanager
def somebody_else():
    """Be a user who may not write everything, as root may."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder():
    """A folder that other users can get to."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


class TestANewPlace:
    def test_folders_and_the_file_are_made(self, tmp_path):
        place = tmp_path / "new" / "földer 100%" / "track.db"
        open_store(f"sqlite:///{place}").close()
        assert place.is_file()

    def test_artifacts_are_kept_beside_a_sqlite_file(self, file):
        with closing(open_store(f"sqlite:///{file}")) as store:
            assert store.get_experiment("0").artifact_location == str(file.parent / "artifacts" / "0")

    def test_artifacts_of_any_other_store_are_kept_in_the_data_folder(self, postgres):
        with postgres.database() as uri, closing(open_store(uri)) as store:
            assert store.get_experiment("0").artifact_location == str(data_dir() / "artifacts" / "0")

    def test_a_relative_artifact_root_is_the_same_folder_wherever_one_works(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with closing(open_store("sqlite://", "files/")) as store:
            assert store.get_experiment("0").artifact_location == f"{tmp_path}/files/0"

    def test_opening_again_keeps_what_is_there(self, file):
        with closing(open_store(f"sqlite:///{file}")) as store:
            run = store.create_run("0")
        with closing(open_store(f"sqlite:///{file}")) as store:
            assert store.search_runs(["0"]) == [run]

    def test_an_empty_file_is_a_new_place(self, file):
        file.touch()
        open_store(f"sqlite:///{file}").close()

    def test_eight_processes_open_an_empty_file_at_once(self, file):
        assert in_processes(open_and_look, [(f"sqlite:///{file}",)] * 8) == [["Default"]] * 8

    def test_eight_processes_open_an_empty_database_at_once(self, postgres):
        with postgres.database() as uri:
            assert in_processes(open_and_look, [(uri,)] * 8) == [["Default"]] * 8

    @pytest.mark.parametrize("driver", ["postgres", "postgresql+psycopg", "postgresql+psycopg2"])
    def test_an_address_written_for_another_driver_is_understood(self, postgres_uri, driver):
        open_store(postgres_uri.replace("postgresql", driver, 1)).close()

    def test_a_store_that_is_up_to_date_is_opened_without_alembic(self, file):
        uri = f"sqlite:///{file}"
        open_store(uri).close()
        program = (
            "import sys; from jupyter_track.store import open_store; open_store(sys.argv[1]).close(); "
            "print([name for name in sys.modules if name.partition('.')[0] in ('alembic', 'psycopg')])"
        )
        done = subprocess.run([sys.executable, "-c", program, uri], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


class TestAddresses:
    @pytest.mark.parametrize(
        "uri",
        [
            "",
            "runs",
            "http://user:secret@host/",
            "mysql://user:secret@host/db",
            "postgresql://user:secret@host:port/db",
            "postgresql://user:secret@[::1/db",
            "sqlite://host/db",
            "sqlite:///db?mode=ro",
            "sqlite:///file:db",
            "sqlite:///\0",
            "sqlite:///\ud800",
        ],
    )
    def test_an_address_that_means_nothing_is_refused(self, uri, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(InvalidParameterValue) as error:
            open_store(uri)
        assert "secret" not in told(error)
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize(
        ("uri", "shown"),
        [
            ("postgresql://u:p@h/d", "postgresql://u@h/d"),
            ("postgresql://u:p@ss/w:rd@h:5/d", "postgresql://u@h:5/d"),
            ("postgresql://u@h/d", "postgresql://u@h/d"),
            ("postgresql://h/d?user=u&password=p&x=y", "postgresql://h/d?user=u&password=***&x=y"),
            ("postgresql://u:p@h/d?sslpassword=p", "postgresql://u@h/d?sslpassword=***"),
            ("http://h/?access_token=a@b", "http://h/?access_token=***"),
            ("sqlite:////home/a:b@c/track.db", "sqlite:////home/a:b@c/track.db"),
            ("", ""),
        ],
    )
    def test_no_password_is_shown(self, uri, shown):
        assert shown_uri(uri) == shown

    @pytest.mark.parametrize("option", ["", "?password=secret"])
    def test_a_server_that_is_not_there_is_told_without_the_password(self, option):
        with pytest.raises(StoreUnavailable, match=r"refused.*Start the server") as error:
            open_store(f"postgresql://user:secret@127.0.0.1:1/db{option}")
        assert "secret" not in told(error)


class TestAFileThatIsNoGood:
    @pytest.mark.parametrize("content", [b"just a text\n", b"x" * 5000, b"\0" * 5000], ids=["text", "letters", "zeros"])
    def test_a_file_of_another_kind_is_told_and_left_alone(self, file, content):
        file.write_bytes(content)
        with pytest.raises(StoreUnavailable, match=r"track\.db.*not a database.*move it away") as error:
            open_store(f"sqlite:///{file}")
        told(error)
        assert file.read_bytes() == content

    def test_a_damaged_database_is_told(self, file):
        with closing(open_store(f"sqlite:///{file}")) as store:
            for number in range(50):
                store.create_experiment(f"{number}")
        with file.open("r+b") as damaged:
            damaged.seek(4096)
            damaged.write(b"\xaa" * (file.stat().st_size - 4096))
        with pytest.raises(StoreUnavailable, match=r"malformed.*restore a copy") as error:
            open_store(f"sqlite:///{file}")
        told(error)

    def test_a_folder_is_told(self, tmp_path):
        with pytest.raises(StoreUnavailable, match="unable to open") as error:
            open_store(f"sqlite:///{tmp_path}")
        told(error)

    def test_a_path_below_a_file_is_told(self, file):
        file.touch()
        with pytest.raises(StoreUnavailable, match=r"Cannot make the folder .*track\.db/below") as error:
            open_store(f"sqlite:///{file}/below/track.db")
        told(error)

    def test_a_name_too_long_for_a_file_is_told(self, tmp_path):
        with pytest.raises(StoreUnavailable) as error:
            open_store(f"sqlite:///{tmp_path}/{'x' * 300}")
        told(error)

    @pytest.mark.parametrize("protected", ["file", "folder", "new"])
    def test_what_may_not_be_written_is_told(self, open_folder, protected):
        file = open_folder / "track.db"
        if protected != "new":
            open_store(f"sqlite:///{file}").close()
        if protected == "file":
            file.chmod(0o444)
        open_folder.chmod(0o777 if protected == "file" else 0o555)
        with (
            somebody_else(),
            pytest.raises(StoreUnavailable, match=r"track\.db: .*(readonly|unable to open).* change that") as error,
            closing(open_store(f"sqlite:///{file}")) as store,
        ):
            store.create_run("0")
        told(error)

    def test_another_programs_database_is_refused_and_left_alone(self, file):
        sqlite(file, "CREATE TABLE experiments (a)", "CREATE TABLE alembic_version (version_num)")
        with pytest.raises(SchemaMismatch, match="another program") as error:
            open_store(f"sqlite:///{file}")
        told(error)
        with closing(sqlite3.connect(file)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert tables == {"experiments", "alembic_version"}

    def test_a_newer_schema_is_refused_with_the_command_to_run(self, file):
        open_store(f"sqlite:///{file}").close()
        sqlite(file, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        with pytest.raises(SchemaMismatch, match=rf"schema 9999.*up to {SCHEMA}\. Run: pip install --upgrade") as error:
            open_store(f"sqlite:///{file}")
        told(error)

    def test_a_file_that_is_locked_is_waited_for_and_then_told(self, file, impatient):
        store = open_store(f"sqlite:///{file}")
        with closing(store), closing(sqlite3.connect(file)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match=r"locked.*try again") as error:
                store.create_experiment("a")
            told(error)
            # A reader has nothing to wait for.
            assert len(store.search_experiments()) == 1
            other.execute("ROLLBACK")
            store.create_experiment("a")

    def test_a_new_file_that_is_locked_is_waited_for_and_then_told(self, file, impatient):
        with closing(sqlite3.connect(file)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreUnavailable, match="locked") as error:
                open_store(f"sqlite:///{file}")
            told(error)
        open_store(f"sqlite:///{file}").close()

    def test_a_full_disk_is_told_and_what_was_written_stays(self, file):
        with closing(open_store(f"sqlite:///{file}")) as store:
            run = store.create_run("0")
            # No more pages than the file has is what a full disk looks like to SQLite.
            with store._database.read() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            with pytest.raises(StoreUnavailable, match=r"full\. Make room\.") as error:
                store.create_registered_model("large", description="x" * 1_000_000)
            told(error)
            with store._database.read() as connection:
                connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
            store.create_registered_model("large", description="x" * 1_000_000)
            assert store.search_runs(["0"]) == [run]


class TestAServerThatIsNoGood:
    def test_a_server_that_goes_away_is_told_and_found_again(self, postgres, postgres_uri):
        with closing(open_store(postgres_uri)) as store:
            run = store.create_run("0")
            with postgres.away():
                for call in (lambda: store.get_run(run.info.run_id), lambda: store.create_run("0")):
                    with pytest.raises(StoreUnavailable) as error:
                        call()
                    told(error)
                with pytest.raises(StoreUnavailable, match="Start the server"):
                    open_store(postgres_uri)
            assert store.get_run(run.info.run_id) == run
            store.create_run("0")

    def test_a_wrong_password_is_told_and_not_shown(self, postgres):
        with postgres.connect() as connection:
            connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        with pytest.raises(StoreUnavailable, match="password authentication failed") as error:
            open_store(postgres.uri("postgres", "guarded:wrong-one"))
        assert "wrong-one" not in told(error)

    def test_an_unknown_database_is_told(self, postgres):
        with pytest.raises(StoreUnavailable, match=r'database "nowhere" does not exist.*Make it') as error:
            open_store(postgres.uri("nowhere"))
        told(error)

    def test_a_user_who_may_make_no_tables_is_told(self, postgres):
        with postgres.database() as uri:
            with postgres.connect() as connection:
                connection.execute("CREATE ROLE reader LOGIN")
            with pytest.raises(StoreUnavailable, match=r"permission denied.*owner") as error:
                open_store(uri.replace("postgres@", "reader@"))
            told(error)

    def test_a_lock_that_is_kept_is_waited_for_and_then_told(self, postgres, postgres_uri, impatient):
        with closing(open_store(postgres_uri)) as store, postgres.connect("store") as other:
            with other.transaction():
                other.execute("LOCK TABLE experiments IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(StoreUnavailable, match=r"lock timeout.*try again") as error:
                    store.create_experiment("a")
                told(error)
            store.create_experiment("a")

    def test_another_programs_database_is_refused(self, postgres):
        with postgres.database() as uri:
            with postgres.connect(uri.partition("@/")[2].partition("?")[0]) as connection:
                connection.execute("CREATE TABLE runs (a int)")
            with pytest.raises(SchemaMismatch, match="another program") as error:
                open_store(uri)
            told(error)

    def test_the_rules_of_a_servers_language_do_not_matter(self, postgres):
        with postgres.database("LOCALE_PROVIDER libc LOCALE 'C'") as uri, closing(open_store(uri)) as store:
            for name in ("É", "a", "B"):
                store.create_registered_model(name)
            assert [model.name for model in store.search_registered_models()] == ["B", "a", "É"]
            assert [model.name for model in store.search_registered_models("name ILIKE 'é'")] == ["É"]


@pytest.mark.parametrize("removed", ["file", "folder"])
def test_what_is_written_after_the_file_was_removed_is_in_a_new_one(tmp_path, removed):
    path = tmp_path / "store" / "track.db"
    store = open_store(f"sqlite:///{path}")
    store.create_experiment("before")
    for name in ("track.db", "track.db-wal", "track.db-shm"):
        (path.parent / name).unlink(missing_ok=True)
    if removed == "folder":
        path.parent.rmdir()
    run = store.create_run(store.create_experiment("after"), run_name="kept")
    store.close()
    again = open_store(f"sqlite:///{path}")
    assert {each.name for each in again.search_experiments()} == {"after", "Default"}
    assert again.get_run(run.info.run_id).info.run_name == "kept"
    again.close()
