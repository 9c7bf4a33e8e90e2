"""Bad input, hostile objects and broken surroundings: the cell does what it does, nothing is lost, nothing hangs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_track.entities import RunStatus
from jupyter_track.tracking import TrackClient

from ..kernels import Kernel

NewKernel = Callable[..., Kernel]


def recorded(kernel: Kernel, name: str) -> Any:
    """Return the run of that name when everything has arrived."""
    kernel.settle()
    client = kernel.reader()
    try:
        (run,) = client.search_runs(filter_string=f"run_name = '{name}'")
        return run
    finally:
        client.close(0)


def goes_on(kernel: Kernel) -> None:
    """Check that the next tracked cell is like any other."""
    found = kernel.run("%%track\nprint('printed')\n'value'")
    assert (found.stdout, found.result, found.stderr, len(found.cards)) == ("printed\n", "'value'", "", 1)


# -- what a person may write


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%track --nmae x\nran = 1", "--nmae"),
        ("%%track stray\nran = 1", "stray"),
        ("%%track --tag novalue\nran = 1", "KEY=VALUE"),
        ("%%track --name " + "n" * 5000 + "\nran = 1", "5000"),
        ("%%track --experiment " + "e" * 5000 + "\nran = 1", "5000"),
        ("%%track --param " + "p" * 500 + "=1\nran = 1", "500"),
        ("%%track --name 'open\nran = 1", "quote"),
        ("%track nonsense", "nonsense"),
        ("%track show nosuchrun", "nosuchrun"),
        ("%track runs metrics.a >", "filter"),
        ("%track runs attributes.colour = 'red'", "colour"),
        ("%track register", "NAME"),
        ("%track register a-name --run nosuchrun", "nosuchrun"),
    ],
)
def test_what_is_wrong_is_said_and_the_cell_is_not_run(tracked: Kernel, cell: str, said: str) -> None:
    tracked.run("ran = 0")
    found = tracked.run(cell)
    assert found.status == "error"
    assert found.stderr.startswith("UsageError: ")
    assert said in found.stderr
    assert len(found.stderr.strip().splitlines()[0]) < 6000
    assert "Traceback" not in found.stderr
    assert (tracked.evaluate("ran"), found.cards) == (0, [])


def test_syntax_error_is_ipythons_and_leaves_no_run(tracked: Kernel) -> None:
    found = tracked.run("%%track --name no-python\nx = = 1")
    assert (found.reply["ename"], found.cards, found.stderr) == ("SyntaxError", [], "")
    assert "No run fits" in str(tracked.run("%track runs attributes.run_name = 'no-python'").result)


@pytest.mark.parametrize("ending", ["del kept, rate", "%reset -f", "globals().clear()"])
def test_cell_that_deletes_its_variables(new_kernel: NewKernel, ending: str) -> None:
    kernel = new_kernel()
    kernel.run("%load_ext jupyter_track")
    found = kernel.run(f"%%track --name emptied\nrate = 0.1\nkept = sum([rate])\nprint('loss: 0.5')\n{ending}")
    assert (found.stdout, found.stderr) == ("loss: 0.5\n", "")
    assert "loss=0.5" in found.cards[0]
    assert "rate=0.1" in found.cards[0]


# -- what may be in the namespace

HOSTILE = """
import threading
class Raises:
    def _fail(self, *args, **kwargs): raise RuntimeError('do not touch')
    __repr__ = __str__ = __eq__ = __bool__ = __hash__ = __len__ = __iter__ = __array__ = __float__ = _fail
    __getattr__ = __index__ = __int__ = __contains__ = __getitem__ = __call__ = __reduce_ex__ = __format__ = _fail
    @property
    def __class__(self): raise RuntimeError('do not ask')
class Blocks:
    def _block(self, *args, **kwargs): threading.Event().wait()
    __repr__ = __str__ = __eq__ = __bool__ = __hash__ = __len__ = __iter__ = __array__ = __float__ = _block
    __getattr__ = __index__ = __int__ = __contains__ = __getitem__ = __call__ = __reduce_ex__ = __format__ = _block
    @property
    def __class__(self): threading.Event().wait()
class Meta(type):
    def __instancecheck__(cls, other): threading.Event().wait()
    def __subclasscheck__(cls, other): threading.Event().wait()
    def __eq__(cls, other): threading.Event().wait()
    __hash__ = type.__hash__
class OfMeta(metaclass=Meta): pass
class Dict(dict):
    def items(self): threading.Event().wait()
class Number(float):
    def __float__(self): threading.Event().wait()
    __repr__ = __str__ = __float__
hostile = [Raises(), Blocks(), OfMeta(), Dict(a=1), Number(2)]
h_raises, h_blocks, h_meta, h_dict, h_number = hostile
"""


def test_hostile_objects_are_not_touched(tracked: Kernel) -> None:
    assert tracked.run(HOSTILE).status == "ok"
    body = """
used = h_raises, h_blocks, h_meta, h_dict, h_number
set_here = h_raises
also_here = h_blocks
of_number = h_number
of_meta = h_meta
in_dict = {'a': h_blocks, 'b': h_raises}
call = dict(given=h_blocks)
print('loss: 0.25')
"""
    found = tracked.run(f"%%track --name hostile --log-model\n{body}", patience=20)
    assert (found.stdout, found.stderr, found.status) == ("loss: 0.25\n", "", "ok")
    assert recorded(tracked, "hostile").data.metrics == {"loss": 0.25}
    goes_on(tracked)


def test_large_things_take_no_time(tracked: Kernel) -> None:
    tracked.run(
        "import numpy as np\nfive_gigabytes = np.empty(5 * 2**30 // 8)\nwide = np.broadcast_to(1.0, (2**20, 2**20))\n"
        "long_text = 'x' * 50_000_000\nhuge = 10 ** 100_000\nmany = list(range(10_000_000))\n"
        "self_made = {}\nself_made['me'] = self_made"
    )
    cells = ["used = five_gigabytes, wide, long_text, huge, many, self_made", "pass"]
    taken = {}
    for first_line in ("", "%%track --name large\n"):
        start = time.perf_counter()
        assert tracked.run(first_line + cells[0]).status == "ok"
        taken[first_line] = time.perf_counter() - start
    assert taken["%%track --name large\n"] - taken[""] < 1
    assert recorded(tracked, "large").info.status is RunStatus.FINISHED
    tracked.run("del five_gigabytes, wide, long_text, huge, many, self_made, used")


def test_namespace_of_a_hundred_thousand_names(tracked: Kernel) -> None:
    tracked.run("globals().update({f'crowd_{n}': str(n) for n in range(100_000)})")
    start = time.perf_counter()
    found = tracked.run("%%track --name crowded\ncrowd_5, crowd_6")
    assert time.perf_counter() - start < 5
    assert found.result == "('5', '6')"
    assert recorded(tracked, "crowded").data.params == {"crowd_5": "5", "crowd_6": "6"}
    tracked.run("for n in range(100_000): del globals()[f'crowd_{n}']")


# -- what a cell may put out


def test_fifty_megabytes_of_text(tracked: Kernel) -> None:
    found = tracked.run("%%track --name wordy\nfor n in range(500):\n    print('x' * 99_999)\nprint('last: 1')")
    assert (len(found.stdout), found.stderr) == (50_000_008, "")
    run = recorded(tracked, "wordy")
    client = tracked.reader()
    with client.artifacts(run).open("output/stdout.txt") as file:
        text = file.read().decode()
    client.close(0)
    assert len(text) < 3_000_000
    assert "characters are not kept" in text
    assert text.endswith("last: 1\n")
    assert run.data.metrics == {"last": 1.0}


def test_ten_thousand_displays(tracked: Kernel) -> None:
    found = tracked.run("%%track --name showy\nfor n in range(10_000):\n    display(n)")
    assert len([output for output in found.outputs if output.kind == "display_data"]) == 10_000
    assert (len(found.cards), found.stderr) == (1, "")
    assert recorded(tracked, "showy").info.status is RunStatus.FINISHED


# -- what a cell may do to Python; what leaves no kernel alive (closing stdout for good, breaking json) is left out


@pytest.mark.parametrize(
    ("name", "body", "mend"),
    [
        ("stdout-text", "import sys, io\nkept = sys.stdout\nsys.stdout = io.StringIO()", "sys.stdout = kept"),
        ("print-gone", "import builtins\nkept = print\nbuiltins.print = None", "builtins.print = kept"),
        ("open-gone", "import builtins\nkept = open\nbuiltins.open = None", "builtins.open = kept"),
        ("time-frozen", "import time\nkept = time.time, time.time_ns, time.monotonic, time.perf_counter\n"
                        "time.time = lambda: 0.0\ntime.time_ns = lambda: 0\n"
                        "time.monotonic = lambda: 0.0\ntime.perf_counter = lambda: 0.0",
         "time.time, time.time_ns, time.monotonic, time.perf_counter = kept"),
        ("elsewhere", "import os, tempfile\nkept = os.getcwd()\nos.chdir(tempfile.mkdtemp())", "os.chdir(kept)"),
        ("nowhere", "import os, tempfile\nkept = os.getcwd()\nos.chdir(gone := tempfile.mkdtemp())\nos.rmdir(gone)",
         "os.chdir(kept)"),
        ("environment-gone", "import os\nkept = dict(os.environ)\nos.environ.clear()", "os.environ.update(kept)"),
        ("memory", "try:\n    raise MemoryError\nexcept MemoryError:\n    pass", ""),
        ("warnings-are-errors", "import warnings\nwarnings.simplefilter('error')", "warnings.resetwarnings()"),
        ("events-raise", "def bad(*_): raise ValueError\nget_ipython().events.register('post_run_cell', bad)",
         "get_ipython().events.unregister('post_run_cell', bad)"),
        ("history-gone", "get_ipython().history_manager.reset()", ""),
    ],
    ids=lambda value: value if " " not in value and "\n" not in value else "",
)  # fmt: skip
def test_cell_that_breaks_python(broken: Kernel, name: str, body: str, mend: str) -> None:
    found = broken.run(f"%%track --name {name}\nmetric = sum([2.5])\n{body}")
    assert (found.status, len(found.cards)) == ("ok", 1)
    again = broken.run("%%track\n'while it is broken'")
    assert (again.status, again.result) == ("ok", "'while it is broken'")
    if mend:
        assert broken.run(mend).status == "ok"
    assert recorded(broken, name).data.metrics == {"metric": 2.5}
    goes_on(broken)


@pytest.fixture(scope="module")
def broken(new_kernel: NewKernel) -> Kernel:
    kernel = new_kernel()
    kernel.run("%load_ext jupyter_track")
    return kernel


def test_recursion_limit_that_is_low(broken: Kernel) -> None:
    found = broken.run("%%track --name low\nimport sys\nlimit = sys.getrecursionlimit()\nsys.setrecursionlimit(200)\n1")
    assert (found.status, found.result) == ("ok", "1")
    broken.run("sys.setrecursionlimit(limit)")
    assert recorded(broken, "low").info.status is RunStatus.FINISHED
    goes_on(broken)


def test_forked_children_record_nothing_and_harm_nothing(broken: Kernel) -> None:
    body = """
import os, sys
children = []
for n in range(3):
    pid = os.fork()
    if pid == 0:
        print('child', n)
        os._exit(0)
    children.append(os.waitpid(pid, 0)[1])
print('parent')
children
"""
    found = broken.run(f"%%track --name forking\n{body}")
    assert (found.result, found.status) == ("[0, 0, 0]", "ok")
    assert found.stdout.count("parent\n") == 1
    assert recorded(broken, "forking").info.status is RunStatus.FINISHED
    goes_on(broken)


def test_thread_that_prints_after_the_cell(broken: Kernel) -> None:
    broken.run(
        "%%track --name early\nimport threading\ngo = threading.Event()\n"
        "late = threading.Thread(target=lambda: (go.wait(), print('late: 5')))\nlate.start()\nprint('early: 1')"
    )
    broken.run("go.set()\nlate.join()")
    assert recorded(broken, "early").data.metrics == {"early": 1.0}
    goes_on(broken)


# -- where runs are to be kept


def broken_store(kind: str, folder: Path) -> str:
    if kind == "below a file":
        (folder / "file").write_text("")
        return f"sqlite:///{folder / 'file' / 'track.db'}"
    if kind == "a folder":
        return f"sqlite:///{folder}"
    if kind == "corrupt":
        (folder / "corrupt.db").write_bytes(b"no database at all " * 1000)
        return f"sqlite:///{folder / 'corrupt.db'}"
    if kind == "newer":
        client = TrackClient(f"sqlite:///{folder / 'newer.db'}")
        client.open()
        client.close(0)
        with sqlite3.connect(folder / "newer.db") as connection:
            connection.execute("UPDATE jupyter_track_schema SET version_num = '9999'")
        connection.close()
        return f"sqlite:///{folder / 'newer.db'}"
    return "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("below a file", "Cannot make the folder"),
        ("a folder", "unable to open database file"),
        ("corrupt", "not a database"),
        ("newer", "newer jupyter-track"),
        ("no server", "refused"),
    ],
)
def test_store_that_cannot_be_used_is_told_once(new_kernel: NewKernel, tmp_path: Path, kind: str, said: str) -> None:
    kernel = new_kernel(environment={"MLFLOW_TRACKING_URI": broken_store(kind, tmp_path)})
    kernel.run("%load_ext jupyter_track")
    first = kernel.run("%%track --name waiting\nx = sum([1.5])\nx")
    assert (first.result, first.status, len(first.cards)) == ("1.5", "ok", 1)
    # Under the cell itself, as soon as the store has answered.
    kernel.wait_until(lambda: first.stderr != "")
    (line,) = first.stderr.splitlines()
    assert line.startswith("jupyter-track: ")
    assert said in line
    assert "waits in" in line
    assert ".journal" in line
    for number in range(3):
        found = kernel.run(f"%%track\n{number}")
        assert (found.result, found.stderr) == (str(number), "")
    # Nothing is lost: what waits goes where it can.
    kernel.run("from jupyter_track import set_tracking_uri")
    assert kernel.run(f"set_tracking_uri('sqlite:///{tmp_path}/mended/track.db')").status == "ok"
    assert "waiting" in str(kernel.run("%track runs metrics.x = 1.5").result)
    goes_on(kernel)


def test_full_disk_is_told_and_waits_for_room(new_kernel: NewKernel) -> None:
    kernel = new_kernel()
    kernel.run("%load_ext jupyter_track")
    kernel.run("%%track\n1")
    kernel.settle()
    # No file may grow beyond what the database has already: a disk without room.
    kernel.run("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))")
    found = kernel.run("%%track --name squeezed\nprint('x' * 100_000)\ny = sum([0.5])\ny")
    assert (found.result, found.status) == ("0.5", "ok")
    kernel.wait_until(lambda: found.stderr != "")
    assert "kept in memory" in found.stderr
    kernel.run("resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))")
    assert recorded(kernel, "squeezed").data.metrics == {"y": 0.5}
    goes_on(kernel)


def test_store_that_is_deleted_meanwhile_does_a_cell_no_harm(new_kernel: NewKernel) -> None:
    kernel = new_kernel()
    kernel.run("%load_ext jupyter_track")
    kernel.run("%%track\n1")
    kernel.settle()
    kernel.run("import shutil\nshutil.rmtree(" + repr(str(kernel.data_dir / "jupyter-track")) + ")")
    found = kernel.run("%%track --name after\nprint('as always')\n2")
    assert (found.stdout, found.result, found.status) == ("as always\n", "2", "ok")
    kernel.settle()
    assert recorded(kernel, "after").info.status is RunStatus.FINISHED  # In a new file, in the old one's place.
    assert kernel.run("%%track\n3").result == "3"
