"""The tables.

Everything that many rows refer to has an integer key, and every name that a person gives to a metric, param
or tag is kept once, in ``names``: rows are short, and so are the indexes, which hold whatever a search
compares. Points of metrics lie in the order of run, name and step, so a curve is one stretch of the table.

SQLite has no NaN, so a metric's NaN is kept as 0 with ``is_nan`` set, in every database alike.

The tables are made by the migrations, never from here; that both agree is checked by a test.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "MAX_INDEXED",
    "aliases",
    "counters",
    "datasets",
    "experiment_tags",
    "experiments",
    "input_tags",
    "inputs",
    "latest_metrics",
    "metadata",
    "metric_blocks",
    "metrics",
    "model_version_tags",
    "model_versions",
    "names",
    "params",
    "registered_model_tags",
    "registered_models",
    "runs",
    "tags",
]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite's row id, which costs nothing, is an INTEGER; elsewhere 64 bits must be asked for.
_Key = BigInteger().with_variant(Integer(), "sqlite")

#: Names of metrics, params and tags.
names = Table(
    "names",
    metadata,
    Column("name_id", _Key, primary_key=True),
    Column("name", String(250), nullable=False, unique=True),
)

experiments = Table(
    "experiments",
    metadata,
    Column("experiment_id", _Key, primary_key=True),
    Column("name", String(500), nullable=False, unique=True),
    Column("artifact_location", Text, nullable=False),
    Column("lifecycle_stage", String(7), nullable=False),
    Column("creation_time", BigInteger, nullable=False),
    Column("last_update_time", BigInteger, nullable=False),
    # Since when it has been in the bin.
    Column("deleted_time", BigInteger),
    # An id is never given again, even if the newest experiment is erased.
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    Column("run_key", _Key, primary_key=True),
    Column("run_id", String(32), nullable=False, unique=True),
    Column("experiment_id", ForeignKey("experiments.experiment_id"), nullable=False),
    Column("run_name", String(250), nullable=False),
    Column("user_id", String(256), nullable=False),
    Column("status", String(9), nullable=False),
    Column("lifecycle_stage", String(7), nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("artifact_uri", Text, nullable=False),
    # Grows with every transaction that writes to the run: what has changed since is found by it.
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Column("deleted_time", BigInteger),
    sqlite_autoincrement=True,
)
Index("ix_runs_revision", runs.c.revision)
# The newest runs first, of some experiments or of all: what is asked all day long.
Index("ix_runs_experiment_newest", runs.c.experiment_id, runs.c.start_time.desc(), runs.c.run_id)
Index("ix_runs_newest", runs.c.start_time.desc(), runs.c.run_id)
Index("ix_runs_name", runs.c.run_name)

params = Table(
    "params",
    metadata,
    Column("run_key", ForeignKey("runs.run_key", ondelete="CASCADE"), primary_key=True),
    Column("name_id", ForeignKey("names.name_id"), primary_key=True),
    Column("value", Text, nullable=False),
    # The value as a number, where it is one: what `params.lr < 0.01` compares.
    Column("number", Double),
    sqlite_with_rowid=False,
)
Index("ix_params_number", params.c.name_id, params.c.number, params.c.run_key)
#: Characters of a text that an index still holds: PostgreSQL's take no value longer than some 2,700 bytes.
MAX_INDEXED = 250
_IS_TEXT = text(f"number IS NULL AND length(value) <= {MAX_INDEXED}")
Index(
    "ix_params_text",
    params.c.name_id,
    params.c.value,
    params.c.run_key,
    sqlite_where=_IS_TEXT,
    postgresql_where=_IS_TEXT,
)

metrics = Table(
    "metrics",
    metadata,
    Column("run_key", ForeignKey("runs.run_key", ondelete="CASCADE"), primary_key=True),
    # No foreign key: names are never removed, and looking each up would cost a fifth of a large batch.
    Column("name_id", _Key, primary_key=True, autoincrement=False),
    Column("step", BigInteger, primary_key=True),
    Column("timestamp", BigInteger, primary_key=True),
    Column("value", Double, primary_key=True),
    Column("is_nan", Boolean, primary_key=True),
    sqlite_with_rowid=False,
)

#: Of each 2,048 steps of a metric, but the first from step 0 on: the least and the greatest point, which are NULL
#: if all are NaN, and where a NaN is, if there is one. See `blocks`.
metric_blocks = Table(
    "metric_blocks",
    metadata,
    Column("run_key", ForeignKey("runs.run_key", ondelete="CASCADE"), primary_key=True),
    Column("name_id", _Key, primary_key=True, autoincrement=False),
    Column("block", BigInteger, primary_key=True),
    Column("least", Double),
    Column("least_step", BigInteger),
    Column("least_timestamp", BigInteger),
    Column("greatest", Double),
    Column("greatest_step", BigInteger),
    Column("greatest_timestamp", BigInteger),
    Column("nan_step", BigInteger),
    Column("nan_timestamp", BigInteger),
    sqlite_with_rowid=False,
)

#: Counters of the database; ``erasures`` counts how often runs have been erased.
counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

#: The latest point of each metric of a run: the greatest by step, timestamp and value.
latest_metrics = Table(
    "latest_metrics",
    metadata,
    Column("run_key", ForeignKey("runs.run_key", ondelete="CASCADE"), primary_key=True),
    Column("name_id", ForeignKey("names.name_id"), primary_key=True),
    Column("step", BigInteger, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("value", Double, nullable=False),
    Column("is_nan", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "ix_latest_metrics_value",
    latest_metrics.c.name_id,
    latest_metrics.c.value,
    latest_metrics.c.is_nan,
    latest_metrics.c.run_key,
)


def _tag_table(name: str, owner: str, key: str) -> Table:
    return Table(
        name,
        metadata,
        Column(key, ForeignKey(f"{owner}.{key}", ondelete="CASCADE"), primary_key=True),
        Column("name_id", ForeignKey("names.name_id"), primary_key=True),
        Column("value", Text, nullable=False),
        sqlite_with_rowid=False,
    )


tags = _tag_table("tags", "runs", "run_key")
_IS_SHORT = text(f"length(value) <= {MAX_INDEXED}")
Index(
    "ix_tags_value",
    tags.c.name_id,
    tags.c.value,
    tags.c.run_key,
    sqlite_where=_IS_SHORT,
    postgresql_where=_IS_SHORT,
)
experiment_tags = _tag_table("experiment_tags", "experiments", "experiment_id")

#: Data that runs have read, each once for an experiment.
datasets = Table(
    "datasets",
    metadata,
    Column("dataset_id", _Key, primary_key=True),
    Column("experiment_id", ForeignKey("experiments.experiment_id", ondelete="CASCADE"), nullable=False),
    Column("name", String(500), nullable=False),
    Column("digest", String(36), nullable=False),
    Column("source_type", String(36), nullable=False),
    Column("source", Text, nullable=False),
    Column("schema", Text),
    Column("profile", Text),
    UniqueConstraint("experiment_id", "name", "digest", name="uq_datasets_name"),
)

#: Which run has read which data.
inputs = Table(
    "inputs",
    metadata,
    Column("input_key", _Key, primary_key=True),
    Column("run_key", ForeignKey("runs.run_key", ondelete="CASCADE"), nullable=False),
    Column("dataset_id", ForeignKey("datasets.dataset_id"), nullable=False),
    UniqueConstraint("run_key", "dataset_id", name="uq_inputs_dataset"),
)
Index("ix_inputs_dataset", inputs.c.dataset_id)
input_tags = _tag_table("input_tags", "inputs", "input_key")

registered_models = Table(
    "registered_models",
    metadata,
    Column("model_id", _Key, primary_key=True),
    Column("name", String(256), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    # The version given last: counting those that are there would give a number again after a deletion.
    Column("last_version", Integer, nullable=False),
    sqlite_autoincrement=True,
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("version_key", _Key, primary_key=True),
    Column("model_id", ForeignKey("registered_models.model_id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("creation_timestamp", BigInteger, nullable=False),
    Column("last_updated_timestamp", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("user_id", String(256), nullable=False),
    Column("current_stage", String(20), nullable=False),
    Column("source", Text, nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("run_link", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("status_message", Text, nullable=False),
    UniqueConstraint("model_id", "version", name="uq_model_versions_version"),
    sqlite_autoincrement=True,
)
Index("ix_model_versions_run_id", model_versions.c.run_id)

registered_model_tags = _tag_table("registered_model_tags", "registered_models", "model_id")
model_version_tags = _tag_table("model_version_tags", "model_versions", "version_key")

aliases = Table(
    "aliases",
    metadata,
    Column("model_id", ForeignKey("registered_models.model_id", ondelete="CASCADE"), primary_key=True),
    Column("alias", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(
        ["model_id", "version"],
        ["model_versions.model_id", "model_versions.version"],
        name="fk_aliases_model_versions",
        ondelete="CASCADE",
    ),
    sqlite_with_rowid=False,
)
