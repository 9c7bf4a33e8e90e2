"""Forked processes that tell what they do through a pipe, for as long as they are let live."""

import logging
import os
import selectors
import signal
import traceback
from contextlib import contextmanager

import jupyter_track as jt
from jupyter_track.tracking import process

from .logged import log_record


def prepare(tmp_path):
    """Let children inherit what else each of them would have to import and compile: that is not under test."""
    jt.set_tracking_uri(f"sqlite:///{tmp_path}/before.db")
    with jt.start_run():
        for number in range(40):
            log_record(number)
    process.close_all()


class Child:
    """A process that calls `work(tell)`; what it tells is read by `read_from`.

    Each message is a line that is in the pipe, and so outlives the child, when `tell` returns. Warnings are told, too.
    """

    def __init__(self, work):
        self._reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _work(work, writing)
        os.close(writing)
        self._told = bytearray()
        self.lines = 0
        self.status = None

    def fileno(self):
        return self._reading

    def read(self):
        """Take what was told meanwhile; False at the end."""
        data = os.read(self._reading, 1 << 16)
        self._told += data
        self.lines += data.count(b"\n")
        return bool(data)

    @property
    def told(self):
        """Everything that was told whole."""
        return self._told[: self._told.rfind(b"\n") + 1].decode().splitlines()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def wait(self):
        """Read to the end and return the exit status, negative for a signal."""
        while self.read():
            continue
        os.close(self._reading)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


def _work(work, writing):
    # Nothing of the parent's goes on here: no test, no clean-up, no exit handler.
    def tell(line):
        os.write(writing, f"{line}\n".encode())

    status = 1
    warnings = logging.Handler()
    warnings.emit = lambda record: tell(f"warning: {record.getMessage()}")
    logging.getLogger("jupyter_track").addHandler(warnings)
    try:
        work(tell)
        status = 0
    except BaseException:
        tell(f"\n{traceback.format_exc()}")
    finally:
        os._exit(status)


@contextmanager
def reading(children):
    """Give a selector that waits until one of these children has told something."""
    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child, selectors.EVENT_READ)
        yield selector
