"""The lines of the table that are about experiments."""

from __future__ import annotations

from ..entities import Experiment, ViewType
from .endpoint import NOTHING, Endpoint
from .entities import Response
from .fields import Choice, Field, Integer, Tags

__all__ = ["EXPERIMENT_ENDPOINTS"]

_EXPERIMENT_ID = Field("experiment_id", required=True)
_KEY = Field("key", required=True)

EXPERIMENT_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "search_experiments",
        ("POST", "GET"),
        "experiments/search",
        (
            # MLflow has no default here and says of a request without it that zero is no page size.
            Field("max_results", Integer(50_000), default=0),
            Field("page_token"),
            Field("filter"),
            Field("order_by", repeated=True),
            Field("view_type", Choice(ViewType), default="ACTIVE_ONLY"),
        ),
        Response("experiments", Experiment, paged=True),
    ),
    Endpoint("get_experiment", ("GET",), "experiments/get", (_EXPERIMENT_ID,), Response("experiment", Experiment)),
    Endpoint(
        "get_experiment_by_name",
        ("GET",),
        "experiments/get-by-name",
        (Field("experiment_name", required=True),),
        Response("experiment", Experiment),
    ),
    Endpoint(
        "create_experiment",
        ("POST",),
        "experiments/create",
        (Field("name", required=True), Field("artifact_location"), Field("tags", Tags(), default=[])),
        Response("experiment_id", str),
        writes=True,
    ),
    Endpoint(
        "update_experiment",
        ("POST",),
        "experiments/update",
        (_EXPERIMENT_ID, Field("new_name", required=True)),
        NOTHING,
        writes=True,
    ),
    Endpoint("delete_experiment", ("POST",), "experiments/delete", (_EXPERIMENT_ID,), NOTHING, writes=True),
    Endpoint("restore_experiment", ("POST",), "experiments/restore", (_EXPERIMENT_ID,), NOTHING, writes=True),
    Endpoint(
        "set_experiment_tag",
        ("POST",),
        "experiments/set-experiment-tag",
        (_EXPERIMENT_ID, _KEY, Field("value")),
        NOTHING,
        writes=True,
    ),
    Endpoint(
        "delete_experiment_tag",
        ("POST",),
        "experiments/delete-experiment-tag",
        (_EXPERIMENT_ID, _KEY),
        NOTHING,
        writes=True,
    ),
)
