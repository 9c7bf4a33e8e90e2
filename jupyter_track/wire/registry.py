"""The lines of the table that are about registered models."""

from __future__ import annotations

from ..entities import ModelVersion, RegisteredModel
from .endpoint import NOTHING, Endpoint
from .entities import Response
from .fields import Field, Integer, Tags, Version

__all__ = ["REGISTRY_ENDPOINTS"]

_NAME = Field("name", required=True)
_ALIAS = Field("alias", required=True)
_VERSION = Field("version", Version(), required=True)
_PAGE_TOKEN = Field("page_token")
_FILTER = Field("filter")
_ORDER_BY = Field("order_by", repeated=True)

REGISTRY_ENDPOINTS: tuple[Endpoint, ...] = (
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
        "get_model_version_download_uri",
        ("GET",),
        "model-versions/get-download-uri",
        (_NAME, _VERSION),
        Response("artifact_uri", str),
    ),
    Endpoint(
        "search_model_versions",
        ("GET",),
        "model-versions/search",
        (_FILTER, Field("max_results", Integer(200_000), default=10_000), _ORDER_BY, _PAGE_TOKEN),
        Response("model_versions", ModelVersion, paged=True),
    ),
)
