"""What runs have read, in a database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from ...entities import Dataset, DatasetInput, InputTag, RunInputs
from ..base import TrackingStore
from ..checks import check_inputs
from . import schema
from .database import Database
from .lookup import active_run_row
from .revisions import touch
from .values import Names, chunks, read_named, set_tags

__all__ = ["SqlInputs", "read_inputs"]

_datasets = schema.datasets.c
_inputs = schema.inputs.c


class SqlInputs(TrackingStore):
    """The part of `SqlTrackingStore` that logs what runs have read."""

    _database: Database
    _names: Names

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] = ()) -> None:  # noqa: D102
        check_inputs(datasets)
        names = {tag.key for each in datasets for tag in each.tags}
        with self._names.writing(names) as (connection, ids):
            run = active_run_row(connection, run_id)
            kept = self._keep(connection, run.experiment_id, [each.dataset for each in datasets])
            for each in datasets:
                input_key = connection.execute(
                    self._database.insert(schema.inputs)
                    .values(run_key=run.run_key, dataset_id=kept[each.dataset.name, each.dataset.digest])
                    .on_conflict_do_nothing()
                    .returning(_inputs.input_key)
                ).scalar()
                if input_key is not None:
                    given = {tag.key: tag.value for tag in each.tags}
                    set_tags(connection, self._database, schema.input_tags, input_key, given, ids)
            touch(connection, run.run_key)

    def _keep(
        self, connection: Connection, experiment_id: int, datasets: Sequence[Dataset]
    ) -> dict[tuple[str, str], int]:
        """Keep the datasets that are not there yet; return the keys of all by name and digest."""
        kept: dict[tuple[str, str], int] = {}
        # Sorted, so that two processes which write the same new datasets never wait for each other.
        for dataset in sorted(datasets, key=lambda dataset: (dataset.name, dataset.digest)):
            insert = self._database.insert(schema.datasets).values(experiment_id=experiment_id, **dict(dataset))
            # What is there stays as it is, but is written, so that nobody erases it before the input refers to it.
            kept[dataset.name, dataset.digest] = connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["experiment_id", "name", "digest"], set_={"name": insert.excluded.name}
                ).returning(_datasets.dataset_id)
            ).scalar_one()
        return kept


def read_inputs(connection: Connection, run_keys: Sequence[int]) -> dict[int, RunInputs]:
    """Return what runs have read, in the order in which it was logged, by the keys of those that have read any."""
    rows = [
        row
        for some in chunks(run_keys)
        for row in connection.execute(
            select(_inputs.run_key, _inputs.input_key, _inputs.dataset_id)
            .where(_inputs.run_key.in_(some))
            .order_by(_inputs.input_key)
        )
    ]
    datasets = {
        row.dataset_id: Dataset(row.name, row.digest, row.source_type, row.source, row.schema, row.profile)
        for some in chunks({row.dataset_id for row in rows})
        for row in connection.execute(select(schema.datasets).where(_datasets.dataset_id.in_(some)))
    }
    tags = read_named(connection, schema.input_tags, [row.input_key for row in rows])
    found: dict[int, list[DatasetInput]] = {}
    for row in rows:
        given = tuple(InputTag(tag.name, tag.value) for tag in tags[row.input_key])
        found.setdefault(row.run_key, []).append(DatasetInput(datasets[row.dataset_id], given))
    return {run_key: RunInputs(tuple(inputs)) for run_key, inputs in found.items()}
