"""The executed cells of a kernel, and the document that is kept of them with a run."""

import ast
import json

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_track.analysis.parsing import python_of
from jupyter_track.entities import InvalidParameterValue
from jupyter_track.history.cells import ExecutedCell, parsed
from jupyter_track.history.document import read_document
from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.history.flags import NotebookCell


def history(*sources, **options):
    made = ExecutedHistory("kernel", **options)
    for count, source in enumerate(sources, 1):
        execute(made, source, count)
    return made


def execute(history, source, count=None, cell_id=None, status="finished", run_id="", transformed=None):
    position = history.begin(cell_id, source, transformed, count, 1_000 + (count or 0))
    history.end(position, status, run_id)
    return position


def test_cells_stand_in_the_order_in_which_they_began():
    made = history("a = 1", "b = 2")
    outer = made.begin("outer", "c = 3", None, 3, 5)
    execute(made, "d = 4", 4, "inner")
    made.end(outer, "failed", "run-1", 7)
    assert [cell.source for cell in made.cells] == ["a = 1", "b = 2", "c = 3", "d = 4"]
    assert made.cells[2] == ExecutedCell(3, "c = 3", "failed", 7, "outer", 5, "run-1")


def test_cells_from_before_are_taken_over():
    made = ExecutedHistory("kernel")
    made.adopt(["a = 1", "a = 2", "1 / 0"], failed=[3])
    execute(made, "a", 4)
    assert [(cell.count, cell.status) for cell in made.cells] == [
        (1, "unknown"),
        (2, "unknown"),
        (3, "failed"),
        (4, "finished"),
    ]
    # The second may have failed before it set the name.
    assert made.document(4).slice == (1, 2, 4)


def test_the_document_holds_each_source_once():
    made = history("a = 1", "a = 1", "a = 1", "b = a")
    content = json.loads(made.document(4).to_bytes())
    assert sorted(content["sources"].values()) == ["a = 1", "b = a"]
    assert len(content["cells"]) == 4
    assert content["slice"] == [3, 4]
    assert content["reasons"] == {"3": ["a"]}


def test_a_document_ends_with_the_tracked_cell():
    made = history("a = 1", "b = a", "c = 3")
    document = made.document(2)
    assert [cell.position for cell in document.cells] == [1, 2]
    assert document.slice == (1, 2)


def test_a_document_is_read_as_it_was_written():
    made = history("a = 1", "%track runs", "print('\u00fc \ud800')")
    execute(made, "b = a", None, "some-id", "failed", "0123abc")
    document = made.document(4, [NotebookCell("some-id", "b = a + 1")])
    assert document.flags
    again = read_document(document.to_bytes())
    assert again.cells[3] == document.cells[3]
    assert (again.slice, again.reasons, again.flags) == (document.slice, document.reasons, document.flags)
    assert read_document(again.to_bytes()) == again


def test_cells_that_only_speak_to_the_extension_are_marked_and_in_no_slice():
    made = history("%load_ext jupyter_track", "%track on\n# a comment\n%track runs", "a = 1", "a")
    content = json.loads(made.document(4).to_bytes())
    assert [cell.get("own", False) for cell in content["cells"]] == [True, True, False, False]
    assert content["slice"] == [3, 4]


def test_secrets_are_blotted_out_of_every_source():
    made = history("key = 'hunter2'", "key")
    data = made.document(
        2, [NotebookCell("", "key = 'hunter2'")], lambda text: text.replace("hunter2", "***")
    ).to_bytes()
    assert b"hunter2" not in data
    assert read_document(data).sliced[0].source == "key = '***'"


def test_what_the_persons_own_transformers_made_of_a_cell_is_gone_through():
    made = history("a = 1")
    execute(made, "b is a, please", 2, transformed="b = a\n")
    assert made.document(2).slice == (1, 2)


def test_the_oldest_cells_are_forgotten_and_that_is_said():
    made = history("a = 1", "b = 2", "c = a", max_cells=2)
    document = made.document(3)
    assert [cell.position for cell in document.cells] == [2, 3]
    assert document.slice == (3,)
    assert document.flags == ("the first 1 cells of this kernel are not kept any more",)
    assert read_document(document.to_bytes()) == document


def test_the_text_that_is_kept_is_bounded():
    made = history(*(f"a = '{number}' * 3" for number in range(10, 99)), max_characters=100)
    made.follow()
    assert sum(len(cell.source) for cell in made.cells) <= 100
    assert made.document(89).slice == (89,)


def test_following_beforehand_changes_nothing():
    sources = ["a = [1]", "b = a", "b.append(2)", "c = a"]
    followed = ExecutedHistory("kernel")
    for count, source in enumerate(sources, 1):
        execute(followed, source, count)
        followed.follow()
    running = followed.begin(None, "a = 7", None, 5, 0)
    followed.follow()
    assert followed.document(4).slice == history(*sources).document(4).slice == (1, 2, 3, 4)
    followed.end(running, "finished")
    execute(followed, "a", 6)
    assert followed.document(6).slice == (5, 6)


def damaged(change):
    made = history("a = 1", "b = a")
    content = json.loads(made.document(2).to_bytes())
    change(content)
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(format=2),
        lambda content: content.update(cells=None),
        lambda content: content.update(sources=[]),
        lambda content: content.update(slice=[1, 99]),
        lambda content: content.update(slice=[2, 1]),
        lambda content: content.update(slice=["1"]),
        lambda content: content.update(tracked=0),
        lambda content: content.update(tracked=True),
        lambda content: content.update(forgotten=-1),
        lambda content: content.update(flags=[1]),
        lambda content: content.update(reasons={"9": []}),
        lambda content: content.update(reasons={"1": "a"}),
        lambda content: content.update(kernel=None),
        lambda content: content["cells"][0].update(position=2),
        lambda content: content["cells"][0].update(source="no digest"),
        lambda content: content["cells"][0].update(source=["a"]),
        lambda content: content["cells"][0].update(status="great"),
        lambda content: content["cells"][0].update(status=["finished"]),
        lambda content: content["cells"][0].update(count="1"),
        lambda content: content["cells"][0].update(time=-5),
        lambda content: content["cells"][0].update(run_id="../../etc"),
        lambda content: content["cells"].pop(0),
        lambda content: content["sources"].update({next(iter(content["sources"])): "something else"}),
    ],
)
def test_a_damaged_document_is_refused(change):
    with pytest.raises(InvalidParameterValue, match=r"track/history\.json"):
        read_document(damaged(change))


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"format": 1}'])
def test_what_is_no_document_is_refused(data):
    with pytest.raises(InvalidParameterValue, match=r"track/history\.json"):
        read_document(data)


def test_a_cell_id_that_no_notebook_may_have_is_dropped():
    data = damaged(lambda content: content["cells"][0].update(cell_id="x\n# %% injected"))
    assert read_document(data).cells[0].cell_id == ""


@pytest.mark.parametrize(
    "cell",
    [
        "%%track --name x\na = 1\nb = 2",
        "\n\n%%track\n\na = 1",
        "%%track\n%%time\na = 1",
        "%%track\n%matplotlib inline\na = 1",
        "%%time\n%%track\na = 1",
        "\n  \na = 1\n!ls",
        "  a = 1\n  b = 2",
    ],
)
def test_a_cell_is_read_as_ipython_compiles_it(cell):
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_line_magic("load_ext", "jupyter_track")
    try:
        ours, theirs = python_of(cell), shell.transform_cell(cell)
    finally:
        shell.run_line_magic("unload_ext", "jupyter_track")
    assert ours.rstrip() == theirs.rstrip()
    assert [ast.dump(each, include_attributes=True) for each in parsed(ours).statements] == [
        ast.dump(each, include_attributes=True) for each in parsed(theirs).statements
    ]


def test_a_cell_that_failed_has_run_up_to_the_line_that_it_failed_at():
    made = history("a = 0", "b = 0")
    position = made.begin(None, "%%track\na = 1\n1 / 0\nb = 3", None, 3, 0)
    made.end(position, "failed", failed_line=3)
    execute(made, "a", 4)
    execute(made, "b", 5)
    assert made.document(4).slice == (3, 4)
    assert made.document(5).slice == (2, 5)
    assert read_document(made.document(5).to_bytes()).cells[2].failed_line == 3
