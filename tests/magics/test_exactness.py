"""With ``%%track`` on top, a cell does what it does without, as far as any front end can see."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from ..kernels import Execution, Kernel
from .cells import CELLS, Cell

FIRST_LINE = "%%track"

#: The name of the file that stands for a cell: its folder is called after the process, and it itself after a hash
#: of the cell as the person sees it, the first line included, by which a debugger finds it.
CELL_FILE = r"(?:/\S*/ipykernel_\d+/)?\b\d{5,}\.py"
#: Addresses, in the texts of objects, say nothing.
ALWAYS = rf"{CELL_FILE}|\b0x[0-9a-f]{{6,}}"

#: What is compared after each cell besides what it showed.
STATE = {
    "Out": "repr(Out.get(len(In) - 1))",
    "underscores": "repr((_, __, ___))",
    "In": "In[-1]",
    "raw": "get_ipython().history_manager.input_hist_raw[-1].removeprefix('%%track\\n').removeprefix('# %%track\\n')",
    "count": "get_ipython().execution_count",
    "names": "sorted(get_ipython().user_ns)",
    "hidden names": "sorted(get_ipython().user_ns_hidden)",
    "streams": "repr([__import__('sys').stdout.write, __import__('sys').stderr.write])",
    "display hook": "type(__import__('sys').displayhook).__name__",
    "display hooks": "len(get_ipython().display_pub._hooks), len(get_ipython().displayhook._hooks)",
    "last": "get_ipython().last_execution_succeeded",
}


def blanked(value: Any, pattern: str) -> Any:
    """Blank in every text of a structure what differs between any two kernels."""
    if isinstance(value, str):
        return re.sub(f"{ALWAYS}|{pattern}" if pattern else ALWAYS, "•", value, flags=re.MULTILINE)
    if isinstance(value, dict):
        return {key: blanked(item, pattern) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [blanked(item, pattern) for item in value]
    return value


def run(kernel: Kernel, cell: Cell, source: str) -> Execution:
    if cell.before:
        kernel.run(cell.before)
    execution = kernel.run(source, answers=cell.answers, **cell.options)
    kernel.wait_until(lambda: cell.waits_for in execution.stdout)
    return execution


def seen(execution: Execution, pattern: str) -> dict[str, Any]:
    reply = {key: value for key, value in execution.reply.items() if key != "engine_info"}
    outputs = [(output.kind, output.content) for output in execution.outputs]
    return {"outputs": blanked(outputs, pattern), "reply": blanked(reply, pattern)}


def state(kernel: Kernel, pattern: str) -> dict[str, Any]:
    found = kernel.run("", silent=True, user_expressions=STATE).reply["user_expressions"]
    # A hostile object in "_" has no text; that it has none is compared then.
    values = {
        name: ast.literal_eval(each["data"]["text/plain"])
        if each["status"] == "ok"
        else (each["ename"], each["evalue"])
        for name, each in found.items()
    }
    return {name: blanked(value, pattern) for name, value in values.items()}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_cell_does_the_same_with_and_without_the_first_line(cell: Cell, pair: tuple[Kernel, Kernel]) -> None:
    bare, tracked = pair
    comment = f"# {FIRST_LINE}\n"
    expected = run(bare, cell, (comment if cell.tells_lines else "") + cell.body)
    found = run(tracked, cell, f"{FIRST_LINE}\n{cell.body}")
    assert seen(found, cell.varies) == seen(expected, cell.varies)
    expected_state, found_state = state(bare, cell.varies), state(tracked, cell.varies)
    history, found_history = expected_state.pop("In"), found_state.pop("In")
    if cell.is_kept and not cell.tells_lines and not cell.has_own_magic:
        history = comment + history
    assert found_history == history
    assert found_state == expected_state
    if cell.after:
        assert seen(tracked.run(cell.after), cell.varies) == seen(bare.run(cell.after), cell.varies)
    assert len(found.cards) == cell.runs
