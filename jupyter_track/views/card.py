"""The card under a tracked cell: one glance says what was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape

from ..capture.cell import CellSummary
from ..entities import RunStatus
from ..printable import printable
from .pieces import Table, duration, number, short

__all__ = ["CARD_CLASS", "Card"]

#: On the outermost element, so that a front end or a stylesheet can tell a card from a cell's own output.
CARD_CLASS = "jupyter-track-card"
#: Params and metrics on the card; the run has them all.
MAX_SHOWN = 12
#: Figures and tables that are named on it.
MAX_FILES = 4
NOTHING = "No params or metrics were found; the code, its output and the notebook are kept. %track explain tells more."

#: Sign and colour of each way a run ends; the sign alone says enough, for whoever does not see colours.
_SIGNS = {
    RunStatus.FINISHED: ("✓", "var(--jp-success-color1, #2e7d32)"),
    RunStatus.FAILED: ("✗", "var(--jp-error-color1, #c62828)"),
    RunStatus.KILLED: ("◼", "var(--jp-warn-color1, #b26a00)"),
}
_DIM = "color:var(--jp-ui-font-color2, inherit)"


class Card:
    """Shows a `CellSummary`.

    Parameters
    ----------
    summary : CellSummary
    """

    def __init__(self, summary: CellSummary) -> None:
        self._summary = summary

    # -- what there is to show

    def _params(self) -> list[tuple[str, str]]:
        found = {param.key: short(param.value) for param in self._summary.findings.params.values()}
        return list({**found, **{key: short(value) for key, value in self._summary.logged_params.items()}}.items())

    def _metrics(self) -> list[tuple[str, str]]:
        found = {key: number(point.value) for key, point in self._summary.findings.latest().items()}
        return list({**found, **{key: number(value) for key, value in self._summary.logged_metrics.items()}}.items())

    def _counts(self) -> dict[str, str]:
        """Return of how many points each curve is."""
        steps: dict[str, set[int]] = {}
        for point in self._summary.findings.points:
            steps.setdefault(point.key, set()).add(point.step)
        return {key: f" ({len(found)} points)" for key, found in steps.items() if len(found) > 1}

    def _data(self) -> str:
        names = self._summary.data
        return ", ".join(names[:MAX_FILES]) + _more(names, MAX_FILES)

    def _files(self) -> str:
        names = [path.removeprefix("output/") for path in self._summary.files]
        return ", ".join(names[:MAX_FILES]) + _more(names, MAX_FILES)

    def _is_empty(self) -> bool:
        summary = self._summary
        return not (self._params() or self._metrics() or summary.model or summary.files or summary.data)

    @property
    def _place(self) -> str:
        """The experiment, or the cell's place in a run that it shares."""
        return f"cell {self._summary.part} of the run" if self._summary.part else self._summary.experiment_name

    def _dry_run(self) -> Table:
        findings = self._summary.findings
        rows = [
            *(["param", each.key, short(each.value), each.rule, _line(each.line), each.expression]
              for each in findings.params.values()),
            *(["metric", each.key, number(each.value), each.rule, _line(each.line), each.expression]
              for each in findings.latest().values()),
            *(["left out", each.key, "", each.rule, _line(each.line), each.reason] for each in findings.skipped),
        ]  # fmt: skip
        if self._summary.model:
            rows.append(["model", self._summary.model, "", "--log-model", "", ""])
        return Table(
            ["", "name", "value", "rule", "line", "from"],
            rows,
            foot="A dry run: nothing was recorded.",
            empty="A dry run: there is nothing to capture in this cell.",
        )

    # -- text

    def __str__(self) -> str:
        summary = self._summary
        if not summary.recorded:
            return "\n".join([repr(self._dry_run()), *map(printable, summary.notes)])
        sign, _ = _SIGNS[summary.status]
        lines = [
            f"{sign} {summary.run_name}  {summary.status.value.lower()} in {duration(summary.duration)}"
            f"  · {self._place}"
        ]
        counts = self._counts()
        for title, pairs in (("params", self._params()), ("metrics", self._metrics())):
            if pairs:
                more = counts if title == "metrics" else {}
                shown = "  ".join(f"{key}={value}{more.get(key, '')}" for key, value in pairs[:MAX_SHOWN])
                lines.append(f"  {title:8} {shown}{_more(pairs)}")
        if summary.model:
            lines.append(f"  model    {summary.model}")
        if summary.data:
            lines.append(f"  data     {self._data()}")
        if summary.files:
            lines.append(f"  files    {self._files()}")
        if self._is_empty():
            lines.append(f"  {NOTHING}")
        lines += [f"  note     {note}" for note in summary.notes]
        lines.append(f"  %track show {summary.run_id[:8]}")
        return "\n".join(map(printable, lines))

    # -- HTML

    def html(self) -> str:
        """Return the card as HTML; every text in it is escaped."""
        summary = self._summary
        notes = "".join(f'<div style="{_DIM}">{escape(note)}</div>' for note in summary.notes)
        if not summary.recorded:
            return f'<div class="{CARD_CLASS}">{self._dry_run()._repr_html_()}{notes}</div>'
        sign, color = _SIGNS[summary.status]
        arguments = escape(json.dumps({"run_id": summary.run_id}), quote=True)
        link = (
            f'<a href="#run" data-commandlinker-command="jupyter-track:open-run" '
            f'data-commandlinker-args="{arguments}" style="font-weight:600" '
            f'title="Open this run in the sidebar, or: %track show {summary.run_id[:8]}">'
            f"{escape(summary.run_name)}</a>"
        )
        head = (
            f'<span style="color:{color}" aria-hidden="true">{sign}</span> {link} '
            f'<span style="{_DIM}">{escape(summary.status.value.lower())} in {duration(summary.duration)} · '
            f"{escape(self._place)} · <code>{summary.run_id[:8]}</code></span>"
        )
        body = _chips("params", self._params(), {}) + _chips("metrics", self._metrics(), self._counts())
        if summary.model:
            body += _row("model", escape(summary.model))
        if summary.data:
            body += _row("data", f'<span style="{_DIM}">{escape(self._data())}</span>')
        if summary.files:
            body += _row("files", escape(self._files()))
        if self._is_empty():
            body += f'<div style="{_DIM}">{escape(NOTHING)}</div>'
        return (
            f'<div class="{CARD_CLASS}" style="border-left:3px solid {color};padding:2px 0 2px 10px;margin:4px 0;'
            'line-height:1.6;font-size:var(--jp-ui-font-size1, 13px)">'
            f"<div>{head}</div>{body}{notes}</div>"
        )


def _chips(title: str, pairs: list[tuple[str, str]], counts: Mapping[str, str]) -> str:
    if not pairs:
        return ""
    chips = "".join(
        f'<span style="display:inline-block;margin-right:14px"><span style="{_DIM}">{escape(key)}</span> '
        f'<b>{escape(value)}</b><span style="{_DIM}">{counts.get(key, "")}</span></span>'
        for key, value in pairs[:MAX_SHOWN]
    )
    return _row(title, chips + escape(_more(pairs)))


def _row(title: str, content: str) -> str:
    return (
        f'<div style="display:flex"><span style="flex:0 0 64px;{_DIM}">{escape(title)}</span>'
        f"<span>{content}</span></div>"
    )


def _more(shown: Sequence[object], size: int = MAX_SHOWN) -> str:
    left = len(shown) - size
    return f"  +{left} more" if left > 0 else ""


def _line(line: int) -> str:
    return str(line) if line else ""
