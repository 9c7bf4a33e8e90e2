"""A database file on a file system that other machines write to as well."""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_track.entities import Metric
from jupyter_track.store import open_store
from jupyter_track.store.sql import engines
from jupyter_track.store.sql.filesystems import (
    NETWORK,
    file_system,
    mounts_of_linux,
    mounts_of_macos,
    network_file_system,
)

from .processes import in_processes

RUN_ID = "0123456789abcdef" * 2

LINUX = r"""
22 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
96 28 259:1 / /boot/efi rw,relatime shared:31 - vfat /dev/nvme0n1p1 rw,fmask=0077
310 28 0:52 / /home rw,relatime shared:160 - nfs4 filer:/export/home rw,vers=4.2,rsize=1048576,hard,proto=tcp
333 310 0:61 / /home/ada/local rw,relatime shared:170 - xfs /dev/sdb1 rw,attr2,inode64
340 28 0:66 / /mnt/my\040share rw,relatime shared:180 - cifs //server/my\040share rw,vers=3.1.1
350 28 0:70 / /mnt/remote rw,nosuid,nodev,relatime shared:190 - fuse.sshfs ada@host:/data rw,user_id=1000
360 28 0:71 / /scratch rw,relatime shared:200 - lustre 10.0.0.1@tcp:/scratch rw,flock
370 28 0:72 / /mnt/c rw,noatime - 9p C:\134 rw,dirsync,aname=drvfs
380 28 8:17 / /media/usb rw,relatime shared:210 - fuseblk /dev/sdb1 rw,user_id=0
390 28 0:80 / /over rw,relatime - overlay overlay rw,lowerdir=/a,upperdir=/b
400 28 0:81 / /over rw,relatime master:3 propagate_from:2 - nfs filer:/over rw,vers=3
"""

MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//ada@nas._smb._tcp.local/Team on /Volumes/Team (2026) (smbfs, nodev, nosuid, mounted by ada)
filer:/export on /Volumes/export (nfs, nodev, nosuid)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/var/lib/track.db", "ext4"),
        ("/home/ada/track.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homes/track.db", "ext4"),
        ("/home/ada/local/track.db", "xfs"),
        ("/mnt/my share/track.db", "cifs"),
        ("/mnt/remote/track.db", "fuse.sshfs"),
        ("/scratch/track.db", "lustre"),
        ("/mnt/c/Users/ada/track.db", "9p"),
        ("/media/usb/track.db", "fuseblk"),
        ("/over/track.db", "nfs"),
    ],
)
def test_the_file_system_of_a_path_is_found_in_the_mounts_of_linux(path, kind):
    assert file_system(path, mounts_of_linux(LINUX)) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Users/ada/track.db", "apfs"),
        ("/Volumes/Team (2026)/track.db", "smbfs"),
        ("/Volumes/export/track.db", "nfs"),
        ("/Volumes/exported", "apfs"),
    ],
)
def test_the_file_system_of_a_path_is_found_in_the_mounts_of_macos(path, kind):
    assert file_system(path, mounts_of_macos(MACOS)) == kind


def test_what_is_no_mount_is_passed_over():
    assert mounts_of_linux("\nx\n1 2 3 - ext4\n") == []
    assert mounts_of_macos("\nx on y\n") == []
    assert file_system("/", []) == ""


def test_the_file_systems_of_one_machine_are_no_network_ones():
    assert NETWORK.isdisjoint(
        {"ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "hfs", "fuseblk", "fuse.fuse-overlayfs", "vfat"}
    )


def test_this_tests_folder_and_what_links_to_it_are_on_this_machine(tmp_path):
    # Of its kernel and not of a table: a folder of a temporary file system, wherever Linux has one.
    (tmp_path / "link").symlink_to("/dev/shm")
    assert network_file_system(tmp_path / "link" / "track.db") == ""
    shown = mounts_of_linux(Path("/proc/self/mountinfo").read_text())
    assert file_system(os.path.realpath("/dev/shm"), shown) == "tmpfs"


@pytest.fixture
def on_nfs(monkeypatch):
    monkeypatch.setattr(engines, "network_file_system", lambda _: "nfs4")


def journal_mode(file):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]


def test_a_file_there_has_no_write_ahead_log_and_it_is_said_once(tmp_path, on_nfs, caplog):
    file = tmp_path / "track.db"
    for _ in range(2):
        with closing(open_store(f"sqlite:///{file}")) as store:
            store.create_run("0", run_id=RUN_ID)
            with store._database.read() as connection:
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert not file.with_name("track.db-wal").exists()
    assert journal_mode(file) == "delete"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.name.startswith("jupyter_track.")
    assert f"{file} lie on a network file system (nfs4)" in record.getMessage()


def test_a_file_that_moves_there_loses_its_write_ahead_log_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "track.db"
    with closing(open_store(f"sqlite:///{file}")) as store:
        run = store.create_run("0", run_id=RUN_ID)
    assert journal_mode(file) == "wal"
    monkeypatch.setattr(engines, "network_file_system", lambda _: "cifs")
    with closing(open_store(f"sqlite:///{file}")) as store:
        assert store.get_run(RUN_ID) == run
    assert journal_mode(file) == "delete"


def write_there(uri, writer, count):
    """Write one record after the other, and read between, as if the file were on a network file system."""
    engines.network_file_system = lambda _: "nfs4"
    with closing(open_store(uri)) as store:
        for step in range(count):
            store.log_batch(RUN_ID, [Metric(f"of-{writer}", step, step, step)])
            if step % 50 == 0:
                assert store.get_run(RUN_ID).data.metrics[f"of-{writer}"] == step


def test_two_processes_write_there_at_once_and_nothing_is_locked_or_lost(tmp_path, on_nfs):
    uri = f"sqlite:///{tmp_path}/track.db"
    with closing(open_store(uri)) as store:
        store.create_run("0", run_id=RUN_ID)
    in_processes(write_there, [(uri, writer, 1_000) for writer in range(2)])
    with closing(open_store(uri)) as store:
        for writer in range(2):
            assert len(store.get_metric_history(RUN_ID, f"of-{writer}")) == 1_000
