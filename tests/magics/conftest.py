"""Kernels for the tests of the magics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ..kernels import Kernel


@pytest.fixture(scope="module")
def new_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Kernel]]:
    """Return a function that starts a kernel; all of them are shut down after the module."""
    kernels: list[Kernel] = []

    def start(**options: Any) -> Kernel:
        folder = options.pop("folder", None) or tmp_path_factory.mktemp("kernel")
        kernels.append(Kernel(folder, **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture(scope="module")
def pair_of_module(new_kernel: Callable[..., Kernel]) -> tuple[Kernel, Kernel]:
    """Return a kernel without and one with the extension."""
    bare = new_kernel()
    tracked = new_kernel(work_dir=bare.work_dir)
    for kernel in (bare, tracked):
        kernel.run("'the first cell'")
    assert tracked.run("%load_ext jupyter_track", store_history=False).status == "ok"
    return bare, tracked


@pytest.fixture
def pair(pair_of_module: tuple[Kernel, Kernel]) -> tuple[Kernel, Kernel]:
    """Return both kernels when they have run equally many cells, whatever the test before has left."""
    counts = [kernel.run("", store_history=False).reply["execution_count"] for kernel in pair_of_module]
    for kernel, count in zip(pair_of_module, counts, strict=True):
        for _ in range(max(counts) - count):
            kernel.run("pass")
    return pair_of_module


@pytest.fixture(scope="module")
def tracked(new_kernel: Callable[..., Kernel]) -> Kernel:
    """Return a kernel with the extension."""
    kernel = new_kernel()
    assert kernel.run("%load_ext jupyter_track").status == "ok"
    return kernel
