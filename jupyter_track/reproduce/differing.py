"""``%track diff``: in what two runs differ, whatever they are of."""

from __future__ import annotations

import difflib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..entities import InvalidParameterValue, Run
from ..history.cells import ExecutedCell
from ..tracking import TrackClient
from .recorded import RecordedRun, cell_name
from .texts import normalized, unified

__all__ = ["Row", "RunDiff", "SliceRow", "diff", "diff_notebooks"]

#: Lines of a difference between two texts.
MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that both runs may have: None where one has not.

    ``change`` is that of a number, in parts of the first one.
    """

    name: str
    first: str | None
    second: str | None
    change: float | None = None

    @property
    def same(self) -> bool:
        """Whether both runs have the same."""
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A cell of the slices: what it is called in each (empty where it is not), and its unified diff."""

    first: str
    second: str
    lines: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both slices have the cell as it is."""
        return bool(self.first and self.second) and not self.lines


@dataclass(frozen=True)
class RunDiff:
    """Two runs side by side; what is the same is in it too.

    Attributes
    ----------
    first, second : Run
    code : tuple of str
        The unified diff of the tracked cells; empty if they are the same.
    slices : tuple of SliceRow or None
        The cells before the tracked ones; None if one run does not know its slice.
    facts, params, metrics, versions : tuple of Row
        Facts are status, notebook, git commit and what is to be said of the order of the cells.
    outputs : mapping of str to tuple of str
        The unified diff of each output, without times and addresses; empty if they are the same.
    """

    first: Run
    second: Run
    code: tuple[str, ...]
    slices: tuple[SliceRow, ...] | None
    facts: tuple[Row, ...]
    params: tuple[Row, ...]
    metrics: tuple[Row, ...]
    outputs: Mapping[str, tuple[str, ...]]
    versions: tuple[Row, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        rows = (*self.facts, *self.params, *self.metrics, *self.versions)
        lines = (self.code, *self.outputs.values(), *(cell.lines for cell in self.slices or ()))
        return not any(lines) and all(row.same for row in rows)


def diff(client: TrackClient, first: Run, second: Run) -> RunDiff:
    """Set two runs side by side.

    Raises
    ------
    InvalidParameterValue
        If a history of executed cells is damaged.
    """
    one, other = RecordedRun(client, first), RecordedRun(client, second)
    return RunDiff(
        first=first,
        second=second,
        code=_lines(_code(one), _code(other)),
        slices=_slices(one, other),
        facts=_facts(one, other),
        params=_rows(first.data.params, second.data.params),
        metrics=_metrics(first.data.metrics, second.data.metrics),
        outputs=_outputs(one, other),
        versions=_rows(one.versions, other.versions) if one.versions and other.versions else (),
    )


def _lines(first: str, second: str) -> tuple[str, ...]:
    lines = unified(first, second)
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"… and {len(lines) - MAX_LINES} more lines"]
    return tuple(lines)


def _code(recorded: RecordedRun) -> str:
    return "\n\n".join(cell.text for cell in recorded.cells)


def _rows(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[Row, ...]:
    return tuple(Row(key, first.get(key), second.get(key)) for key in sorted({*first, *second}, key=str.lower))


def _metrics(first: Mapping[str, float], second: Mapping[str, float]) -> tuple[Row, ...]:
    rows = []
    for key in sorted({*first, *second}, key=str.lower):
        one, other = first.get(key), second.get(key)
        change = (other - one) / abs(one) if one and other is not None else None
        rows.append(Row(key, None if one is None else repr(one), None if other is None else repr(other), change))
    return tuple(rows)


def _facts(first: RecordedRun, second: RecordedRun) -> tuple[Row, ...]:
    return _rows_in_order(_facts_of(first), _facts_of(second))


def _rows_in_order(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[Row, ...]:
    return tuple(Row(key, first.get(key), second.get(key)) for key in dict.fromkeys((*first, *second)))


def _facts_of(recorded: RecordedRun) -> dict[str, str]:
    run = recorded.run
    tags = run.data.tags
    found = {
        "status": run.info.status.value,
        "user": run.info.user_id,
        "notebook": tags.get("mlflow.source.name", ""),
        "git commit": tags.get("mlflow.source.git.commit", ""),
        "uncommitted changes": {"true": "yes", "false": "no"}.get(tags.get("jupyter_track.git.dirty", ""), ""),
    }
    flags = recorded.history.flags if recorded.history is not None else ()
    found.update({f"order: {flag}": "yes" for flag in flags})
    return {key: value for key, value in found.items() if value}


def _outputs(first: RecordedRun, second: RecordedRun) -> dict[str, tuple[str, ...]]:
    found = {}
    for name in ("stdout", "result", "error"):
        texts = ["\n".join(cell.outputs.get(name, "") for cell in each.cells) for each in (first, second)]
        if any(texts):
            found[name] = _lines(*(normalized(text) for text in texts))
    return found


# -- slices


def _slices(first: RecordedRun, second: RecordedRun) -> tuple[SliceRow, ...] | None:
    """Set the cells of two slices side by side; the tracked cells, which come last, are compared elsewhere."""
    if first.history is None or second.history is None:
        return None
    one, other = first.history.sliced[:-1], second.history.sliced[:-1]
    matcher = difflib.SequenceMatcher(None, [each.source for each in one], [each.source for each in other], False)
    rows: list[SliceRow] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            rows += [
                SliceRow(cell_name(a), cell_name(b), ())
                for a, b in zip(one[start:end], other[other_start:other_end], strict=True)
            ]
        else:
            rows += _changed(one[start:end], other[other_start:other_end])
    return tuple(rows)


def _changed(first: Sequence[ExecutedCell], second: Sequence[ExecutedCell]) -> list[SliceRow]:
    """Set cells side by side that differ: those of one place in the notebook together, whatever is left alone."""
    rows = []
    left = list(second)
    for cell in first:
        partner = next((each for each in left if cell.cell_id and each.cell_id == cell.cell_id), None)
        if partner is not None:
            left.remove(partner)
            rows.append(SliceRow(cell_name(cell), cell_name(partner), _lines(cell.source, partner.source)))
        else:
            rows.append(SliceRow(cell_name(cell), "", _lines(cell.source, "")))
    return rows + [SliceRow("", cell_name(cell), _lines("", cell.source)) for cell in left]


# -- whole notebooks


def diff_notebooks(client: TrackClient, first: Run, second: Run) -> str:
    """Return what nbdime tells of the difference between the notebooks of two runs, for a terminal.

    Raises
    ------
    ResourceDoesNotExist
        If a run has no notebook.
    InvalidParameterValue
        If nbdime is not installed.
    """
    try:
        from nbdime import diff_notebooks as compare
        from nbdime.prettyprint import PrettyPrintConfig, pretty_print_notebook_diff
    except ImportError:
        raise InvalidParameterValue(
            "Comparing whole notebooks needs nbdime: pip install 'jupyter-track[reproduce]'."
        ) from None
    from nbformat.v4 import reads

    # As nbformat reads a file, in which texts are lists of their lines.
    notebooks = [
        reads(json.dumps(RecordedRun(client, run).notebook))  # type: ignore[no-untyped-call]
        for run in (first, second)
    ]
    written = io.StringIO()
    config = PrettyPrintConfig(out=written, use_color=False, use_git=False, use_diff=False)
    found = compare(*notebooks)
    pretty_print_notebook_diff(first.info.run_name, second.info.run_name, notebooks[0], found, config)
    return written.getvalue()
