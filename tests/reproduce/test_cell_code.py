"""The Python in a cell, and a part of it replaced."""

from __future__ import annotations

import ast

import pytest

from jupyter_track.reproduce.cell_code import parse_cell, replace_nodes


def constants(source: str, value: object) -> list[ast.expr]:
    tree = parse_cell(source)
    assert tree is not None
    return [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == value]


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1",
        "!ls -l \\\n  --all\nx = 1",
        "files = !ls\nx = 1",
        "here = %pwd\nx = 1",
        "x?\nx = 1",
        "if ready:\n    %time y = 2\nx = 1",
        "%%time\nx = 1",
        "?print\nx = 1",
    ],
)
def test_what_is_no_python_is_passed_over_and_the_rest_keeps_its_place(source: str) -> None:
    (found,) = constants(source, 1)
    assert found.lineno == source.count("\n") + 1


def test_a_cell_that_is_no_python_has_no_tree() -> None:
    assert parse_cell("x = = 1") is None
    assert parse_cell("x = '\x00'") is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lr = 7", "lr = 0.5"),
        ("größe = 'ä'; lr = 7  # ß", "größe = 'ä'; lr = 0.5  # ß"),
        ("%pip list\nlr = 7\n", "%pip list\nlr = 0.5\n"),
        ("a, b = 7, 8", "a, b = 0.5, 8"),
        ("f(lr=7, n=(7))", "f(lr=0.5, n=(0.5))"),
        ("x = {'lr': 7,\n     'n': 8}", "x = {'lr': 0.5,\n     'n': 8}"),
        ("if x:\n\tlr = 7", "if x:\n\tlr = 0.5"),
    ],
)
def test_a_value_is_replaced_and_nothing_else(source: str, expected: str) -> None:
    assert replace_nodes(source, constants(source, 7), "0.5") == expected


def test_a_text_of_several_lines_is_replaced_whole() -> None:
    source = 'before = 1\nquery = """one\ntwo"""\nafter = 2'
    assert replace_nodes(source, constants(source, "one\ntwo"), "'three'") == "before = 1\nquery = 'three'\nafter = 2"


def test_what_cannot_be_replaced_without_changing_more_is_refused() -> None:
    source = "x = f'{7}'"
    assert replace_nodes(source, constants(source, 7), "'''a\nb'''") is None
