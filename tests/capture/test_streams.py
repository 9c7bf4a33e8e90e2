"""Listening to streams, without standing in their way."""

import io
import os
import signal
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.capture import streams
from jupyter_track.capture.streams import StreamTap, TextKeeper, Ticker


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def tap(stream):
    tap = StreamTap(stream)
    tap.start()
    yield tap
    tap.stop()


def test_what_is_written_is_heard_and_goes_where_it_went(stream, tap):
    assert stream.write("a") == 1
    print("b", file=stream)
    assert tap.take() == "ab\n"
    print("c", file=stream)
    assert tap.take() == "c\n"
    assert tap.take() == ""
    assert tap.kept.text() == stream.getvalue() == "ab\nc\n"


def test_the_stream_is_left_as_it_was_found(stream):
    before = dict(stream.__dict__)
    for _ in range(3):
        tap = StreamTap(stream)
        tap.start()
        assert stream.__dict__ != before
        tap.stop()
        tap.stop()
        assert stream.__dict__ == before
    stream.write("later")
    assert tap.take() == ""


def test_a_wrapper_that_was_there_is_there_again(stream):
    heard = []
    original = stream.write
    wrapper = lambda text: heard.append(text) or original(text)  # noqa: E731
    stream.write = wrapper
    tap = StreamTap(stream)
    tap.start()
    stream.write("a")
    tap.stop()
    assert stream.write is wrapper
    assert (heard, tap.take(), stream.getvalue()) == (["a"], "a", "a")


def test_a_wrapper_that_came_later_stays(stream, tap):
    heard = []
    ours = stream.write
    wrapper = lambda text: heard.append(text) or ours(text)  # noqa: E731
    stream.write = wrapper
    stream.write("a")
    tap.stop()
    stream.write("b")
    assert stream.write is wrapper
    assert (heard, tap.take(), stream.getvalue()) == (["a", "b"], "a", "ab")


def test_a_stream_that_refuses_is_left_alone():
    class Fixed:
        __slots__ = ("written",)

        def write(self, text):
            self.written = text

    fixed = Fixed()
    tap = StreamTap(fixed)
    tap.start()
    fixed.write("a")
    tap.stop()
    assert (fixed.written, tap.take(), tap.kept.text()) == ("a", "", "")


def test_an_error_of_the_stream_is_the_writers(stream, tap):
    with pytest.raises(TypeError):
        stream.write(1)
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream.write("a")
    assert tap.take() == ""


def test_nothing_is_lost_when_threads_write(stream, tap):
    lines = [f"{writer}:{number}\n" for writer in range(4) for number in range(500)]
    threads = [
        threading.Thread(target=lambda part: [stream.write(line) for line in part], args=(lines[n::4],))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    taken = ""
    while any(thread.is_alive() for thread in threads):
        taken += tap.take()
    taken += tap.take()
    assert sorted(taken.splitlines(keepends=True)) == sorted(lines)
    assert sorted(tap.kept.text().splitlines(keepends=True)) == sorted(lines)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such timers on this system")
def test_a_signal_handler_that_prints_in_the_middle_of_a_write(stream, tap):
    fired = 0

    def handler(*arguments):
        nonlocal fired
        fired += 1
        stream.write("!")

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        deadline = time.monotonic() + 30
        while fired < 50 and time.monotonic() < deadline:
            stream.write("a")
            tap.take()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert fired >= 50


def test_a_cell_that_prints_without_end_is_kept_at_both_ends(stream, tap, monkeypatch):
    monkeypatch.setattr(streams, "KEEP", 100)
    monkeypatch.setattr(streams, "MAX_PENDING", 50)
    for number in range(1_000):
        stream.write(f"line {number:3}\n")
    kept = tap.kept.text()
    assert kept.startswith("line   0\nline   1\n")
    assert kept.endswith("line 998\nline 999\n")
    assert "characters are not kept" in kept
    assert len(kept) < 300
    # What waits for the listener is bounded, too.
    assert len(tap.take()) < 60
    assert tap.take() == ""
    assert len(stream.getvalue()) == 9_000


@given(st.lists(st.text(alphabet="abc\n", max_size=60), max_size=30))
def test_a_kept_text_is_the_text_or_says_how_much_is_missing(pieces):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "KEEP", 40)
        keeper = TextKeeper()
        for piece in pieces:
            keeper.add(piece)
    text, whole = keeper.text(), "".join(pieces)
    head, gap, tail = text.partition("\n… ")
    if not gap:
        assert text == whole
        return
    missing, _, tail = tail.partition(" characters are not kept …\n")
    assert head == whole[:40]
    assert whole.endswith(tail)
    assert len(tail) >= 40
    assert len(head) + int(missing.replace(",", "")) + len(tail) == len(whole)


def test_one_enormous_piece_is_cut():
    keeper = TextKeeper()
    keeper.add("a" + "x" * 5_000_000 + "z")
    assert len(keeper.text()) < 2_000_100
    assert keeper.text().startswith("ax")
    assert keeper.text().endswith("xz")


def test_a_ticker_calls_until_it_is_stopped():
    calls, enough = [], threading.Event()

    def call():
        calls.append(threading.current_thread())
        if len(calls) == 3:
            enough.set()

    ticker = Ticker(call, 0.001)
    assert enough.wait(30)
    ticker.stop()
    count = len(calls)
    assert set(calls) != {threading.current_thread()}
    calls[0].join(30)
    assert not calls[0].is_alive()
    assert len(calls) == count


def test_what_a_tick_raises_ends_the_ticking_and_can_be_asked_for():
    calls, called = [], threading.Event()

    def call():
        calls.append(1)
        called.set()
        raise ZeroDivisionError

    ticker = Ticker(call, 0.001)
    assert called.wait(30)
    ticker.stop()
    ticker.stop()
    assert isinstance(ticker.error, ZeroDivisionError)
    assert calls == [1]


def test_a_ticker_does_not_keep_the_process_alive():
    ticker = Ticker(lambda: None, 60)
    (thread,) = [each for each in threading.enumerate() if each.name == "jupyter-track-ticker"]
    assert thread.daemon
    ticker.stop()


def test_stdout_of_the_process_is_heard(capfd):
    with os.fdopen(os.dup(1), "w", buffering=1) as stream:
        tap = StreamTap(stream)
        tap.start()
        print("to the file descriptor", file=stream)
        tap.stop()
    assert tap.take() == capfd.readouterr().out == "to the file descriptor\n"
