"""What a cell displays, heard through the hooks of ipykernel's own publishers."""

import base64
import json
from types import SimpleNamespace

import pytest
import zmq
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.zmqshell import ZMQDisplayPublisher
from jupyter_client.session import Session

from jupyter_track.capture.displays import MAX_DISPLAYS, DisplayTap

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def shell(one_shell):
    """The display side of a kernel; what it sends goes to a socket that nobody listens to."""
    context = zmq.Context()
    socket = context.socket(zmq.PUB)
    socket.bind("inproc://displays")
    session = Session(key=b"key")
    shell = SimpleNamespace(
        display_pub=ZMQDisplayPublisher(session=session, pub_socket=socket),
        displayhook=ZMQShellDisplayHook(shell=one_shell, session=session, pub_socket=socket),
    )
    for publisher in (shell.display_pub, shell.displayhook):
        publisher.set_parent({"header": {"msg_id": "cell"}})
    yield shell
    socket.close()
    context.term()


@pytest.fixture
def tap(shell):
    tap = DisplayTap(shell)
    tap.start()
    yield tap
    tap.stop()


def show(shell, data, **transient):
    shell.display_pub.publish(data, {}, transient=transient or None)


def show_result(shell, data):
    shell.displayhook.start_displayhook()
    shell.displayhook.write_format_data(data, {})
    shell.displayhook.finish_displayhook()


def test_figures_and_tables_are_numbered_files(shell, tap):
    show(shell, {"image/png": base64.b64encode(PNG).decode(), "text/plain": "<Figure>"})
    show(shell, {"text/html": "<table></table>", "text/plain": "a table"})
    show(shell, {"image/svg+xml": "<svg/>", "text/plain": "<SVG>"})
    show(shell, {"text/plain": "only text"})
    assert tap.files() == {
        "output/figure-1.png": PNG,
        "output/display-1.html": "<table></table>",
        "output/figure-2.svg": "<svg/>",
        "output/display-2.txt": "only text",
    }


def test_the_best_form_is_kept(shell, tap):
    plotly = {"data": [{"y": [1, 2]}], "layout": {}}
    show(shell, {"application/vnd.plotly.v1+json": plotly, "text/html": "<div>", "text/plain": "Figure"})
    ((path, content),) = tap.files().items()
    assert path == "output/figure-1.plotly.json"
    assert json.loads(content) == plotly


def test_what_cannot_be_kept_is_passed_over(shell, tap):
    show(shell, {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "HBox()"})
    show(shell, {"application/x-unknown": "x"})
    show(shell, {})
    show(shell, {"image/png": "not base64!"})
    assert tap.files() == {}


def test_a_broken_picture_falls_back_to_its_text(shell, tap):
    show(shell, {"image/png": "not base64!", "text/plain": "<Figure>"})
    assert tap.files() == {"output/display-1.txt": "<Figure>"}


def test_a_display_that_is_updated_is_kept_once(shell, tap):
    show(shell, {"text/plain": "0 %"}, display_id="bar")
    show(shell, {"text/plain": "other"}, display_id="other")
    shell.display_pub.publish({"text/plain": "100 %"}, {}, transient={"display_id": "bar"}, update=True)
    shell.display_pub.publish({"text/plain": "?"}, {}, transient={"display_id": "unknown"}, update=True)
    assert tap.files() == {"output/display-1.txt": "100 %", "output/display-2.txt": "other"}


def test_cleared_displays_are_gone(shell, tap):
    show(shell, {"text/plain": "first"})
    shell.display_pub.clear_output()
    show(shell, {"text/plain": "second"})
    shell.display_pub.clear_output(wait=True)
    assert tap.files() == {"output/display-1.txt": "second"}
    show(shell, {"text/plain": "third"})
    assert tap.files() == {"output/display-1.txt": "third"}


def test_what_is_heard_still_goes_out(shell, tap):
    sent = []
    for publisher in (shell.display_pub, shell.displayhook):
        publisher.register_hook(lambda message: sent.append(message["content"]["data"]))
    show(shell, {"text/plain": "display"})
    show_result(shell, {"text/plain": "result"})
    assert sent == [{"text/plain": "display"}, {"text/plain": "result"}]


def test_an_animation_does_not_fill_the_memory(shell, tap):
    for number in range(MAX_DISPLAYS + 50):
        show(shell, {"text/plain": str(number)})
    assert len(tap.files()) == MAX_DISPLAYS


def test_nothing_is_heard_before_and_after(shell):
    tap = DisplayTap(shell)
    show(shell, {"text/plain": "before"})
    show_result(shell, {"text/plain": "before"})
    tap.start()
    tap.stop()
    show(shell, {"text/plain": "after"})
    show_result(shell, {"text/plain": "after"})
    tap.stop()
    assert tap.files() == {}


@pytest.mark.parametrize(
    ("data", "files"),
    [
        ({"text/plain": "0.93"}, {"output/result.txt": "0.93"}),
        ({"text/html": "<b>", "text/plain": "B"}, {"output/result.html": "<b>", "output/result.txt": "B"}),
        ({"image/png": base64.b64encode(PNG).decode()}, {"output/result.png": PNG}),
        ({}, {}),
    ],
)
def test_the_last_value_is_a_file_of_its_own(shell, tap, data, files):
    show_result(shell, data)
    assert tap.files() == files


def test_a_terminal_has_nothing_to_listen_to():
    tap = DisplayTap(SimpleNamespace(display_pub=object(), displayhook=object()))
    tap.start()
    tap.stop()
    assert tap.files() == {}
