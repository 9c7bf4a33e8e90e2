"""Whether a file lies on a file system that several machines share.

SQLite's write-ahead log needs memory that all who open the file share, which ends at the machine's border. A file
that two machines write to with one is soon damaged, and nothing would tell.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

__all__ = ["Mount", "file_system", "mounts_of_linux", "mounts_of_macos", "network_file_system"]

#: File systems, by the names that the systems give them, whose files other machines may have open too.
NETWORK = frozenset(
    {
        # Linux; also what a virtual machine or a container is given of its host's files.
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fakeowner", "fhgfs", "gfs2", "glusterfs",
        "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2", "smb3", "smbfs",
        "vboxsf", "virtiofs", "wekafs",
        "fuse.ceph-fuse", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.grpcfuse",
        "fuse.juicefs", "fuse.blobfuse", "fuse.blobfuse2", "fuse.mount-s3", "fuse.osxfs", "fuse.rclone", "fuse.s3fs",
        "fuse.seaweedfs", "fuse.sshfs", "fuse.vmhgfs-fuse",
        # macOS
        "afpfs", "webdav",
    }
)  # fmt: skip

_ESCAPED = re.compile(r"\\([0-7]{3})")
_MACOS_MOUNT = re.compile(r".* on (?P<place>/.*) \((?P<kind>[^,)]+)[^()]*\)")
_DRIVE_REMOTE = 4


class Mount(NamedTuple):
    """A file system and where it begins."""

    place: str
    kind: str


def network_file_system(path: Path) -> str:
    """Return the kind of the network file system that a path lies on; empty if it lies on this machine's own."""
    place = os.path.realpath(path)
    if sys.platform == "win32":
        return "a network drive" if _is_remote_drive(place) else ""
    try:
        if sys.platform == "darwin":
            told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=True).stdout
            kind = file_system(place, mounts_of_macos(told))
        else:
            kind = file_system(place, mounts_of_linux(Path("/proc/self/mountinfo").read_text("utf-8", "replace")))
    except (OSError, subprocess.SubprocessError):
        return ""  # Another system, or a very closed one.
    return kind if kind in NETWORK else ""


def file_system(path: str, mounts: Iterable[Mount]) -> str:
    """Return the kind of the file system that an absolute path lies on; empty if no mount holds it."""
    found = Mount("", "")
    for mount in mounts:
        holds = path == mount.place or path.startswith(mount.place.rstrip("/") + "/")
        # Of two at the same place, the later one hides the other.
        if holds and len(mount.place) >= len(found.place):
            found = mount
    return found.kind


def mounts_of_linux(text: str) -> list[Mount]:
    """Read ``/proc/self/mountinfo``, as proc_pid_mountinfo(5) describes it."""
    found = []
    for line in text.splitlines():
        about, dash, source = line.partition(" - ")
        fields = about.split(" ")
        if dash and len(fields) > 4:
            # What would be taken for the end of a field is written in octal.
            place = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4])
            found.append(Mount(place, source.split(" ")[0]))
    return found


def mounts_of_macos(text: str) -> list[Mount]:
    """Read what ``mount`` prints: ``SOURCE on PLACE (KIND, OPTION, ...)``."""
    matches = (_MACOS_MOUNT.fullmatch(line) for line in text.splitlines())
    return [Mount(match["place"], match["kind"]) for match in matches if match]


if sys.platform == "win32":
    import ctypes

    def _is_remote_drive(place: str) -> bool:
        drive = os.path.splitdrive(place)[0]
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE
