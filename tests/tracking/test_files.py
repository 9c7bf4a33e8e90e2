"""Artifacts of the active run that the comparison with MLflow does not show: limits, large files, bad input."""

import json
import tracemalloc

import numpy
import pytest

import jupyter_track as jt
from jupyter_track.entities import InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable
from jupyter_track.tracking.files import MAX_JOURNALED


@pytest.fixture(autouse=True)
def run(process, uri):
    """Keep runs in a store of the test, and begin one."""
    jt.set_tracking_uri(uri)
    with jt.start_run() as run:
        yield run


@pytest.fixture
def client():
    return jt.TrackClient()


def read(client, run, path):
    return client.artifacts(client.get_run(run.info.run_id)).read(path)


class TestLargeFiles:
    def test_are_copied_without_being_in_memory_and_without_the_journal(self, run, client, tmp_path):
        large = tmp_path / "large.bin"
        content = bytes(range(256)) * (MAX_JOURNALED // 256 + 1)
        large.write_bytes(content)
        jt.flush_async_logging()
        tracemalloc.start()
        jt.log_artifact(large, "models")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < len(content) / 4
        assert client.outbox.waiting() == 0
        assert read(client, run, "models/large.bin") == content

    def test_come_after_what_was_logged_before(self, run, client, tmp_path):
        jt.log_text("small", "model")
        (tmp_path / "model").write_bytes(b"x" * (MAX_JOURNALED + 1))
        jt.log_artifact(tmp_path / "model")
        assert len(read(client, run, "model")) == MAX_JOURNALED + 1

    def test_cannot_wait_for_a_store_out_of_reach(self, tmp_path):
        (tmp_path / "file").touch()
        (tmp_path / "large.bin").write_bytes(b"x" * (MAX_JOURNALED + 1))
        jt.set_tracking_uri(f"sqlite:///{tmp_path}/file/track.db")
        with jt.start_run(nested=True):
            with pytest.raises(StoreUnavailable, match=r"large\.bin.*not kept"):
                jt.log_artifact(tmp_path / "large.bin")
            (tmp_path / "file").unlink()
            jt.log_artifact(tmp_path / "large.bin")


class TestPaths:
    @pytest.mark.parametrize("path", ["", ".", "/a", "../a", "a/../../b", "a\0", "C:\\a"])
    def test_that_lead_outside_are_refused_at_the_call(self, run, client, path):
        with pytest.raises(InvalidParameterValue, match="artifact path"):
            jt.log_text("x", path)
        with pytest.raises(InvalidParameterValue, match="artifact path"):
            client.log_dict(run.info.run_id, {}, path)
        assert client.list_artifacts(run.info.run_id) == []

    def test_a_folder_keeps_its_shape(self, run, client, tmp_path):
        for path in ("a.txt", "deep/er/b.txt"):
            (tmp_path / "data" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "data" / path).write_text(path)
        jt.log_artifacts(tmp_path / "data", "kept")
        downloaded = client.download_artifacts(run.info.run_id, "kept", str(tmp_path / "here"))
        assert downloaded == str(tmp_path / "here" / "kept")
        assert (tmp_path / "here/kept/deep/er/b.txt").read_text() == "deep/er/b.txt"
        with pytest.raises(ResourceDoesNotExist, match="nothing"):
            client.download_artifacts(run.info.run_id, "nothing")


class TestContents:
    def test_text_that_has_no_encoding_is_escaped(self, run, client):
        jt.log_text("é \ud800", "a.txt")
        assert read(client, run, "a.txt") == "é \\ud800".encode()
        with pytest.raises(InvalidParameterValue, match="type int"):
            jt.log_text(3, "b.txt")

    def test_dictionaries_may_hold_what_json_does_not_know(self, run, client):
        jt.log_dict({"n": numpy.float32(0.5), "a": numpy.arange(3), "s": {2, 1}, "o": run.info.status}, "d.json")
        assert json.loads(read(client, run, "d.json")) == {"n": 0.5, "a": [0, 1, 2], "s": [1, 2], "o": "RUNNING"}

    def test_figures_of_plotly_are_known_by_what_they_can(self, run, client):
        class Plotly:
            def to_html(self, **options):
                return f"<html>{options}"

            def to_image(self, format, **options):
                return format.encode()

        jt.log_figure(Plotly(), "a.html", save_kwargs={"include_plotlyjs": "cdn"})
        jt.log_figure(Plotly(), "a.png")
        assert read(client, run, "a.html") == b"<html>{'include_plotlyjs': 'cdn'}"
        assert read(client, run, "a.png") == b"png"
        for figure, path in ((Plotly(), "a.txt"), (object(), "a.png")):
            with pytest.raises(InvalidParameterValue, match="Cannot write the figure"):
                jt.log_figure(figure, path)

    @pytest.mark.parametrize(
        "image",
        [
            numpy.zeros((4, 4, 2), dtype=numpy.uint8),
            numpy.zeros(4),
            numpy.full((2, 2), 300),
            numpy.full((2, 2), -1.0),
            numpy.full((2, 2), numpy.nan),
            numpy.array([["a"]]),
            "a.png",
        ],
        ids=["two channels", "a line", "too great", "negative", "NaN", "text", "a path"],
    )
    def test_what_is_no_image_is_refused(self, run, client, image):
        with pytest.raises(InvalidParameterValue, match=r"image|pixels"):
            jt.log_image(image, "a.png")
        assert client.list_artifacts(run.info.run_id) == []

    def test_tables_grow_by_rows_and_columns(self, run, client):
        jt.log_table({"a": [1, numpy.int64(2)], "b": [float("nan"), "x"]}, "t.json")
        jt.log_table({"b": "y", "c": [[1, 2]]}, "t.json")
        assert json.loads(read(client, run, "t.json")) == {
            "columns": ["a", "b", "c"],
            "data": [[1, None, None], [2, "x", None], [None, "y", [1, 2]]],
        }
        for data in ({"a": [1, 2], "b": [1]}, [1, 2], "text"):
            with pytest.raises(InvalidParameterValue, match="table"):
                jt.log_table(data, "t.json")
        jt.log_text("no table", "broken.json")
        with pytest.raises(InvalidParameterValue, match="no table"):
            jt.log_table({"a": 1}, "broken.json")
