"""Listening to stdout and stderr while a cell runs."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

__all__ = ["StreamTap", "TextKeeper", "Ticker"]

#: Characters of a stream that are kept from its beginning, and at least as many again from its end.
KEEP = 1_000_000
#: Characters that may wait for a listener; of what a cell prints faster, the oldest is not heard.
MAX_PENDING = 8_000_000


class TextKeeper:
    """Keeps the beginning and the end of a text that may be endless."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._dropped = 0

    def add(self, text: str) -> None:
        """Add a piece."""
        if self._head_size < KEEP:
            piece, text = text[: KEEP - self._head_size], text[KEEP - self._head_size :]
            self._head.append(piece)
            self._head_size += len(piece)
        if len(text) > KEEP:
            self._dropped += len(text) - KEEP
            text = text[-KEEP:]
        if text:
            self._tail.append(text)
            self._tail_size += len(text)
            while self._tail_size - len(self._tail[0]) >= KEEP:
                dropped = len(self._tail.popleft())
                self._tail_size -= dropped
                self._dropped += dropped

    @property
    def total(self) -> int:
        """How many characters were added."""
        return self._head_size + self._tail_size + self._dropped

    def text(self) -> str:
        """Return what is kept, with a line that says how much is missing."""
        gap = f"\n… {self._dropped:,} characters are not kept …\n" if self._dropped else ""
        return "".join(self._head) + gap + "".join(self._tail)


class StreamTap:
    """Hears what is written to a stream, without standing in its way.

    ``write`` of the stream object itself is wrapped, since a stand-in for ``sys.stdout`` would miss what
    ipykernel relays from the file descriptors (``os.system``, extension modules).

    Parameters
    ----------
    stream : text file
        ``sys.stdout`` or ``sys.stderr``, or what the notebook has put in its place.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._pending: deque[str] = deque()
        self._pending_size = 0
        # Reentrant: a signal handler or finalizer that prints may interrupt a write of its own thread.
        self._lock = threading.RLock()
        self._active = False
        self._had_own_write = "write" in getattr(stream, "__dict__", {})
        self._original: Any = getattr(stream, "write", None)
        self._process = os.getpid()
        self.kept = TextKeeper()

    def start(self) -> None:
        """Begin to listen, if the stream is one that allows it."""
        if self._original is None:
            return  # There is no stdout, as in a program without a console.
        try:
            self._stream.write = self._write  # type: ignore[method-assign]
        except AttributeError:
            return  # Some other program's stream, with slots: the cell is recorded without what it prints.
        self._active = True

    def stop(self) -> None:
        """Stop listening, and leave the stream as it was found."""
        if not self._active:
            return
        self._active = False
        # Whoever wrapped the stream after us keeps their wrapper; ours then only passes on.
        if self._stream.__dict__.get("write") == self._write:
            if self._had_own_write:
                self._stream.write = self._original  # type: ignore[method-assign]
            else:
                del self._stream.__dict__["write"]

    def _write(self, text: str, *args: Any, **kwargs: Any) -> Any:
        result = self._original(text, *args, **kwargs)
        # In a forked child the lock may be held by a thread that is not there, and nobody reads what is kept.
        if self._active and type(text) is str and os.getpid() == self._process:
            try:
                self._keep(text)
            except Exception:
                self._active = False  # Whatever the notebook has done to Python: it prints on.
        return result

    def _keep(self, text: str) -> None:
        with self._lock:
            self.kept.add(text)
            self._pending.append(text)
            self._pending_size += len(text)
            while self._pending_size > MAX_PENDING and len(self._pending) > 1:
                # What is printed last is most likely to be a result.
                self._pending_size -= len(self._pending.popleft())

    def take(self) -> str:
        """Return what has been written since the last call."""
        with self._lock:
            pieces, self._pending = self._pending, deque()
            self._pending_size = 0
        return "".join(pieces)


class Ticker:
    """Calls a function again and again on a thread of its own, until stopped.

    Parameters
    ----------
    call : callable
        Called without arguments.
    seconds : float
        Between two calls.

    Attributes
    ----------
    error : Exception or None
        What a call raised; the ticking ends with it.
    """

    def __init__(self, call: Callable[[], None], seconds: float) -> None:
        self._call = call
        self._seconds = seconds
        self._stopped = threading.Event()
        self._calling = threading.Lock()
        self.error: Exception | None = None
        threading.Thread(target=self._run, name="jupyter-track-ticker", daemon=True).start()

    def _run(self) -> None:
        try:
            while not self._stopped.wait(self._seconds):
                with self._calling:
                    if not self._stopped.is_set():
                        self._call()
        except Exception as error:
            self.error = error

    def stop(self) -> None:
        """End the ticking; when this returns, no call is under way. May be called again."""
        self._stopped.set()
        # Not the thread is waited for, which may have to wait for Python's lock before it can end.
        with self._calling:
            pass
