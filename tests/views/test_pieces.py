"""Numbers, times and tables as people see them."""

import math
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.views import Note, Table
from jupyter_track.views.pieces import ago, duration, number, short

HOSTILE = "<script>alert('x')</script> & \"quotes\""


class Reader(HTMLParser):
    """Reads a table as a browser does."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456789, "0.123457"),
        (1 / 3e9, "3.33333e-10"),
        (1.0, "1"),
        (-0.0, "0"),
        (1234567.0, "1234567"),
        (1234567.5, "1.23457e+06"),
        (1e20, "1e+20"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (999, "999 ms"),
        (1_000, "1.0 s"),
        (59_949, "59.9 s"),
        (59_950, "1 min 0 s"),
        (3_599_999, "1 h 0 min"),
        (3_600_000, "1 h 0 min"),
        (90_061_000, "25 h 1 min"),
    ],
)
def test_durations(milliseconds, text):
    assert duration(milliseconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (59, "just now"),
        (61, "1 minute ago"),
        (7_300, "2 hours ago"),
        (200_000, "2 days ago"),
        (-99, "just now"),
    ],
)
def test_moments(monkeypatch, seconds, text):
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    assert ago(int((1_000_000 - seconds) * 1000)) == text


def test_long_texts_are_cut_to_one_line():
    assert short("a\n  b\tc") == "a b c"
    assert short("x" * 40) == "x" * 40
    assert short("x" * 41) == "x" * 39 + "…"


def test_a_table_as_text():
    table = Table(["name", "value"], [["lr", "0.1"], ["a long name", ""]], foot="Two rows.")
    assert repr(table) == "name         value\nlr           0.1\na long name\nTwo rows."
    assert len(table) == 2


def test_a_table_without_a_header():
    assert repr(Table(["", ""], [["lr", "0.1"]])) == "lr  0.1"
    assert "thead" not in Table(["", ""], [["lr", "0.1"]])._repr_html_()


def test_a_table_without_rows():
    assert repr(Table(["name"], [], empty="Nothing <yet>.")) == "Nothing <yet>."
    assert Table(["name"], [], empty="Nothing <yet>.")._repr_html_() == "<p>Nothing &lt;yet&gt;.</p>"


def test_values_of_several_lines_keep_the_columns():
    assert repr(Table(["", ""], [["a\nb", "1"], ["c", "2"]])) == "a b  1\nc    2"


def test_nothing_in_a_table_is_taken_for_html():
    html = Table([HOSTILE], [[HOSTILE]], foot=HOSTILE)._repr_html_()
    reader = Reader(html)
    assert set(reader.tags) == {"table", "thead", "tbody", "tr", "th", "td", "p"}
    assert reader.texts == [HOSTILE] * 3


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1), st.text(min_size=1))
def test_every_cell_is_shown_as_it_is(rows, foot):
    html = Table(["a", "b"], rows, foot=foot)._repr_html_()
    reader = Reader(html)
    assert reader.tags.count("td") == 2 * len(rows)
    # How a browser reads carriage returns and NULs is its own affair.
    plain = "".join(["a", "b", *(cell for row in rows for cell in row), foot])
    if not set(plain) & {"\r", "\0"}:
        assert "".join(reader.texts) == plain


def test_a_note_is_its_text():
    assert repr(Note("Tracked: every cell")) == "Tracked: every cell"


def test_no_value_speaks_to_the_terminal():
    assert repr(Table(["name"], [["\x1b[31mred\x1b[0m\nnext"]])) == "name\n [31mred [0m next"
