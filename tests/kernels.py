"""A real kernel, and everything that a front end sees of it.

A `Kernel` starts ipykernel as Jupyter does, with folders of its own, and speaks to it over its channels as a
front end speaks. Each request gives an `Execution`: the messages in the order in which they came, and the reply.
"""

from __future__ import annotations

import ast
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.manager import KernelManager

import jupyter_track
from jupyter_track.tracking import TrackClient
from jupyter_track.views.card import CARD_CLASS

__all__ = ["Execution", "Kernel", "Output", "merged"]

#: Seconds after which a kernel that says nothing is taken for hung.
PATIENCE = 60.0

#: How often a condition is looked at that no message tells of.
POLL_MILLISECONDS = 100

#: Messages that say nothing about what a cell shows.
_SURROUNDINGS = frozenset({"status", "execute_input", "iopub_welcome"})


@dataclass(frozen=True)
class Output:
    """One message on iopub: its type and content."""

    kind: str
    content: Mapping[str, Any]

    @property
    def is_own(self) -> bool:
        """Whether jupyter-track sent it for itself: its comm, or the card under a cell."""
        if self.kind.startswith("comm_"):
            return True
        return self.kind == "display_data" and CARD_CLASS in self.content["data"].get("text/html", "")


@dataclass
class Execution:
    """What came of one execute request."""

    request: str
    messages: list[Output] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)
    idle: bool = False

    @property
    def done(self) -> bool:
        """Whether the reply and the last output have come."""
        return self.idle and bool(self.reply)

    @property
    def outputs(self) -> list[Output]:
        """What the person sees, as a front end joins it: without what is jupyter-track's own."""
        return merged(output for output in self.messages if not output.is_own)

    @property
    def cards(self) -> list[str]:
        """The cards under the cell, as text."""
        shown = [output for output in self.messages if output.is_own and output.kind == "display_data"]
        return [output.content["data"]["text/plain"] for output in shown]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What jupyter-track told the front end through its comm."""
        return [output.content["data"] for output in self.messages if output.kind == "comm_msg"]

    def stream(self, name: str) -> str:
        """Return what went to stdout or stderr."""
        return "".join(
            output.content["text"]
            for output in self.messages
            if output.kind == "stream" and output.content["name"] == name
        )

    @property
    def stdout(self) -> str:
        """What was printed."""
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        """What was printed as an error or a warning."""
        return self.stream("stderr")

    @property
    def result(self) -> str | None:
        """The text of the last value, or None if none was shown."""
        results = [output.content["data"] for output in self.messages if output.kind == "execute_result"]
        return results[-1]["text/plain"] if results else None

    @property
    def status(self) -> str:
        """The reply's status: ok, error, aborted."""
        return str(self.reply["status"])


def merged(outputs: Iterable[Output]) -> list[Output]:
    """Join pieces of one stream that follow each other; where they were cut is a matter of timing."""
    joined: list[Output] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and last.kind == output.kind == "stream" and last.content["name"] == output.content["name"]:
            text = last.content["text"] + output.content["text"]
            joined[-1] = Output("stream", {"name": output.content["name"], "text": text})
        else:
            joined.append(output)
    return joined


class Kernel:
    """A running kernel.

    Parameters
    ----------
    folder : Path
        Where it runs and keeps everything: its data, its configuration, its store.
    environment : mapping of str to str
        Added to the environment; an empty text takes a variable out.
    work_dir : Path, optional
        The working directory, if it is not to be one of its own.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str] | None = None, work_dir: Path | None = None
    ) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.work_dir = work_dir or folder / "work"
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self._environment = {**os.environ, **self._own_environment(), **(environment or {})}
        self._environment = {name: value for name, value in self._environment.items() if value}
        self._executions: dict[str, Execution] = {}
        self._asking = False
        self._answer_snapshot: Callable[[str], dict[str, Any] | None] | None = None
        self._manager = KernelManager(kernel_name="python3")
        self._start()

    def _own_environment(self) -> dict[str, str]:
        # The package that the tests import, whether it is installed or not.
        package = str(Path(jupyter_track.__file__).parents[1])
        return {
            "KERNEL_ID": "as from a Jupyter server",
            "PYTHONPATH": os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])]),
            "JUPYTER_DATA_DIR": str(self.data_dir),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "MLFLOW_TRACKING_URI": "",
            "JPY_SESSION_NAME": "",
            # ipykernel relays what is written to the file descriptors, but not where it takes itself for a test.
            "PYTEST_CURRENT_TEST": "",
        }

    def _start(self) -> None:
        self._manager.start_kernel(cwd=str(self.work_dir), env=self._environment)
        self._connect()

    def _connect(self) -> None:
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        self._poller = zmq.Poller()
        self._channels = [self._client.iopub_channel, self._client.shell_channel, self._client.stdin_channel]
        for channel in self._channels:
            self._poller.register(channel.socket, zmq.POLLIN)

    # -- running cells

    def run(self, code: str, *, answers: Iterable[str] = (), patience: float = PATIENCE, **options: Any) -> Execution:
        """Run a cell to its end.

        Parameters
        ----------
        code : str
        answers : iterable of str
            What is typed, in turn, when the cell asks for input.
        patience : float
            Seconds to wait at most.
        **options
            Of the execute request: ``silent``, ``store_history``, ``user_expressions``, ``stop_on_error``.
        """
        return self.finish(self.submit(code, **options), answers=answers, patience=patience)

    def submit(self, code: str, **options: Any) -> Execution:
        """Send a cell and return at once; `finish` waits for it."""
        request = self._client.execute(code, allow_stdin=True, **options)
        self._executions[request] = Execution(request)
        return self._executions[request]

    def finish(self, execution: Execution, *, answers: Iterable[str] = (), patience: float = PATIENCE) -> Execution:
        """Wait until a cell that was sent has ended."""
        self.wait_until(lambda: execution.done, answers=answers, patience=patience)
        return execution

    def submit_together(self, cells: Iterable[str], **options: Any) -> list[Execution]:
        """Send several cells so that all have come before the first begins, as "Run All" does when it fails.

        The kernel is held by a question meanwhile. Of cells that come only after an error, Jupyter aborts none.
        """
        gate = self.submit("input()", store_history=False)
        self.wait_until(lambda: self._asking)
        queue = [self.submit(cell, **options) for cell in cells]
        self.finish(gate, answers=["go on"])
        return queue

    def wait_until(
        self, condition: Callable[[], bool], *, answers: Iterable[str] = (), patience: float = PATIENCE
    ) -> None:
        """Take what the kernel sends until a condition holds."""
        typed = iter(answers)
        deadline = time.monotonic() + patience
        while not condition():
            ready = dict(self._poller.poll(POLL_MILLISECONDS))
            for channel in self._channels:
                if channel.socket in ready:
                    self._take(channel)
            if self._asking and (answer := next(typed, None)) is not None:
                self._asking = False
                self._client.input(answer)
            if not ready and not self._manager.is_alive():
                raise AssertionError("the kernel died")
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {patience} seconds in vain: {list(self._executions.values())[-1]}")

    def _take(self, channel: Any) -> None:
        message = channel.get_msg(timeout=0)
        kind, content = message["msg_type"], message["content"]
        if kind == "input_request":
            self._asking = True
            return
        if kind == "comm_msg" and content["data"].get("type") == "snapshot" and self._answer_snapshot is not None:
            self._send_snapshot(content["comm_id"], content["data"]["run_id"])
        execution = self._executions.get(message["parent_header"].get("msg_id", ""))
        if execution is None:
            return
        if kind == "execute_reply":
            execution.reply = content
        elif kind == "status":
            execution.idle = content["execution_state"] == "idle"
        elif kind not in _SURROUNDINGS:
            execution.messages.append(Output(kind, content))

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression whose ``repr`` is a literal, without leaving a trace."""
        found = self.run("", silent=True, user_expressions={"it": expression}).reply["user_expressions"]["it"]
        if found["status"] != "ok":
            raise AssertionError(f"{expression}: {found['ename']}: {found['evalue']}")
        return ast.literal_eval(found["data"]["text/plain"])

    # -- the front end's side of the comm

    def answer_snapshots(self, answer: Callable[[str], dict[str, Any] | None] | None) -> None:
        """Be a front end that has the extension: asked for a run's snapshot, it sends what `answer` returns."""
        self._answer_snapshot = answer

    def _send_snapshot(self, comm_id: str, run_id: str) -> None:
        assert self._answer_snapshot is not None
        data = self._answer_snapshot(run_id)
        if data is not None:
            self.send_to_comm(comm_id, {"type": "snapshot", "run_id": run_id, **data})

    def send_to_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send a message to the kernel's end of a comm."""
        session = self._client.session
        message = session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)

    # -- the process

    def interrupt(self) -> None:
        """Press the stop button."""
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        """Restart the kernel; its folders stay."""
        self._client.stop_channels()
        self._manager.restart_kernel()
        self._connect()

    def kill(self) -> None:
        """Kill the kernel, as a lack of memory does, and start another in its place; the folders stay."""
        os.kill(self._manager.provisioner.pid, signal.SIGKILL)
        self.restart()

    def close(self) -> None:
        """Shut the kernel down as a front end does, so that it can finish what it is writing."""
        self._manager.shutdown_kernel()
        self._client.stop_channels()

    # -- what was recorded

    @property
    def store_uri(self) -> str:
        """The tracking URI of the embedded store."""
        return f"sqlite:///{self.data_dir / 'jupyter-track' / 'track.db'}"

    def settle(self) -> None:
        """Wait until everything that was recorded is in the store."""
        self.run("%track", store_history=False)

    def reader(self) -> TrackClient:
        """Return a client that reads this kernel's store; the caller closes it."""
        return TrackClient(self.store_uri)
