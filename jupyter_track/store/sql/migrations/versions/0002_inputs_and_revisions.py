"""What runs have read, by which revision a changed run is found, and since when what is deleted has been so."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and the columns."""
    op.add_column("runs", sa.Column("revision", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_runs_revision", "runs", ["revision"])
    is_text, is_short = sa.text("number IS NULL AND length(value) <= 250"), sa.text("length(value) <= 250")
    columns = ["name_id", "value", "run_key"]
    op.create_index("ix_params_text", "params", columns, sqlite_where=is_text, postgresql_where=is_text)
    op.create_index("ix_tags_value", "tags", columns, sqlite_where=is_short, postgresql_where=is_short)
    op.add_column("runs", sa.Column("deleted_time", sa.BigInteger()))
    op.add_column("experiments", sa.Column("deleted_time", sa.BigInteger()))
    op.create_table(
        "metric_blocks",
        sa.Column("run_key", _KEY, nullable=False),
        sa.Column("name_id", _KEY, nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("least", sa.Double()),
        sa.Column("least_step", sa.BigInteger()),
        sa.Column("least_timestamp", sa.BigInteger()),
        sa.Column("greatest", sa.Double()),
        sa.Column("greatest_step", sa.BigInteger()),
        sa.Column("greatest_timestamp", sa.BigInteger()),
        sa.Column("nan_step", sa.BigInteger()),
        sa.Column("nan_timestamp", sa.BigInteger()),
        sa.PrimaryKeyConstraint("run_key", "name_id", "block", name="pk_metric_blocks"),
        sa.ForeignKeyConstraint(["run_key"], ["runs.run_key"], name="fk_metric_blocks_runs", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    _fill_metric_blocks()
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(counters, [{"name": "erasures", "value": 0}])
    op.create_table(
        "datasets",
        sa.Column("dataset_id", _KEY, nullable=False),
        sa.Column("experiment_id", _KEY, nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(36), nullable=False),
        sa.Column("source_type", sa.String(36), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text()),
        sa.Column("profile", sa.Text()),
        sa.PrimaryKeyConstraint("dataset_id", name="pk_datasets"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.experiment_id"], name="fk_datasets_experiments", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("experiment_id", "name", "digest", name="uq_datasets_name"),
    )
    op.create_table(
        "inputs",
        sa.Column("input_key", _KEY, nullable=False),
        sa.Column("run_key", _KEY, nullable=False),
        sa.Column("dataset_id", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("input_key", name="pk_inputs"),
        sa.ForeignKeyConstraint(["run_key"], ["runs.run_key"], name="fk_inputs_runs", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.dataset_id"], name="fk_inputs_datasets"),
        sa.UniqueConstraint("run_key", "dataset_id", name="uq_inputs_dataset"),
    )
    op.create_index("ix_inputs_dataset", "inputs", ["dataset_id"])
    op.create_table(
        "input_tags",
        sa.Column("input_key", _KEY, nullable=False),
        sa.Column("name_id", _KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("input_key", "name_id", name="pk_input_tags"),
        sa.ForeignKeyConstraint(["input_key"], ["inputs.input_key"], name="fk_input_tags_inputs", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["name_id"], ["names.name_id"], name="fk_input_tags_names"),
        sqlite_with_rowid=False,
    )


def _fill_metric_blocks() -> None:
    """Keep what the blocks of the histories hold that are there already."""
    points = sa.table(
        "metrics",
        *map(sa.column, ("run_key", "name_id", "step", "timestamp", "value")),
        sa.column("is_nan", sa.Boolean()),
    )
    is_nan = sa.cast(points.c.is_nan, sa.Integer)
    number = sa.case((is_nan == 0, points.c.value))
    block = points.c.step.op(">>")(11)
    blocks = (
        sa.select(
            points.c.run_key,
            points.c.name_id,
            block.label("block"),
            sa.func.min(number).label("least"),
            sa.func.max(number).label("greatest"),
            sa.func.max(is_nan).label("nans"),
        )
        .where(block != 0)
        .group_by(points.c.run_key, points.c.name_id, block)
        .subquery()
        .c
    )
    inside = points.alias().c
    of_the_block = (
        sa.select(inside.step, inside.timestamp)
        .where(
            inside.run_key == blocks.run_key,
            inside.name_id == blocks.name_id,
            inside.step.between(blocks.block * 2048, blocks.block * 2048 + 2047),
        )
        .order_by(inside.step, inside.timestamp)
        .limit(1)
        .correlate(blocks.block.table)
    )

    def place(*where: sa.ColumnElement[bool]) -> list[sa.ScalarSelect[int]]:
        found = of_the_block.where(*where)
        return [found.with_only_columns(column).scalar_subquery() for column in (inside.step, inside.timestamp)]

    query = sa.select(
        blocks.run_key,
        blocks.name_id,
        blocks.block,
        blocks.least,
        *place(sa.not_(inside.is_nan), inside.value == blocks.least),
        blocks.greatest,
        *place(sa.not_(inside.is_nan), inside.value == blocks.greatest),
        *place(inside.is_nan, blocks.nans == 1),
    )
    places = ("least", "least_step", "least_timestamp", "greatest", "greatest_step", "greatest_timestamp")
    names = ("run_key", "name_id", "block", *places, "nan_step", "nan_timestamp")
    op.execute(sa.insert(sa.table("metric_blocks", *map(sa.column, names))).from_select(names, query))
