"""What is kept of long histories, so that their curves are drawn quickly."""

import math
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from jupyter_track.entities import Metric
from jupyter_track.store import open_store
from jupyter_track.store.sql import migrate, schema
from jupyter_track.store.sql.blocks import STEPS_OF_A_BLOCK, buckets_of_blocks
from jupyter_track.store.sql.database import Database

RUN_ID = "f" * 32
NAN, INF = math.nan, math.inf

POINTS = [
    *(Metric("m", step % 7 - 3.0, 9, step) for step in range(-3_000, 7_000, 13)),
    # The greatest of their block more than once, and once more at a step.
    *(Metric("m", 4.0, timestamp, step) for step in (4_200, 4_150) for timestamp in (3, 2)),
    *(Metric("m", NAN, timestamp, step) for step in (2_049, 2_048) for timestamp in (3, 1, 2)),
    Metric("m", NAN, 1, 2**40),
    Metric("m", -INF, 1, 2**41),
    Metric("m", INF, 1, 2**41),
    Metric("m", 1.0, 1, -(2**63)),
    Metric("m", 2.0, 1, 2**63 - 1),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def uri(request, tmp_path, postgres):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/track.db"
    else:
        with postgres.database() as uri:
            yield uri


def kept(uri):
    """Return what is kept of each block, by its number."""
    with closing(Database(uri)) as database, database.read() as connection:
        rows = connection.execute(select(schema.metric_blocks)).all()
    return {
        row.block: (
            (row.least, row.least_step, row.least_timestamp),
            (row.greatest, row.greatest_step, row.greatest_timestamp),
            (row.nan_step, row.nan_timestamp),
        )
        for row in rows
    }


def expected():
    """Of equals, the first by step and timestamp."""
    blocks = {}
    for point in sorted(POINTS, key=lambda point: (point.step, point.timestamp)):
        blocks.setdefault(point.step // STEPS_OF_A_BLOCK, []).append(point)
    del blocks[0]
    return {block: what_is_kept(points) for block, points in blocks.items()}


def what_is_kept(points):
    numbers = [(point.value, point.step, point.timestamp) for point in points if not math.isnan(point.value)]
    none = [(None, None, None)]
    return (
        min(numbers or none, key=lambda kept: kept[0]),
        max(numbers or none, key=lambda kept: kept[0]),
        next(((point.step, point.timestamp) for point in points if math.isnan(point.value)), (None, None)),
    )


def test_what_blocks_hold_is_kept_while_points_are_logged_in_any_order_and_again(uri):
    with closing(open_store(uri)) as store:
        store.create_run("0", run_id=RUN_ID)
        for some in (POINTS[700:], POINTS[:700], POINTS[300:900], POINTS[::-7]):
            store.log_batch(RUN_ID, some)
    assert kept(uri) == expected()


def test_nothing_is_kept_of_histories_that_stay_in_the_first_block(uri):
    with closing(open_store(uri)) as store:
        store.create_run("0", run_id=RUN_ID)
        store.log_batch(RUN_ID, [Metric(f"m{step % 9}", 1.0, 1, step) for step in range(0, STEPS_OF_A_BLOCK, 3)])
    assert kept(uri) == {}


def test_an_upgrade_keeps_what_the_blocks_of_old_histories_hold(uri):
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with closing(Database(uri)) as database, database.write() as connection:
        config.attributes.update(connection=connection, version_table=migrate.VERSION_TABLE)
        command.upgrade(config, "0001")
        old = {"lifecycle_stage": "active", "artifact_location": "/a", "creation_time": 1, "last_update_time": 1}
        connection.execute(insert(schema.experiments).values(experiment_id=0, name="Default", **old))
        connection.execute(insert(schema.names).values(name_id=1, name="m"))
        connection.exec_driver_sql(
            "INSERT INTO runs (run_key, run_id, experiment_id, run_name, user_id, status, lifecycle_stage, start_time, "
            f"artifact_uri) VALUES (1, '{RUN_ID}', 0, 'old', '', 'RUNNING', 'active', 1, '/a')"
        )
        rows = [
            {
                "run_key": 1,
                "name_id": 1,
                "step": point.step,
                "timestamp": point.timestamp,
                "value": 0.0 if math.isnan(point.value) else point.value,
                "is_nan": math.isnan(point.value),
            }
            for point in POINTS
        ]
        connection.execute(insert(schema.metrics), rows)
    with closing(open_store(uri)) as store:
        assert len(store.get_metric_history(RUN_ID, "m")) == len(POINTS)
    assert kept(uri) == expected()


def test_of_each_bucket_a_curve_has_the_ends_the_peaks_and_a_nan_and_of_equals_the_first(uri):
    def value(step, timestamp):
        block = step // STEPS_OF_A_BLOCK
        if block in (5, 6) or (block > 15 and step % 5 == 2):
            return NAN
        return (-INF, 1.0, INF)[step % 3] if block > 10 else (step * timestamp) % 11 - 5.0

    begin, end = STEPS_OF_A_BLOCK, 21 * STEPS_OF_A_BLOCK
    steps = [*range(begin, end, 41), end - 1]
    points = [Metric("m", value(step, timestamp), timestamp, step) for step in steps for timestamp in (3, 5, 8)]
    with closing(open_store(uri)) as store:
        store.create_run("0", run_id=RUN_ID)
        for some in (points[1::2], points[::2][::-1], points[::3]):
            for start in range(0, len(some), 1_000):
                store.log_batch(RUN_ID, some[start : start + 1_000])
        drawn = store.get_metric_history_bulk_interval([RUN_ID], "m", max_results=80)[RUN_ID]
    expected = set()
    for first in range(begin, end, 2 * STEPS_OF_A_BLOCK):
        bucket = [point for point in points if first <= point.step < first + 2 * STEPS_OF_A_BLOCK]
        numbers = [point for point in bucket if not math.isnan(point.value)]
        kept = [bucket[0], bucket[-1], *(point for point in bucket if math.isnan(point.value))][:3]
        if numbers:
            kept += [min(numbers, key=lambda point: point.value), max(numbers, key=lambda point: point.value)]
        expected.update((point.step, point.timestamp) for point in kept)
    assert [(point.step, point.timestamp) for point in drawn] == sorted(expected)
    values = {(point.step, point.timestamp): point.value for point in points}
    assert [repr(point.value) for point in drawn] == [repr(values[place]) for place in sorted(expected)]


@pytest.mark.parametrize(
    ("first", "last", "size", "alone", "buckets"),
    [
        (1, 7, 3, set(), [(1, 3), (4, 6), (7, 7)]),
        (-2, 6, 3, {0, 6}, [(-2, -1), (0, 0), (1, 3), (4, 5), (6, 6)]),
        (5, 5, 9, {0, 5}, [(5, 5)]),
        (0, 2, 9, {0, 1, 2}, [(0, 0), (1, 1), (2, 2)]),
    ],
)
def test_buckets_of_blocks_leave_no_gap(first, last, size, alone, buckets):
    assert list(buckets_of_blocks(first, last, size, alone)) == buckets
