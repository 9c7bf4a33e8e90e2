"""A slice as a script and as a notebook."""

import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_track.history.executed import ExecutedHistory
from jupyter_track.history.export import slice_as_notebook, slice_as_script


def document(*cells):
    history = ExecutedHistory("kernel")
    for count, (cell_id, source, *status) in enumerate(cells, 1):
        position = history.begin(cell_id, source, None, count, 0)
        history.end(position, status[0] if status else "finished", "0123abc" if count == len(cells) else "")
    return history.document(len(cells))


OUT_OF_ORDER = (
    ("second", "values = [1]"),
    ("first", "factor = 3"),
    ("third", "values.append(factor)"),
    ("noise", "print('not needed')"),
    ("first", "factor = 100"),
    ("third", "values.append(factor)"),
    ("last", "%%track --name best\nprint(sum(values))"),
)


def test_a_script_has_the_cells_in_the_order_in_which_they_ran():
    assert slice_as_script(document(*OUT_OF_ORDER), "best (0123abc)") == (
        "# The cells that run best (0123abc) came from, in the order in which they were executed.\n"
        "# 6 of 7 cells; the last one is the tracked one.\n"
        "# Note: cell [5] was run 2 times, and each time counts.\n"
        "# Note: cell [6] was run 2 times, and each time counts.\n"
        "\n# %% [1] second\nvalues = [1]\n"
        "\n# %% [2] first\nfactor = 3\n"
        "\n# %% [3] third\nvalues.append(factor)\n"
        "\n# %% [5] first\nfactor = 100\n"
        "\n# %% [6] third\nvalues.append(factor)\n"
        "\n# %% [7] last\n# %%track --name best\nprint(sum(values))\n"
    )


def test_cells_that_no_person_ran_are_in_a_script_but_not_counted():
    history = ExecutedHistory("kernel")
    for count, source in ((1, "a = 1"), (None, "a += 1"), (None, "print(a)"), (2, "print(a)"), (3, "b = a")):
        history.end(history.begin(None, source, None, None, 0), "finished", execution_count=count)
    interrupted = history.begin(None, "b", None, None, 0)
    history.end(interrupted, "killed")
    assert history.document(interrupted).counts == (3, 4)
    assert "# 3 of 4 cells; " in slice_as_script(history.document(interrupted))
    assert "a += 1" in slice_as_script(history.document(interrupted))


def test_a_script_runs(tmp_path):
    script = tmp_path / "slice.py"
    script.write_text(slice_as_script(document(*OUT_OF_ORDER)))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout == "104\n"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
        ("!pip install a \\\n  b\nx = 1", "# !pip install a \\\n#   b\nx = 1"),
        ("files = !ls\nx = 1", "# files = !ls\nx = 1"),
        ("y = %time f()\nx = 1", "# y = %time f()\nx = 1"),
        ("x?\nx = 1", "# x?\nx = 1"),
        ("%%time\nx = 1", "# %%time\nx = 1"),
        ("%%bash\necho 'x' > y", "# %%bash\n# echo 'x' > y"),
        ("t = '''\n%not a magic\n'''", "t = '''\n%not a magic\n'''"),
        ("x = (7\n% 4)", "x = (7\n% 4)"),
        ("if x:\n    %time y()", "# if x:\n#     %time y()"),
        ("no python at all", "# no python at all"),
    ],
)
def test_what_is_no_python_is_a_comment_in_a_script(source, text):
    script = slice_as_script(document(("", source)))
    assert script.split("# %% [1]\n")[1] == text + "\n"
    compile(script, "slice.py", "exec")


def test_a_cell_that_failed_is_tagged():
    found = document(("one", "a = 1\n1 / 0", "failed"), ("two", "a"))
    assert '# %% [1] one tags=["raises-exception"]\n' in slice_as_script(found)
    assert slice_as_notebook(found)["cells"][0]["metadata"]["tags"] == ["raises-exception"]


def test_a_notebook_is_valid_and_gives_what_was_seen():
    kernel = {"name": "python3", "display_name": "Mine", "language": "python"}
    made = slice_as_notebook(
        document(*OUT_OF_ORDER[:-1], ("last", "sum(values)")), {"kernelspec": kernel, "widgets": {}}
    )
    assert made["metadata"] == {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = nbformat.from_dict(made)
    nbformat.validate(notebook)
    assert [cell["id"] for cell in notebook.cells] == ["second", "first", "third", "first-5", "third-6", "last"]
    NotebookClient(notebook).execute()
    assert notebook.cells[-1].outputs[0]["data"]["text/plain"] == "104"


def test_a_notebook_goes_on_after_a_cell_that_failed():
    notebook = nbformat.from_dict(slice_as_notebook(document(("a", "a = 1\n1 / 0", "failed"), ("b", "a"))))
    NotebookClient(notebook).execute()
    assert notebook.cells[-1].outputs[0]["data"]["text/plain"] == "1"
