"""Runs found again."""

import mlflow as m
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException


def _some_runs():
    for number in range(4):
        with m.start_run(run_name=f"run {number}", tags={"even": str(number % 2 == 0)}):
            m.log_param("number", number)
            m.log_metric("score", number / 2)


def search_runs():
    _some_runs()

    def names(*arguments, **options):
        return [each.info.run_name for each in m.search_runs(*arguments, output_format="list", **options)]

    here = m.get_experiment_by_name("searches.search_runs").experiment_id
    print(sorted(names()), sorted(names([here])), sorted(names(experiment_names=["searches.search_runs"])))
    print(names(experiment_names=["nobody"]))
    print(names(filter_string="metrics.score > 0.5 and params.number != '3'"))
    print(names(filter_string="tags.even = 'True'", order_by=["metrics.score ASC"]))
    print(names(order_by=["params.number ASC"], max_results=2))
    m.delete_run(m.search_runs(filter_string="run_name = 'run 0'", output_format="list")[0].info.run_id)
    print(sorted(names()), names(run_view_type=ViewType.DELETED_ONLY), len(names(run_view_type=ViewType.ALL)))
    print(len(names(search_all_experiments=True)) > 4)
    for arguments in (
        {"experiment_ids": ["0"], "experiment_names": ["x"]},
        {"filter_string": "score ? 1"},
        {"filter_string": "metrics.score > 'x'"},
        {"order_by": ["nonsense.x"]},
    ):
        try:
            m.search_runs(**arguments)
        except MlflowException as error:
            print(error.error_code)
    try:
        m.search_runs(output_format="table")
    except ValueError:
        print("no such format")


def search_runs_to_pandas():
    _some_runs()
    with m.start_run():
        m.log_metric("other", 1)
    frame = m.search_runs(order_by=["metrics.score ASC"])
    print(type(frame).__name__, len(frame), list(frame.columns)[:6])
    print(sorted(name for name in frame.columns if name.startswith(("metrics.", "params."))))
    print(frame["metrics.score"].tolist(), frame["params.number"].tolist()[:4], frame["params.number"].isna().tolist())
    print(frame["status"].tolist(), str(frame["start_time"].dt.tz), frame["end_time"].isna().any())
    print((frame["end_time"] >= frame["start_time"]).all(), frame["tags.mlflow.runName"].tolist()[:4])
    empty = m.search_runs(filter_string="metrics.score > 100")
    print(len(empty), list(empty.columns))
