"""A heading and sections below it: tables, code, differences of texts. HTML for front ends, text for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ..printable import printable
from .pieces import Table

__all__ = ["REPORT_CLASS", "Report", "Section", "Sign"]

#: On the outermost element, so that a front end or a stylesheet can tell a report from a cell's own output.
REPORT_CLASS = "jupyter-track-report"

_DIM = "color:var(--jp-ui-font-color2, inherit)"
#: Colours of lines that were added or taken away, or say where; the sign at their beginning says so too.
_LINES = {
    "+": "color:var(--jp-success-color1, #2e7d32)",
    "-": "color:var(--jp-error-color1, #c62828)",
    "@": _DIM,
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that stands before the heading, and its colour; the sign alone says enough."""

    text: str
    color: str = "inherit"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report.

    Attributes
    ----------
    title : str
    table : Table or None
    lines : sequence of str
        Lines of code or of a unified diff.
    is_diff : bool
        Which of these they are.
    note : str
    """

    title: str
    table: Table | None = None
    lines: Sequence[str] = ()
    is_diff: bool = False
    note: str = ""


class Report:
    """Shows a heading and sections.

    Parameters
    ----------
    heading : str
    sections : iterable of Section
    notes : sequence of str
        Lines at the end.
    sign : Sign, optional
    """

    def __init__(
        self, heading: str, sections: Iterable[Section] = (), notes: Sequence[str] = (), sign: Sign | None = None
    ) -> None:
        self._heading = heading
        self._sections = list(sections)
        self._notes = list(notes)
        self._sign = sign

    def __repr__(self) -> str:
        lines = [f"{self._sign.text} {self._heading}" if self._sign else self._heading]
        for section in self._sections:
            lines += ["", printable(section.title)]
            if section.note:
                lines.append(f"  {printable(section.note)}")
            if section.table is not None:
                lines += [f"  {line}" for line in repr(section.table).split("\n")]
            lines += [("  " + printable(line, "\t")).rstrip() for line in section.lines]
        if self._notes:
            lines += ["", *(f"  {printable(note)}" for note in self._notes)]
        return "\n".join([printable(lines[0]), *lines[1:]])

    def _repr_html_(self) -> str:
        sign = ""
        if self._sign:
            sign = f'<span style="color:{self._sign.color}" aria-hidden="true">{escape(self._sign.text)}</span> '
        parts = [f"<div>{sign}<b>{escape(self._heading)}</b></div>"]
        for section in self._sections:
            parts.append(f'<div style="margin-top:8px;font-weight:600">{escape(section.title)}</div>')
            if section.note:
                parts.append(f'<div style="{_DIM}">{escape(section.note)}</div>')
            if section.table is not None:
                parts.append(section.table._repr_html_())
            if section.lines:
                shown = "\n".join(_line(line, section.is_diff) for line in section.lines)
                parts.append(
                    '<pre style="margin:2px 0 2px 0;padding:4px 8px;overflow-x:auto;'
                    f'border-left:2px solid var(--jp-border-color1, #bdbdbd)">{shown}</pre>'
                )
        parts += [f'<div style="{_DIM}">{escape(note)}</div>' for note in self._notes]
        return (
            f'<div class="{REPORT_CLASS}" style="line-height:1.6;font-size:var(--jp-ui-font-size1, 13px)">'
            f"{''.join(parts)}</div>"
        )


def _line(line: str, is_diff: bool) -> str:
    style = _LINES.get(line[:1]) if is_diff else None
    return f'<span style="{style}">{escape(line)}</span>' if style else escape(line)
