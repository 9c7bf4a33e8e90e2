"""The first schema: experiments, runs and what is logged to them, registered models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "names",
        sa.Column("name_id", _KEY, nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.PrimaryKeyConstraint("name_id", name="pk_names"),
        sa.UniqueConstraint("name", name="uq_names_name"),
    )
    op.create_table(
        "experiments",
        sa.Column("experiment_id", _KEY, primary_key=True),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("artifact_location", sa.Text(), nullable=False),
        sa.Column("lifecycle_stage", sa.String(7), nullable=False),
        sa.Column("creation_time", sa.BigInteger(), nullable=False),
        sa.Column("last_update_time", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "runs",
        sa.Column("run_key", _KEY, primary_key=True),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("experiment_id", _KEY, nullable=False),
        sa.Column("run_name", sa.String(250), nullable=False),
        sa.Column("user_id", sa.String(256), nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("lifecycle_stage", sa.String(7), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger()),
        sa.Column("artifact_uri", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiments.experiment_id"], name="fk_runs_experiments"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_experiment_newest", "runs", ["experiment_id", sa.text("start_time DESC"), "run_id"])
    op.create_index("ix_runs_newest", "runs", [sa.text("start_time DESC"), "run_id"])
    op.create_index("ix_runs_name", "runs", ["run_name"])
    op.create_table(
        "params",
        *_owned("params", "runs", "run_key"),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Double()),
        sa.PrimaryKeyConstraint("run_key", "name_id", name="pk_params"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_params_number", "params", ["name_id", "number", "run_key"])
    op.create_table(
        "metrics",
        sa.Column("run_key", _KEY, nullable=False),
        sa.Column("name_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["run_key"], ["runs.run_key"], name="fk_metrics_runs", ondelete="CASCADE"),
        *_point(),
        sa.PrimaryKeyConstraint("run_key", "name_id", "step", "timestamp", "value", "is_nan", name="pk_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latest_metrics",
        *_owned("latest_metrics", "runs", "run_key"),
        *_point(),
        sa.PrimaryKeyConstraint("run_key", "name_id", name="pk_latest_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_latest_metrics_value", "latest_metrics", ["name_id", "value", "is_nan", "run_key"])
    _create_tags("tags", "runs", "run_key")
    _create_tags("experiment_tags", "experiments", "experiment_id")
    op.create_table(
        "registered_models",
        sa.Column("model_id", _KEY, primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("name", name="uq_registered_models_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "model_versions",
        sa.Column("version_key", _KEY, primary_key=True),
        sa.Column("model_id", _KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("creation_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("last_updated_timestamp", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(256), nullable=False),
        sa.Column("current_stage", sa.String(20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("run_link", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("status_message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.model_id"],
            name="fk_model_versions_registered_models",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("model_id", "version", name="uq_model_versions_version"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_model_versions_run_id", "model_versions", ["run_id"])
    _create_tags("registered_model_tags", "registered_models", "model_id")
    _create_tags("model_version_tags", "model_versions", "version_key")
    op.create_table(
        "aliases",
        sa.Column("model_id", _KEY, nullable=False),
        sa.Column("alias", sa.String(255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["registered_models.model_id"],
            name="fk_aliases_registered_models",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_id", "version"],
            ["model_versions.model_id", "model_versions.version"],
            name="fk_aliases_model_versions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "alias", name="pk_aliases"),
        sqlite_with_rowid=False,
    )


def _owned(table: str, owner: str, key: str) -> list[SchemaItem]:
    """Return the columns that say whose a value is and what it is called."""
    return [
        sa.Column(key, _KEY, nullable=False),
        sa.Column("name_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint([key], [f"{owner}.{key}"], name=f"fk_{table}_{owner}", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["name_id"], ["names.name_id"], name=f"fk_{table}_names"),
    ]


def _point() -> list[SchemaItem]:
    return [
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
    ]


def _create_tags(table: str, owner: str, key: str) -> None:
    op.create_table(
        table,
        *_owned(table, owner, key),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(key, "name_id", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
