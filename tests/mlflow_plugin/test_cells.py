"""Tracked cells whose code logs with the real MLflow, and the cells around them."""

from __future__ import annotations

import json

import pytest

from jupyter_track.entities import RunStatus

#: What a person may have set, and what a tracked cell sets.
STATE = (
    "{n: os.environ.get(n) for n in os.environ if n.startswith('MLFLOW_') or n.startswith('JUPYTER_TRACK')},"
    " mlflow.active_run(), mlflow.tracking.fluent._active_experiment_id, mlflow.get_tracking_uri()"
)


@pytest.fixture(scope="module")
def kernel(new_kernel):
    kernel = new_kernel()
    kernel.ok("import mlflow, os, sys, subprocess, logging\n%load_ext jupyter_track")
    return kernel


@pytest.fixture(autouse=True)
def surroundings(kernel):
    """See to it that each test leaves what MLflow knows as it was."""
    before = kernel.evaluate(f"repr(({STATE}))")
    yield
    assert kernel.evaluate(f"repr(({STATE}))") == before


def track(kernel, body, **options):
    """Run a tracked cell that must not fail, and return its run's id."""
    kernel.ok(f"%%track\n{body}")
    return last_run(kernel)


def last_run(kernel):
    kernel.settle()
    return kernel.evaluate("get_ipython()._jupyter_track.watcher.last_run_id")


def children(reader, run_id):
    found = reader.search_runs(filter_string=f"tags.`mlflow.parentRunId` = '{run_id}'", order_by=["start_time"])
    return list(found)


def total(reader):
    return len(reader.search_runs())


def test_what_a_cell_logs_goes_into_its_run(kernel, reader):
    before = total(reader)
    run_id = track(
        kernel, "mlflow.log_metric('loss', 0.5, step=3)\nmlflow.log_param('lr', 0.1)\nmlflow.set_tag('a', 1)"
    )
    run = reader.get_run(run_id)
    assert (run.data.metrics, run.data.params, run.data.tags["a"]) == ({"loss": 0.5}, {"lr": "0.1"}, "1")
    assert run.info.status is RunStatus.FINISHED
    assert total(reader) == before + 1


def test_a_run_that_is_begun_in_the_cell_is_the_cells(kernel, reader):
    before = total(reader)
    run_id = track(
        kernel,
        "with mlflow.start_run(run_name='forest', tags={'k': 'v'}) as run:\n"
        "    mlflow.log_metric('loss', 0.5)\n"
        "    mlflow.log_text('hello', 'a.txt')\n"
        "state = mlflow.get_run(run.info.run_id).info.status",
    )
    run = reader.get_run(run_id)
    assert kernel.evaluate("run.info.run_id") == run_id
    assert (run.info.run_name, run.data.tags["k"], run.data.metrics) == ("forest", "v", {"loss": 0.5})
    assert run.data.tags["mlflow.source.type"] == "NOTEBOOK"
    assert reader.artifacts(run).read("a.txt") == b"hello"
    # Its end in the middle of the cell is not the cell's.
    assert kernel.evaluate("state") == "RUNNING"
    assert run.info.status is RunStatus.FINISHED
    assert total(reader) == before + 1


def test_further_runs_are_nested_in_the_cells(kernel, reader):
    run_id = track(
        kernel,
        "for depth in [1, 2, 3]:\n"
        "    with mlflow.start_run(run_name=f'depth {depth}'):\n"
        "        mlflow.log_param('d', depth)",
    )
    run = reader.get_run(run_id)
    assert run.data.params["d"] == "1"
    assert [each.data.params["d"] for each in children(reader, run_id)] == ["2", "3"]
    assert {each.info.experiment_id for each in children(reader, run_id)} == {run.info.experiment_id}


def test_a_nested_run_is_nested(kernel, reader):
    run_id = track(
        kernel,
        "with mlflow.start_run():\n    with mlflow.start_run(nested=True, run_name='inner'):\n"
        "        mlflow.log_metric('a', 1)",
    )
    (inner,) = children(reader, run_id)
    assert (inner.info.run_name, inner.data.metrics, inner.info.status) == ("inner", {"a": 1.0}, RunStatus.FINISHED)


def test_runs_that_are_left_open_end_with_the_cell(kernel, reader):
    run_id = track(kernel, "mlflow.start_run()\nmlflow.start_run(nested=True)\nmlflow.log_metric('a', 1)")
    assert reader.get_run(run_id).info.status is RunStatus.FINISHED
    assert [each.info.status for each in children(reader, run_id)] == [RunStatus.FINISHED]
    assert kernel.evaluate("mlflow.active_run()") is None


def test_runs_that_are_left_open_fail_with_the_cell(kernel, reader):
    execution = kernel.run("%%track\nmlflow.start_run()\nmlflow.start_run(nested=True)\n1 / 0")
    assert execution.status == "error"
    run_id = last_run(kernel)
    assert reader.get_run(run_id).info.status is RunStatus.FAILED
    assert [each.info.status for each in children(reader, run_id)] == [RunStatus.FAILED]


def test_autolog_goes_into_the_cells_run(kernel, reader):
    kernel.ok("import numpy as np\nfrom sklearn.linear_model import LogisticRegression")
    before = total(reader)
    run_id = track(
        kernel,
        "mlflow.sklearn.autolog(silent=True, log_models=False)\n"
        "model = LogisticRegression(C=0.5).fit(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]))\n"
        "mlflow.sklearn.autolog(disable=True)",
    )
    run = reader.get_run(run_id)
    assert run.data.metrics["training_accuracy_score"] == 1.0
    assert run.data.params["max_iter"] == "100"
    assert run.data.tags["mlflow.autologging"] == "sklearn"
    assert run.info.status is RunStatus.FINISHED
    assert total(reader) == before + 1


def test_a_model_is_logged_beside_the_run(kernel, reader):
    run_id = track(
        kernel,
        "from sklearn.linear_model import LinearRegression\n"
        "info = mlflow.sklearn.log_model(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), name='line')\n"
        "coefficient = float(mlflow.sklearn.load_model(info.model_uri).coef_[0])\n"
        "source = mlflow.MlflowClient().get_logged_model(info.model_id).source_run_id",
    )
    assert kernel.evaluate("source") == run_id
    assert kernel.evaluate("round(coefficient, 6)") == 2.0


def test_the_card_tells_once_what_was_logged_and_captured(kernel, reader):
    execution = kernel.ok(
        "%%track\nlr = 0.1\naccuracy = sum([0.875])\nmlflow.log_param('lr', lr)\nmlflow.log_metric('acc', accuracy)"
    )
    run = reader.get_run(last_run(kernel))
    assert (run.data.params, run.data.metrics) == ({"lr": "0.1"}, {"acc": 0.875})
    (card,) = execution.cards
    assert card.count("0.875") == 1
    assert card.count("lr") == 1


def test_a_param_that_was_captured_otherwise_is_no_error(kernel, reader):
    run_id = track(
        kernel,
        "lr = 0.1\nparams = {}\nparams['lr'] = f'{lr:.3f}'\nmlflow.log_params(params)\nmlflow.log_param('other', 1)",
    )
    assert reader.get_run(run_id).data.params == {"lr": "0.1", "other": "1"}


def test_a_param_that_the_cell_itself_rewrites_is_one(kernel):
    execution = kernel.run("%%track\nmlflow.log_param('a', 1)\nmlflow.log_param('a', 2)")
    assert (execution.status, execution.reply["ename"]) == ("error", "MlflowException")
    kernel.settle()


def test_mlflow_and_our_calls_share_the_run(kernel, reader):
    run_id = track(
        kernel,
        "import jupyter_track as jt\njt.log_metric('a', 1)\nmlflow.log_metric('b', 2)\n"
        "read = mlflow.get_run(mlflow.active_run().info.run_id).data.metrics\n"
        "with jt.start_run(run_name='own') as own:\n    jt.log_metric('c', 3)",
    )
    assert reader.get_run(run_id).data.metrics == {"a": 1.0, "b": 2.0}
    assert kernel.evaluate("read") == {"a": 1.0, "b": 2.0}
    (own,) = children(reader, run_id)
    assert (own.info.run_name, own.data.metrics) == ("own", {"c": 3.0})


def test_a_program_that_the_cell_starts_logs_to_the_same_run(kernel, reader):
    code = (
        "import mlflow\nwith mlflow.start_run():\n    mlflow.log_metric('a', 1); mlflow.log_params({'lr': 2, 'b': 1})"
    )
    run_id = track(kernel, f"lr = 0.1\nsubprocess.run([sys.executable, '-c', {code!r}], check=True)")
    run = reader.get_run(run_id)
    assert run.data.metrics["a"] == 1.0
    assert run.data.params == {"lr": "0.1", "b": "1"}
    assert run.info.status is RunStatus.FINISHED
    assert children(reader, run_id) == []


def test_an_experiment_that_the_cell_chooses_holds_its_further_runs_and_stays_chosen_by_name(kernel, reader):
    run_id = track(
        kernel,
        "mlflow.set_experiment('iris')\nwith mlflow.start_run():\n    mlflow.log_metric('a', 1)\n"
        "with mlflow.start_run():\n    pass",
    )
    assert reader.get_run(run_id).data.metrics == {"a": 1.0}
    (second,) = children(reader, run_id)
    assert reader.get_experiment(second.info.experiment_id).name == "iris"
    assert kernel.evaluate("os.environ.pop('MLFLOW_EXPERIMENT_NAME')") == "iris"


def test_between_tracked_cells_mlflow_is_as_without_us(kernel, reader, tmp_path):
    """An experiment that was chosen in MLflow's own store is chosen there again after a tracked cell."""
    kernel.ok(
        f"mlflow.set_tracking_uri('sqlite:///{tmp_path}/own.db')\n"
        "mlflow.set_experiment('x')\nmlflow.set_tracking_uri(None)"
    )
    kernel.ok(f"before = ({STATE})")
    run_id = track(kernel, "mlflow.log_metric('a', 1)")
    assert reader.get_run(run_id).data.metrics == {"a": 1.0}
    assert kernel.evaluate(f"before == ({STATE})")
    kernel.ok("del os.environ['MLFLOW_EXPERIMENT_ID']\nmlflow.tracking.fluent._active_experiment_id = None")


def test_a_person_who_has_pointed_mlflow_elsewhere_is_left_alone(kernel, reader, tmp_path):
    before = total(reader)
    kernel.ok(f"mlflow.set_tracking_uri('sqlite:///{tmp_path}/own.db')")
    run_id = track(kernel, "with mlflow.start_run() as run:\n    mlflow.log_metric('a', 1)\nalone = dict(os.environ)")
    assert reader.get_run(run_id).data.metrics == {}
    assert total(reader) == before + 1
    assert kernel.evaluate("mlflow.get_run(run.info.run_id).data.metrics") == {"a": 1.0}
    assert kernel.evaluate("'JUPYTER_TRACK_CELL_RUN' in alone") is False
    kernel.ok("mlflow.set_tracking_uri(None)")


def test_a_run_of_mlflows_that_is_active_goes_on(kernel, reader, tmp_path):
    kernel.ok(f"mlflow.set_tracking_uri('sqlite:///{tmp_path}/own.db')\nrun = mlflow.start_run()")
    kernel.ok("mlflow.set_tracking_uri(None)")
    run_id = track(kernel, "same = mlflow.active_run().info.run_id == run.info.run_id\nuri = mlflow.get_tracking_uri()")
    assert kernel.evaluate("same") is True
    assert kernel.evaluate("uri.startswith('sqlite:')") is True
    assert reader.get_run(run_id).data.metrics == {}
    kernel.ok(
        f"mlflow.set_tracking_uri('sqlite:///{tmp_path}/own.db')\nmlflow.end_run()\nmlflow.set_tracking_uri(None)"
    )


def test_cells_that_share_a_run_each_log_to_it(kernel, reader):
    kernel.ok("%track start together")
    for step in (1, 2):
        kernel.ok(
            f"%%track --same-run\nwith mlflow.start_run():\n    mlflow.log_metric('loss', 1 / {step}, step={step})"
        )
    kernel.ok("%track end")
    run_id = last_run(kernel)
    assert [point.step for point in reader.get_metric_history(run_id, "loss")] == [1, 2]
    assert children(reader, run_id) == []


def test_mlflow_may_be_imported_in_the_tracked_cell(new_kernel):
    kernel = new_kernel()
    kernel.ok("%load_ext jupyter_track")
    kernel.ok("%%track\npass")
    assert kernel.evaluate("'mlflow' in __import__('sys').modules") is False
    run_id = track(kernel, "import mlflow\nmlflow.log_metric('a', 1)")
    client = kernel.reader()
    assert client.get_run(run_id).data.metrics == {"a": 1.0}
    client.close(0)
    names = (
        "[n for n in __import__('os').environ if n.startswith(('MLFLOW_T', 'MLFLOW_E', 'MLFLOW_R', 'JUPYTER_TRACK'))]"
    )
    assert json.loads(json.dumps(kernel.evaluate(names))) == []
