"""What the commands of ``%track`` and ``jupyter-track`` do: ask the client, return what is to be shown."""

from __future__ import annotations

from collections.abc import Sequence

from ..entities import InvalidParameterValue, ResourceDoesNotExist, Run, RunStatus
from ..entities.limits import check_alias
from ..tracking import TrackClient
from ..tracking.context import user_name
from .explain import origins
from .pieces import Note, Table, ago, duration, number, short

__all__ = ["models", "register", "runs", "show", "status"]

MAX_RUNS = 50
#: Columns of params and of metrics in a list of runs.
MAX_COLUMNS = 6


def status(client: TrackClient, auto: bool, last_run_id: str) -> Note:
    """Say what is tracked and where it goes."""
    tracked = "every cell (%track off ends it)" if auto else "cells that begin with %%track (%track on: every cell)"
    lines = [f"Tracked: {tracked}", f"Kept at: {client.shown_uri}"]
    if last_run_id:
        try:
            run = client.get_run(last_run_id)
            lines.append(f"Last run: {run.info.run_name} ({last_run_id[:8]}), {run.info.status.value}")
        except ResourceDoesNotExist:
            lines.append(f"Last run: {last_run_id[:8]}, which the store has not got yet")
    waiting = client.outbox.waiting()
    if waiting:
        lines.append(f"Waiting for the store: {waiting} records")
    return Note("\n".join(lines))


def runs(
    client: TrackClient,
    filter_string: str,
    max_results: int = MAX_RUNS,
    order_by: Sequence[str] = (),
    experiment: str = "",
) -> Table:
    """List runs, the newest first if no order is asked; of one experiment, if its name is given.

    Raises
    ------
    InvalidParameterValue
        If the filter or the order cannot be read.
    ResourceDoesNotExist
        If there is no such experiment.
    """
    found = client.search_runs(
        experiment_ids=_experiment_ids(client, experiment),
        filter_string=filter_string,
        max_results=max_results,
        order_by=order_by,
    )
    names = {each.experiment_id: each.name for each in client.search_experiments(max_results=None)}
    metrics = _common([run.data.metrics for run in found])
    params = _common([run.data.params for run in found])
    rows = [
        [
            run.info.run_name,
            run.info.run_id[:8],
            names.get(run.info.experiment_id, ""),
            run.info.status.value,
            ago(run.info.start_time),
            *(number(run.data.metrics[key]) if key in run.data.metrics else "" for key in metrics),
            *(short(run.data.params.get(key, "")) for key in params),
        ]
        for run in found
    ]
    header = ["run", "id", "experiment", "status", "started", *metrics, *params]
    which = "first" if order_by else "newest"
    feet = [f"The {which} {max_results}; a filter finds others: metrics.accuracy > 0.9"] if found.token else []
    others = sorted({key for run in found for key in (*run.data.metrics, *run.data.params)} - {*metrics, *params})
    if others:
        feet.append(f"Not in the table: {short(', '.join(others), 100)}. '%track show RUN' has all of a run.")
    empty = "No run fits." if filter_string or experiment else "No runs yet: put %%track on top of a cell."
    return Table(header, rows, foot="\n".join(feet), empty=empty)


def _experiment_ids(client: TrackClient, name: str) -> list[str] | None:
    """Return the id of the experiment of that name, in a list as a search takes it; None if no name is given."""
    if not name:
        return None
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        raise ResourceDoesNotExist(f"There is no experiment named {name[:80]!r}.")
    return [experiment.experiment_id]


def _common(data: list[dict[str, object]] | list[dict[str, float]] | list[dict[str, str]]) -> list[str]:
    """Return the keys that most of the rows have, at most `MAX_COLUMNS`, in the order they first come."""
    counts: dict[str, int] = {}
    for row in data:
        for key in row:
            counts[key] = counts.get(key, 0) + 1
    most = sorted(counts, key=lambda key: -counts[key])[:MAX_COLUMNS]
    return [key for key in counts if key in most]


def show(client: TrackClient, reference: str) -> Table:
    """Show one run, and of each captured value by which rule and where it was found."""
    run = client.find_run(reference)
    found = origins(client, run)
    experiments = {each.experiment_id: each.name for each in client.search_experiments(max_results=None)}
    tags = run.data.tags
    rows = [
        ["run", run.info.run_name, run.info.run_id],
        ["experiment", experiments.get(run.info.experiment_id, run.info.experiment_id), ""],
        ["status", run.info.status.value, _when(run)],
        ["user", run.info.user_id, ""],
        [
            "notebook",
            tags.get("mlflow.source.name", ""),
            _SNAPSHOTS.get(tags.get("jupyter_track.snapshot", ""), ""),
        ],
        [
            "git commit",
            tags.get("mlflow.source.git.commit", ""),
            _DIRTY.get(tags.get("jupyter_track.git.dirty", ""), ""),
        ],
        *(["param", key, value, found.get(key, "")] for key, value in sorted(run.data.params.items())),
        *(
            ["metric", metric.key, number(metric.value), found.get(metric.key, "")]
            for metric in run.data.latest_metrics
        ),
        *(["artifact", path, size] for path, size in _files(client, run)),
    ]
    shown = [[*row, ""][:4] for row in rows if row[1]]
    return Table(["", "", "", ""], shown, foot=f"Files: {run.info.artifact_uri}", empty="")


_SNAPSHOTS = {
    "frontend": "snapshot: as you saw it",
    "file": "snapshot: as saved on disk",
    "session": "snapshot: rebuilt from the executed cells",
}
_DIRTY = {"true": "with uncommitted changes", "false": "no uncommitted changes"}


def _when(run: Run) -> str:
    if run.info.end_time is None:
        return f"started {ago(run.info.start_time)}"
    return f"{ago(run.info.end_time)}, took {duration(run.info.end_time - run.info.start_time)}"


def _files(client: TrackClient, run: Run, folder: str = "") -> list[tuple[str, str]]:
    found = []
    for file in client.artifacts(run).list(folder):
        if file.is_dir:
            found += _files(client, run, file.path)
        else:
            found.append((file.path, f"{file.file_size:,} bytes"))
    return found


def models(client: TrackClient) -> Table:
    """List registered models."""
    rows = []
    for model in client.search_registered_models():
        newest = max(model.latest_versions, key=lambda version: version.version, default=None)
        rows.append(
            [
                model.name,
                str(newest.version) if newest else "",
                ", ".join(f"{alias} → {version}" for alias, version in sorted(model.aliases.items())),
                ago(model.last_updated_timestamp),
            ]
        )
    return Table(
        ["model", "newest version", "aliases", "updated"],
        rows,
        empty="No registered models yet: track a cell with --log-model, then %track register NAME.",
    )


def register(client: TrackClient, name: str, reference: str, alias: str) -> Note:
    """Register the model of a run as the next version of a name.

    Raises
    ------
    InvalidParameterValue
        If the run has not ended, or the name or the alias is not allowed.
    ResourceDoesNotExist
        If there is no such run, or it has no model.
    """
    if alias:
        check_alias(alias)  # Before there is a version without it.
    run = client.find_run(reference)
    if run.info.status is RunStatus.RUNNING:
        raise InvalidParameterValue(f"The run {run.info.run_name} has not ended: register its model when it has.")
    version = client.register_model(run, name, user_id=user_name())
    pointed = ""
    if alias:
        client.set_registered_model_alias(name, alias, version.version)
        pointed = f", alias {alias}"
    return Note(f"Registered {name} version {version.version} from run {run.info.run_name}{pointed}.")
