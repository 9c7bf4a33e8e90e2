"""What earlier cells have computed."""

import threading

import pytest

from jupyter_track.analysis.earlier import EarlierNames
from jupyter_track.analysis.source import CellSource


@pytest.mark.parametrize(
    ("cells", "computed"),
    [
        (["n = len('a')", "lr = 0.1"], {"n"}),
        (["n = len('a')", "n = 3"], set()),
        (["n = 3", "n = len('a')"], {"n"}),
        (["n = 3\nn += 1"], {"n"}),
        (["mode = 'a' if x else 'b'"], set()),
        (["mode = f() if x else 'b'"], {"mode"}),
        (["%time n = f()", "this is no Python", "!ls"], {"n"}),
        (["import os\ndef f(): pass"], {"os", "f"}),
        (["%%track --name first\nn = f()", "%%track\n%%time\nm = f()", "%%time\nk = f()"], {"n", "m", "k"}),
        (["n = f()", "x = " + "(" * 500 + "1" + ")" * 500, "m = f()\0"], {"n"}),
    ],
)
def test_names_that_are_computed(cells, computed):
    names = EarlierNames()
    for text in cells:
        names.add(text)
    assert names.computed == computed


def test_cells_are_read_by_two_threads_at_once():
    text = "x = " + "(" * 40 + "1" + ")" * 40 + "\ny = [[[[[[[[a]]]]]]]]\n"
    errors = []

    def read():
        try:
            for number in range(150):
                # Another text each time: of the same one, the tree is made once.
                CellSource(f"{text * 5}# {threading.get_ident()} {number}")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
