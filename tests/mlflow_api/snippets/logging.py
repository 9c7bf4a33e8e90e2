"""Params, metrics and tags of the active run."""

import math

import mlflow as m
import numpy
from mlflow.exceptions import MlflowException


def log_param():
    with m.start_run() as run:
        print(m.log_param("lr", 0.1), m.log_param("name", "tree"), m.log_param("depth", numpy.int64(3)))
        print(m.log_param("lr", 0.1), m.log_param("options", {"a": [1, None]}), m.log_param("synchronous", 1, True))
        print(type(m.log_param("later", 1, synchronous=False)).__name__ != "int")
        for key, value in (("lr", 0.2), ("a?b", 1), ("a//b", 1), ("", 1), ("k" * 251, 1)):
            try:
                m.log_param(key, value)
            except MlflowException as error:
                print(error.error_code)
        m.log_param("long", "x" * 6100)
    params = m.get_run(run.info.run_id).data.params
    print(len(params.pop("long")), sorted(params.items()))


def log_params():
    with m.start_run() as run:
        print(m.log_params({"a": 1, "b": True, "c": (1, 2)}), m.log_params({"d": 1}, synchronous=True))
        m.log_params({"e": 1}, synchronous=False).wait()
        try:
            m.log_params({"a": 2, "new": 1})
        except MlflowException as error:
            print(error.error_code)
    m.log_params({"f": "of another run"}, run_id=run.info.run_id)
    print(sorted(m.get_run(run.info.run_id).data.params.items()))


def log_metric():
    with m.start_run() as run:
        print(m.log_metric("loss", 1), m.log_metric("loss", 0.5, step=1), m.log_metric("loss", 0.25, 2, True))
        m.log_metric("text", "0.5")
        m.log_metric("numpy", numpy.float32(0.5), step=7)
        m.log_metric("array", numpy.array([2.0]))
        m.log_metric("truth", True)
        m.log_metric("dated", 1, timestamp=1_600_000_000_000, step=-3)
        m.log_metric("not a number", math.nan)
        m.log_metric("a/b c.d-e_f:g", 1)
        m.log_metric("later", 1, synchronous=False).wait()
        for key, value, step in (
            ("x", "much", 0),
            ("x", None, 0),
            ("x", numpy.array([1, 2]), 0),
            ("x", 1, "one"),
            ("a?b", 1, 0),
            ("../x", 1, 0),
            ("k" * 251, 1, 0),
        ):
            try:
                m.log_metric(key, value, step)
            except MlflowException as error:
                print(error.error_code)
    m.log_metric("afterwards", 3, run_id=run.info.run_id)
    metrics = m.get_run(run.info.run_id).data.metrics
    print(math.isnan(metrics.pop("not a number")), sorted(metrics.items()))
    client = m.MlflowClient()
    print([(each.step, each.value) for each in client.get_metric_history(run.info.run_id, "loss")])
    print([(each.step, each.timestamp) for each in client.get_metric_history(run.info.run_id, "dated")])


def log_metrics():
    with m.start_run() as run:
        print(m.log_metrics({"a": 1, "b": 2.5}), m.log_metrics({"a": 2}, step=4), m.log_metrics({"c": 1}, None, True))
        m.log_metrics({"d": 1}, synchronous=False).wait()
        try:
            m.log_metrics({"fine": 1, "a?b": 2})
        except MlflowException as error:
            print(error.error_code)
    m.log_metrics({"e": 1}, run_id=run.info.run_id, timestamp=1_600_000_000_000)
    print(sorted(m.get_run(run.info.run_id).data.metrics.items()))
    print([(each.step, each.value) for each in m.MlflowClient().get_metric_history(run.info.run_id, "a")])


def set_tag():
    with m.start_run() as run:
        print(m.set_tag("stage", "draft"), m.set_tag("n", 1), m.set_tag("stage", "final", synchronous=True))
        m.set_tag("later", 1, synchronous=False).wait()
        m.set_tag("long", "x" * 8100)
        try:
            m.set_tag("a?b", 1)
        except MlflowException as error:
            print(error.error_code)
    tags = m.get_run(run.info.run_id).data.tags
    print(len(tags["long"]), tags["stage"], tags["n"], tags["later"])


def set_tags():
    with m.start_run() as run:
        print(m.set_tags({"a": 1, "b": None, "c": [1]}))
        m.set_tags({"a": 2}, synchronous=True)
    tags = m.get_run(run.info.run_id).data.tags
    print(tags["a"], tags["b"], tags["c"])


def delete_tag():
    with m.start_run(tags={"a": 1}) as run:
        m.set_tag("b", 1)
        print(m.delete_tag("a"), m.delete_tag("b"))
        try:
            m.delete_tag("a")
        except MlflowException as error:
            print(error.error_code)
    print({"a", "b"} & set(m.get_run(run.info.run_id).data.tags))


def flush_async_logging():
    with m.start_run() as run:
        m.log_metric("later", 1, synchronous=False)
        m.flush_async_logging()
        print(m.get_run(run.info.run_id).data.metrics)
