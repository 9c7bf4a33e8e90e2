"""A real PostgreSQL server for the tests, started by hand: once for all of them, in a temporary folder."""

import atexit
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

from jupyter_track.store import open_store

OLDEST = 15

# Nothing here has to survive the machine.
_SETTINGS = """
listen_addresses = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""
# The user "guarded" has to know its password.
_ACCESS = """
local all guarded scram-sha-256
local all all trust
"""


class PostgresServer:
    """A server that listens on a socket in its own folder only."""

    def __init__(self, bin_folder):
        self._bin = bin_folder
        # Short, because the path of a socket may be.
        self._folder = Path(tempfile.mkdtemp(prefix="jt-pg-"))
        self._data = self._folder / "data"
        self._numbers = count(1)
        self._has_store = False
        if os.geteuid() == 0:
            os.chown(self._folder, *_unprivileged())
        # A language's own order, so that nothing passes because the server happens to sort by code points.
        self._run("initdb", "--no-sync", "--username=postgres", "--encoding=UTF8", "--auth=trust",
                  "--locale-provider=icu", "--icu-locale=en-US", "--locale=C")  # fmt: skip
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(f"{_SETTINGS}unix_socket_directories = '{self._folder}'\n")
        (self._data / "pg_hba.conf").write_text(_ACCESS)
        self.start()

    def _run(self, program, *arguments):
        identity = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
            uid, gid = _unprivileged()
            identity = {"user": uid, "group": gid, "extra_groups": []}
        log = self._folder / "log"
        with log.open("a") as file:
            done = subprocess.run(
                [self._bin / program, "-D", self._data, *arguments],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, cwd=self._folder, **identity,
            )  # fmt: skip
        assert done.returncode == 0, f"{program} failed:\n{log.read_text()[-3000:]}"

    @property
    def pid(self):
        """The process that all others of the server come from."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self):
        self._run("pg_ctl", "start", "--wait", "--log", str(self._folder / "server-log"))

    def stop(self):
        self._run("pg_ctl", "stop", "--wait", "--mode=fast")

    @contextmanager
    def away(self):
        """Stop the server for the length of a block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def remove(self):
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")
        shutil.rmtree(self._folder)

    def connect(self, database="postgres", **options):
        return psycopg.connect(host=str(self._folder), user="postgres", dbname=database, autocommit=True, **options)

    def uri(self, database, user="postgres"):
        return f"postgresql://{user}@/{database}?host={self._folder}"

    @contextmanager
    def database(self, options=""):
        """Make an empty database, give its URI, and drop it."""
        name = f"test_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        try:
            yield self.uri(name)
        finally:
            with self.connect() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def new_store(self):
        """Return the URI of a store that is as if new: the same one each time, emptied, which is quick."""
        if not self._has_store:
            with self.connect() as connection:
                connection.execute("CREATE DATABASE store")
            open_store(self.uri("store")).close()
            self._has_store = True
        with self.connect("store") as connection:
            connection.execute("DELETE FROM runs")
            connection.execute("DELETE FROM datasets")
            connection.execute("DELETE FROM experiment_tags")
            connection.execute("UPDATE counters SET value = 0")
            connection.execute("UPDATE experiments SET lifecycle_stage = 'active', deleted_time = NULL")
            connection.execute("DELETE FROM experiments WHERE experiment_id <> 0")
            connection.execute("DELETE FROM registered_models")
            connection.execute("DELETE FROM names")
        return self.uri("store")


def _unprivileged():
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return user.pw_uid, user.pw_gid


def _bin_folder():
    folders = set(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("pg_ctl")
    if on_path:
        folders.add(Path(on_path).resolve().parent)
    found = {_major_version(folder): folder for folder in folders if (folder / "initdb").exists()}
    newest = max(found, default=0)
    assert newest >= OLDEST, (
        f"These tests need PostgreSQL {OLDEST} or newer, found {sorted(found) or 'none'}: "
        "apt-get install postgresql, or put its folder with pg_ctl on PATH."
    )
    return found[newest]


def _major_version(folder):
    told = subprocess.run([folder / "pg_ctl", "--version"], capture_output=True, text=True, check=True).stdout
    # "pg_ctl (PostgreSQL) 15.4 (the packager's own words)"
    return int(re.match(r"\d+", told.split()[2])[0])


@cache
def postgres_server():
    """Return the server, started at the first call and stopped when the tests end."""
    server = PostgresServer(_bin_folder())
    atexit.register(server.remove)
    return server
