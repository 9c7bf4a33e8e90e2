"""Erasing deleted runs and experiments from a database, a little at a time, so that no kernel waits for long."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, literal, or_, select, tuple_, update

from ..entities import LifecycleStage
from ..store.sql import schema
from ..store.sql.database import Database
from ..store.sql.revisions import new_revision
from ..store.sql.values import chunks

__all__ = ["deleted_experiments", "deleted_runs", "erase_datasets", "erase_experiment", "erase_runs"]

#: Runs that are looked at together.
RUNS_AT_ONCE = 200
#: Points of metrics that one transaction erases: a tenth of a second's work or so.
POINTS_AT_ONCE = 50_000

_DELETED = LifecycleStage.DELETED.value

_runs = schema.runs.c
_experiments = schema.experiments.c
_points = schema.metrics.c


def deleted_runs(
    database: Database, before: int, run_ids: Collection[str] | None, experiment_ids: Collection[int] | None
) -> Iterator[list[Row[Any]]]:
    """Yield the runs in the bin, some at a time.

    Parameters
    ----------
    database : Database
    before : int
        Only runs that had been deleted at that moment, in milliseconds since the epoch, UTC.
    run_ids : collection of str or None
        Only these runs, and those of the experiments; if both are None, all.
    experiment_ids : collection of int or None
        Only runs of these experiments, and the runs named.

    Yields
    ------
    list of Row
        ``run_key``, ``run_id``, ``run_name``, ``experiment_id``, ``artifact_uri``, and ``points``: how many points
        of metrics there are to erase.
    """
    points = select(func.count()).where(_points.run_key == _runs.run_key).scalar_subquery()
    query = (
        select(
            _runs.run_key, _runs.run_id, _runs.run_name, _runs.experiment_id, _runs.artifact_uri, points.label("points")
        )
        .where(_runs.lifecycle_stage == _DELETED, func.coalesce(_runs.deleted_time, 0) <= before)
        .order_by(_runs.run_key)
        .limit(RUNS_AT_ONCE)
    )
    if run_ids is not None or experiment_ids is not None:
        query = query.where(or_(_runs.run_id.in_(run_ids or ()), _runs.experiment_id.in_(experiment_ids or ())))
    last = -1
    while True:
        with database.read() as connection:
            found: list[Row[Any]] = [*connection.execute(query.where(_runs.run_key > last))]
        if not found:
            return
        yield found
        last = found[-1].run_key


def erase_runs(database: Database, runs: Sequence[Row[Any]], although_registered: bool) -> list[str]:
    """Erase runs of `deleted_runs` with all that was logged to them, and return the ids of those erased.

    A run is left alone if it has been restored meanwhile, or a model version made from it (unless
    `although_registered`).
    """
    erased: list[str] = []
    small = [run for run in runs if run.points <= POINTS_AT_ONCE]
    for some in _batches(small):
        with database.write() as connection:
            erased += _erase(connection, [run.run_key for run in some], although_registered)
    for run in runs:
        if run.points > POINTS_AT_ONCE:
            erased += _erase_large(database, run, although_registered)
    return erased


def _batches(runs: Sequence[Row[Any]]) -> Iterator[list[Row[Any]]]:
    batch: list[Row[Any]] = []
    points = 0
    for run in runs:
        if batch and points + run.points > POINTS_AT_ONCE:
            yield batch
            batch, points = [], 0
        batch.append(run)
        points += run.points
    if batch:
        yield batch


def _erase(connection: Connection, run_keys: Sequence[int], although_registered: bool) -> list[str]:
    where = _still_erasable(run_keys, although_registered)
    erased = list(connection.execute(delete(schema.runs).where(*where).returning(_runs.run_id)).scalars())
    if erased:
        _count_erasure(connection)
    return erased


def _still_erasable(run_keys: Sequence[int], although_registered: bool) -> list[Any]:
    where = [_runs.run_key.in_(run_keys), _runs.lifecycle_stage == _DELETED]
    if not although_registered:
        where.append(~exists().where(schema.model_versions.c.run_id == _runs.run_id))
    return where


def _count_erasure(connection: Connection) -> None:
    """Let whoever remembers runs know that some are gone."""
    counters = schema.counters
    connection.execute(update(counters).where(counters.c.name == "erasures").values(value=counters.c.value + 1))


def _erase_large(database: Database, run: Row[Any], although_registered: bool) -> list[str]:
    """Erase a run whose points are too many for one transaction.

    It first loses its id, so that nobody can restore it while it is no longer whole. If this process dies in the
    middle, the rest is a deleted run like any other.
    """
    unknown = uuid.uuid4().hex
    with database.write() as connection:
        renamed = connection.execute(
            update(schema.runs)
            .where(*_still_erasable([run.run_key], although_registered))
            .values(
                run_id=unknown,
                artifact_uri=func.replace(_runs.artifact_uri, _runs.run_id, unknown),
                revision=new_revision(connection.dialect.name),
            )
        )
        if not renamed.rowcount:
            return []
        _count_erasure(connection)
    point = (_points.name_id, _points.step, _points.timestamp, _points.value, _points.is_nan)
    mine = _points.run_key == run.run_key
    while True:
        with database.write() as connection:
            end = connection.execute(
                select(*point).where(mine).order_by(*point).offset(POINTS_AT_ONCE).limit(1)
            ).first()
            if end is None:
                _erase(connection, [run.run_key], although_registered=True)
                return [run.run_id]
            limit = tuple_(*(literal(value, column.type) for value, column in zip(end, point, strict=True)))
            connection.execute(delete(schema.metrics).where(mine, tuple_(*point) < limit))


def erase_datasets(database: Database) -> int:
    """Erase the data that no run has read any more, and return how many there were."""
    datasets, inputs = schema.datasets.c, schema.inputs.c
    unread = ~exists().where(inputs.dataset_id == datasets.dataset_id)
    with database.read() as connection:
        keys = list(connection.execute(select(datasets.dataset_id).where(unread)).scalars())
    count = 0
    for some in chunks(keys):
        with database.write() as connection:
            # Held first, and looked at again: a run may just be reading one of them.
            held = select(datasets.dataset_id).where(datasets.dataset_id.in_(some)).with_for_update()
            connection.execute(held).all()
            count += connection.execute(delete(schema.datasets).where(datasets.dataset_id.in_(some), unread)).rowcount
    return count


def deleted_experiments(database: Database, before: int, experiment_ids: Collection[int] | None) -> list[Row[Any]]:
    """Return the experiments in the bin: ``experiment_id``, ``name``, and how many ``runs`` they still have."""
    count = select(func.count()).where(_runs.experiment_id == _experiments.experiment_id).scalar_subquery()
    query = (
        select(_experiments.experiment_id, _experiments.name, count.label("runs"))
        .where(_experiments.lifecycle_stage == _DELETED, func.coalesce(_experiments.deleted_time, 0) <= before)
        .order_by(_experiments.experiment_id)
    )
    if experiment_ids is not None:
        query = query.where(_experiments.experiment_id.in_(experiment_ids))
    with database.read() as connection:
        return list(connection.execute(query))


def erase_experiment(database: Database, experiment_id: int) -> bool:
    """Erase a deleted experiment without runs; return whether it is gone."""
    with database.write() as connection:
        erased = connection.execute(
            delete(schema.experiments).where(
                _experiments.experiment_id == experiment_id,
                _experiments.lifecycle_stage == _DELETED,
                ~exists().where(_runs.experiment_id == _experiments.experiment_id),
            )
        )
        return bool(erased.rowcount)
