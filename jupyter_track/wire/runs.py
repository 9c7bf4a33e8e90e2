"""The lines of the table that are about runs, and what is logged to them."""

from __future__ import annotations

from ..entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunInfo, RunStatus, ViewType
from .endpoint import FILE, NOTHING, Endpoint
from .entities import ArtifactListing, Curves, Response
from .fields import Choice, Field, Integer, Number, Object, Step, Tags, Time

__all__ = ["RUN_ENDPOINTS"]

_RUN_ID = Field("run_id", required=True, alias="run_uuid")
_PAGE_TOKEN = Field("page_token")
_KEY = Field("key", required=True)
_VALUE = Field("value")

_METRIC = (
    _KEY,
    Field("value", Number(), required=True),
    Field("timestamp", Time(), required=True),
    Field("step", Step(), default=0),
)
_DATASET = (
    Field("name", required=True),
    Field("digest", required=True),
    Field("source_type", required=True),
    Field("source", required=True),
    Field("schema", default=None),
    Field("profile", default=None),
)
_DATASET_INPUT = (
    Field("tags", Object((_KEY, _VALUE), InputTag), repeated=True),
    Field("dataset", Object(_DATASET, Dataset), required=True),
)

RUN_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "search_runs",
        ("POST",),
        "runs/search",
        (
            Field("experiment_ids", repeated=True),
            Field("filter"),
            Field("run_view_type", Choice(ViewType), default="ACTIVE_ONLY"),
            Field("max_results", Integer(50_000), default=1000),
            Field("order_by", repeated=True),
            _PAGE_TOKEN,
        ),
        Response("runs", Run, paged=True),
    ),
    Endpoint("get_run", ("GET",), "runs/get", (_RUN_ID,), Response("run", Run)),
    Endpoint(
        "create_run",
        ("POST",),
        "runs/create",
        (
            Field("experiment_id", default="0"),
            Field("user_id"),
            Field("run_name"),
            # Without a time, a run of MLflow's server has begun in 1970.
            Field("start_time", Time(), default=0),
            Field("tags", Tags(), default=[]),
        ),
        Response("run", Run),
        writes=True,
    ),
    Endpoint(
        "update_run",
        ("POST",),
        "runs/update",
        (
            _RUN_ID,
            Field("status", Choice(RunStatus), default=None),
            Field("end_time", Time(), default=None),
            Field("run_name"),
        ),
        Response("run_info", RunInfo),
        writes=True,
    ),
    Endpoint("delete_run", ("POST",), "runs/delete", (_RUN_ID,), NOTHING, writes=True),
    Endpoint("restore_run", ("POST",), "runs/restore", (_RUN_ID,), NOTHING, writes=True),
    Endpoint("log_metric", ("POST",), "runs/log-metric", (_RUN_ID, *_METRIC), NOTHING, writes=True),
    Endpoint("log_parameter", ("POST",), "runs/log-parameter", (_RUN_ID, _KEY, _VALUE), NOTHING, writes=True),
    Endpoint(
        "log_batch",
        ("POST",),
        "runs/log-batch",
        (
            _RUN_ID,
            Field("metrics", Object(_METRIC, Metric), repeated=True),
            Field("params", Object((_KEY, _VALUE), Param), repeated=True),
            Field("tags", Tags(), default=[]),
        ),
        NOTHING,
        writes=True,
    ),
    Endpoint(
        "log_inputs",
        ("POST",),
        "runs/log-inputs",
        (_RUN_ID, Field("datasets", Object(_DATASET_INPUT, DatasetInput), repeated=True)),
        NOTHING,
        writes=True,
    ),
    Endpoint("set_tag", ("POST",), "runs/set-tag", (_RUN_ID, _KEY, _VALUE), NOTHING, writes=True),
    Endpoint("delete_tag", ("POST",), "runs/delete-tag", (_RUN_ID, _KEY), NOTHING, writes=True),
    Endpoint(
        "get_metric_history",
        ("GET",),
        "metrics/get-history",
        (
            _RUN_ID,
            Field("metric_key", required=True),
            _PAGE_TOKEN,
            # Without a page size the whole history is one page.
            Field("max_results", Integer(), default=None),
        ),
        Response("metrics", Metric, paged=True),
    ),
    Endpoint(
        "get_metric_history_bulk_interval",
        ("GET",),
        "metrics/get-history-bulk-interval",
        (
            Field("run_ids", required=True, repeated=True),
            Field("metric_key", required=True),
            Field("start_step", Step(), default=None),
            Field("end_step", Step(), default=None),
            Field("max_results", Integer(25_000), default=1_000),
        ),
        Response(entity=Curves),
    ),
    Endpoint("list_artifacts", ("GET",), "artifacts/list", (_RUN_ID, Field("path")), Response(entity=ArtifactListing)),
    Endpoint("get_artifact", ("GET",), "get-artifact", (_RUN_ID, Field("path", required=True)), FILE, prefixes=("",)),
)
