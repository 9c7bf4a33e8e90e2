"""The data that a cell works on: described without being touched, told apart by a cheap digest."""

import gc
import json
import time

import numpy as np
import pytest

from jupyter_track.capture.datasets import MAX_COLUMNS, MAX_DATASETS, dataset_inputs, find_datasets

from .situations import outcome

EARLIER = """
import numpy as np
import pandas as pd
def use(*arguments, **settings): return 0.5
"""


def described(cell, earlier=""):
    return {each.name: each for each in find_datasets(outcome(cell, EARLIER, earlier))}


def digests(cell, earlier=""):
    result = outcome(cell, EARLIER, earlier)
    return {each.dataset.name: each.dataset.digest for each in dataset_inputs(find_datasets(result))}


@pytest.mark.parametrize(
    ("made", "shape", "dtype", "kind"),
    [
        ("np.zeros((3, 2))", (3, 2), "float64", "numpy.ndarray"),
        ("pd.Series([1, 2])", (2,), "int64", "pandas.Series"),
        ("__import__('torch').zeros(4, 1)", (4, 1), "torch.float32", "torch.Tensor"),
        ("__import__('scipy.sparse').sparse.eye(3, format='csr')", (3, 3), "float64", "scipy.sparse._csr.csr_matrix"),
    ],
)
def test_what_is_said_of_data(made, shape, dtype, kind):
    found = described("use(data)", f"data = {made}")["data"]
    assert (found.shape, found.dtype, found.context) == (shape, dtype, "read")
    assert found.kind.split(".")[0] == kind.split(".")[0]
    assert found.kind.rpartition(".")[2].startswith(kind.rpartition(".")[2].split("_")[0])


def test_the_columns_of_a_frame():
    found = described("use(frame)", "frame = pd.DataFrame({'a': [1], 'b': ['x'], 3: [0.5]})")["frame"]
    assert found.shape == (1, 3)
    assert (found.columns["a"], found.columns["3"]) == ("int64", "float64")
    wide = described("use(wide)", "wide = pd.DataFrame(np.zeros((2, 5_000)))")["wide"]
    assert len(wide.columns) == MAX_COLUMNS


def test_loaders_are_described_by_their_data():
    cell = "use(loader)"
    earlier = (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "loader = DataLoader(TensorDataset(torch.zeros(8, 3), torch.zeros(8)), batch_size=2)"
    )
    assert described(cell, earlier)["loader"].shape == (8, 3)


def test_what_is_made_is_told_from_what_is_read():
    found = described("y = X * 2\nuse(X, y)\nz = X + 1\nscore = use(3)", "X = np.zeros((4, 4))")
    assert {name: each.context for name, each in found.items()} == {"X": "read", "y": "made"}


def test_no_more_than_a_few_are_described_and_none_twice():
    earlier = "\n".join(f"x{i} = np.zeros(5)" for i in range(50)) + "\nalias = x0"
    names = ", ".join(["x0", "alias", *(f"x{i}" for i in range(1, 50))])
    found = described(f"use({names})", earlier)
    assert len(found) == MAX_DATASETS
    assert "alias" not in found


@pytest.mark.parametrize(
    "made", ["3", "[1, 2]", "np.float64(3)", "np.zeros(1)", "'text'", "type('A', (np.ndarray,), {})((3,))"]
)
def test_what_is_no_data(made):
    assert described("use(x)", f"x = {made}") == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("np.arange(100)", "np.arange(100) + 1"),
        ("np.arange(100.0)", "np.arange(100)"),
        ("np.zeros((2, 3))", "np.zeros((3, 2))"),
        ("np.array(['a', None], dtype=object)", "np.array(['b', None], dtype=object)"),
        ("pd.DataFrame({'a': [1, 2]})", "pd.DataFrame({'a': [1, 3]})"),
        ("pd.DataFrame({'a': ['x', 'y']})", "pd.DataFrame({'a': ['x', 'z']})"),
        ("pd.Series([1, 2])", "pd.Series([2, 1])"),
        ("__import__('torch').zeros(3)", "__import__('torch').ones(3)"),
    ],
)
def test_different_data_has_different_digests(one, other):
    found = digests("use(a, b, c)", f"a = {one}\nb = {one}\nc = {other}")
    assert found["a"] == found["b"] != found["c"]


def test_digests_are_logged_as_datasets_of_a_run():
    (first, _) = dataset_inputs(
        find_datasets(outcome("use(X, frame)", EARLIER, "X = np.zeros((4, 3))\nframe = pd.DataFrame({'a': [1.5]})"))
    )
    assert first.dataset.source_type == "code"
    assert json.loads(first.dataset.profile) == {"shape": [4, 3], "kind": "numpy.ndarray"}
    assert "float64" in first.dataset.schema
    assert [(tag.key, tag.value) for tag in first.tags] == [("mlflow.data.context", "read")]


def test_five_gigabytes_are_sampled():
    huge = np.broadcast_to(np.float64(1), (5 * 2**30 // 8,))
    tall = np.broadcast_to(np.float64(1), (10**9, 3))
    wide = np.broadcast_to(np.float64(1), (3, 10**9))
    result = outcome("use(huge, tall, wide)", EARLIER, "huge = tall = wide = 0")
    result.after.update(huge=huge, tall=tall, wide=wide)
    start = time.monotonic()
    found = find_datasets(result)
    assert time.monotonic() - start < 0.5
    assert len(dataset_inputs(found)) == 3
    assert time.monotonic() - start < 5


def test_data_is_not_kept_alive():
    result = outcome("use(X)", EARLIER, "X = np.ones((4, 4))")
    found = find_datasets(result)
    result.after.clear()
    del result
    gc.collect()
    assert found[0].reference() is None
    (logged,) = dataset_inputs(found)
    assert len(logged.dataset.digest) == 8


def test_data_that_changes_under_ones_hands_does_no_harm():
    result = outcome("use(frame)", EARLIER, "frame = pd.DataFrame({'a': range(10)})")
    found = find_datasets(result)
    del result.after["frame"]["a"]
    (logged,) = dataset_inputs(found)
    assert len(logged.dataset.digest) == 8


def test_no_time_is_left_for_a_digest():
    result = outcome("use(a, b)", EARLIER, "a = np.zeros(4)\nb = np.ones(4)")
    one, other = dataset_inputs(find_datasets(result), seconds=-1)
    assert one.dataset.digest == other.dataset.digest
