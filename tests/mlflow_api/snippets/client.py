"""The client, whose calls name the run or the experiment."""

import io
import os
import tempfile

import matplotlib.figure
import mlflow as m
import numpy
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def _experiment(name):
    return MlflowClient().create_experiment(f"client of {name}")


def _a_run(name):
    client = MlflowClient()
    return client, client.create_run(_experiment(name)).info.run_id


def create_run():
    client = MlflowClient()
    at = _experiment("create_run")
    run = client.create_run(at, start_time=1_600_000_000_000, tags={"mlflow.user": "ada", "k": 1}, run_name="named")
    print(run.info.status, run.info.run_name, run.info.start_time, run.info.end_time, run.info.experiment_id == at)
    read = client.get_run(run.info.run_id)
    print(
        read.info.user_id,
        sorted(read.data.tags.items()),
        read.info.artifact_uri == run.info.artifact_uri,
        m.active_run(),
    )
    try:
        client.create_run("987654")
    except MlflowException as error:
        print(error.error_code)


def get_run():
    client, run_id = _a_run("get_run")
    print(client.get_run(run_id).data.params, client.get_run(run_id).info.status)


def get_parent_run():
    client, parent = _a_run("get_parent_run")
    child = client.create_run("0", tags={"mlflow.parentRunId": parent})
    print(client.get_parent_run(child.info.run_id).info.run_id == parent, client.get_parent_run(parent))


def log_metric():
    client, run_id = _a_run("log_metric")
    print(client.log_metric(run_id, "loss", 0.5, 1_600_000_000_000, 3), client.log_metric(run_id, "loss", 1, step=4))
    print([(each.key, each.value, each.step) for each in client.get_metric_history(run_id, "loss")])
    for key, value in (("a?b", 1), ("x", "much")):
        try:
            client.log_metric(run_id, key, value)
        except MlflowException as error:
            print(error.error_code)


def log_param():
    client, run_id = _a_run("log_param")
    print(client.log_param(run_id, "lr", 0.1), client.log_param(run_id, "lr", 0.1))
    try:
        client.log_param(run_id, "lr", 1)
    except MlflowException as error:
        print(error.error_code)
    print(client.get_run(run_id).data.params)


def set_tag():
    client, run_id = _a_run("set_tag")
    print(client.set_tag(run_id, "k", 1), client.set_tag(run_id, "k", 2))
    print(client.get_run(run_id).data.tags["k"])


def delete_tag():
    client, run_id = _a_run("delete_tag")
    client.set_tag(run_id, "k", 1)
    print(client.delete_tag(run_id, "k"), "k" in client.get_run(run_id).data.tags)
    try:
        client.delete_tag(run_id, "k")
    except MlflowException as error:
        print(error.error_code)


def log_batch():
    client, run_id = _a_run("log_batch")
    metrics = [Metric("loss", 1 / (step + 1), 1_600_000_000_000 + step, step) for step in range(5)]
    print(client.log_batch(run_id, metrics, [Param("lr", "0.1")], [RunTag("k", "v")]))
    client.log_batch(run_id=run_id, metrics=metrics[:1], synchronous=True)
    read = client.get_run(run_id).data
    print(read.metrics, read.params, read.tags["k"])
    print([dict(each)["step"] for each in client.get_metric_history(run_id, "loss")])
    try:
        client.log_batch(run_id, params=[Param("lr", "0.2")])
    except MlflowException as error:
        print(error.error_code)


def log_inputs():
    client, run_id = _a_run("log_inputs")
    dataset = Dataset(name="d", digest="12345678", source_type="local", source="{}", schema="{}", profile="{}")
    print(client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "test")])]))
    (read,) = client.get_run(run_id).inputs.dataset_inputs
    print(read.dataset.to_dictionary(), [(tag.key, tag.value) for tag in read.tags])


def search_runs():
    client, first = _a_run("search_runs")
    at = client.get_run(first).info.experiment_id
    for number in range(3):
        run = client.create_run(at, start_time=number + 1, run_name=f"run {number}")
        client.log_metric(run.info.run_id, "score", number)
    client.delete_run(first)
    print([each.info.run_name for each in client.search_runs([at], "metrics.score >= 1")])
    page = client.search_runs([at], order_by=["metrics.score ASC"], max_results=2)
    print([each.info.run_name for each in page])
    rest = client.search_runs([at], "", ViewType.ACTIVE_ONLY, 2, ["metrics.score ASC"], page.token)
    print([each.info.run_name for each in rest], bool(rest.token))
    print(len(client.search_runs(experiment_ids=[at], run_view_type=ViewType.DELETED_ONLY)))


def get_metric_history():
    client, run_id = _a_run("get_metric_history")
    for step in (2, 1, 1):
        client.log_metric(run_id, "loss", step / 2, 1_600_000_000_000 + step, step)
    history = client.get_metric_history(run_id, "loss")
    print(sorted({(each.key, each.value, each.timestamp, each.step) for each in history}))
    print(list(client.get_metric_history(run_id, "nothing")))


def set_terminated():
    client, run_id = _a_run("set_terminated")
    print(client.set_terminated(run_id), client.get_run(run_id).info.status)
    client.set_terminated(run_id, "FAILED", 1_600_000_000_000)
    print(client.get_run(run_id).info.status, client.get_run(run_id).info.end_time)


def update_run():
    client, run_id = _a_run("update_run")
    client.update_run(run_id, status="SCHEDULED", name="renamed")
    read = client.get_run(run_id)
    print(read.info.status, read.info.run_name, read.data.tags["mlflow.runName"])


def delete_run():
    client, run_id = _a_run("delete_run")
    print(client.delete_run(run_id), client.get_run(run_id).info.lifecycle_stage)
    try:
        client.delete_run("0" * 32)
    except MlflowException as error:
        print(error.error_code)


def restore_run():
    client, run_id = _a_run("restore_run")
    client.delete_run(run_id)
    print(client.restore_run(run_id), client.get_run(run_id).info.lifecycle_stage)


def create_experiment():
    client = MlflowClient()
    made = client.create_experiment("created by a client", tags={"k": "v"})
    print(client.get_experiment(made).name, client.get_experiment(made).tags)
    try:
        client.create_experiment("created by a client")
    except MlflowException as error:
        print(error.error_code)


def get_experiment():
    print(MlflowClient().get_experiment("0").name)


def get_experiment_by_name():
    print(MlflowClient().get_experiment_by_name("Default").experiment_id, MlflowClient().get_experiment_by_name("none"))


def search_experiments():
    client = MlflowClient()
    for number in range(3):
        client.create_experiment(f"paged {number}")
    first = client.search_experiments(ViewType.ACTIVE_ONLY, 2, "name LIKE 'paged%'", ["name ASC"])
    rest = client.search_experiments(ViewType.ACTIVE_ONLY, 2, "name LIKE 'paged%'", ["name ASC"], first.token)
    print([each.name for each in first], [each.name for each in rest], bool(rest.token))


def rename_experiment():
    client = MlflowClient()
    made = _experiment("rename_experiment")
    print(client.rename_experiment(made, "another name"), client.get_experiment(made).name)
    m.set_experiment("another name")
    with m.start_run() as run:
        print(run.info.experiment_id == made)


def delete_experiment():
    client = MlflowClient()
    made = _experiment("delete_experiment")
    print(client.delete_experiment(made), client.get_experiment(made).lifecycle_stage)
    try:
        client.create_run(made)
        print("a run was created")
    except MlflowException as error:
        print(error.error_code)


def restore_experiment():
    client = MlflowClient()
    made = _experiment("restore_experiment")
    run = client.create_run(made)
    client.delete_experiment(made)
    print(client.restore_experiment(made), client.get_experiment(made).lifecycle_stage)
    print(client.get_run(run.info.run_id).info.lifecycle_stage)


def set_experiment_tag():
    client = MlflowClient()
    made = _experiment("set_experiment_tag")
    print(client.set_experiment_tag(made, "k", 1), client.get_experiment(made).tags)


def delete_experiment_tag():
    client = MlflowClient()
    made = _experiment("delete_experiment_tag")
    client.set_experiment_tag(made, "k", 1)
    print(client.delete_experiment_tag(made, "k"), client.get_experiment(made).tags)
    try:
        client.delete_experiment_tag(made, "k")
    except MlflowException as error:
        print(error.error_code)


def log_text():
    client, run_id = _a_run("log_text")
    print(client.log_text(run_id, "x", "a.txt"), [each.path for each in client.list_artifacts(run_id)])


def log_dict():
    client, run_id = _a_run("log_dict")
    print(client.log_dict(run_id, {"a": 1}, "a.json"), [each.path for each in client.list_artifacts(run_id)])


def log_figure():
    client, run_id = _a_run("log_figure")
    client.log_figure(run_id, matplotlib.figure.Figure(), "a.png")
    print([each.path for each in client.list_artifacts(run_id)])


def log_image():
    client, run_id = _a_run("log_image")
    client.log_image(run_id, numpy.zeros((4, 4), dtype=numpy.uint8), "a.png")
    client.log_image(run_id, numpy.zeros((4, 4), dtype=numpy.uint8), key="k", step=1)
    print([each.path for each in client.list_artifacts(run_id)], len(client.list_artifacts(run_id, "images")))


def log_table():
    client, run_id = _a_run("log_table")
    print(client.log_table(run_id, {"a": [1]}, "t.json"), [each.path for each in client.list_artifacts(run_id)])


def load_table():
    client, run_id = _a_run("load_table")
    client.log_table(run_id, {"a": [1]}, "t.json")
    print(client.load_table(client.get_run(run_id).info.experiment_id, "t.json")["a"].tolist())


def _a_file():
    path = os.path.join(tempfile.mkdtemp(), "a.txt")
    with open(path, "w") as file:
        file.write("x" * 10)
    return path


def log_artifact():
    client, run_id = _a_run("log_artifact")
    print(client.log_artifact(run_id, _a_file(), "sub"), [each.path for each in client.list_artifacts(run_id, "sub")])


def log_artifacts():
    client, run_id = _a_run("log_artifacts")
    client.log_artifacts(run_id, os.path.dirname(_a_file()), artifact_path="sub")
    print([(each.path, each.file_size) for each in client.list_artifacts(run_id, "sub")])


def log_stream():
    client, run_id = _a_run("log_stream")
    client.log_stream(run_id, io.BytesIO(b"abc"), "sub/s.bin")
    print([(each.path, each.file_size) for each in client.list_artifacts(run_id, "sub")])


def list_artifacts():
    client, run_id = _a_run("list_artifacts")
    client.log_text(run_id, "x", "b/c.txt")
    client.log_text(run_id, "xy", "a.txt")
    print([(each.path, each.is_dir, each.file_size) for each in client.list_artifacts(run_id)])
    print(list(client.list_artifacts(run_id, "nothing")), list(client.list_artifacts(run_id, "a.txt")))


def download_artifacts():
    client, run_id = _a_run("download_artifacts")
    client.log_text(run_id, "x", "b/c.txt")
    folder = tempfile.mkdtemp()
    print(os.path.relpath(client.download_artifacts(run_id, "b", folder), folder))
    print(os.listdir(os.path.join(folder, "b")), os.path.isfile(client.download_artifacts(run_id, "b/c.txt")))
    try:
        client.download_artifacts(run_id, "nothing")
    except MlflowException as error:
        print(error.error_code)
