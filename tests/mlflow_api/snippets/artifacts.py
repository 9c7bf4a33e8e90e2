"""Files of the active run, read back through the client."""

import json
import os
import tempfile

import matplotlib.figure
import mlflow as m
import numpy
import pandas
from mlflow.exceptions import MlflowException
from PIL import Image


def _content(run, path):
    with open(m.MlflowClient().download_artifacts(run.info.run_id, path), "rb") as file:
        return file.read()


def _listed(run, path=None):
    return [(each.path, each.is_dir) for each in m.MlflowClient().list_artifacts(run.info.run_id, path)]


def log_text():
    with m.start_run() as run:
        print(m.log_text("hé\n", "notes/a.txt"), m.log_text("<p>", "b.html", run_id=run.info.run_id))
        for path in ("/absolute.txt", "../outside.txt"):
            try:
                m.log_text("x", path)
            except MlflowException:
                print("not allowed")
    print(_content(run, "notes/a.txt"), _content(run, "b.html"), _listed(run), _listed(run, "notes"))


def log_dict():
    with m.start_run() as run:
        m.log_dict({"a": [1, 2.5], "b": {"c": None}, "é": "x"}, "d.json")
        m.log_dict({"a": [1, 2]}, "d.yaml")
        m.log_dict([1, "x"], "folder/d.txt")
    print(
        json.loads(_content(run, "d.json")), _content(run, "d.yaml").decode(), json.loads(_content(run, "folder/d.txt"))
    )


def log_figure():
    figure = matplotlib.figure.Figure()
    with m.start_run() as run:
        print(m.log_figure(figure, "plots/a.png"), m.log_figure(figure, "b.svg", save_kwargs={"dpi": 10}))
    print(_content(run, "plots/a.png")[:4], b"<svg" in _content(run, "b.svg"))


def log_image():
    gradient = numpy.arange(48, dtype=numpy.uint8).reshape(4, 4, 3)
    with m.start_run() as run:
        m.log_image(gradient, "a.png")
        m.log_image(numpy.linspace(0, 1, 16).reshape(4, 4), "b.png")
        m.log_image(Image.new("RGB", (3, 2), "red"), "folder/c.png")
        m.log_image(gradient, key="dog/cat", step=3, timestamp=1_600_000_000_000)
    for path in ("a.png", "b.png", "folder/c.png"):
        with Image.open(m.MlflowClient().download_artifacts(run.info.run_id, path)) as image:
            print(image.mode, image.size, list(image.tobytes()))
    for path, _ in _listed(run, "images"):
        key, step, timestamp = path.split("+")[0], path.split("+")[2], path.split("+")[4]
        print(key, step, timestamp, path.endswith(("+compressed.webp", ".png")))
    print(m.get_run(run.info.run_id).data.tags["mlflow.loggedImages"])
    for arguments in ({}, {"artifact_file": "a.png", "key": "k"}):
        try:
            m.log_image(gradient, **arguments)
        except (MlflowException, TypeError, ValueError):
            print("not allowed")


def log_table():
    with m.start_run() as run:
        m.log_table({"a": [1, 2], "b": ["x", None]}, "tables/t.json")
        m.log_table(pandas.DataFrame({"a": [3], "b": ["z"]}), "tables/t.json")
        m.log_table({"only": "one", "row": 1}, "one.json", run_id=run.info.run_id)
        try:
            m.log_table({"a": [1]}, "t.txt")
        except (MlflowException, ValueError):
            print("not allowed")
    print(json.loads(_content(run, "tables/t.json")), json.loads(_content(run, "one.json")))
    print(json.loads(m.get_run(run.info.run_id).data.tags["mlflow.loggedArtifacts"]))


def load_table():
    with m.start_run() as first:
        m.log_table({"a": [1, 2]}, "t.json")
    with m.start_run():
        m.log_table({"a": [3]}, "t.json")
    print(sorted(m.load_table("t.json")["a"]))
    frame = m.load_table("t.json", run_ids=[first.info.run_id], extra_columns=["run_id"])
    print(list(frame.columns), frame["a"].tolist(), set(frame["run_id"]) == {first.info.run_id})
    try:
        m.load_table("nothing.json")
    except MlflowException as error:
        print(error.error_code)


def _folder_of_files():
    folder = tempfile.mkdtemp()
    os.makedirs(os.path.join(folder, "data", "deep"))
    for path, text in (("data/a.txt", "a"), ("data/deep/b.txt", "b")):
        with open(os.path.join(folder, path), "w") as file:
            file.write(text)
    return os.path.join(folder, "data")


def log_artifact():
    folder = _folder_of_files()
    with m.start_run() as run:
        print(m.log_artifact(os.path.join(folder, "a.txt")))
        m.log_artifact(os.path.join(folder, "a.txt"), "sub/folder", run_id=run.info.run_id)
        m.log_artifact(folder, "whole")
        try:
            m.log_artifact("nowhere.txt")
        except FileNotFoundError:
            print("no such file")
    print(_listed(run), _listed(run, "sub/folder"), _listed(run, "whole"), _listed(run, "whole/data/deep"))
    print(_content(run, "sub/folder/a.txt"), _content(run, "whole/data/deep/b.txt"))


def log_artifacts():
    folder = _folder_of_files()
    with m.start_run() as run:
        print(m.log_artifacts(folder))
        m.log_artifacts(folder, "sub", run_id=run.info.run_id)
    print(_listed(run), _listed(run, "deep"), _listed(run, "sub"), _content(run, "sub/deep/b.txt"))


def get_artifact_uri():
    with m.start_run() as run:
        print(m.get_artifact_uri() == run.info.artifact_uri)
        print(m.get_artifact_uri("a/b") == f"{run.info.artifact_uri}/a/b")
