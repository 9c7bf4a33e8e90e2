"""A heading and sections, as text and as HTML."""

from jupyter_track.views.pieces import Table
from jupyter_track.views.report import Report, Section, Sign

EVIL = "<i>\x1b[2J"


def test_a_report_is_text_with_sections_and_notes():
    report = Report(
        "heading",
        [
            Section("table", Table(["a", "b"], [["1", "2"]]), note="said first"),
            Section("code", lines=["x = 1", "", "y"]),
        ],
        ["last"],
        Sign("✓"),
    )
    assert repr(report).split("\n") == [
        "✓ heading",
        "",
        "table",
        "  said first",
        "  a  b",
        "  1  2",
        "",
        "code",
        "  x = 1",
        "",
        "  y",
        "",
        "  last",
    ]


def test_lines_of_a_diff_have_colours_of_the_theme_and_code_has_none():
    lines = ["@@ -1 +1 @@", "-old", "+new", " same"]
    diff = Report("", [Section("", lines=lines, is_diff=True)])._repr_html_()
    assert '<span style="color:var(--jp-error-color1, #c62828)">-old</span>' in diff
    assert '<span style="color:var(--jp-success-color1, #2e7d32)">+new</span>' in diff
    assert "\n same</pre>" in diff
    assert "<span" not in Report("", [Section("", lines=lines)])._repr_html_()


def test_nothing_in_it_is_taken_for_html_or_speaks_to_the_terminal():
    section = Section(EVIL, Table([EVIL], [[EVIL]]), [EVIL, f"+{EVIL}"], True, EVIL)
    report = Report(EVIL, [section], [EVIL])
    assert "<i>" not in report._repr_html_()
    assert "\x1b" not in repr(report)
