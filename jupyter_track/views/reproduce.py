"""What ``%track restore``, ``rerun``, ``diff`` and ``slice`` do, and ``jupyter-track`` too: one function each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ..entities import Run
from ..history.document import HistoryDocument
from ..history.export import slice_as_notebook, slice_as_script
from ..reproduce import differing, restoring, slices
from ..reproduce import rerun as rerunning
from ..reproduce.comparison import Difference
from ..reproduce.execution import Limits
from ..reproduce.recorded import RecordedRun, cell_name
from ..reproduce.texts import DEFAULT_TOLERANCE, apart
from ..tracking import TrackClient
from .pieces import Note, Table, short
from .report import Report, Section, Sign

__all__ = [
    "Restored",
    "diff",
    "rerun",
    "restore",
    "restore_vars",
    "show_diff",
    "show_rerun",
    "show_slice",
    "slice_notebook",
    "slice_script",
]

_SIGNS = {
    rerunning.REPRODUCED: Sign("✓", "var(--jp-success-color1, #2e7d32)"),
    rerunning.DIFFERS: Sign("≠", "var(--jp-warn-color1, #b26a00)"),
    rerunning.FAILS: Sign("✗", "var(--jp-error-color1, #c62828)"),
}
#: Characters of a value in a table.
MAX_VALUE = 80


# -- restore


class Restored(Note):
    """Says where the notebook of a run was written, and knows it."""

    def __init__(self, run: Run, path: Path) -> None:
        super().__init__(f"Restored the notebook of run {run.info.run_name} as {path}")
        self.path = path


def restore(client: TrackClient, reference: str, folder: str | os.PathLike[str] = "", name: str = "") -> Restored:
    """Write the notebook of a run into a folder (the present one, if empty), and say where it is.

    Raises
    ------
    TrackError
        If there is no such run, it has no notebook, or the file cannot be written.
    """
    run = client.find_run(reference)
    return Restored(run, restoring.restore(client, run, folder or os.getcwd(), name))


def restore_vars(
    client: TrackClient, reference: str, namespace: MutableMapping[str, Any], trust: bool = False
) -> Report:
    """Bring the params of a run, and the variables that were kept with it, back into a namespace.

    A name that is there gets the run's value. Of a dict the entries that were params change, in a copy, and the
    others stay; any other object that holds settings is left as it is.

    Raises
    ------
    TrackError
        If there is no such run.
    """
    run = client.find_run(reference)
    found = restoring.restore_vars(client, run, trust)
    rows = []
    left_out = dict(found.left_out)
    for name, value in found.values.items():
        present = namespace.get(name)
        if isinstance(value, dict) and name not in found.kept and present is not None:
            if type(present) is not dict:
                left_out[name] = f"the notebook has a {type(present).__name__} of that name, which is left as it is"
                continue
            value = _merged(present, value)
        namespace[name] = value
        rows.append([name, short(repr(value), MAX_VALUE), "kept whole" if name in found.kept else ""])
    sections = [Section("set", Table(["name", "value", ""], rows))] if rows else []
    if left_out:
        sections.append(Section("not set", Table(["name", "why"], [list(each) for each in left_out.items()])))
    return Report(f"Variables of run {run.info.run_name}: {len(rows)} set", sections)


def _merged(present: Mapping[str, Any], entries: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(present)
    for key, value in entries.items():
        inner = merged.get(key)
        merged[key] = _merged(inner, value) if isinstance(value, dict) and isinstance(inner, dict) else value
    return merged


# -- rerun


def rerun(
    client: TrackClient,
    reference: str,
    use_slice: bool = False,
    params: Mapping[str, str] | None = None,
    cell_seconds: float | None = None,
    total_seconds: float | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
) -> Report:
    """Execute a run again, compare, keep the verdict with it, and show what came of it.

    Raises
    ------
    TrackError
        If there is no such run, or it cannot be executed as it is asked for.
    """
    run = client.find_run(reference)
    limits = Limits(cell_seconds, total_seconds)
    return show_rerun(rerunning.rerun(client, run, use_slice, params, limits, tolerance))


def show_rerun(found: rerunning.Rerun) -> Report:
    """Show what came of executing a run again."""
    comparison = found.comparison
    what = "cells of its slice" if found.of_slice else "cells of its notebook"
    into = f" as {found.repeated.info.run_name}" if found.repeated is not None else ""
    heading = f"{found.original.info.run_name}: {found.verdict}"
    if found.overrides:
        changed = ", ".join(f"{each.key} = {each.after} (was {each.before})" for each in found.overrides)
        heading = f"{found.original.info.run_name} with {changed}"
        if comparison is None:
            heading += f": {found.verdict}"
    sections = []
    if found.failure is not None:
        sections.append(Section("failed", note=found.failure.in_words()))
    if comparison is not None and comparison.differences:
        rows = [_difference_row(each) for each in comparison.differences]
        table = Table(["", "name", "before", "after", "difference"], rows)
        sections.append(Section("what differs", table, note=found.seeds))
    elif comparison is not None:
        sections.append(Section("compared", note=found.detail))
    if comparison is not None and comparison.versions:
        rows = [[each.name, each.before or "not there", each.after or "not there"] for each in comparison.versions]
        sections.append(Section("other versions", Table(["package", "before", "after"], rows)))
    notes = [f"Executed {found.cells} {what}{into}.", *(f"Note: {note}." for note in found.notes)]
    if found.overrides:
        notes.append("With other params it is another experiment: nothing is said of the original.")
    if found.repeated is not None:
        notes.append(f"All differences: %track diff {found.original.info.run_id[:8]} {found.repeated.info.run_id[:8]}")
    sign = Sign("→") if found.overrides and comparison is not None else _SIGNS[found.verdict]
    return Report(heading, sections, notes, sign)


def _difference_row(each: Difference) -> list[str]:
    before, after = _both(each.before or "nothing", each.after or "nothing")
    if each.kind == "metric" and each.before and each.after:
        before, after = apart(float(each.before), float(each.after))
    change = "" if each.change is None else f"{100 * each.change:.3g} %"
    return [each.kind, each.name, before, after, change]


def _both(first: str, second: str) -> tuple[str, str]:
    """Return two values so short that they fit a table, and so long that one sees where they differ."""
    shown = short(first, MAX_VALUE), short(second, MAX_VALUE)
    if first == second or shown[0] != shown[1]:
        return shown
    pairs = enumerate(zip(first, second, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))
    start = max(same - MAX_VALUE // 4, 0)
    return f"…{short(first[start:], MAX_VALUE)}", f"…{short(second[start:], MAX_VALUE)}"


# -- diff


def diff(client: TrackClient, first: str, second: str, everything: bool = False) -> Report:
    """Show in what two runs differ, or (`everything`) all that they have.

    Raises
    ------
    TrackError
        If there is no such run, or what it holds is damaged.
    """
    return show_diff(differing.diff(client, client.find_run(first), client.find_run(second)), everything)


def show_diff(found: differing.RunDiff, everything: bool = False) -> Report:
    """Show two runs side by side."""
    names = [f"{run.info.run_name} ({run.info.run_id[:8]})" for run in (found.first, found.second)]
    header = ["", found.first.info.run_name, found.second.info.run_name]
    sections = [
        *_rows_section("runs", header, found.facts, everything),
        *_lines_section("code of the tracked cell", found.code, everything),
        *_slice_sections(found.slices, everything),
        *_rows_section("params", header, found.params, everything),
        *_rows_section("metrics", [*header, "change"], found.metrics, everything),
        *(each for name, lines in found.outputs.items() for each in _lines_section(name, lines, everything)),
        *_rows_section("packages", header, found.versions, everything),
    ]
    notes = ["Nothing that was recorded differs."] if found.same else []
    return Report(f"{names[0]} and {names[1]}", sections, notes)


def _rows_section(title: str, header: list[str], rows: Iterable[differing.Row], everything: bool) -> list[Section]:
    shown = []
    for row in rows:
        if row.same and not everything:
            continue
        values = _both(row.first or "", row.second or "")
        change = []
        if title == "metrics":
            change = ["" if row.change is None or row.same else f"{100 * row.change:+.3g} %"]
            if row.first and row.second:
                values = apart(float(row.first), float(row.second))
        shown.append([row.name, *values, *change])
    return [Section(title, Table(header, shown))] if shown else []


def _lines_section(title: str, lines: tuple[str, ...], everything: bool) -> list[Section]:
    if lines:
        return [Section(title, lines=lines, is_diff=True)]
    return [Section(title, note="the same")] if everything else []


def _slice_sections(rows: tuple[differing.SliceRow, ...] | None, everything: bool) -> list[Section]:
    if rows is None:
        return [Section("cells before it", note="one of the runs does not know its slice")] if everything else []
    sections = []
    for row in rows:
        if row.same and not everything:
            continue
        name = row.first if row.first == row.second else " → ".join(filter(None, (row.first, row.second)))
        where = "" if row.first and row.second else ", only in the first" if row.first else ", only in the second"
        note = "the same" if row.same else ""
        sections.append(Section(f"cell {name.removeprefix('cell ')}{where}", lines=row.lines, is_diff=True, note=note))
    return sections


# -- slice


def show_slice(client: TrackClient, reference: str, metric: str = "") -> Report:
    """Show the cells that a run, or one of its metrics, came from, and why each is among them.

    Raises
    ------
    TrackError
        If there is no such run, it has no such metric, or its history was not kept.
    """
    run = client.find_run(reference)
    history = slices.slice_of_run(client, run, metric)
    sections = [_cell_section(history, position) for position in history.slice]
    kept, executed = history.counts
    what = f"The metric {metric} of run {run.info.run_name}" if metric else f"Run {run.info.run_name}"
    heading = f"{what} came from {kept} of the {executed} cells executed until then"
    return Report(heading, sections, [f"Note: {flag}." for flag in history.flags])


def _cell_section(history: HistoryDocument, position: int) -> Section:
    cell = history.cell(position)
    why = history.reasons.get(position, ())
    if position == history.tracked:
        reason = "the tracked cell"
    else:
        reason = f"for {short(', '.join(why), MAX_VALUE)}" if why else ""
    failed = f"{cell.status} part of the way" if cell.status in ("failed", "killed") else ""
    title = f"{cell_name(cell)} {'; '.join(filter(None, (reason, failed)))}"
    return Section(title, lines=cell.source.rstrip("\n").split("\n"))


def slice_notebook(client: TrackClient, reference: str, metric: str = "") -> dict[str, Any]:
    """Return these cells as a notebook, for the kernel that they ran in.

    Raises
    ------
    TrackError
        If there is no such run, it has no such metric, or its history was not kept.
    """
    run = client.find_run(reference)
    history = slices.slice_of_run(client, run, metric)
    return slice_as_notebook(history, RecordedRun(client, run).notebook_metadata)


def slice_script(client: TrackClient, reference: str, metric: str = "") -> str:
    """Return these cells as a Python script.

    Raises
    ------
    TrackError
        If there is no such run, it has no such metric, or its history was not kept.
    """
    run = client.find_run(reference)
    return slice_as_script(slices.slice_of_run(client, run, metric), run.info.run_name)
