"""What a slice is for: executed alone, it gives what the whole history gave."""

import ast
import random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_track.analysis.source import CellSource
from jupyter_track.history import functions, merging
from jupyter_track.history.cells import FAILED, FINISHED, ExecutedCell
from jupyter_track.history.slicing import slice_of

from .programs import NAMES, Kernel, executed, tried


def run(sources, lines_known=True):
    """Execute cells in a fresh namespace and return the cells, and what the last one read, raised and left."""
    kernel = Kernel()
    cells = []
    for position, source in enumerate(sources, 1):
        before = {name: kernel.values([name]) for name in NAMES}
        error, line = kernel.execute(source)
        cells.append(ExecutedCell(position, source, FAILED if error else FINISHED, failed_line=line * lines_known))
    read = reads(source, line)
    return cells, {name: before[name] for name in read}, error, kernel.values({*read, "result"})


def reads(source, failed_line):
    """Return the names that a cell reads before it sets them, but for those that only a function in it would read.

    What stands behind the line at which it has failed reads nothing.
    """
    statements = [each for each in ast.parse(source).body if not failed_line or each.lineno <= failed_line]
    names, waiting = set(), list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
            names.add(node.id)
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))
    return names & set(CellSource(ast.unparse(ast.Module(statements, []))).reads)


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


@settings(max_examples=100)
@given(st.integers(0, 2**40))
def test_so_does_one_of_cells_that_call_too_much_to_look_into_all_of_it(seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "MAX_CALLS", seed % 3)
        check(executed(random.Random(seed)))


@settings(max_examples=200)
@given(st.integers(0, 2**40))
def test_so_does_one_of_cells_between_which_objects_are_merged(seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "MIN_MADE", seed % 4)
        patch.setattr(merging, "MAX_SHARE", 0)
        check(executed(random.Random(seed)))


def test_merging_keeps_no_more_cells():
    programs = [executed(random.Random(seed), cells=25) for seed in range(60)]
    kept = mean(map(check, programs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "MIN_MADE", 0)
        patch.setattr(merging, "MAX_SHARE", 0)
        assert mean(map(check, programs)) < kept + 0.01


def test_slices_of_tangled_notebooks_leave_cells_out():
    """Of cells that all change the same four names, a good part still does not matter."""
    kept = mean(check(executed(random.Random(seed))) for seed in range(150))
    assert kept < 0.75


def test_slices_of_notebooks_that_try_several_things_are_small():
    kept = mean(check(tried(random.Random(seed))) for seed in range(150))
    assert kept < 0.35


#: Cells of a real analysis, in an order in which a person may have run them.
ANALYSIS = (
    "import numpy as np\nimport pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier\n"
    "from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split",
    "np.random.seed(7)",
    "frame = pd.DataFrame(np.random.normal(size=(200, 3)), columns=['a', 'b', 'c'])\n"
    "frame['label'] = (frame.a + frame.b * np.random.normal(size=200) > 0).astype(int)",
    "frame.describe()",
    "def split(frame):\n    return train_test_split(frame.drop(columns='label'), frame.label, test_size=SHARE)",
    "SHARE = 0.5",
    "train, test, y_train, y_test = split(frame)",
    "frame['c'] *= 2",
    "line = LogisticRegression().fit(train, y_train)",
    "print(line.score(test, y_test))",
    "SHARE = 0.3",
    "train, test, y_train, y_test = split(frame)",
    "trees = 5",
    "forest = RandomForestClassifier(trees).fit(train, y_train)",
    "trees = 50",
    "scores = pd.Series(forest.feature_importances_, train.columns).sort_values()\nscores.head()",
    "result = [float(forest.score(test, y_test)), [float(each) for each in np.random.rand(2)]]",
)


def test_the_slice_of_an_analysis_gives_its_figures_to_the_last_digit():
    assert check(ANALYSIS) < 0.9
    cells, *_ = run(ANALYSIS)
    left_out = set(range(1, len(ANALYSIS) + 1)) - set(slice_of(cells, len(cells)).positions)
    # What only looked, the other model, and values that came too late.
    assert left_out == {4, 9, 10, 15, 16}
