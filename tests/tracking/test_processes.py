"""Runs and processes: what is active when a program ends, is forked, or starts others."""

import subprocess
import sys
import textwrap
from contextlib import closing

import pytest

from jupyter_track.entities import RunStatus, ViewType
from jupyter_track.store import open_store


def runs_at(uri):
    """Return the runs in a store by their names."""
    with closing(open_store(uri)) as store:
        experiments = [each.experiment_id for each in store.search_experiments(ViewType.ALL)]
        return {run.info.run_name: run for run in store.search_runs(experiments)}


@pytest.fixture
def program(uri, tmp_path, monkeypatch):
    """Run a program that logs to the store of the test, and return its runs by name."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)

    def run(text, expected=0):
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(text), "utf-8")
        ran = subprocess.run([sys.executable, "-W", "error", path], capture_output=True, text=True, timeout=120)
        assert ran.returncode == expected, ran.stderr
        return runs_at(uri)

    return run


class TestTheEndOfAProgram:
    @pytest.mark.parametrize(
        ("last_line", "code", "status"),
        [
            ("pass", 0, RunStatus.FINISHED),
            ("sys.exit(0)", 0, RunStatus.FINISHED),
            ("raise ValueError('of the program')", 1, RunStatus.FAILED),
            ("raise KeyboardInterrupt", -2, RunStatus.KILLED),
        ],
    )
    def test_ends_the_runs_that_nobody_ended(self, program, last_line, code, status):
        runs = program(
            f"""
            import sys
            import jupyter_track as jt
            jt.start_run(run_name="outer")
            jt.start_run(run_name="inner", nested=True)
            jt.log_metric("loss", 1)
            {last_line}
            """,
            code,
        )
        assert {name: run.info.status for name, run in runs.items()} == {"outer": status, "inner": status}
        assert runs["inner"].data.metrics == {"loss": 1}
        assert all(run.info.end_time >= run.info.start_time for run in runs.values())

    def test_ends_the_runs_of_all_threads(self, program):
        runs = program(
            """
            import threading
            import jupyter_track as jt
            def work(number):
                jt.log_param("number", number)
            threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
            [each.start() for each in threads]
            [each.join() for each in threads]
            assert jt.active_run() is None
            """
        )
        assert sorted(run.data.params["number"] for run in runs.values()) == ["0", "1", "2"]
        assert {run.info.status for run in runs.values()} == {RunStatus.FINISHED}

    def test_a_run_that_was_left_by_its_block_keeps_its_status(self, program):
        runs = program(
            """
            import jupyter_track as jt
            with jt.start_run(run_name="good"):
                pass
            raise ValueError
            """,
            1,
        )
        assert runs["good"].info.status is RunStatus.FINISHED

    def test_what_the_store_refused_is_said(self, uri, tmp_path, program):
        program(
            """
            import os, subprocess, sys
            import jupyter_track as jt
            from jupyter_track.entities import RunTag
            from jupyter_track.store import open_store
            run = jt.start_run(run_name="removed")
            jt.flush_async_logging()
            store = open_store(os.environ["MLFLOW_TRACKING_URI"])
            store.delete_run(run.info.run_id)
            store.close()
            jt.log_metric("loss", 1)
            """
        )
        ran = subprocess.run(
            [sys.executable, tmp_path / "program.py"], capture_output=True, text=True, timeout=120, check=True
        )
        assert "deleted" in ran.stderr


class TestForks:
    def test_a_child_logs_to_the_run_of_its_parent_and_never_ends_it(self, program):
        runs = program(
            """
            import os, sys
            import jupyter_track as jt
            with jt.start_run(run_name="shared") as run:
                jt.log_param("of", "parent")
                jt.log_metric("before", 1)
                child = os.fork()
                if not child:
                    jt.log_metric("in child", 2)
                    assert jt.active_run().info.run_id == run.info.run_id
                    sys.exit(0)
                assert os.waitpid(child, 0)[1] == 0
                assert jt.get_run(run.info.run_id).info.status == "RUNNING"
                jt.log_metric("after", 3)
            """
        )
        assert list(runs) == ["shared"]
        assert runs["shared"].data.metrics == {"before": 1, "in child": 2, "after": 3}
        assert runs["shared"].info.status is RunStatus.FINISHED

    def test_a_child_of_multiprocessing_delivers_and_ends_its_own_runs(self, program):
        runs = program(
            """
            import multiprocessing
            import jupyter_track as jt

            def work(number):
                jt.log_metric(f"of child {number}", number)
                jt.start_run(run_name=f"own of {number}", nested=True)
                jt.log_param("number", number)
                if number == 2:
                    raise ValueError

            if __name__ == "__main__":
                context = multiprocessing.get_context("fork")
                with jt.start_run(run_name="parent"):
                    jt.log_metric("of parent", 1)
                    children = [context.Process(target=work, args=(number,)) for number in range(3)]
                    [each.start() for each in children]
                    [each.join() for each in children]
                    assert [each.exitcode for each in children] == [0, 0, 1]
            """
        )
        assert sorted(runs["parent"].data.metrics) == ["of child 0", "of child 1", "of child 2", "of parent"]
        assert runs["parent"].info.status is RunStatus.FINISHED
        own = [runs[f"own of {number}"] for number in range(3)]
        assert [run.data.params["number"] for run in own] == ["0", "1", "2"]
        assert {run.data.tags["mlflow.parentRunId"] for run in own} == {runs["parent"].info.run_id}
        assert [run.info.status for run in own] == [RunStatus.FINISHED, RunStatus.FINISHED, RunStatus.FAILED]

    def test_a_pool_that_is_spawned_logs_to_a_run_by_its_id(self, program):
        runs = program(
            """
            import multiprocessing
            import jupyter_track as jt

            def work(task):
                run_id, number = task
                jt.log_metric(f"m{number}", number, run_id=run_id)
                jt.TrackClient().log_param(run_id, f"p{number}", number)

            if __name__ == "__main__":
                with jt.start_run(run_name="shared") as run, multiprocessing.get_context("spawn").Pool(2) as pool:
                    pool.map(work, [(run.info.run_id, number) for number in range(4)])
                    pool.close()
                    pool.join()
            """
        )
        assert runs["shared"].data.metrics == {f"m{number}": number for number in range(4)}
        assert runs["shared"].data.params == {f"p{number}": str(number) for number in range(4)}
