"""What is executed of each cell when a run is executed again."""

from __future__ import annotations

import pytest

from jupyter_track.magics.first_line import options_of_cell
from jupyter_track.reproduce.recorded import RecordedCell
from jupyter_track.reproduce.tracking_lines import setup_source, tracked_source, without_tracking


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", "x = 1"),
        ("%%track\nx = 1", "# %%track\nx = 1"),
        ("%%track --name a\nx = 1", "# %%track --name a\nx = 1"),
        ("\n%%track\nx = 1", "\n# %%track\nx = 1"),
        ("%%track\n%%time\nx = 1", "%%time\nx = 1"),
        ("%%time\n%%track\nx = 1", "%%time\nx = 1"),
        ("%%tracker\nx = 1", "%%tracker\nx = 1"),
        ("%track on", "pass  # %track on"),
        ("if True:\n    %track start a\nx = 1", "if True:\n    pass  # %track start a\nx = 1"),
        ("%track rerun a\n%tracking b", "pass  # %track rerun a\n%tracking b"),
        ("", ""),
    ],
)
def test_other_cells_are_not_tracked_and_ask_the_tracker_for_nothing(source: str, expected: str) -> None:
    assert without_tracking(source) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--name old --experiment elsewhere --tag a=b",
        "--resume deadbeef",
        "--same-run --keep x",
        "--metric acc=scores['a b'] --log-model",
    ],
)
def test_the_tracked_cell_is_a_new_run_of_its_own(arguments: str) -> None:
    source = without_tracking(f"%%track {arguments}\nx = 1")
    tracked = tracked_source(source, arguments, "old's-rerun", "my study", {"mlflow.source.name": "/a b/c.ipynb"})
    options = options_of_cell(tracked)
    assert options is not None
    assert (options.name, options.experiment, options.resume) == ("old's-rerun", "my study", "")
    assert not options.same_run
    assert options.tags["mlflow.source.name"] == "/a b/c.ipynb"
    assert tracked.split("\n")[1:] == ["x = 1"]
    before = options_of_cell(f"%%track {arguments}\n")
    assert before is not None
    assert (options.keep, options.metrics, options.log_model) == (before.keep, before.metrics, before.log_model)


def test_a_tag_that_no_line_can_hold_is_left_out() -> None:
    options = options_of_cell(tracked_source("x = 1", "", "new", "e", {"path": "a\"b'c", "other": "a\nb"}))
    assert options is not None
    assert options.tags == {}


def test_what_the_notebook_has_said_of_its_capture_is_said_again() -> None:
    setup = setup_source(
        RecordedCell("", excluded=("val loss", "a\nb"), renamed={"a": "it's", "c": "\n"}), 'an "experiment"'
    )
    assert setup.splitlines() == [
        "%load_ext jupyter_track",
        "%config TrackMagics.tracking_uri = __import__('os').environ.pop('JUPYTER_TRACK_RERUN_URI')",
        "%config TrackMagics.experiment = 'an \"experiment\"'",
        "%config TrackMagics.auto = False",
        "%track exclude 'val loss'",
        "%track rename a 'it'\"'\"'s'",
    ]
