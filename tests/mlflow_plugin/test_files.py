"""The files of a tracked cell's run, of which a pack holds the most, as the real MLflow lists and reads them."""

from __future__ import annotations

import pytest

from jupyter_track.artifacts.pack import PACK

CELL = "%%track --name packed\nlr = 0.1\nprint('said in the cell', 1.5)\nscore = sum([lr, 1])"


@pytest.fixture(scope="module")
def kernel(new_kernel):
    """A kernel in which a cell was tracked, and MLflow looks at its run."""
    kernel = new_kernel({"MLFLOW_TRACKING_URI": "jupyter-track:"})
    kernel.ok("%load_ext jupyter_track\nimport mlflow, os, pathlib, tempfile")
    kernel.ok(CELL)
    kernel.settle()
    kernel.ok(
        "client = mlflow.MlflowClient()\n"
        "(run,) = client.search_runs(search_all := [e.experiment_id for e in client.search_experiments()],"
        " \"attributes.run_name = 'packed'\")\n"
        "run_id = run.info.run_id\nhere = tempfile.mkdtemp()\n"
        "names = lambda found: sorted(each.path for each in found)"
    )
    return kernel


def test_the_pack_is_hidden_and_what_is_in_it_is_listed(kernel, reader):
    (run,) = reader.search_runs(filter_string="run_name = 'packed'")
    files = reader.artifacts(run)
    assert (files.root / PACK).is_file()
    listed = kernel.evaluate("names(client.list_artifacts(run_id))")
    assert listed == [file.path for file in files.list()]
    assert PACK not in listed
    assert "notebook.ipynb" in listed
    assert kernel.evaluate("names(client.list_artifacts(run_id, 'output'))") == ["output/stdout.txt"]
    sizes = kernel.evaluate("[(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(run_id, 'output')]")
    assert sizes == [("output/stdout.txt", False, len("said in the cell 1.5\n"))]
    assert kernel.evaluate("names(mlflow.artifacts.list_artifacts(run_id=run_id))") == listed
    assert kernel.evaluate("names(mlflow.artifacts.list_artifacts(f'runs:/{run_id}/output'))") == ["output/stdout.txt"]


def test_files_of_the_pack_and_whole_folders_are_downloaded(kernel, reader):
    read = "pathlib.Path(client.download_artifacts(run_id, 'output/stdout.txt', here)).read_text()"
    assert kernel.evaluate(read) == "said in the cell 1.5\n"
    assert kernel.evaluate("mlflow.artifacts.load_text(run.info.artifact_uri + '/output/stdout.txt')") == (
        "said in the cell 1.5\n"
    )
    assert (
        kernel.evaluate("mlflow.artifacts.load_text(f'runs:/{run_id}/output/stdout.txt')") == "said in the cell 1.5\n"
    )
    assert "lr = 0.1" in kernel.evaluate(
        "mlflow.artifacts.load_dict(f'runs:/{run_id}/notebook.ipynb')['cells'][-1]['source']"
    )
    kernel.ok("whole = mlflow.artifacts.download_artifacts(run_id=run_id)")
    written = kernel.evaluate(
        "sorted(p.relative_to(whole).as_posix() for p in pathlib.Path(whole).rglob('*') if p.is_file())"
    )
    (run,) = reader.search_runs(filter_string="run_name = 'packed'")
    assert written == sorted(every_file(reader.artifacts(run)))


def every_file(files, folder=""):
    for file in files.list(folder):
        yield from every_file(files, file.path) if file.is_dir else [file.path]


def test_a_file_that_is_not_there_is_an_error_of_mlflows(kernel):
    kernel.ok(
        "try:\n    client.download_artifacts(run_id, 'no.txt', here)\n    said = ''\n"
        "except mlflow.exceptions.MlflowException as error:\n    said = str(error)"
    )
    assert "path 'no.txt'" in kernel.evaluate("said")
    kernel.ok(
        f"try:\n    client.download_artifacts(run_id, {PACK!r}, here)\n    said = ''\n"
        "except mlflow.exceptions.MlflowException as error:\n    said = str(error)"
    )
    assert f"path {PACK!r}" in kernel.evaluate("said")


def test_what_mlflow_writes_to_such_a_run_is_there_for_everybody(kernel, reader):
    kernel.ok("client.log_text(run_id, 'by mlflow', 'notes/a.txt')")
    (run,) = reader.search_runs(filter_string="run_name = 'packed'")
    assert reader.artifacts(run).read("notes/a.txt") == b"by mlflow"
    assert kernel.evaluate("mlflow.artifacts.load_text(f'runs:/{run_id}/notes/a.txt')") == "by mlflow"
    assert kernel.evaluate("names(client.list_artifacts(run_id, 'notes'))") == ["notes/a.txt"]


def test_the_source_of_a_model_version_is_a_place_that_everybody_knows(kernel, reader):
    kernel.ok(
        "client.create_registered_model('packed')\n"
        "version = client.create_model_version('packed', run.info.artifact_uri + '/output', run_id)"
    )
    (run,) = reader.search_runs(filter_string="run_name = 'packed'")
    assert kernel.evaluate("version.source") == f"{run.info.artifact_uri}/output"
