"""What happens around a tracked cell: queues, interrupts, tasks, other magics, and the extension itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..kernels import Execution, Kernel
from .test_exactness import seen, state

Pair = tuple[Kernel, Kernel]

#: The bare kernel's cells have a comment where the tracked kernel's have the magic, so that lines are the same.
FIRST_LINES = ("# %%track\n", "%%track\n")

#: What %%time prints.
TIMES = r"(?:CPU times|Wall time).*"


def both(pair: Pair, body: str, **options: Any) -> tuple[Execution, Execution]:
    """Run a cell in both kernels, in the second one tracked."""
    bare, tracked = pair
    return bare.run(FIRST_LINES[0] + body, **options), tracked.run(FIRST_LINES[1] + body, **options)


def assert_same(pair: Pair, expected: Execution, found: Execution, varies: str = "") -> None:
    assert seen(found, varies) == seen(expected, varies)
    assert state(pair[1], varies) | {"In": "", "raw": ""} == state(pair[0], varies) | {"In": "", "raw": ""}


# -- the queue


@pytest.mark.parametrize("failing", ["raise ValueError('stop here')", "x = = 1", "raise KeyboardInterrupt"])
def test_run_all_stops_at_a_failing_cell(pair: Pair, failing: str) -> None:
    queues = []
    for kernel, first_line in zip(pair, FIRST_LINES, strict=True):
        cells = [first_line + body for body in (failing, "print('second')", "print('third')")]
        queue = kernel.submit_together(cells)
        queues.append([kernel.finish(execution) for execution in queue])
    assert [seen(found, "") for found in queues[1]] == [seen(expected, "") for expected in queues[0]]
    assert [execution.status for execution in queues[1]] == ["error", "aborted", "aborted"]


def test_queue_goes_on_where_it_is_asked_to(pair: Pair) -> None:
    queues = []
    for kernel, first_line in zip(pair, FIRST_LINES, strict=True):
        cells = [first_line + body for body in ("1/0", "print('second')")]
        queue = kernel.submit_together(cells, stop_on_error=False)
        queues.append([kernel.finish(execution) for execution in queue])
    assert [seen(found, "") for found in queues[1]] == [seen(expected, "") for expected in queues[0]]
    assert [execution.status for execution in queues[1]] == ["error", "ok"]


# -- interrupts


def test_interrupt_is_told_as_always(pair: Pair) -> None:
    # The thread speaks when the cell has long been asleep.
    body = "import threading, time\nthreading.Timer(0.3, print, ['started']).start()\ntime.sleep(60)"
    ended = [_interrupted(kernel, first_line + body) for kernel, first_line in zip(pair, FIRST_LINES, strict=True)]
    assert_same(pair, *ended)
    _assert_killed(pair, ended[1])


@pytest.mark.parametrize(
    "body",
    [
        "print('started', flush=True)\nwhile True:\n    sum(range(1000))",
        "import subprocess\nprint('started', flush=True)\nsubprocess.run(['sleep', '60'])",
        "import asyncio\nprint('started', flush=True)\nwhile True:\n    await asyncio.sleep(0.01)",
        "import asyncio\nasync def ticks():\n    while True:\n        print('started', flush=True)\n"
        "        await asyncio.sleep(0.01)\nawait asyncio.gather(ticks(), asyncio.sleep(60))",
    ],
    ids=["computing", "in a subprocess", "awaiting", "awaiting several"],
)
def test_interrupt_ends_a_cell_wherever_it_is(pair: Pair, body: str) -> None:
    expected, found = (
        _interrupted(kernel, first_line + body) for kernel, first_line in zip(pair, FIRST_LINES, strict=True)
    )
    # The line at which it strikes is a matter of the moment.
    assert [output.kind for output in found.outputs] == [output.kind for output in expected.outputs]
    assert (found.status, found.reply.get("ename")) == (expected.status, expected.reply.get("ename"))
    _assert_killed(pair, found)


def _interrupted(kernel: Kernel, source: str) -> Execution:
    execution = kernel.submit(source)
    kernel.wait_until(lambda: "started" in execution.stdout)
    kernel.interrupt()
    return kernel.finish(execution)


def _assert_killed(pair: Pair, found: Execution) -> None:
    (card,) = found.cards
    assert "killed" in card
    expected, following = both(pair, "'goes on'")
    assert_same(pair, expected, following)
    assert len(following.cards) == 1


# -- tasks and threads that outlive their cell


def test_task_that_outlives_its_cell_prints_under_it(pair: Pair) -> None:
    start = """
import asyncio
go_on = asyncio.Event()
async def later():
    await go_on.wait()
    print('printed later')
    display('shown later')
outliving = asyncio.create_task(later())
"""
    expected, found = both(pair, start)
    ending = both(pair, "go_on.set()\nawait outliving\nprint('ended')")
    assert_same(pair, *ending)
    assert seen(found, "") == seen(expected, "")
    assert "printed later" in found.stdout


def test_thread_that_outlives_its_cell_goes_on_printing(pair: Pair) -> None:
    start = """
import threading
carry_on = threading.Event()
def print_later():
    carry_on.wait()
    print('from the thread')
printing = threading.Thread(target=print_later)
printing.start()
"""
    expected, found = both(pair, start)
    assert_same(pair, *both(pair, "carry_on.set()\nprinting.join()"))
    assert seen(found, "") == seen(expected, "")


# -- below other magics


@pytest.mark.parametrize(
    ("above", "body", "varies"),
    [
        ("%%time", "above_a = 3\nprint('in it')\nabove_a * 2", TIMES),
        ("%%time", "print('only')", TIMES),
        ("%%time", "'one expression'", TIMES),
        ("%%capture caught", "print('caught')\ndisplay('shown')\n7", ""),
        ("%%capture --no-stdout part", "print('not caught')", ""),
    ],
)
def test_magic_above_does_what_it_does(pair: Pair, above: str, body: str, varies: str) -> None:
    bare, tracked = pair
    expected, found = bare.run(f"{above}\n{body}"), tracked.run(f"{above}\n%%track\n{body}")
    assert_same(pair, expected, found, varies)
    assert len(found.cards) == 1


def test_capture_above_catches_what_the_cell_shows_and_no_card(pair: Pair) -> None:
    bare, tracked = pair
    bare.run("%%capture held\nprint('caught')\ndisplay('shown')")
    tracked.run("%%capture held\n%%track\nprint('caught')\ndisplay('shown')")
    for expression in ("held.stdout", "held.stderr", "[output.data for output in held.outputs]"):
        assert tracked.evaluate(expression) == bare.evaluate(expression)


def test_failure_below_another_magic_names_the_line(tracked: Kernel) -> None:
    found = tracked.run("%%time\n%%track\nbelow = 0\n1 / below")
    assert (found.status, found.reply["ename"]) == ("error", "ZeroDivisionError")
    assert "1 / below" in "".join(found.reply["traceback"]).replace("\x1b[32m", "").replace("\x1b[39m", "")
    assert "failed" in found.cards[0]


def test_call_of_the_magic_runs_the_cell_in_place(tracked: Kernel) -> None:
    found = tracked.run(
        "value = get_ipython().run_cell_magic('track', '--name called', 'inner = 4\\ninner + 1')\nvalue"
    )
    assert (found.result, found.status) == ("5", "ok")
    assert tracked.evaluate("inner") == 4
    assert ["called" in card for card in found.cards] == [True]


def test_await_below_another_magic_is_refused_as_by_that_magic(tracked: Kernel) -> None:
    found = tracked.run("%%time\n%%track\nimport asyncio\nawait asyncio.sleep(0)")
    assert (found.status, found.reply["ename"]) == ("error", "SyntaxError")


def test_tracked_cell_that_runs_a_tracked_cell_shows_both(tracked: Kernel) -> None:
    found = tracked.run("%%track --name outer\nget_ipython().run_cell('%%track --name inner\\nprint(1)')\nprint(2)")
    assert found.stdout == "1\n2\n"
    assert sorted(card.split()[1] for card in found.cards) == ["inner", "outer"]


# -- output that is about to be replaced


def test_card_does_not_clear_what_the_cell_shows(pair: Pair) -> None:
    # The common way to animate: the last picture stays, because nothing comes after it.
    body = """
from IPython.display import clear_output
for i in range(3):
    print('frame', i)
    clear_output(wait=True)
"""
    expected, found = both(pair, body)
    assert_same(pair, expected, found)
    assert found.cards == []
    # Where something has come after it, nothing is about to be cleared.
    expected, found = both(pair, body + "print('the last')")
    assert_same(pair, expected, found)
    assert len(found.cards) == 1


# -- the extension itself


def test_unloading_leaves_the_shell_as_it_was(new_kernel: Callable[..., Kernel]) -> None:
    kernel = new_kernel()
    shell = {
        "magics": "{kind: sorted(magics) for kind, magics in get_ipython().magics_manager.magics.items()}",
        "registry": "sorted(get_ipython().magics_manager.registry)",
        "configurables": "[type(each).__name__ for each in get_ipython().configurables]",
        "transformers": "len(get_ipython().input_transformers_cleanup), len(get_ipython().ast_transformers)",
        "events": "sorted((name, len(calls)) for name, calls in get_ipython().events.callbacks.items())",
        "hooks": "len(get_ipython().display_pub._hooks), len(get_ipython().displayhook._hooks)",
        "names": "sorted(get_ipython().user_ns)",
    }
    # IPython itself adds to the shell when the first extension is loaded.
    kernel.run("%load_ext autoreload\n%unload_ext autoreload\nimport threading")
    before = {name: kernel.evaluate(expression) for name, expression in shell.items()}
    kernel.run("%load_ext jupyter_track", store_history=False)
    assert len(kernel.run("%%track\nx = 1\ndel x", store_history=False).cards) == 1
    assert kernel.run("%unload_ext jupyter_track", store_history=False).status == "ok"
    assert {name: kernel.evaluate(expression) for name, expression in shell.items()} == before
    found = kernel.run("%%track\n1")
    assert "Cell magic `%%track` not found" in found.stderr
    threads = kernel.evaluate("[thread.name for thread in __import__('threading').enumerate()]")
    assert not [name for name in threads if "ticker" in name or "background" in name]


def test_loading_twice_tracks_once(new_kernel: Callable[..., Kernel]) -> None:
    kernel = new_kernel()
    for command in ("%load_ext jupyter_track", "%load_ext jupyter_track", "%reload_ext jupyter_track"):
        assert kernel.run(command).status == "ok"
    found = kernel.run("%%track\n'once'")
    assert (found.result, len(found.cards)) == ("'once'", 1)
    kernel.run("%config TrackMagics.experiment = 'set after reloading'")
    assert "set after reloading" in kernel.run("%%track\n1").cards[0]


@pytest.mark.parametrize("command", ["%unload_ext jupyter_track", "%reload_ext jupyter_track"])
def test_tracked_cell_that_removes_the_extension_goes_on(new_kernel: Callable[..., Kernel], command: str) -> None:
    kernel = new_kernel()
    kernel.run("%load_ext jupyter_track")
    found = kernel.run(f"%%track --name cut\nprint('before')\n{command}\nprint('after')\n'value'")
    assert (found.stdout, found.result, found.status) == ("before\nafter\n", "'value'", "ok")
    kernel.run("%load_ext jupyter_track")
    kernel.settle()
    assert "KILLED" in str(kernel.run("%track show cut").result)


def test_restarted_kernel_finds_what_was_recorded(new_kernel: Callable[..., Kernel]) -> None:
    kernel = new_kernel()
    kernel.run("%load_ext jupyter_track")
    kernel.run("%%track --name survivor\nscore = sum([0.5])")
    kernel.restart()
    kernel.run("%load_ext jupyter_track")
    assert "survivor" in str(kernel.run("%track runs metrics.score = 0.5").result)
    assert len(kernel.run("%%track\n1").cards) == 1


@pytest.mark.parametrize("command", ["exit", "quit()", "exit(keep_kernel=True)"])
def test_exit_asks_the_front_end_as_always(new_kernel: Callable[..., Kernel], command: str) -> None:
    bare, leaving = new_kernel(), new_kernel()
    leaving.run("%load_ext jupyter_track", store_history=False)
    expected, found = bare.run(command), leaving.run(FIRST_LINES[1] + command)
    assert seen(found, "") == seen(expected, "")
    assert [payload["source"] for payload in found.reply["payload"]] == ["ask_exit"]
