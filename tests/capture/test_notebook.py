"""Snapshots: from where, in which shape, and what is refused."""

import json
import os
import warnings

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.capture import notebook
from jupyter_track.capture.notebook import from_file, from_session, snapshot_bytes
from jupyter_track.capture.secrets import MASK, Redactor
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


class TestOneSnapshotAfterAnother:
    """What is remembered of the last one is never seen in the next."""

    values = st.recursive(
        st.none()
        | st.booleans()
        | st.integers(0, 2)
        | st.sampled_from([0.0, 1.0, "", "a\n", '"cells": []', "\ud800", "é"]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["cells", "a", "\n"]), inner, max_size=3)
        ),
        max_leaves=6,
    )
    cells = st.fixed_dictionaries(
        {
            "cell_type": st.sampled_from(["code", "raw"]),
            "source": st.sampled_from(["a", ["a\n", "secret"]]),
            "metadata": values,
        }
    )

    @given(st.lists(st.tuples(st.lists(cells, max_size=4), values, st.booleans()), min_size=1, max_size=4))
    def test_each_is_what_json_makes_of_it(self, notebooks):
        for made, extra, redacted in notebooks:
            document = {"cells": made, "metadata": {"extra": extra}, "nbformat": 4, "nbformat_minor": 5}
            text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
            redact = Redactor({"secret"} if redacted else set())
            expected = text.replace("secret", MASK) if redacted else text
            assert snapshot_bytes(document, redact) == f"{expected}\n".encode("utf-8", "backslashreplace")

    def test_a_file_that_was_changed_is_read_again(self, tmp_path):
        path = tmp_path / "x.ipynb"
        for number in range(20):
            # As fast as can be, and each time of the same length.
            path.write_text(json.dumps(from_session([(1, f"{number:>3}")])))
            assert from_file(str(path))["cells"][0]["source"] == f"{number:>3}"
        os.utime(path, (1, 1))
        for _ in range(3):
            data = snapshot_bytes(from_file(str(path)), unchanged)
            assert json.loads(data)["cells"][0]["source"] == " 19"
        path.write_text(json.dumps(from_session([(1, " 20")])))
        data = snapshot_bytes(from_file(str(path)), unchanged)
        assert json.loads(data)["cells"][0]["source"] == " 20"

    def test_a_secret_that_became_known_since_is_blotted_out(self, tmp_path):
        path = tmp_path / "x.ipynb"
        path.write_text(json.dumps(from_session([(1, "print('hunter2!')")])))
        os.utime(path, (1, 1))
        for values in (set(), {"hunter2!"}, set(), {"hunter2!"}):
            data = snapshot_bytes(from_file(str(path)), Redactor(values))
            assert (b"hunter2!" in data) is not bool(values)

    def test_a_notebook_that_was_changed_in_place_is_written_as_it_is(self):
        document = from_session([(1, "a"), (2, "b")])
        snapshot_bytes(document, unchanged)
        document["cells"][1]["source"] = "c"
        assert json.loads(snapshot_bytes(document, unchanged)) == document
