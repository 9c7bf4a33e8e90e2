"""What surrounds a watched loop: debuggers, tracers, picklers, threads, interrupts, and code that outlives the cell."""

import builtins
import gc
import io
import itertools
import pdb
import signal
import sys
import weakref
from functools import partial

import cloudpickle
import pytest

from jupyter_track.capture.loops import builtin_names, install, sampling, uninstall

from .running import Notebook

TRAIN = "def train(epochs):\n    for e in range(epochs):\n        loss = 1 / (e + 1)\n    return loss"


def test_under_a_tracer_loops_run_as_they_were_written():
    def lines_of(watched):
        notebook, lines = Notebook(), []

        def trace(frame, event, argument):
            if frame.f_code.co_filename == "<traced>":
                lines.append((event, frame.f_lineno))
                return trace
            return None

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            told = notebook.run("for e in range(3):\n    loss = e / 2\nelse:\n    x = 1", watched, "<traced>")
        finally:
            sys.settrace(before)
        return lines, told

    plain, watched = lines_of(False)[0], lines_of(True)[0]
    assert plain == watched
    assert ("line", 2) in plain


def test_lines_are_the_same_for_a_tracer_that_the_cell_sets_itself():
    cell = (
        "import sys\nlines = []\n"
        "def trace(frame, event, argument):\n"
        "    if frame.f_code.co_filename != '<own tracer>':\n        return None\n"
        "    lines.append((event, frame.f_code.co_name, frame.f_lineno))\n    return trace\n"
        "def run():\n    for e in range(4):\n        if e == 1:\n            continue\n        loss = e / 2\n"
        "    else:\n        done = 1\n"
        "    for e in range(4):\n        loss = e / 2\n        if e == 2:\n            break\n"
        "    return loss\n"
        "start = getattr(sys, 'set' + 'trace')\n"
        "start(trace)\nrun()\nstart(None)\n"
    )
    told = []
    for watched in (False, True):
        notebook = Notebook()
        # The tracer is called from the stretches too, and has no part in them.
        assert notebook.run(cell, watched, "<own tracer>").error is None
        told.append(notebook.namespace["lines"])
    assert told[0] == told[1]


def test_a_cell_that_calls_a_debugger_is_as_it_was_written():
    cell = (
        "for e in (0, 1):\n    loss = e / 2\n    if e == 0:\n        debugger.set_trace()\n    loss = e + 5.5\nx = 1\n"
    )
    told = []
    before = sys.gettrace()
    for watched in (False, True):
        notebook, shown = Notebook(), io.StringIO()
        commands = io.StringIO("s\ns\ns\np loss\nw\nc\n")
        notebook.namespace["debugger"] = pdb.Pdb(stdin=commands, stdout=shown, nosigint=True, readrc=False)
        assert notebook.run(cell, watched, "<debugged>").error is None
        assert sys.gettrace() is before
        told.append(shown.getvalue())
    assert told[0] == told[1]
    assert "loss = e + 5.5" in told[0]


def test_a_pickled_function_is_the_plain_one():
    notebook = Notebook()
    notebook.run(TRAIN)
    notebook.namespace["dumps"] = cloudpickle.dumps
    told = notebook.run(
        "class Trainer:\n    def fit(self):\n        for e in range(2):\n            loss = e / 2\n"
        "            data.append(dumps(self))\n            data.append(dumps(train))\n"
        "data = []\nTrainer().fit()\ntrain(2)",
        watched=True,
    )
    assert (told.error, list(told.curves)) == (None, ["loss", "train.loss"])
    assert not any(b"jupyter_track" in data for data in notebook.namespace["data"])


def test_threads_that_run_the_same_function_compute_the_same():
    cell = (
        "import threading\n"
        "def train(k):\n    for e in range(2000):\n        loss = e * k\n    results[k] = loss\n"
        "results = {}\n"
        "def start(k):\n    return train(k)\n"
        "threads = [threading.Thread(target=exec, args=(f'train({k})', globals())) for k in range(4)]\n"
        "[each.start() for each in threads]\ntrain(9)\n[each.join() for each in threads]\n"
    )
    notebook = Notebook()
    told = notebook.run(cell, watched=True)
    assert (told.error, told.watch.notes) == (None, [])
    assert notebook.namespace["results"] == {k: 1999 * k for k in (0, 1, 2, 3, 9)}
    steps = [step for step, _ in told.curves["loss"]]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("body", ["loss = e / 2", "loss = e / 2\n    acc = sum(range(500))"])
def test_an_interrupt_ends_the_loop_with_a_traceback_of_the_cell_alone(body):
    cell = f"start()\nfor e in count():\n    {body}\n"
    # As in a kernel that executes a cell; whoever ran tests before may have left handlers of theirs.
    before = {each: signal.signal(each, signal.default_int_handler) for each in (signal.SIGALRM, signal.SIGINT)}
    ours = 0
    # An interrupt that meets a callback of the garbage collector is lost there, and Hypothesis has one.
    gc.disable()
    try:
        for turn in range(300):
            notebook = Notebook()
            seconds = 0.002 + turn * 1e-5
            start = partial(signal.setitimer, signal.ITIMER_REAL, seconds)
            notebook.namespace.update(start=start, count=itertools.count)
            told = notebook.run(cell, watched=True, filename="<interrupted>")
            assert (told.error, told.watch.notes) == (("KeyboardInterrupt", ""), [])
            # On a busy machine it comes before the first line has ended.
            assert {frame[1] for frame in told.frames if frame[0] == "<interrupted>"} <= {1, 2, 3, 4}
            ours += any("jupyter_track" in frame[0] for frame in told.frames)
    finally:
        gc.enable()
        for each, handler in before.items():
            signal.signal(each, handler)
    # Between Python's last look for an interrupt in the cell and its first in ours are some nanoseconds.
    assert ours <= 15


def test_a_generator_that_is_suspended_in_a_loop_goes_on_after_the_cell():
    notebook = Notebook()
    cell = "def numbers():\n    for n in range(5):\n        loss = n / 2\n        yield loss\ng = numbers()\nnext(g)"
    notebook.run(cell, watched=True)
    told = notebook.run("rest = list(g)")
    assert (told.error, notebook.namespace["rest"]) == (None, [0.5, 1.0, 1.5, 2.0])


@pytest.fixture
def stays():
    """Names of ours that stay among the builtins are taken out when the test has ended."""
    yield
    builtin_names._needed = False
    install()


def test_a_coroutine_that_is_suspended_in_a_loop_goes_on_after_the_cell(stays):
    notebook = Notebook()
    notebook.run(
        "class Pause:\n    def __await__(self):\n        yield\n"
        "async def items():\n    for n in range(5):\n        yield n\n"
        "async def train():\n    async for n in items():\n        loss = n / 2\n        await Pause()\n"
        "    for n in range(5):\n        acc = loss + n\n    return acc\n"
    )
    told = notebook.run("waiting = train()\nwaiting.send(None)", watched=True)
    assert told.curves == {"loss": [(0, 0.0)]}
    uninstall()
    told = notebook.run(
        "try:\n    while True:\n        waiting.send(None)\nexcept StopIteration as end:\n    final = end.value"
    )
    assert (told.error, notebook.namespace["final"]) == (None, 6.0)


def test_a_thread_that_outlives_the_cell_finishes_its_loop():
    cell = (
        "import threading\ngo = threading.Event()\ndone = []\n"
        "def train():\n    for e in range(3):\n        loss = e / 2\n        started.set()\n        go.wait(30)\n"
        "    done.append(loss)\nstarted = threading.Event()\n"
        "thread = threading.Thread(target=exec, args=('train()', globals()))\nthread.start()\nstarted.wait(30)\n"
        "if False:\n    train()\n"
    )
    notebook = Notebook()
    told = notebook.run(cell, watched=True)
    assert told.error is None
    uninstall()
    notebook.run("go.set()\nthread.join()")
    install()
    assert notebook.namespace["done"] == [1.0]


def test_recursion_computes_the_same():
    cell = (
        "def descend(depth):\n    found = []\n    for k in range(3):\n        score = depth * 10 + k\n"
        "        found.append(score)\n        if depth and k == 1:\n            found += descend(depth - 1)\n"
        "    return found\nfound = descend(5)\n"
    )
    plain, watched = Notebook(), Notebook()
    plain.run(cell)
    told = watched.run(cell, watched=True)
    assert (told.error, watched.namespace["found"]) == (None, plain.namespace["found"])


def test_loops_may_be_nested_as_deeply_as_python_allows():
    depth = 19
    lines = ["    " * level + f"for x{level} in range(1):" for level in range(depth)]
    cell = "\n".join([*lines, "    " * depth + "loss = 0.5 + x0"])
    notebook = Notebook()
    told = notebook.run(cell, watched=True)
    assert (told.error, told.curves) == (None, {"loss": [(0, 0.5)]})


def test_no_object_of_the_loop_outlives_its_iteration_or_the_loop():
    notebook = Notebook()
    alive = []
    notebook.namespace.update(alive=alive, ref=weakref.ref)
    gc.disable()
    try:
        told = notebook.run(
            "class Thing:\n    pass\nclass Things:\n    def __iter__(self):\n        return iter([Thing(), Thing()])\n"
            "def train():\n    for thing in Things():\n        seen.append(ref(thing))\n        loss = len(seen) / 2\n"
            "        alive.append([each() is not None for each in seen])\n"
            "    thing = None\n    alive.append([each() is not None for each in seen])\n"
            "seen = []\ntrain()\n",
            watched=True,
        )
    finally:
        gc.enable()
    assert (told.error, alive[-1]) == (None, [False, False])
    assert len(told.curves["loss"]) == 2


def test_nothing_of_ours_stays_in_the_namespace_or_among_the_builtins():
    notebook = Notebook()
    before = set(vars(builtins))
    notebook.run("for e in range(3):\n    loss = e / 2\nnames = sorted(locals())", watched=True)
    assert set(vars(builtins)) == before
    assert [name for name in notebook.namespace["names"] if "track" in name] == []
    assert [name for name in notebook.namespace if "track" in name] == []


def test_a_loop_goes_on_when_the_extension_is_unloaded_in_it():
    notebook = Notebook()
    watches = []
    notebook.namespace["unload"] = lambda: (watches[-1].stop(), uninstall())
    from jupyter_track.capture.loops import watch as module

    start = module.LoopWatch.start
    try:
        module.LoopWatch.start = lambda self: (watches.append(self), start(self))
        told = notebook.run(
            "for e in range(4):\n    loss = e / 2\n    if e == 1:\n        unload()\n"
            "for e in range(4):\n    acc = e / 2\n",
            watched=True,
        )
    finally:
        module.LoopWatch.start = start
        install()
    assert (told.error, notebook.namespace["acc"]) == (None, 1.5)


def test_a_reader_that_fails_is_told_once_and_the_loop_goes_on(monkeypatch):
    def fail(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr("jupyter_track.capture.loops.site.number_of", fail)
    monkeypatch.setattr(sampling.Pace, "next", fail)
    notebook = Notebook()
    told = notebook.run("for e in range(5):\n    loss = e / 2", watched=True)
    assert (told.error, notebook.namespace["loss"], told.curves) == (None, 2.0, {})
    assert told.watch.notes == ["Not all loops could be watched: RuntimeError: broken"]


def test_a_rewriter_that_fails_leaves_the_cell_as_it_is(monkeypatch):
    monkeypatch.setattr("jupyter_track.capture.loops.transform.Evidence", None)
    notebook = Notebook()
    told = notebook.run("for e in range(5):\n    loss = e / 2", watched=True)
    assert (told.error, notebook.namespace["loss"], told.curves) == (None, 2.0, {})
    assert len(told.watch.notes) == 1
