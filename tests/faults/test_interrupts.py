"""Interrupts at any moment of a log call, as from a notebook's stop button."""

import os
import random
import signal
import time
from contextlib import closing

import pytest

import jupyter_track as jt
from jupyter_track.entities import RunStatus
from jupyter_track.store import open_store
from jupyter_track.tracking import process

from .children import Child, prepare
from .logged import found_records, log_record

CALLS = 10_000


class Interrupter:
    """Another process, which interrupts this one once each time it is asked to, after a while of its own choice."""

    def __init__(self, seed, longest):
        self._asked, self._asking = os.pipe()
        self._seed, self._longest = seed, longest
        self._target = os.getpid()
        ready, self._begun = os.pipe()
        self._child = Child(self._interrupt)
        os.read(ready, 1)  # On a busy machine the calls could be over before it has begun.
        os.close(ready)
        os.close(self._begun)

    def _interrupt(self, tell):
        os.close(self._asking)
        os.write(self._begun, b"1")
        chance = random.Random(self._seed)
        while os.read(self._asked, 1):
            time.sleep(chance.uniform(0, self._longest))
            os.kill(self._target, signal.SIGINT)

    def ask(self):
        os.write(self._asking, b"1")

    def stop(self):
        """Return when no more interrupt can come."""
        os.close(self._asking)
        os.close(self._asked)
        while self._child.status is None:
            try:
                assert self._child.wait() == 0, self._child.told
            except KeyboardInterrupt:
                continue


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_interrupts_during_log_calls(account, default_uri, tmp_path, request):
    prepare(tmp_path)
    # What a shell starts in the background ignores interrupts, and so would Python.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    run = jt.start_run()
    interrupter = Interrupter(11, 3e-4)
    acknowledged, interrupted, number = [], [], 0
    while number < CALLS:
        try:
            interrupter.ask()
            while number < CALLS:
                number += 1
                log_record(number)
                acknowledged.append(number)
                if number % 100 == 0:
                    jt.flush_async_logging()
        except KeyboardInterrupt:
            # Whatever was being done then may have been done.
            interrupted.append(number)
    interrupter.stop()
    # The next call is as good as any.
    log_record(CALLS + 1)
    jt.end_run()
    process.close_all()
    assert len(interrupted) > 50
    with closing(open_store(default_uri)) as store:
        account.compare([*acknowledged, CALLS + 1], found_records(store, run.info.run_id), written=interrupted)
        assert store.get_run(run.info.run_id).info.status is RunStatus.FINISHED
    assert account.is_balanced, account
