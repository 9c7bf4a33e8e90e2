"""What runs have read."""

import mlflow as m
import numpy
import pandas


def _described(dataset):
    told = dataset.to_dict()
    print(told["name"], len(told["digest"]), told["source_type"], told["source"].replace("\\", "/"))
    print(told["schema"], told["profile"])


def from_pandas():
    frame = pandas.DataFrame(
        {
            "whole": [1, 2, 3],
            "short": numpy.array([1, 2, 3], dtype="int32"),
            "real": [0.5, 1, None],
            "text": ["x", "y", None],
            "truth": [True, False, True],
            "day": _days(),
            "kind": pandas.Categorical(["a", "b", "a"]),
        }
    )
    dataset = m.data.from_pandas(frame, source="/data/train.csv", name="train", targets="truth")
    _described(dataset)
    print(dataset.name, dataset.targets, dataset.predictions, dataset.profile, dataset.df is frame)
    _described(m.data.from_pandas(frame[["whole"]], source="https://host/x.csv"))
    _described(m.data.from_pandas(frame[["whole"]], digest="12345678", source="s3://bucket/x"))
    one, other = (m.data.from_pandas(frame[["whole"]] + number).digest for number in (0, 1))
    print(one != other, one == m.data.from_pandas(frame[["whole"]]).digest)


def _days():
    return pandas.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])


def from_numpy():
    _described(m.data.from_numpy(numpy.zeros((3, 2)), source="x.npy", targets=numpy.zeros(3, dtype="int64")))
    _described(m.data.from_numpy({"a": numpy.zeros((3, 2)), "b": numpy.zeros(3)}, source="x.npy", name="parts"))


def log_input():
    dataset = m.data.from_pandas(pandas.DataFrame({"a": [1]}), source="a.csv", name="train")
    with m.start_run() as run:
        print(m.log_input(dataset, context="training", tags={"k": "v"}), m.log_input(dataset, context="training"))
    (read,) = m.get_run(run.info.run_id).inputs.dataset_inputs
    print(read.dataset.name, read.dataset.source_type, read.dataset.source, read.dataset.schema, read.dataset.profile)
    print(sorted((tag.key, tag.value) for tag in read.tags))


def log_inputs():
    datasets = [
        m.data.from_numpy(numpy.full((2, 2), number), source=f"{number}.npy", name=f"part {number}")
        for number in range(2)
    ]
    with m.start_run() as run:
        m.log_inputs(datasets, ["training", "test"], [None, {"k": "v"}])
    inputs = m.get_run(run.info.run_id).inputs
    print(sorted((each.dataset.name, [tag.value for tag in each.tags]) for each in inputs.dataset_inputs))
    print(len(inputs.to_dictionary()["dataset_inputs"]))
