"""The real MLflow, told that its tracking URI is one of ours."""

from __future__ import annotations

import math

import pytest

from jupyter_track.entities import RunStatus

RUN = "with mlflow.start_run() as run:\n    pass\nclient = mlflow.MlflowClient()\nrun_id = run.info.run_id"


@pytest.fixture(scope="module")
def kernel(new_kernel):
    """A kernel with MLflow loaded, which keeps its runs in our embedded store."""
    kernel = new_kernel({"MLFLOW_TRACKING_URI": "jupyter-track:"})
    kernel.ok("import mlflow, sys\nmlflow.set_experiment('iris')")
    return kernel


def evaluate(kernel, code, expression):
    kernel.ok(code)
    return kernel.evaluate(expression)


def test_a_run_has_what_was_logged_to_it(kernel, reader):
    run_id = evaluate(
        kernel,
        "with mlflow.start_run(run_name='forest', tags={'k': 'v'}, description='why') as run:\n"
        "    mlflow.log_metric('loss', 0.5, step=1)\n"
        "    mlflow.log_metrics({'nan': float('nan'), 'up': float('inf')})\n"
        "    mlflow.log_param('lr', 0.1)\n"
        "    mlflow.log_params({'depth': 3, 'long': 'x' * 7000})\n"
        "    mlflow.set_tags({'a': 1, 'b': 2})\n"
        "    mlflow.delete_tag('b')",
        "run.info.run_id",
    )
    run = reader.get_run(run_id)
    assert (run.info.run_name, run.info.status) == ("forest", RunStatus.FINISHED)
    assert reader.get_experiment(run.info.experiment_id).name == "iris"
    assert run.data.params == {"lr": "0.1", "depth": "3", "long": "x" * 6000}
    assert {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.")} == {"k": "v", "a": "1"}
    assert run.data.tags["mlflow.note.content"] == "why"
    metrics = run.data.metrics
    assert math.isnan(metrics.pop("nan"))
    assert metrics == {"loss": 0.5, "up": math.inf}
    assert reader.get_metric_history(run_id, "loss")[0].step == 1


def test_mlflow_reads_what_it_has_written(kernel):
    kernel.ok(RUN + "\nclient.log_metric(run_id, 'loss', 0.25, step=2)")
    assert kernel.evaluate("client.get_run(run_id).data.metrics") == {"loss": 0.25}
    assert kernel.evaluate("[m.step for m in client.get_metric_history(run_id, 'loss')]") == [2]
    found = "[r.info.run_id for r in client.search_runs([run.info.experiment_id], 'metrics.loss < 0.3')] == [run_id]"
    assert kernel.evaluate(found)
    assert kernel.evaluate("mlflow.search_runs().run_id.tolist()[0] == run_id")


def test_mlflow_reads_what_our_calls_have_not_delivered_yet(kernel):
    kernel.ok("import jupyter_track as jt\nwith jt.start_run() as own:\n    jt.log_metric('a', 1)")
    assert kernel.evaluate("mlflow.get_run(own.info.run_id).data.metrics") == {"a": 1.0}


def test_a_nested_run_knows_its_parent(kernel, reader):
    code = "with mlflow.start_run() as outer:\n    with mlflow.start_run(nested=True) as inner:\n        pass"
    outer, inner = evaluate(kernel, code, "[outer.info.run_id, inner.info.run_id]")
    assert reader.get_parent_run(inner).info.run_id == outer


def test_runs_and_experiments_go_into_the_bin_and_come_back(kernel, reader):
    run_id = evaluate(kernel, RUN + "\nclient.delete_run(run_id)", "run_id")
    assert reader.get_run(run_id).info.lifecycle_stage == "deleted"
    kernel.ok("client.restore_run(run_id); client.update_run(run_id, name='again', status='KILLED')")
    run = reader.get_run(run_id)
    assert (run.info.lifecycle_stage, run.info.run_name, run.info.status) == ("active", "again", RunStatus.KILLED)
    code = (
        "e = client.create_experiment('other', tags={'a': '1'})\nclient.rename_experiment(e, 'renamed')\n"
        "client.set_experiment_tag(e, 'b', '2')\nclient.delete_experiment(e)"
    )
    experiment = reader.get_experiment(evaluate(kernel, code, "e"))
    assert (experiment.name, experiment.tags) == ("renamed", {"a": "1", "b": "2"})
    assert experiment.lifecycle_stage == "deleted"


def test_a_person_may_keep_an_experiments_artifacts_in_any_folder(kernel, reader, tmp_path):
    place = str(tmp_path / "place")
    experiment_id = evaluate(kernel, f"e = mlflow.create_experiment('placed', {place!r})", "e")
    assert reader.get_experiment(experiment_id).artifact_location == place


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("client.log_param(run_id, 'lr', 2)", "INVALID_PARAMETER_VALUE"),
        ("client.get_run('f' * 32)", "RESOURCE_DOES_NOT_EXIST"),
        ("client.create_experiment('iris')", "RESOURCE_ALREADY_EXISTS"),
        ("client.log_metric(run_id, '..', 1)", "INVALID_PARAMETER_VALUE"),
        ("client.search_runs(['0'], 'nonsense')", "INVALID_PARAMETER_VALUE"),
        ("client.search_traces(experiment_ids=['0'])", "ENDPOINT_NOT_FOUND"),
    ],
)
def test_errors_are_mlflows(kernel, call, code):
    kernel.ok(RUN + "\nclient.log_param(run_id, 'lr', 1)")
    kernel.ok(f"try:\n    {call}\nexcept mlflow.exceptions.MlflowException as error:\n    told = error.error_code")
    assert kernel.evaluate("told") == code


def test_artifacts_and_datasets(kernel, reader):
    run_id = evaluate(
        kernel,
        "import pandas as pd\n"
        "with mlflow.start_run() as run:\n"
        "    mlflow.log_text('hello', 'notes/a.txt')\n"
        "    data = mlflow.data.from_pandas(pd.DataFrame({'x': [1.0]}), name='d')\n"
        "    mlflow.log_input(data, context='training')",
        "run.info.run_id",
    )
    run = reader.get_run(run_id)
    assert reader.artifacts(run).read("notes/a.txt") == b"hello"
    (given,) = run.inputs.dataset_inputs
    assert (given.dataset.name, [tag.value for tag in given.tags]) == ("d", ["training"])
    assert kernel.evaluate("mlflow.artifacts.load_text(run.info.artifact_uri + '/notes/a.txt')") == "hello"
    assert kernel.evaluate("[f.path for f in mlflow.MlflowClient().list_artifacts(run.info.run_id)]") == ["notes"]


def test_a_model_is_logged_registered_and_loaded(kernel, reader):
    kernel.ok(
        "from sklearn.linear_model import LinearRegression\n"
        "with mlflow.start_run() as run:\n"
        "    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])\n"
        "    info = mlflow.sklearn.log_model(model, name='line', registered_model_name='lines', tags={'a': 'b'})\n"
        "client = mlflow.MlflowClient()\n"
        "client.set_registered_model_alias('lines', 'best', 1)"
    )
    for uri in ("info.model_uri", "f'runs:/{run.info.run_id}/line'", "'models:/lines/1'", "'models:/lines@best'"):
        assert kernel.evaluate(f"round(float(mlflow.sklearn.load_model({uri}).coef_[0]), 6)") == 2.0
    (version,) = reader._connection.store().search_model_versions("name = 'lines'")
    assert version.run_id == kernel.evaluate("run.info.run_id")
    logged = "client.search_logged_models([run.info.experiment_id], \"name = 'line'\")[0]"
    told = f"[{logged}.source_run_id == run.info.run_id, {logged}.status.value, {logged}.tags['a']]"
    assert kernel.evaluate(told) == [True, "READY", "b"]
    kernel.ok("client.delete_logged_model(info.model_id)")
    assert kernel.evaluate("len(client.search_logged_models([run.info.experiment_id]))") == 0


def test_autolog_records_a_fit(kernel, reader):
    run_id = evaluate(
        kernel,
        "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
        "mlflow.sklearn.autolog(silent=True)\n"
        "LogisticRegression(C=0.5).fit(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]))\n"
        "mlflow.sklearn.autolog(disable=True)",
        "mlflow.last_active_run().info.run_id",
    )
    run = reader.get_run(run_id)
    assert run.data.params["C"] == "0.5"
    assert run.data.metrics["training_accuracy_score"] == 1.0
    assert run.info.status is RunStatus.FINISHED


def test_no_address_of_a_server_is_printed(kernel):
    assert kernel.ok(RUN).stdout == ""


def test_a_run_that_is_left_open_is_ended_with_its_program(kernel, reader):
    code = "import mlflow; print(mlflow.start_run().info.run_id)"
    kernel.ok(
        f"import subprocess\nran = subprocess.run([sys.executable, '-c', {code!r}], capture_output=True, text=True)"
    )
    assert kernel.evaluate("ran.returncode") == 0, kernel.evaluate("ran.stderr")
    assert reader.get_run(kernel.evaluate("ran.stdout").strip()).info.status is RunStatus.FINISHED


def test_to_have_the_package_costs_an_import_of_mlflow_nothing(kernel):
    code = "import mlflow, sys; print(sorted(n for n in sys.modules if n.startswith('jupyter_track.')))"
    kernel.ok(f"ran = subprocess.run([sys.executable, '-c', {code!r}], capture_output=True, text=True)")
    loaded = kernel.evaluate("ran.stdout")
    assert "mlflow_plugin" in loaded
    for room in ("tracking", "api", "store", "capture"):
        assert f"jupyter_track.{room}" not in loaded
