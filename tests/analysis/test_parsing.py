"""The Python of a cell and its tree, made once."""

import ast
import threading

import pytest

from jupyter_track.analysis.earlier import EarlierNames
from jupyter_track.analysis.parsing import ByText, compiled_as, may_parse, python_of, tree_of
from jupyter_track.analysis.source import CellSource
from jupyter_track.history.executed import ExecutedHistory


def test_all_who_read_a_cell_parse_it_once(monkeypatch):
    parsed = []
    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda text, *more, **named: parsed.append(text) or parse(text, *more, **named))
    text = "parsed_once = len('a')\nprint(parsed_once)"
    history = ExecutedHistory("kernel")
    position = history.begin(None, text, text + "\n", 1, 0)
    history.parse(position)
    EarlierNames().add(text)
    CellSource(text + "\n")
    history.end(position, "finished")
    assert history.document(position).slice == (1,)
    assert parsed == [text + "\n"]


def test_what_ipython_has_made_of_a_cell_is_believed():
    compiled_as("three equals one plus two", "three = 1 + 2\n")
    assert python_of("three equals one plus two") == "three = 1 + 2\n"


@pytest.mark.parametrize("text", ["no Python is this", "x = (", "!ls"])
def test_what_is_no_python_is_said_to_be_none_each_time(text):
    for _ in range(2):
        with pytest.raises(SyntaxError):
            tree_of(text)


def test_of_long_texts_the_oldest_are_forgotten():
    known = ByText(max_characters=10)
    for number in range(5):
        known.put(f"text{number}", number)
    assert [known.get(f"text{number}\n") for number in range(5)] == [None, None, None, 3, 4]
    known.put("longer than all that may be kept", 6)
    assert known.get("longer than all that may be kept") == 6
    assert known.get("text4") is None


def test_what_a_cell_depends_on_is_known_however_long_it_waits_on_a_thread_that_may_not_parse():
    history = ExecutedHistory("kernel")
    sources = ["waiting = [1]", "other = 2", "%time waiting.append(3)", "waiting"]
    for count, source in enumerate(sources, 1):
        position = history.begin(None, source, None, count, 0)
        history.parse(position)
        EarlierNames().add(source)
        history.end(position, "finished")
    for number in range(40):
        tree_of(f"x{number} = '{'long' * 3_000}'")
    found = []

    def follow():
        found.append(may_parse())
        history.follow()

    thread = threading.Thread(target=follow, name="jupyter-track-background")
    thread.start()
    thread.join()
    assert found == [False]
    assert history.document(4).slice == (1, 3, 4)
