"""The tables: made by migrations, described by the schema, and found through their indexes."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from jupyter_track.entities import Metric, Param, RunTag
from jupyter_track.store import open_store
from jupyter_track.store.sql import candidates, migrate, schema
from jupyter_track.store.sql.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request, postgres, tmp_path):
    """A connection to a database that the migrations have made."""
    with postgres.database() as postgres_uri:
        uri = postgres_uri if request.param == "postgresql" else f"sqlite:///{tmp_path}/track.db"
        open_store(uri).close()
        with closing(Database(uri)) as database, database.read() as connection:
            yield connection


def test_the_schema_in_force_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.SCHEMA]


def test_the_migrations_make_what_the_schema_describes(connection):
    context = MigrationContext.configure(
        connection, opts={"version_table": migrate.VERSION_TABLE, "compare_type": True, "compare_server_default": True}
    )
    assert compare_metadata(context, schema.metadata) == []


def test_primary_keys_are_as_the_schema_describes(connection):
    # Which alembic does not compare.
    inspector = inspect(connection)
    for table in schema.metadata.sorted_tables:
        made = inspector.get_pk_constraint(table.name)["constrained_columns"]
        assert made == [column.name for column in table.primary_key]


def test_named_values_are_clustered_by_their_owner_and_name_in_sqlite(tmp_path):
    open_store(f"sqlite:///{tmp_path}/track.db").close()
    with closing(Database(f"sqlite:///{tmp_path}/track.db")) as database, database.read() as connection:
        made = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    clustered = {name for name, sql in made.items() if "WITHOUT ROWID" in sql}
    assert clustered == {
        "aliases", "counters", "experiment_tags", "input_tags", "latest_metrics", "metric_blocks", "metrics",
        "model_version_tags", "params", "registered_model_tags", "tags",
    }  # fmt: skip


class TestPlans:
    """What SQLite does to answer the searches that are made all day long."""

    @pytest.fixture
    def store(self, tmp_path):
        with closing(open_store(f"sqlite:///{tmp_path}/track.db")) as store:
            for name in "abc":
                experiment_id = store.create_experiment(name)
                for start in range(5):
                    run_id = store.create_run(experiment_id, start_time=start).info.run_id
                    store.log_batch(
                        run_id,
                        [Metric("m", start, 1)],
                        [Param("p", f"{start}"), Param("t", f"{start}x")],
                        [RunTag("t", f"{start}x")],
                    )
            yield store

    def plan(self, store, *arguments, **options):
        """Return the steps of the last query that a search of runs makes over the table of runs."""
        asked = []
        engine = store._database._engine

        def note(connection, cursor, statement, parameters, context, executemany):
            if statement.startswith("SELECT runs."):
                asked.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", note)
        store.search_runs(*arguments, **options)
        event.remove(engine, "before_cursor_execute", note)
        with store._database.read() as connection:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).fetchall()
        return "; ".join(step[3] for step in steps)

    @pytest.mark.parametrize("experiments", [["1"], ["0", "1", "2", "3"]])
    @pytest.mark.parametrize("order", [[], ["attributes.start_time DESC"]])
    def test_the_newest_runs_are_read_from_an_index(self, store, experiments, order):
        index = "ix_runs_experiment_newest" if experiments == ["1"] else "ix_runs_newest"
        first = self.plan(store, experiments, max_results=2, order_by=order)
        assert f"USING INDEX {index}" in first
        assert "TEMP B-TREE FOR ORDER BY" not in first
        token = store.search_runs(experiments, max_results=2, order_by=order).token
        later = self.plan(store, experiments, max_results=2, order_by=order, page_token=token)
        assert f"USING INDEX {index}" in later
        # Not from the beginning of the index, whatever the number of the page.
        assert "start_time<" in later
        assert "TEMP B-TREE FOR ORDER BY" not in later

    @pytest.mark.parametrize(
        ("narrow", "wide", "index"),
        [
            ("metrics.m > 3", "params.p < 4", "COVERING INDEX ix_latest_metrics_value (name_id=? AND value>?)"),
            ("params.p < 1", "metrics.m > 2", "COVERING INDEX ix_params_number (name_id=? AND number"),
            ("params.p = '3'", "metrics.m > 2", "INDEX ix_params_number (name_id=? AND number=?)"),
            ("params.t = '3x'", "metrics.m > 2", "INDEX ix_params_text (name_id=? AND value=?)"),
            ("tags.t IN ('3x', '4x')", "metrics.m > 0", "COVERING INDEX ix_tags_value (name_id=? AND value=?)"),
        ],
    )
    def test_a_search_begins_with_the_index_that_leads_to_the_fewest_runs(self, store, narrow, wide, index):
        for condition in (f"{narrow} AND {wide}", f"{wide} AND {narrow}"):
            plan = self.plan(store, ["0", "1", "2", "3"], condition, order_by=["metrics.m"])
            assert f"LIST SUBQUERY; SEARCH named USING {index}" in re.sub(r"SUBQUERY \d+", "SUBQUERY", plan)
            assert "SEARCH runs USING INTEGER PRIMARY KEY" in plan
            assert "SCAN" not in plan

    @pytest.mark.parametrize("experiments", [["1"], ["0", "1", "2", "3"]])
    @pytest.mark.parametrize("direction", ["ASC", "DESC"])
    def test_many_runs_in_the_order_of_a_metric_are_read_in_the_order_of_its_index(
        self, store, monkeypatch, experiments, direction
    ):
        monkeypatch.setattr(candidates, "FEW", 2)
        search = {"filter_string": "params.t != 'x'", "order_by": [f"metrics.m {direction}"], "max_results": 2}
        plan = self.plan(store, experiments, **search)
        assert plan.startswith("SEARCH first USING COVERING INDEX ix_latest_metrics_value (name_id=?)")
        assert "RIGHT PART OF ORDER BY" in plan
        token = store.search_runs(experiments, **search).token
        later = self.plan(store, experiments, **search, page_token=token)
        assert "ix_latest_metrics_value (name_id=? AND value" in later

    def test_a_run_is_found_by_its_name_through_an_index(self, store):
        assert "ix_runs_name (run_name=?)" in self.plan(store, ["0", "1", "2", "3"], "run_name = 'x'")
