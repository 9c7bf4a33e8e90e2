"""A text told as changes of another one is that text, and short where little has changed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.artifacts.changes import apply_changes, find_changes, likeness, sketch, split_lines

# Few different lines, so that they come again, in another order, and at the wrong places.
texts = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b'"x\\ny\\n"\n', b"\\n", b"end"]), max_size=60).map(
    b"".join
)


def changes_of(old, new):
    return find_changes(split_lines(old), split_lines(new))


@given(texts, texts)
def test_the_text_comes_back(old, new):
    assert apply_changes(old, *changes_of(old, new)) == new


@given(st.binary(max_size=200).map(lambda data: data.replace(b"\0", b"\n")), st.data())
def test_lines_are_the_text(text, data):
    assert b"".join(split_lines(text)) == text
    assert all(line for line in split_lines(text))


def test_a_changed_line_is_one_stretch_more():
    lines = [b"line %d\n" % number for number in range(1_000)]
    changed = [*lines[:500], b"new\n", *lines[501:]]
    assert changes_of(b"".join(lines), b"".join(changed)) == ([0, 0, 500, 1, 0, 499], b"new\n")


def test_lines_that_come_go_and_move_are_found_again():
    lines = [b"line %d\n" % number for number in range(1_000)]
    moved = b"".join([*lines[600:], b"new\n", *lines[:300], *lines[305:600]])
    changes, added = changes_of(b"".join(lines), moved)
    assert added == b"new\n"
    assert len(changes) == 3 * 3
    assert apply_changes(b"".join(lines), changes, added) == moved


@pytest.mark.parametrize(
    ("changes", "added"),
    [
        ([0, 0], b""), ([0, 0, 4], b""), ([0, -1, 1], b""), ([-1, 0, 1], b""), ([1, 0, 0], b""), ([0, 0, -1], b""),
        ([0, 0, 1], b"more\n"), ([0, 9, 1], b""),
    ],
)  # fmt: skip
def test_changes_of_another_text_are_refused(changes, added):
    with pytest.raises(ValueError, match=r".+"):
        apply_changes(b"1\n2\n3\n", changes, added)


def test_texts_with_many_lines_in_common_are_more_alike():
    lines = [b"line %d\n" % number for number in range(2_000)]
    random.Random(1).shuffle(lines)
    text, others = sketch(lines), [b"other %d\n" % number for number in range(2_000)]
    same, half, none = (likeness(text, sketch(each)) for each in (lines[::-1], lines[:1_000] + others[:1_000], others))
    assert (same, none) == (1, 0)
    assert 0.1 < half < 0.6  # A third of all lines that there are is in both.
    assert likeness([], []) == 0
