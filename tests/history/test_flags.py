"""What is said of cells that ran in another order than they stand in, or are not what they were."""

from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.history.flags import NotebookCell, flags_of


def flags(notebook, executed, tracked=None):
    """Return the flags after cells of the notebook, (id, source[, status]), were executed."""
    history = ExecutedHistory("kernel")
    for count, (cell_id, source, *status) in enumerate(executed, 1):
        history.end(history.begin(cell_id, source, None, count, 0), *(status or ["finished"]))
    document = history.document(len(executed))
    return flags_of(document, None if notebook is None else [NotebookCell(*cell) for cell in notebook])


NOTEBOOK = [("one", "a = 1"), ("two", "b = a"), ("three", "print(0)"), ("four", "c = b")]


def test_nothing_is_said_of_a_notebook_that_ran_from_top_to_bottom():
    found = flags(NOTEBOOK, NOTEBOOK)
    assert (found.relevant, found.all) == ([], [])


def test_a_cell_that_ran_before_one_above_it():
    found = flags(NOTEBOOK, [NOTEBOOK[1], NOTEBOOK[0], NOTEBOOK[3]])
    assert found.all == ["cell 2 [1] was run before cell 1 [2]", "cell 3 was not run in this kernel"]
    # What set b was run before a, and a does not count for it.
    assert found.relevant == []
    again = flags(
        [("x", "a = 1"), ("y", "a += 1"), ("z", "a *= 5"), ("t", "a")],
        [("x", "a = 1"), ("z", "a *= 5"), ("y", "a += 1"), ("t", "a")],
    )
    assert again.relevant == ["cell 3 [2] was run before cell 2 [3]"]


def test_a_cell_that_has_changed_since_it_ran():
    found = flags([("one", "a = 2"), *NOTEBOOK[1:]], [*NOTEBOOK[:2], NOTEBOOK[3]])
    assert found.relevant == ["cell 1 [1] has changed since it ran"]
    blank = flags([("one", "a = 1  \n"), *NOTEBOOK[1:]], NOTEBOOK)
    assert blank.relevant == []


def test_a_cell_that_is_gone():
    found = flags(NOTEBOOK[1:], [*NOTEBOOK[:2], NOTEBOOK[3]])
    assert found.relevant == ["cell [1] was run, and is not in the notebook any more"]


def test_a_cell_without_an_id_is_found_by_its_text():
    found = flags([("one", "a = 1"), ("four", "a")], [("", "a = 1\n"), ("four", "a")])
    assert found.all == []


def test_a_cell_that_never_ran_matters_if_it_sets_what_is_read():
    notebook = [("zero", "b = 5"), ("other", "unused = 1"), ("one", "b = 1"), ("two", "c = b")]
    found = flags(notebook, notebook[2:])
    assert found.relevant == ["cell 1 was not run in this kernel"]
    assert found.all == ["cell 1 was not run in this kernel", "cell 2 was not run in this kernel"]


def test_what_only_others_depend_on_is_said_among_all():
    notebook = [("noise", "x = 2"), ("one", "a = 1"), ("two", "b = a")]
    found = flags(notebook, [("noise", "x = 1"), *notebook[1:]])
    assert found.relevant == []
    assert found.all == ["cell 1 [1] has changed since it ran"]


def test_cells_that_ran_several_times_or_failed():
    notebook = [("one", "n = 0"), ("two", "n += 1\nf()"), ("three", "n")]
    found = flags(notebook, [notebook[0], (*notebook[1], "failed"), (*notebook[1], "killed"), notebook[2]])
    assert found.relevant == [
        "cell 2 [2] failed part of the way",
        "cell 2 [3] was interrupted part of the way",
        "cell 2 [3] was run 2 times, and each time counts",
    ]


def test_that_the_tracked_cell_itself_has_failed_is_no_flag():
    notebook = [("one", "n = 0"), ("two", "n / 0")]
    assert flags(notebook, [notebook[0], (*notebook[1], "failed")]).all == []


def test_without_the_notebook_only_the_history_is_told_of():
    found = flags(None, [("one", "n = 0"), ("two", "n += 1"), ("two", "n += 1"), ("three", "n")])
    assert found.all == found.relevant == ["cell [3] was run 2 times, and each time counts"]
