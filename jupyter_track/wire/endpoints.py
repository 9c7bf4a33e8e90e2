"""The table of endpoints.

Names, fields, defaults and limits are those of MLflow's REST API, version 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..entities import Experiment, Metric, ModelVersion, RegisteredModel, Run, ViewType
from .entities import ArtifactListing, Curves, Response
from .fields import Choice, Field, Integer, Step, Tags, Version

__all__ = ["API_PREFIXES", "ENDPOINTS", "FILE", "Endpoint"]

#: Where the API is: for programs, and (the same) where MLflow's own UI asks.
API_PREFIXES = ("api/2.0/mlflow/", "ajax-api/2.0/mlflow/")


NOTHING = Response()
#: The bytes of a file instead of JSON.
FILE = Response(entity=bytes)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the table.

    Parameters
    ----------
    name : str
        The function of the service.
    methods : tuple of str
        The first is the one that a client uses.
    route : str
        Below the prefixes.
    request : tuple of Field
    response : Response
    writes : bool
        Whether it changes the store, whatever its HTTP method: searches are sent by POST.
    prefixes : tuple of str
        What `route` may be preceded by.
    """

    name: str
    methods: tuple[str, ...]
    route: str
    request: tuple[Field, ...]
    response: Response
    writes: bool = False
    prefixes: tuple[str, ...] = API_PREFIXES

    @property
    def paths(self) -> tuple[str, ...]:
        """Every place where it is served, relative to the service's root."""
        return tuple(f"{prefix}{self.route}" for prefix in self.prefixes)


_RUN_ID = Field("run_id", required=True, alias="run_uuid")
_NAME = Field("name", required=True)
_ALIAS = Field("alias", required=True)
_VERSION = Field("version", Version(), required=True)
_PAGE_TOKEN = Field("page_token")
_FILTER = Field("filter")
_ORDER_BY = Field("order_by", repeated=True)
_VIEW_TYPE = Choice(ViewType)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "search_experiments",
        ("POST", "GET"),
        "experiments/search",
        (
            # MLflow has no default here and says of a request without it that zero is no page size.
            Field("max_results", Integer(50_000), default=0),
            _PAGE_TOKEN,
            _FILTER,
            _ORDER_BY,
            Field("view_type", _VIEW_TYPE, default="ACTIVE_ONLY"),
        ),
        Response("experiments", Experiment, paged=True),
    ),
    Endpoint(
        "get_experiment",
        ("GET",),
        "experiments/get",
        (Field("experiment_id", required=True),),
        Response("experiment", Experiment),
    ),
    Endpoint(
        "get_experiment_by_name",
        ("GET",),
        "experiments/get-by-name",
        (Field("experiment_name", required=True),),
        Response("experiment", Experiment),
    ),
    Endpoint(
        "search_runs",
        ("POST",),
        "runs/search",
        (
            Field("experiment_ids", repeated=True),
            _FILTER,
            Field("run_view_type", _VIEW_TYPE, default="ACTIVE_ONLY"),
            Field("max_results", Integer(50_000), default=1000),
            _ORDER_BY,
            _PAGE_TOKEN,
        ),
        Response("runs", Run, paged=True),
    ),
    Endpoint("get_run", ("GET",), "runs/get", (_RUN_ID,), Response("run", Run)),
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
    Endpoint(
        "create_registered_model",
        ("POST",),
        "registered-models/create",
        (_NAME, Field("tags", Tags(), default=[]), Field("description")),
        Response("registered_model", RegisteredModel),
        writes=True,
    ),
    Endpoint(
        "get_registered_model",
        ("GET",),
        "registered-models/get",
        (_NAME,),
        Response("registered_model", RegisteredModel),
    ),
    Endpoint(
        "search_registered_models",
        ("GET",),
        "registered-models/search",
        (_FILTER, Field("max_results", Integer(1_000), default=100), _ORDER_BY, _PAGE_TOKEN),
        Response("registered_models", RegisteredModel, paged=True),
    ),
    Endpoint(
        "set_registered_model_alias",
        ("POST",),
        "registered-models/alias",
        (_NAME, _ALIAS, _VERSION),
        NOTHING,
        writes=True,
    ),
    Endpoint(
        "get_model_version_by_alias",
        ("GET",),
        "registered-models/alias",
        (_NAME, _ALIAS),
        Response("model_version", ModelVersion),
    ),
    Endpoint(
        "delete_registered_model_alias",
        ("DELETE",),
        "registered-models/alias",
        (_NAME, _ALIAS),
        NOTHING,
        writes=True,
    ),
    Endpoint(
        "create_model_version",
        ("POST",),
        "model-versions/create",
        (
            _NAME,
            Field("source", required=True),
            Field("run_id"),
            Field("tags", Tags(), default=[]),
            Field("run_link"),
            Field("description"),
        ),
        Response("model_version", ModelVersion),
        writes=True,
    ),
    Endpoint(
        "get_model_version",
        ("GET",),
        "model-versions/get",
        (_NAME, _VERSION),
        Response("model_version", ModelVersion),
    ),
    Endpoint(
        "search_model_versions",
        ("GET",),
        "model-versions/search",
        (_FILTER, Field("max_results", Integer(200_000), default=10_000), _ORDER_BY, _PAGE_TOKEN),
        Response("model_versions", ModelVersion, paged=True),
    ),
)
