"""The queue between whoever logs and the store: order, refusals, a store that is away."""

import threading
from dataclasses import dataclass

import pytest

from jupyter_track.entities import InvalidParameterValue, StoreUnavailable
from jupyter_track.outbox import Outbox, Problem, Record

SOON = 30.0


class Store:
    """Keeps what is written; may be away, and may be held up."""

    def __init__(self):
        self.written = []
        self.tried = threading.Event()
        self.away = ""
        self.open = threading.Event()
        self.open.set()

    def write(self, text):
        self.tried.set()
        assert self.open.wait(SOON)
        if self.away:
            raise StoreUnavailable(self.away)
        self.written.append(text)


@dataclass(frozen=True, slots=True)
class Write(Record):
    text: str

    def apply(self, store):
        store.write(self.text)


@dataclass(frozen=True, slots=True)
class Refused(Record):
    error: Exception

    def apply(self, store):
        raise self.error


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def outbox(store):
    outbox = Outbox(lambda: store)
    yield outbox
    store.open.set()
    store.away = ""
    outbox.close(SOON)


def records(*numbers, run_id="run"):
    return [Write(run_id, str(number)) for number in numbers]


def test_order_is_kept(outbox, store):
    for record in records(*range(500)):
        outbox.put(record)
    assert outbox.flush(SOON)
    assert store.written == [str(number) for number in range(500)]
    assert outbox.waiting() == 0
    assert outbox.take_problems() == []


def test_every_thread_keeps_its_order(outbox, store):
    def write(writer):
        for number in range(200):
            outbox.put(Write("run", f"{writer} {number}"))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outbox.flush(SOON)
    for writer in range(4):
        assert [each for each in store.written if each.startswith(f"{writer} ")] == [
            f"{writer} {n}" for n in range(200)
        ]
    assert len(store.written) == 800


def test_put_does_not_wait_for_the_store(outbox, store):
    store.open.clear()
    for record in records(1, 2, 3):
        outbox.put(record)
    assert store.tried.wait(SOON)
    assert outbox.waiting() == 3
    assert outbox.flush(0.01) is False
    store.open.set()
    assert outbox.flush(SOON)
    assert store.written == ["1", "2", "3"]


def test_the_store_is_opened_by_the_first_record_and_not_by_the_caller(store):
    openers = []

    def open_store():
        openers.append(threading.current_thread())
        return store

    outbox = Outbox(open_store)
    assert outbox.flush(SOON)
    assert openers == []
    outbox.put(Write("run", "1"))
    assert outbox.flush(SOON)
    assert threading.current_thread() not in openers
    assert outbox.close(SOON) == []


@pytest.mark.parametrize("error", [InvalidParameterValue("the name is blank"), RuntimeError("the name is blank")])
def test_a_refused_record_is_set_aside_with_its_reason(outbox, store, error):
    outbox.put(Write("a", "1"))
    outbox.put(Refused("b", error))
    outbox.put(Write("a", "2"))
    assert outbox.flush(SOON)
    assert store.written == ["1", "2"]
    assert outbox.take_problems() == [Problem("the name is blank", "b")]
    assert outbox.take_problems() == []


def test_a_reason_is_given_even_if_the_error_has_none(outbox):
    outbox.put(Refused("b", ZeroDivisionError()))
    assert outbox.flush(SOON)
    assert outbox.take_problems() == [Problem("ZeroDivisionError", "b")]


def test_what_is_wrong_with_a_run_is_said_once(outbox):
    for number in range(5):
        outbox.put(Refused("b", InvalidParameterValue(f"reason {number}")))
    outbox.put(Refused("c", InvalidParameterValue("another")))
    assert outbox.flush(SOON)
    assert outbox.take_problems() == [Problem("reason 0", "b"), Problem("another", "c")]


def test_a_store_that_is_away_loses_nothing_and_is_told_once(outbox, store):
    store.away = "the disk is full"
    for record in records(1, 2, 3):
        outbox.put(record)
    for _ in range(3):
        # Each flush is one more try; it ends as soon as that has failed.
        assert outbox.flush(SOON) is False
    assert outbox.waiting() == 3
    assert outbox.take_problems() == [Problem("the disk is full")]
    assert outbox.flush(SOON) is False
    assert outbox.take_problems() == []
    store.away = ""
    assert outbox.flush(SOON)
    assert store.written == ["1", "2", "3"]


def test_another_reason_and_another_absence_are_told_again(outbox, store):
    for reason in ("the disk is full", "no permission", "", "no permission"):
        store.away = reason
        outbox.put(Write("run", reason))
        assert outbox.flush(SOON) is not bool(reason)
    assert [problem.message for problem in outbox.take_problems()] == [
        "the disk is full",
        "no permission",
        "no permission",
    ]


def test_a_store_that_cannot_be_opened_is_away_too(store):
    reason = "the database is newer"

    def open_store():
        if reason:
            raise StoreUnavailable(reason)
        return store

    outbox = Outbox(open_store)
    outbox.put(Write("run", "1"))
    assert outbox.flush(SOON) is False
    assert outbox.take_problems() == [Problem("the database is newer")]
    reason = ""
    assert outbox.flush(SOON)
    assert outbox.close(SOON) == []
    assert store.written == ["1"]


def test_a_store_that_comes_back_is_found_without_anybody_asking(outbox, store, monkeypatch):
    from jupyter_track.outbox import outbox as module

    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    store.away = "away"
    arrived = threading.Event()
    write = store.write

    def write_and_tell(text):
        write(text)
        arrived.set()

    store.write = write_and_tell
    outbox.put(Write("run", "1"))
    assert store.tried.wait(SOON)
    store.away = ""
    assert arrived.wait(SOON)
    assert store.written == ["1"]


def test_closing_delivers_and_ends_the_thread(store):
    outbox = Outbox(lambda: store)
    for record in records(1, 2, 3):
        outbox.put(record)
    assert outbox.close(SOON) == []
    assert store.written == ["1", "2", "3"]
    assert "jupyter-track-outbox" not in {thread.name for thread in threading.enumerate()}
    assert Outbox(lambda: store).close(SOON) == []


def test_closing_gives_back_what_could_not_be_delivered(store):
    store.away = "away"
    outbox = Outbox(lambda: store)
    mine = records(1, 2, 3)
    for record in mine:
        outbox.put(record)
    assert outbox.close(SOON) == mine
    assert store.written == []


def test_closing_does_not_wait_for_a_store_that_hangs(store):
    store.open.clear()
    outbox = Outbox(lambda: store)
    mine = records(1, 2)
    for record in mine:
        outbox.put(record)
    assert store.tried.wait(SOON)
    assert outbox.close(0.01) == mine
    store.open.set()


def test_a_flush_waits_for_what_was_put_before_it_and_no_longer(outbox, store):
    stop = threading.Event()
    outbox.put(Write("run", "1"))

    def keep_writing():
        number = 2
        while not stop.is_set():
            outbox.put(Write("run", str(number)))
            number += 1

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        assert outbox.flush(SOON)
    finally:
        stop.set()
        writer.join()


def test_a_flush_of_a_closed_outbox_does_not_wait(store):
    store.away = "away"
    outbox = Outbox(lambda: store)
    outbox.put(Write("run", "1"))
    outbox.close(0.01)
    assert not outbox.flush(SOON)
