"""``%track rerun``: the cells of a run executed again, as a new run, and whether that came to the same."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from ..config import CELL_RUN_VARIABLE
from ..entities import ResourceDoesNotExist, Run, RunStatus, TrackError
from ..entities.clock import now_ms
from ..entities.limits import MAX_RUN_NAME
from ..store import lasting_uri
from ..tracking import TrackClient
from .comparison import Comparison, compare_runs
from .execution import NO_LIMITS, Executed, Failure, Limits, execute, require_nbclient, working_folder
from .overrides import Override, apply_overrides
from .program import Program, ProgramCell, program_of_notebook, program_of_slice
from .recorded import RecordedRun
from .seeding import look_for_seeds
from .texts import DEFAULT_TOLERANCE
from .tracking_lines import (
    URI_VARIABLE,
    name_in_line,
    part_source,
    setup_source,
    start_source,
    tracked_source,
    unrecorded_source,
)

__all__ = [
    "DIFFERS",
    "FAILS",
    "REPRODUCED",
    "RERUN_OF_VARIABLE",
    "VERDICT_TAG",
    "Rerun",
    "rerun",
]

REPRODUCED, DIFFERS, FAILS = "reproduced", "differs", "fails"

#: Tells the new kernel which run it executes again; its runs then have that in the tag ``jupyter_track.rerun_of``. The
#: new run is not nested in that one: MLflow shows nested runs as the parts of one experiment, and leaves them out of
#: lists of its runs, while this is an experiment of its own.
RERUN_OF_VARIABLE = "JUPYTER_TRACK_RERUN_OF"
#: On the run that was executed again: the verdict; below it the new run, when, and what differs.
VERDICT_TAG = "jupyter_track.reproduced"

MAX_DETAIL = 1_000
#: Differences that the verdict names.
MAX_NAMED = 5
#: Seconds until what a kernel has recorded must have arrived, once the kernel has ended.
ARRIVAL_SECONDS = 20.0
POLL_SECONDS = 0.1

#: What ties this process to its server, its notebook, and the cell and run that it is in is nothing to the new kernel.
_NOT_INHERITED = frozenset(
    {
        CELL_RUN_VARIABLE,
        RERUN_OF_VARIABLE,
        "IPY_INTERRUPT_EVENT",
        "JPY_INTERRUPT_EVENT",
        "JPY_PARENT_PID",
        "JPY_SESSION_NAME",
        "KERNEL_ID",
        "MLFLOW_ACTIVE_MODEL_ID",
        "MLFLOW_RUN_ID",
        "MLFLOW_RUN_NAME",
        "PYTEST_CURRENT_TEST",
        "_MLFLOW_ACTIVE_MODEL_ID",
    }
)


@dataclass(frozen=True)
class Rerun:
    """What came of executing a run again.

    Attributes
    ----------
    original : Run
    repeated : Run or None
        The new run; None if the tracked cell was not reached.
    verdict : str
        "reproduced", "differs" or "fails".
    detail : str
        What differs, or which cell failed and why, in one line.
    seeds : str
        Whether random numbers may be why; empty where nothing but params differs.
    comparison : Comparison or None
        None if it failed.
    failure : Failure or None
    overrides : tuple of Override
        With any of them it is another experiment, and the verdict is not kept with the original.
    notes : tuple of str
        What else a person should know.
    cells : int
        How many cells were executed.
    of_slice : bool
        Whether these were those of the slice, instead of the notebook's from the top.
    """

    original: Run
    repeated: Run | None
    verdict: str
    detail: str
    seeds: str
    comparison: Comparison | None
    failure: Failure | None
    overrides: tuple[Override, ...]
    notes: tuple[str, ...]
    cells: int
    of_slice: bool


def rerun(
    client: TrackClient,
    run: Run,
    use_slice: bool = False,
    params: Mapping[str, str] | None = None,
    limits: Limits = NO_LIMITS,
    tolerance: float = DEFAULT_TOLERANCE,
) -> Rerun:
    """Execute the cells of a run in a fresh kernel and compare what comes of it.

    The notebook's cells are executed from the top to the tracked one, or those of the slice in the order in which
    they ran. Only the tracked cell is recorded, or those that shared the run: as a new run in the same experiment,
    with the tag ``jupyter_track.rerun_of``. The verdict is kept in tags of the run itself.

    Parameters
    ----------
    client : TrackClient
    run : Run
    use_slice : bool
    params : mapping of str to str, optional
        Other values for some of its params; see `jupyter_track.reproduce.overrides`.
    limits : Limits
    tolerance : float
        The relative difference of metrics that is none.

    Raises
    ------
    ResourceDoesNotExist
        If the run holds nothing that can be executed.
    InvalidParameterValue
        If it cannot be executed as it is asked for, or nbclient is not installed.
    """
    require_nbclient()
    original = RecordedRun(client, run)
    program = program_of_slice(original) if use_slice else program_of_notebook(original)
    program, overrides = apply_overrides(program, original.tracked_cells, run.data.params, params or {})
    name = f"{name_in_line(run.info.run_name[: MAX_RUN_NAME - 20])}-rerun-{secrets.token_hex(2)}"
    notes = list(program.notes)
    place = run.data.tags.get("mlflow.source.name", "")
    with ExitStack() as stack:
        folder, note = working_folder(place, stack)
        notes += [note] if note else []
        executed = _execute(client, original, program, name, folder, limits)
        notes += executed.notes
    failure = executed.failure
    repeated = None
    if failure is None or failure.place >= min(program.tracked):
        repeated = _arrived(client, run, name, certain=failure is None)
    if repeated is not None and program.is_shared:
        repeated = _tagged(client, repeated, {**(program.tags or {}), **_source_tag(run)})
    comparison = None
    if repeated is not None and (failure is None or _failed_there(original, program, failure)):
        # A cell that failed, and fails again, has done what it did.
        comparison = compare_runs(client, original, RecordedRun(client, repeated), tolerance)
    if not os.path.isabs(place) and (comparison is None or (comparison.differences and not overrides)):
        notes.append("the run does not say where its notebook was, so the cells were executed in this folder")
    seeds = "" if overrides or comparison is None else _seeds(program, comparison)
    verdict, detail = _verdict(failure, comparison, seeds)
    found = Rerun(
        original=run,
        repeated=repeated,
        verdict=verdict,
        detail=detail,
        seeds=seeds,
        comparison=comparison,
        failure=failure if comparison is None else None,
        overrides=tuple(overrides),
        notes=tuple(notes),
        cells=len(program.cells),
        of_slice=use_slice,
    )
    if not overrides:
        _keep_verdict(client, found)
    return found


def _execute(
    client: TrackClient, original: RecordedRun, program: Program, name: str, folder: str, limits: Limits
) -> Executed:
    run = original.run
    experiment = client.get_experiment(run.info.experiment_id).name
    uri = client.tracking_uri
    environment = {
        **{key: value for key, value in os.environ.items() if key not in _NOT_INHERITED},
        # Not as MLflow's own variable: in cells that are not tracked, MLflow logs where it always did.
        URI_VARIABLE: lasting_uri(uri) if uri.startswith("sqlite") else uri,
        RERUN_OF_VARIABLE: run.info.run_id,
    }
    setup = setup_source(original.tracked_cells[-1], experiment)
    if program.is_shared:
        cells, ends = _sharing_cells(program, name), ("%track end", "%track end --status failed")
    else:
        cells, ends = _cells_with_tracked_one(program, name, experiment, _source_tag(run)), ("", "")
    return execute(setup, cells, program.kernel, folder, environment, limits, ends)


def _source_tag(run: Run) -> dict[str, str]:
    """Return where the notebook was. The kernel must not take the one on disk for what it executes, and is not told."""
    source = run.data.tags.get("mlflow.source.name", "")
    return {"mlflow.source.name": source} if source else {}


def _cells_with_tracked_one(program: Program, name: str, experiment: str, tags: Mapping[str, str]) -> list[ProgramCell]:
    last = program.cells[-1]
    return [
        *program.cells[:-1],
        replace(last, source=tracked_source(last.source, last.arguments or "", name, experiment, tags)),
    ]


def _sharing_cells(program: Program, name: str) -> list[ProgramCell]:
    """Return the cells with those of the run recorded in one that is begun before the first of them."""
    first = min(program.tracked)
    cells = list(program.cells)
    for place in range(first, len(cells)):
        cell = cells[place]
        source = (
            part_source(cell.source, cell.arguments) if place in program.tracked else unrecorded_source(cell.source)
        )
        cells[place] = replace(cell, source=source)
    cells[first] = replace(cells[first], before=start_source(name))
    return cells


def _arrived(client: TrackClient, run: Run, name: str, certain: bool) -> Run | None:
    """Return the new run when it has ended; None if the cell failed before IPython began it."""
    quoted = name.replace("'", "''")
    deadline = time.monotonic() + (ARRIVAL_SECONDS if certain else ARRIVAL_SECONDS / 10)
    while True:
        found = client.search_runs([run.info.experiment_id], f"run_name = '{quoted}'", max_results=1)
        if found and found[0].info.status is not RunStatus.RUNNING:
            return found[0]
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    if certain and not found:
        raise ResourceDoesNotExist(
            f"The cells were executed, but no run of theirs has come to {client.shown_uri}. The notebook may choose "
            "another place for its runs itself."
        )
    return found[0] if found else None


def _tagged(client: TrackClient, run: Run, tags: Mapping[str, str]) -> Run:
    for key, value in tags.items():
        client.set_tag(run.info.run_id, key, value)
    return client.get_run(run.info.run_id)


# -- the verdict


def _failed_there(original: RecordedRun, program: Program, failure: Failure) -> bool:
    """Whether the last cell of the run has failed, as it had before."""
    had_failed = original.run.info.status is RunStatus.FAILED or original.tracked_cells[-1].has_failed
    return had_failed and failure.place == len(program.cells) - 1


def _seeds(program: Program, comparison: Comparison) -> str:
    if all(each.kind == "param" for each in comparison.differences):
        return ""
    return look_for_seeds(cell.source for cell in program.cells).in_words()


def _verdict(failure: Failure | None, comparison: Comparison | None, seeds: str) -> tuple[str, str]:
    if comparison is None:
        return FAILS, failure.in_words() if failure is not None else "nothing was recorded"
    if not comparison.differences:
        return REPRODUCED, (
            f"the same: {_counted(comparison.params, 'param')}, {_counted(comparison.metrics, 'metric')}, "
            f"{_counted(comparison.outputs, 'output')}"
        )
    named = "; ".join(each.in_words() for each in comparison.differences[:MAX_NAMED])
    more = len(comparison.differences) - MAX_NAMED
    if more > 0:
        named += f"; and {more} more"
    return DIFFERS, f"{named} ({seeds})" if seeds else named


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _keep_verdict(client: TrackClient, found: Rerun) -> None:
    run_id = found.original.info.run_id
    tags = {
        VERDICT_TAG: found.verdict,
        f"{VERDICT_TAG}.at": str(now_ms()),
        f"{VERDICT_TAG}.detail": found.detail[:MAX_DETAIL],
    }
    if found.repeated is not None:
        tags[f"{VERDICT_TAG}.run"] = found.repeated.info.run_id
    for key, value in tags.items():
        client.set_tag(run_id, key, value)
    if found.repeated is None and f"{VERDICT_TAG}.run" in found.original.data.tags:
        # Of a verdict before this one.
        try:
            client.delete_tag(run_id, f"{VERDICT_TAG}.run")
        except TrackError:
            pass
