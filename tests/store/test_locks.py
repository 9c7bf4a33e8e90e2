"""Many processes on one file: whoever has to wait waits, and nobody is told that the database is locked."""

from contextlib import closing
from multiprocessing import get_context

from jupyter_track.entities import Metric, Param
from jupyter_track.store import open_store

from .processes import SECONDS, in_processes

RUN_ID = "0123456789abcdef" * 2
WRITERS = 8
COUNT = 500


def write(uri, writer):
    """Log one batch after the other to a run that others write to as well."""
    with closing(open_store(uri)) as store:
        for step in range(COUNT):
            batch = [Metric("shared", step, writer, step), Metric(f"of-{writer}", step, step, step)]
            store.log_batch(RUN_ID, batch, [Param(f"p-{writer}-{step % 10}", "1")])


def come_and_go(uri, writer):
    """Open the file for each batch: the last to close it removes its log, whoever opens it next makes one."""
    for step in range(20):
        with closing(open_store(uri)) as store:
            store.log_batch(RUN_ID, [Metric(f"of-{writer}", step, step, step)])
            assert store.get_run(RUN_ID).data.metrics[f"of-{writer}"] == step


def keep_reading(uri, reading, ended, answers):
    """Keep one read transaction open while others write, and see the same moment at its end."""
    with closing(open_store(uri)) as store, store._database.read() as connection:
        query = "SELECT count(*) FROM metrics"
        before = connection.exec_driver_sql(query).scalar_one()
        reading.set()
        assert ended.wait(SECONDS)
        answers.put((before, connection.exec_driver_sql(query).scalar_one()))


def test_eight_processes_log_while_a_reader_keeps_its_transaction_open(sqlite_uri):
    with closing(open_store(sqlite_uri)) as store:
        store.create_run("0", run_id=RUN_ID)
        store.log_batch(RUN_ID, [Metric("first", 1.0, 1)])
        context = get_context("spawn")
        reading, ended, answers = context.Event(), context.Event(), context.Queue()
        reader = context.Process(target=keep_reading, args=(sqlite_uri, reading, ended, answers))
        reader.start()
        try:
            assert reading.wait(SECONDS)
            in_processes(write, [(sqlite_uri, writer) for writer in range(WRITERS)])
        finally:
            ended.set()
        assert answers.get(timeout=SECONDS) == (1, 1)
        reader.join(SECONDS)
        assert len(store.get_metric_history(RUN_ID, "shared")) == WRITERS * COUNT
        data = store.get_run(RUN_ID).data
        assert len(data.params) == WRITERS * 10
        assert {data.metrics[f"of-{writer}"] for writer in range(WRITERS)} == {COUNT - 1}


def test_eight_processes_open_and_close_the_file_all_the_time(sqlite_uri):
    with closing(open_store(sqlite_uri)) as store:
        store.create_run("0", run_id=RUN_ID)
    in_processes(come_and_go, [(sqlite_uri, writer) for writer in range(8)])
    with closing(open_store(sqlite_uri)) as store:
        for writer in range(8):
            assert len(store.get_metric_history(RUN_ID, f"of-{writer}")) == 20
