"""Experiments."""

import os
import time

import mlflow as m
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException


def set_experiment():
    made = m.set_experiment("set by name")
    print(made.name, made.lifecycle_stage, made.tags, made.artifact_location.endswith(made.experiment_id))
    with m.start_run() as run:
        pass
    print(run.info.experiment_id == made.experiment_id)
    other = m.create_experiment("set by id")
    print(m.set_experiment(experiment_id=other).name)
    with m.start_run() as run:
        pass
    print(run.info.experiment_id == other)
    for arguments in ({}, {"experiment_name": "a", "experiment_id": "0"}, {"experiment_id": "987654"}):
        try:
            m.set_experiment(**arguments)
        except MlflowException as error:
            print(error.error_code)
    m.delete_experiment(other)
    try:
        m.set_experiment("set by id")
    except MlflowException as error:
        print(error.error_code)


def create_experiment():
    made = m.create_experiment("made", tags={"team": "a"})
    print(type(made).__name__, m.get_experiment(made).tags)
    placed = m.create_experiment("placed", artifact_location=os.path.join(os.getcwd(), "elsewhere"))
    print(m.get_experiment(placed).artifact_location == os.path.join(os.getcwd(), "elsewhere"))
    for name in ("made", "", None):
        try:
            m.create_experiment(name)
        except MlflowException as error:
            print(error.error_code)


def get_experiment():
    made = m.create_experiment("to get")
    read = m.get_experiment(made)
    print(read.experiment_id == made, read.name, read.lifecycle_stage, read.creation_time == read.last_update_time)
    print(m.get_experiment("0").name)
    try:
        m.get_experiment("987654")
    except MlflowException as error:
        print(error.error_code)


def get_experiment_by_name():
    made = m.create_experiment("to get by name")
    print(m.get_experiment_by_name("to get by name").experiment_id == made, m.get_experiment_by_name("nobody"))


def search_experiments():
    for name in ("search a", "search b", "search c"):
        m.create_experiment(name, tags={"kind": name[-1]})
        # Of two that are made in one millisecond, none is the newer.
        made = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == made:
            pass
    m.delete_experiment(m.get_experiment_by_name("search c").experiment_id)

    def names(**arguments):
        return [each.name for each in m.search_experiments(**arguments)]

    print(names(filter_string="name LIKE 'search%'"), names(filter_string="tags.kind = 'a'"))
    print(names(filter_string="name LIKE 'search%'", order_by=["name ASC"], view_type=ViewType.ALL))
    print(names(filter_string="name LIKE 'search%'", view_type=ViewType.DELETED_ONLY))
    print(names(filter_string="name LIKE 'search%'", max_results=1))
    try:
        names(filter_string="name ? 'x'")
    except MlflowException as error:
        print(error.error_code)


def delete_experiment():
    made = m.create_experiment("to delete")
    with m.start_run(experiment_id=made) as run:
        pass
    print(m.delete_experiment(made), m.get_experiment(made).lifecycle_stage)
    print(m.get_run(run.info.run_id).info.lifecycle_stage)
    try:
        m.delete_experiment("987654")
    except MlflowException as error:
        print(error.error_code)


def set_experiment_tag():
    print(m.set_experiment_tag("team", "a"), m.set_experiment_tag("n", 1))
    print(sorted(m.get_experiment_by_name("experiments.set_experiment_tag").tags.items()))


def set_experiment_tags():
    print(m.set_experiment_tags({"team": "a", "n": 1}))
    print(sorted(m.get_experiment_by_name("experiments.set_experiment_tags").tags.items()))


def get_tracking_uri():
    print(m.get_tracking_uri().startswith("sqlite:///"), m.is_tracking_uri_set())


def is_tracking_uri_set():
    print(m.is_tracking_uri_set())


def set_tracking_uri():
    before = m.get_tracking_uri()
    m.set_tracking_uri(before)
    print(m.get_tracking_uri() == before)
