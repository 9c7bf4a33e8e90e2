"""What tests of searching by columns in memory share."""

import sys
from collections import Counter
from contextlib import contextmanager

import pytest

from jupyter_track.store.sql.columns import cache


@pytest.fixture(scope="module")
def any_store_is_large():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "MIN_RUNS", 0)
        yield


@pytest.fixture
def answered(monkeypatch):
    """Count who has answered: True for the columns, False for the database."""
    who, choose = Counter(), cache.Turn.choose

    def counted(turn, *arguments):
        chosen = choose(turn, *arguments)
        who[chosen is not None] += 1
        return chosen

    monkeypatch.setattr(cache.Turn, "choose", counted)
    return who


@contextmanager
def by_the_database():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "MIN_RUNS", sys.maxsize)
        yield
