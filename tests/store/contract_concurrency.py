from jupyter_track.entities import Metric, Param, ResourceAlreadyExists
from jupyter_track.store import open_store

from .processes import in_processes, in_threads, work_hard, write_much

RUN_ID = "0123456789abcdef" * 2


def check_all_arrived(store, run_id, versions, writers, count):
    """Nothing is lost and nothing is there twice of what `work_hard` did."""
    shared = store.get_metric_history(run_id, "shared")
    assert len(shared) == writers * count
    assert store.get_run(run_id).data.metrics["shared"] == count - 1
    for writer in range(writers):
        assert len(store.get_metric_history(run_id, f"of-{writer}")) == count
    names = {experiment.name for experiment in store.search_experiments(max_results=50_000)}
    assert names == {"Default"} | {f"{writer}-{number}" for writer in range(writers) for number in range(count)}
    assert sorted(number for some in versions for number in some) == list(range(1, writers * count + 1))
    assert all(some == sorted(some) for some in versions)
    assert len(store.search_model_versions()) == writers * count
    assert 1 <= store.get_model_version_by_alias("model", "newest").version <= writers * count


class ConcurrencyContract:
    def test_eight_threads_write_and_nothing_is_lost(self, store, run_id):
        store.create_registered_model("model")
        versions = in_threads(work_hard, [(store, run_id, writer, 10) for writer in range(8)])
        check_all_arrived(store, run_id, versions, 8, 10)

    def test_of_many_who_make_the_same_experiment_one_succeeds(self, store):
        def make():
            try:
                return store.create_experiment("same")
            except ResourceAlreadyExists:
                return None

        made = in_threads(make, [()] * 8)
        (experiment_id,) = [each for each in made if each]
        assert store.get_experiment_by_name("same").experiment_id == experiment_id

    def test_of_many_who_start_the_same_run_all_get_the_one_that_is_there(self, store):
        runs = in_threads(
            lambda name: store.create_run("0", run_name=name, run_id=RUN_ID), [(name,) for name in "abcdefgh"]
        )
        assert len({run.info for run in runs}) == 1
        assert store.search_runs(["0"]) == [runs[0]]

    def test_many_who_log_the_same_write_it_once(self, store, run_id):
        def log(writer):
            # In another order each, as a database might lock the rows in that order.
            names = [f"n{number}" for number in range(20)]
            names = names[writer:] + names[:writer]
            store.log_batch(run_id, [Metric(name, 1.0, 1) for name in names], [Param(name, "1") for name in names])

        in_threads(log, [(writer,) for writer in range(8)])
        data = store.get_run(run_id).data
        assert len(data.params) == len(data.metrics) == 20
        assert len(store.get_metric_history(run_id, "n7")) == 1

    def test_a_reader_sees_whole_batches_while_they_are_written(self, store, run_id):
        def write():
            for step in range(30):
                store.log_batch(run_id, [Metric("a", step, step, step), Metric("b", step, step, step)])

        def read():
            metrics = {}
            while metrics.get("a") != 29:
                metrics = store.get_run(run_id).data.metrics
                assert metrics.get("a") == metrics.get("b")
            return True

        assert in_threads(lambda function: function(), [(write,), (read,), (read,)])[1:] == [True, True]


class ProcessesContract:
    def test_four_processes_write_and_nothing_is_lost(self, store, uri, run_id):
        store.create_registered_model("model")
        versions = in_processes(write_much, [(uri, run_id, writer, 25) for writer in range(4)])
        check_all_arrived(store, run_id, versions, 4, 25)

    def test_what_one_has_written_another_sees_at_once(self, store, uri):
        other = open_store(uri)
        try:
            for number in range(3):
                run_id = store.create_run("0").info.run_id
                store.log_batch(run_id, [Metric("m", number, 1)])
                assert other.get_run(run_id) == store.get_run(run_id)
                other.log_batch(run_id, params=[Param("p", "1")])
                assert store.get_run(run_id).data.params == {"p": "1"}
        finally:
            other.close()

    def test_a_store_that_is_opened_again_has_everything(self, store, uri):
        experiment_id = store.create_experiment("kept")
        run = store.create_run(experiment_id)
        again = open_store(uri)
        try:
            assert again.get_run(run.info.run_id) == run
            assert again.get_experiment_by_name("kept") == store.get_experiment(experiment_id)
        finally:
            again.close()
