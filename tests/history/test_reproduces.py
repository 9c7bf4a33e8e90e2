"""What a slice is for: executed alone, it gives what the whole history gave."""

import ast
import random
from statistics import mean

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_track.analysis.source import CellSource
from jupyter_track.history.cells import FAILED, FINISHED, ExecutedCell
from jupyter_track.history.slicing import slice_of

from .programs import NAMES, Kernel, executed, tried


def run(sources, lines_known=True):
    """Execute cells in a fresh namespace and return the cells, and what came out of the last one."""
    kernel = Kernel()
    cells = []
    for position, source in enumerate(sources, 1):
        before = kernel.values(reads(source))
        error, line = kernel.execute(source)
        cells.append(ExecutedCell(position, source, FAILED if error else FINISHED, failed_line=line * lines_known))
    return cells, before, error, kernel.values({*reads(sources[-1]), "result"})


def reads(source):
    """Return the names that a cell reads before it sets them, but for those that only a function in it would read."""
    names, waiting = set(), [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
            names.add(node.id)
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))
    return names & set(CellSource(source).reads)


def check(sources, lines_known=True):
    cells, before, error, after = run(sources, lines_known)
    found = slice_of(cells, len(cells))
    _, before_again, error_again, after_again = run([sources[position - 1] for position in found.positions])
    assert (before_again, error_again, after_again) == (before, error, after)
    return len(found.positions) / len(sources)


@settings(max_examples=300)
@given(st.integers(0, 2**40), st.booleans())
def test_a_slice_gives_what_the_whole_history_gave(seed, lines_known):
    check(executed(random.Random(seed)), lines_known)


def test_slices_of_tangled_notebooks_leave_cells_out():
    """Of cells that all change the same four names, a good part still does not matter."""
    kept = mean(check(executed(random.Random(seed))) for seed in range(150))
    assert kept < 0.75


def test_slices_of_notebooks_that_try_several_things_are_small():
    kept = mean(check(tried(random.Random(seed))) for seed in range(150))
    assert kept < 0.35
