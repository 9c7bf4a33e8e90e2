"""Snapshots: from where, in which shape, and what is refused."""

import json
import warnings

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.capture import notebook
from jupyter_track.capture.notebook import from_file, from_session, snapshot_bytes
from jupyter_track.entities import InvalidParameterValue


def unchanged(text):
    return text


def valid(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(json.loads(data))
    return json.loads(data)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.text())))
def test_a_session_becomes_a_valid_notebook(cells):
    written = valid(snapshot_bytes(from_session(cells), unchanged))
    assert [(cell["execution_count"], cell["source"]) for cell in written["cells"]] == cells


def test_half_a_surrogate_pair_survives_as_an_escape():
    data = snapshot_bytes(from_session([(1, "x = '\ud800'")]), unchanged)
    assert json.loads(data.decode("utf-8"))["cells"][0]["source"] == "x = '\ud800'"


def test_a_file_is_read_as_it_is(tmp_path):
    document = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("é = 1"), nbformat.v4.new_markdown_cell("# T")]
    )
    path = tmp_path / "a b é.ipynb"
    nbformat.write(document, path)
    data = snapshot_bytes(from_file(str(path)), unchanged)
    valid(data)
    assert nbformat.reads(data.decode(), as_version=4) == document


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", "3", '{"cells": []}',
        '{"nbformat": 3, "nbformat_minor": 0, "worksheets": [], "metadata": {}}', "[" * 100_000,
    ],
    ids=["empty", "cut", "list", "null", "number", "no format", "format 3", "nested"],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_none(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    assert from_file(str(path)) is None


def test_a_file_that_cannot_be_read_is_none(tmp_path):
    (tmp_path / "bytes.ipynb").write_bytes(b"\xff\xfe\x00")
    for path in ("", str(tmp_path), str(tmp_path / "absent.ipynb"), str(tmp_path / "bytes.ipynb"), "a\0b", "x" * 5_000):
        assert from_file(path) is None


def test_a_notebook_that_would_fill_the_store_is_refused(tmp_path, monkeypatch):
    document = from_session([(1, "x" * 1_000)])
    path = tmp_path / "large.ipynb"
    path.write_text(json.dumps(document))
    monkeypatch.setattr(notebook, "MAX_NOTEBOOK", 1_000)
    assert from_file(str(path)) is None
    with pytest.raises(InvalidParameterValue, match=r"1,\d\d\d bytes; snapshots of more than 1,000 are not kept"):
        snapshot_bytes(document, unchanged)


def changed(**fields):
    return {**from_session([(1, "x")]), **fields}


@pytest.mark.parametrize(
    "document",
    [
        None, 3, "text", [], {}, changed(nbformat=3), changed(nbformat="4"), changed(nbformat_minor=None),
        changed(metadata=None), changed(cells=None), changed(cells=[None]), changed(cells=[{"cell_type": "heading"}]),
        changed(cells=[{"cell_type": "code", "source": None}]), changed(cells=[{"cell_type": "code", "source": [1]}]),
    ],
)  # fmt: skip
def test_what_a_front_end_sends_is_checked(document):
    with pytest.raises(InvalidParameterValue, match="not a notebook of format 4"):
        snapshot_bytes(document, unchanged)
