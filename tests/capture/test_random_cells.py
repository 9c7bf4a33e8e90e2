"""A cell that is tracked as a whole, with all that watches it, is the same cell."""

from __future__ import annotations

import gc
import io
import re
import sys
from contextlib import redirect_stdout

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from jupyter_track.magics import load_ipython_extension, unload_ipython_extension

from .loops.programs import PRELUDE, programs

#: Where in memory an object is.
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


@pytest.fixture(scope="module")
def loaded(one_shell):
    load_ipython_extension(one_shell)
    one_shell._jupyter_track.watcher._show = lambda summary: None
    yield one_shell
    unload_ipython_extension(one_shell)


def forget(shell):
    """Let go of what the program before has left, whose finalizers would speak in the next one."""
    shell.user_ns.clear()
    shell.InteractiveTB.tb = None
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)
    gc.collect()


def told(shell, text):
    """Run a program in a fresh namespace and return everything that can be seen of it."""
    forget(shell)
    shell.init_user_ns()
    shell.user_ns["__name__"] = "__main__"
    shell.run_cell(PRELUDE, store_history=False).raise_error()
    with redirect_stdout(io.StringIO()) as printed:
        result = shell.run_cell(text, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    namespace = shell.user_ns
    values = {name: repr(value) for name, value in namespace.items() if not name.startswith("_")}
    seen = (
        list(namespace["said"]),
        printed.getvalue(),
        result.result,
        type(error),
        str(error),
        list(namespace),
        values,
    )
    return _ADDRESS.sub("0x", repr(seen))


@settings(
    max_examples=50,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(program=programs())
def test_random_cells_do_the_same_with_and_without_track(loaded, program):
    # What a traceback shows of the first line is the comment that it has become.
    assert told(loaded, f"%%track --dry-run\n{program.text}") == told(loaded, f"# %%track --dry-run\n{program.text}")
