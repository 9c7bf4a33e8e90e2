"""A process that forks while it has a store open: parent and children all go on."""

import multiprocessing
import os
import threading
import traceback
from contextlib import closing

import pytest

from jupyter_track.entities import Metric
from jupyter_track.store import open_store

RUN_ID = "0123456789abcdef" * 2
COUNT = 200
SECONDS = 60

# Python warns of forking a process with threads, which is what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, sqlite_uri, postgres):
    with (
        postgres.database() as postgres_uri,
        closing(open_store(sqlite_uri if request.param == "sqlite" else postgres_uri)) as store,
    ):
        # A connection is open, and so is in the pool that the children inherit.
        store.create_run("0", run_id=RUN_ID)
        yield store


def write(store, writer):
    for step in range(COUNT):
        store.log_batch(RUN_ID, [Metric(f"of-{writer}", step, step, step)])
        if step % 50 == 0:
            assert store.get_run(RUN_ID).data.metrics[f"of-{writer}"] == step


def fork(work):
    """Do some work in a child; return the child's process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def check_all_arrived(store, writers):
    for writer in writers:
        assert [point.step for point in store.get_metric_history(RUN_ID, f"of-{writer}")] == list(range(COUNT))


def test_parent_and_children_write_at_once_after_a_fork(store):
    children = [fork(lambda number=number: write(store, f"child-{number}")) for number in range(2)]
    write(store, "parent")
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    check_all_arrived(store, ["child-0", "child-1", "parent"])


def test_parent_and_children_of_multiprocessing_write_at_once(store):
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=write, args=(store, f"child-{number}")) for number in range(2)]
    for child in children:
        child.start()
    write(store, "parent")
    for child in children:
        child.join(SECONDS)
    assert [child.exitcode for child in children] == [0, 0]
    check_all_arrived(store, ["child-0", "child-1", "parent"])


def test_children_forked_while_other_threads_write_can_write(store):
    ended = threading.Event()
    errors = []

    def write_on(number):
        step = 0
        try:
            while not ended.is_set():
                store.log_batch(RUN_ID, [Metric(f"thread-{number}", step, step, step)])
                step += 1
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write_on, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        children = [
            fork(lambda number=number: store.log_batch(RUN_ID, [Metric("child", number, number, number)]))
            for number in range(20)
        ]
        assert {os.waitpid(child, 0)[1] for child in children} == {0}
    finally:
        ended.set()
        for thread in threads:
            thread.join(SECONDS)
    assert errors == []
    assert [point.value for point in store.get_metric_history(RUN_ID, "child")] == list(range(20))


def test_what_a_child_closes_stays_open_in_the_parent(store):
    child = fork(store.close)
    assert os.waitpid(child, 0)[1] == 0
    write(store, "parent")
    check_all_arrived(store, ["parent"])


def test_a_fork_in_the_middle_of_a_transaction_leaves_it_to_the_parent(store):
    store.log_batch(RUN_ID, [Metric("m", 0.0, 0)])
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE runs SET user_id = 'ada'")
        child = fork(lambda: store.get_run(RUN_ID))
        assert os.waitpid(child, 0)[1] == 0
    assert store.get_run(RUN_ID).info.user_id == "ada"


def test_a_store_in_memory_is_the_childs_own():
    with closing(open_store("sqlite://")) as store:
        store.create_run("0", run_id=RUN_ID)

        def look_and_write():
            write(store, "child")
            check_all_arrived(store, ["child"])

        assert os.waitpid(fork(look_and_write), 0)[1] == 0
        assert store.get_run(RUN_ID).data.metrics == {}
