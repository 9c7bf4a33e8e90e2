"""The same work in several processes, or threads, at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier

from jupyter_track.entities import Metric
from jupyter_track.store import open_store

SECONDS = 100


def in_processes(function, arguments):
    """Call a function in as many new processes as there are lists of arguments; return what they return."""
    context = get_context("spawn")
    start, answers = context.Barrier(len(arguments)), context.Queue()
    processes = [context.Process(target=_answer, args=(function, each, start, answers)) for each in arguments]
    for process in processes:
        process.start()
    given = [answers.get(timeout=SECONDS) for _ in processes]
    for process in processes:
        process.join(SECONDS)
    errors = [error for error, _ in given if error]
    assert not errors
    return [answer for _, answer in given]


def _answer(function, arguments, start, answers):
    try:
        start.wait(SECONDS)
        answers.put((None, function(*arguments)))
    except BaseException as error:
        answers.put((repr(error), None))


def in_threads(function, arguments):
    """Call a function in as many threads as there are lists of arguments; return what they return."""
    start = Barrier(len(arguments))

    def call(each):
        start.wait(SECONDS)
        return function(*each)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(call, arguments))


# -- what other processes do


def open_and_look(uri):
    """Open a store that may not be there yet, and return the names of its experiments."""
    store = open_store(uri)
    try:
        return [experiment.name for experiment in store.search_experiments()]
    finally:
        store.close()


def write_much(uri, run_id, writer, count):
    store = open_store(uri)
    try:
        return work_hard(store, run_id, writer, count)
    finally:
        store.close()


def work_hard(store, run_id, writer, count):
    """Write to one run that others write to, make experiments and runs, register versions; return those."""
    versions = []
    for number in range(count):
        store.log_batch(run_id, [Metric("shared", number, writer, number), Metric(f"of-{writer}", number, 0, number)])
        experiment_id = store.create_experiment(f"{writer}-{number}")
        store.create_run(experiment_id)
        versions.append(store.create_model_version("model", f"s3://{writer}/{number}").version)
        store.set_registered_model_alias("model", "newest", versions[-1])
    return versions
