"""The way from whoever logs to the store: order, refusals, a store that is away, a journal that cannot be written."""

import os
import shutil
import threading

import pytest

from jupyter_track.entities import InvalidParameterValue, RunTag, StoreUnavailable
from jupyter_track.outbox import LogBatch, Outbox, Problem, journal_folder

SOON = 30.0
DESTINATION = {"tracking_uri": "sqlite:////nowhere/track.db", "artifact_root": None}


class Store:
    """Keeps what is written; may be away, may be held up, may refuse."""

    def __init__(self):
        self.written = []
        self.tried = threading.Event()
        self.away = ""
        self.open = threading.Event()
        self.open.set()
        self.refuse = {}

    def log_batch(self, run_id, metrics, params, tags):
        self.tried.set()
        assert self.open.wait(SOON)
        if self.away:
            raise StoreUnavailable(self.away)
        for tag in tags:
            if tag.value in self.refuse:
                raise self.refuse[tag.value]
        self.written += [tag.value for tag in tags]


def write(text, run_id="run"):
    return LogBatch(run_id, tags=(RunTag("text", text),))


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def outbox(store):
    outbox = Outbox(lambda: store, DESTINATION)
    yield outbox
    store.open.set()
    store.away = ""
    assert outbox.close(SOON) == 0


def journals():
    return sorted(journal_folder().glob("*")) if journal_folder().exists() else []


def messages(outbox):
    """Return what has gone wrong, without where things wait meanwhile, which every message tells."""
    [journal] = journals()
    end = f". Until then, what is logged waits in {journal}."
    problems = outbox.take_problems()
    assert all(problem.run_id is None and problem.message.endswith(end) for problem in problems)
    return [problem.message.removesuffix(end) for problem in problems]


def records(*numbers, run_id="run"):
    return [write(str(number), run_id) for number in numbers]


def test_order_is_kept(outbox, store):
    for record in records(*range(500)):
        outbox.put(record)
    assert outbox.flush(SOON)
    assert store.written == [str(number) for number in range(500)]
    assert outbox.waiting() == 0
    assert outbox.take_problems() == []


def test_every_thread_keeps_its_order(outbox, store):
    def write_all(writer):
        for number in range(200):
            outbox.put(write(f"{writer} {number}"))

    threads = [threading.Thread(target=write_all, args=(writer,)) for writer in range(4)]
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

    outbox = Outbox(open_store, DESTINATION)
    assert outbox.flush(SOON)
    assert openers == []
    outbox.put(write("1"))
    assert outbox.flush(SOON)
    assert threading.current_thread() not in openers
    assert outbox.close(SOON) == 0


@pytest.mark.parametrize("error", [InvalidParameterValue("the name is blank"), RuntimeError("the name is blank")])
def test_a_refused_record_is_set_aside_with_its_reason(outbox, store, error):
    store.refuse = {"blank": error}
    for text in ("1", "blank", "2"):
        outbox.put(write(text, "b"))
    assert outbox.flush(SOON)
    assert store.written == ["1", "2"]
    assert outbox.take_problems() == [Problem("the name is blank", "b")]
    assert outbox.take_problems() == []


def test_a_reason_is_given_even_if_the_error_has_none(outbox, store):
    store.refuse = {"1": ZeroDivisionError()}
    outbox.put(write("1", "b"))
    assert outbox.flush(SOON)
    assert outbox.take_problems() == [Problem("ZeroDivisionError", "b")]


def test_what_is_wrong_with_a_run_is_said_once(outbox, store):
    store.refuse = {str(number): InvalidParameterValue(f"reason {number}") for number in range(6)}
    for record in records(0, 1, 2, 3, 4, run_id="b"):
        outbox.put(record)
    outbox.put(write("5", "c"))
    assert outbox.flush(SOON)
    assert outbox.take_problems() == [Problem("reason 0", "b"), Problem("reason 5", "c")]


def test_a_store_that_is_away_loses_nothing_and_is_told_once(outbox, store):
    store.away = "the disk is full"
    for record in records(1, 2, 3):
        outbox.put(record)
    for _ in range(3):
        # Each flush is one more try; it ends as soon as that has failed.
        assert outbox.flush(SOON) is False
    assert outbox.waiting() == 3
    assert messages(outbox) == ["the disk is full"]
    assert outbox.flush(SOON) is False
    assert outbox.take_problems() == []
    store.away = ""
    assert outbox.flush(SOON)
    assert store.written == ["1", "2", "3"]


def test_another_reason_and_another_absence_are_told_again(outbox, store):
    for reason in ("the disk is full", "no permission", "", "no permission"):
        store.away = reason
        outbox.put(write(reason))
        assert outbox.flush(SOON) is not bool(reason)
    assert messages(outbox) == ["the disk is full", "no permission", "no permission"]


def test_a_store_that_cannot_be_opened_is_away_too(store):
    reason = "the database is newer"

    def open_store():
        if reason:
            raise StoreUnavailable(reason)
        return store

    outbox = Outbox(open_store, DESTINATION)
    outbox.put(write("1"))
    assert outbox.flush(SOON) is False
    assert messages(outbox) == ["the database is newer"]
    reason = ""
    assert outbox.flush(SOON)
    assert outbox.close(SOON) == 0
    assert store.written == ["1"]


def test_a_store_that_comes_back_is_found_without_anybody_asking(outbox, store, monkeypatch):
    from jupyter_track.outbox import outbox as module

    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    store.away = "away"
    arrived = threading.Event()
    log_batch = store.log_batch

    def log_batch_and_tell(*batch):
        log_batch(*batch)
        arrived.set()

    store.log_batch = log_batch_and_tell
    outbox.put(write("1"))
    assert store.tried.wait(SOON)
    store.away = ""
    assert arrived.wait(SOON)
    assert store.written == ["1"]


def test_closing_delivers_and_ends_the_thread(store):
    outbox = Outbox(lambda: store, DESTINATION)
    for record in records(1, 2, 3):
        outbox.put(record)
    assert outbox.close(SOON) == 0
    assert store.written == ["1", "2", "3"]
    assert "jupyter-track-outbox" not in {thread.name for thread in threading.enumerate()}
    assert Outbox(lambda: store, DESTINATION).close(SOON) == 0


def test_closing_leaves_what_could_not_be_delivered_in_the_journal(store):
    store.away = "away"
    outbox = Outbox(lambda: store, DESTINATION)
    for record in records(1, 2, 3):
        outbox.put(record)
    assert outbox.close(SOON) == 3
    assert store.written == []
    assert len(journals()) == 1


def test_closing_does_not_wait_for_a_store_that_hangs(store):
    store.open.clear()
    outbox = Outbox(lambda: store, DESTINATION)
    for record in records(1, 2):
        outbox.put(record)
    assert store.tried.wait(SOON)
    assert outbox.close(0.01) == 2
    assert len(journals()) == 1
    store.open.set()


def test_what_waits_can_be_taken_elsewhere(store):
    store.away = "away"
    outbox = Outbox(lambda: store, DESTINATION)
    mine = records(1, 2, 3)
    for record in mine:
        outbox.put(record)
    with outbox.withdraw(SOON) as left:
        assert list(left) == mine
    assert journals() == []
    assert outbox.close(SOON) == 0


def test_a_journal_of_which_all_has_arrived_is_removed(store):
    outbox = Outbox(lambda: store, DESTINATION)
    assert journals() == []
    for record in records(1, 2):
        outbox.put(record)
    assert len(journals()) == 1
    assert outbox.close(SOON) == 0
    assert journals() == []


def test_only_their_author_may_read_journals(outbox):
    outbox.put(write("1"))
    assert [path.stat().st_mode & 0o777 for path in journals()] == [0o600]


def test_a_journal_that_somebody_removes_is_begun_anew(outbox, store):
    outbox.put(write("1"))
    journals()[0].unlink()
    assert outbox.flush(SOON)
    store.open.clear()
    outbox.put(write("2"))
    assert len(journals()) == 1
    store.open.set()
    assert outbox.flush(SOON)
    assert store.written == ["1", "2"]


def test_what_became_of_one_record_can_be_waited_for(outbox, store):
    store.refuse = {"2": InvalidParameterValue("no")}
    first, second, third = (outbox.put(record) for record in records(1, 2, 3))
    outbox.wait(third, SOON)
    outbox.wait(first, SOON)
    with pytest.raises(InvalidParameterValue, match="no"):
        outbox.wait(second, SOON)
    store.away = "the disk is full"
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        outbox.wait(outbox.put(write("4")), SOON)


@pytest.fixture
def no_journal(tmp_path):
    """A place where no folder can be made, whoever asks."""
    journal_folder().parent.mkdir()
    journal_folder().write_text("in the way")


def test_without_a_journal_every_call_waits_for_the_store(no_journal, outbox, store):
    outbox.put(write("1"))
    assert store.written == ["1"]
    outbox.put(write("2"))
    assert store.written == ["1", "2"]
    [problem] = outbox.take_problems()
    assert str(journal_folder()) in problem.message
    assert "every call waits for the store" in problem.message


def test_what_neither_journal_nor_store_takes_is_kept_in_memory_and_that_is_said(no_journal, outbox, store):
    store.away = "the server is gone"
    for record in records(1, 2, 3):
        outbox.put(record)
    assert outbox.waiting() == 3
    said = [problem.message for problem in outbox.take_problems()]
    assert any("the server is gone" in message for message in said)
    assert any("lost if this process dies" in message for message in said)
    assert len(said) == 2
    journal_folder().unlink()
    # With room for a journal, what was in memory is safe at once, before what comes after it.
    outbox.put(write("4"))
    assert len(journals()) == 1
    store.away = ""
    assert outbox.flush(SOON)
    assert store.written == ["1", "2", "3", "4"]


def test_closing_says_what_is_lost_when_nothing_takes_it(no_journal, store):
    store.away = "the server is gone"
    outbox = Outbox(lambda: store, DESTINATION)
    for record in records(1, 2):
        outbox.put(record)
    outbox.take_problems()
    assert outbox.close(SOON) == 0
    [problem] = outbox.take_problems()
    assert problem.message.endswith("2 records are lost.")


def test_memory_has_an_end(no_journal, outbox, store, monkeypatch):
    from jupyter_track.outbox import backlog as module

    store.away = "the server is gone"
    monkeypatch.setattr(module, "MAX_MEMORY", 1_000)
    outbox.put(write("a" * 600))
    with pytest.raises(StoreUnavailable, match="not kept"):
        outbox.put(write("b" * 600))
    store.away = ""
    assert outbox.flush(SOON)
    assert store.written == ["a" * 600]


def test_order_is_kept_while_the_journal_comes_and_goes(no_journal, outbox, store):
    for number in range(60):
        if number % 20 == 10:
            store.away = "away"
            journal_folder().unlink()
        outbox.put(write(str(number)))
        if number % 20 == 19:
            store.away = ""
            assert outbox.flush(SOON)
            shutil.rmtree(journal_folder())
            journal_folder().write_text("in the way")
            # Its file is gone, which is seen with the next record.
            outbox.put(write("seen"))
            assert outbox.flush(SOON)
    assert [text for text in store.written if text != "seen"] == [str(number) for number in range(60)]


def test_what_waits_in_a_journal_that_somebody_removes_is_written_again(outbox, store):
    store.away = "away"
    for record in records(1, 2):
        outbox.put(record)
    journals()[0].unlink()
    assert outbox.flush(SOON) is False
    [path] = journals()
    outbox.put(write("3"))
    assert all(f'"{number}"'.encode() in path.read_bytes() for number in (1, 2, 3))
    store.away = ""
    assert outbox.flush(SOON)
    assert store.written == ["1", "2", "3"]


def test_a_journal_over_its_budget_takes_no_more(outbox, store, monkeypatch):
    from jupyter_track.outbox import journal

    store.away = "away"
    monkeypatch.setattr(journal, "BUDGET", 500)
    texts = [letter * 300 for letter in "abc"]
    for text in texts:
        outbox.put(write(text))
    assert any("bytes wait for the store" in problem.message for problem in outbox.take_problems())
    store.away = ""
    assert outbox.flush(SOON)
    assert store.written == texts


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_that_is_forked_has_an_empty_outbox_of_its_own(outbox, store, tmp_path):
    store.open.clear()
    outbox.put(write("of the parent"))
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            store.open.set()
            outbox.put(write("of the child"))
            outbox.close(SOON)
            os.write(writing, " ".join(store.written).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert told.read() == "of the child"
    os.waitpid(child, 0)
    store.open.set()
    assert outbox.flush(SOON)
    assert store.written == ["of the parent"]


def test_a_flush_waits_for_what_was_put_before_it_and_no_longer(outbox, store):
    stop = threading.Event()
    outbox.put(write("1"))

    def keep_writing():
        number = 2
        while not stop.is_set():
            outbox.put(write(str(number)))
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
    outbox = Outbox(lambda: store, DESTINATION)
    outbox.put(write("1"))
    outbox.close(0.01)
    assert not outbox.flush(SOON)
