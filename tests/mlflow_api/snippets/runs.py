"""Beginning, resuming, nesting and ending runs."""

import os

import mlflow as m
from mlflow.exceptions import MlflowException


def start_run():
    with m.start_run(run_name="first", tags={"stage": "draft", "n": 1}, description="what it is about") as run:
        print(run.info.status, run.info.run_name, run.info.end_time)
        print(m.active_run().info.run_id == run.info.run_id)
    print(m.active_run())
    read = m.get_run(run.info.run_id)
    print(read.info.status, read.info.lifecycle_stage, read.info.end_time >= read.info.start_time)
    tags = read.data.tags
    print(tags["stage"], tags["n"], tags["mlflow.note.content"], tags["mlflow.runName"], tags["mlflow.user"])
    print(read.info.user_id, tags["mlflow.source.type"], tags["mlflow.source.name"].endswith("driver.py"))
    print(
        read.info.artifact_uri == run.info.artifact_uri, read.info.artifact_uri.endswith(f"{run.info.run_id}/artifacts")
    )


def start_run_in_an_experiment():
    other = m.create_experiment("another experiment")
    with m.start_run(experiment_id=other) as run:
        print(run.info.experiment_id == other)
    print(m.get_run(run.info.run_id).info.experiment_id == other)
    try:
        m.start_run(experiment_id="987654")
    except MlflowException as error:
        print(error.error_code)


def start_run_again():
    with m.start_run() as run:
        m.log_param("lr", 0.1)
    with m.start_run(run_id=run.info.run_id, tags={"resumed": True}) as resumed:
        print(resumed.info.run_id == run.info.run_id, resumed.info.status, m.get_run(run.info.run_id).info.status)
        m.log_metric("loss", 1)
        try:
            m.log_param("lr", 0.2)
        except MlflowException as error:
            print(error.error_code)
    read = m.get_run(run.info.run_id)
    print(read.info.status, read.data.params, read.data.metrics, read.data.tags["resumed"])
    os.environ["MLFLOW_RUN_ID"] = run.info.run_id
    with m.start_run() as resumed:
        print(resumed.info.run_id == run.info.run_id)
    print("MLFLOW_RUN_ID" in os.environ)
    try:
        m.start_run(run_id="0" * 32)
    except MlflowException as error:
        print(error.error_code)


def start_run_nested():
    with m.start_run() as parent:
        with m.start_run(nested=True) as child:
            with m.start_run(nested=True) as grandchild:
                print(m.active_run().info.run_id == grandchild.info.run_id)
            print(m.active_run().info.run_id == child.info.run_id)
        print(m.active_run().info.run_id == parent.info.run_id)
    print(child.data.tags["mlflow.parentRunId"] == parent.info.run_id)
    print(m.get_run(grandchild.info.run_id).data.tags["mlflow.parentRunId"] == child.info.run_id)
    with m.start_run(parent_run_id=parent.info.run_id) as late:
        pass
    print(m.get_run(late.info.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id)
    m.start_run()
    try:
        m.start_run()
    except Exception as error:
        print("nested=True" in str(error))


def start_run_that_fails():
    try:
        with m.start_run() as run:
            raise ValueError
    except ValueError:
        pass
    read = m.get_run(run.info.run_id)
    print(read.info.status)


def active_run():
    print(m.active_run())
    m.log_metric("loss", 1)
    begun = m.active_run()
    print(begun.info.status, m.get_run(begun.info.run_id).data.metrics)


def last_active_run():
    with m.start_run(run_name="one"):
        m.log_param("p", 1)
    read = m.last_active_run()
    print(read.info.run_name, read.info.status, read.data.params)
    m.start_run(run_name="two")
    print(m.last_active_run().info.run_name, m.last_active_run().info.status)


def end_run():
    m.end_run()
    run = m.start_run()
    m.end_run("KILLED")
    print(m.get_run(run.info.run_id).info.status, m.active_run())
    run = m.start_run()
    m.end_run("FAILED")
    print(m.get_run(run.info.run_id).info.status)
    m.start_run()
    try:
        m.end_run("LOST")
    except Exception:
        print("no such status")


def get_run():
    with m.start_run() as run:
        m.log_params({"a": 1, "b": None, "c": [1, 2]})
        m.log_metrics({"x": 0.5, "y": 2})
    read = m.get_run(run.info.run_id)
    print(dict(sorted(read.data.params.items())), dict(sorted(read.data.metrics.items())))
    told = read.to_dictionary()
    print(sorted(told["info"]), told["data"]["metrics"]["x"], sorted(dict(read.info)) == sorted(told["info"]))
    try:
        m.get_run("0" * 32)
    except MlflowException as error:
        print(error.error_code)


def get_parent_run():
    with m.start_run() as parent, m.start_run(nested=True) as child:
        pass
    print(m.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id)
    print(m.get_parent_run(parent.info.run_id))


def delete_run():
    with m.start_run() as run:
        pass
    m.delete_run(run.info.run_id)
    print(m.get_run(run.info.run_id).info.lifecycle_stage)
    print(m.search_runs(output_format="list"))
    try:
        m.start_run(run_id=run.info.run_id)
    except MlflowException:
        print("not allowed")


def threads():
    from concurrent.futures import ThreadPoolExecutor

    def work(number):
        before = m.active_run()
        with m.start_run(run_name=f"run {number}") as run:
            m.log_param("number", number)
        return before, run.info.run_id

    with m.start_run() as outer, ThreadPoolExecutor(3) as pool:
        results = list(pool.map(work, range(6)))
        print(m.active_run().info.run_id == outer.info.run_id)
    print({before for before, _ in results})
    print([m.get_run(run_id).data.params for _, run_id in results])
