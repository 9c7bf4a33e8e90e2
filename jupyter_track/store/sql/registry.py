"""Registered models, their versions and aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, true, tuple_, update

from ...entities import (
    InvalidParameterValue,
    ModelVersion,
    PagedList,
    RegisteredModel,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
)
from ...entities.clock import now_ms
from ...entities.limits import (
    MAX_MODEL_TAG_VALUE,
    MAX_USER_ID,
    check_alias,
    check_length,
    check_model_name,
    check_run_id,
    check_text,
)
from ...filters import MODEL_VERSIONS, REGISTERED_MODELS, Kind, parse_filter, parse_order
from ..base import RegistryStore
from ..checks import check_page, check_tags
from . import schema
from .database import Database
from .search import Page, SortKey, Target, search_page
from .values import Names, chunks, read_named, set_tags

__all__ = ["SqlRegistryStore"]

MAX_MODELS_PAGE = 1_000
MAX_VERSIONS_PAGE = 200_000
#: The greatest version that its column can hold.
INT32_MAX = 2**31 - 1

_models = schema.registered_models.c
_versions = schema.model_versions.c
_aliases = schema.aliases.c

_MODEL_TARGET = Target(
    source=schema.registered_models,
    columns=tuple(_models),
    key=_models.model_id,
    attributes={
        "name": _models.name,
        "creation_timestamp": _models.creation_timestamp,
        "last_updated_timestamp": _models.last_updated_timestamp,
    },
    values={Kind.TAG: schema.registered_model_tags},
)
_VERSION_TARGET = Target(
    source=schema.model_versions.join(schema.registered_models, _versions.model_id == _models.model_id),
    columns=(*_versions, _models.name.label("model_name")),
    key=_versions.version_key,
    attributes={
        "name": _models.name,
        "run_id": _versions.run_id,
        "source_path": _versions.source,
        "current_stage": _versions.current_stage,
        "version_number": _versions.version,
        "creation_timestamp": _versions.creation_timestamp,
        "last_updated_timestamp": _versions.last_updated_timestamp,
    },
    values={Kind.TAG: schema.model_version_tags},
)
_VERSIONS = select(*_VERSION_TARGET.columns).select_from(_VERSION_TARGET.source)


class SqlRegistryStore(RegistryStore):
    """The registry half of `SqlStore`."""

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    # -- registered models

    def create_registered_model(  # noqa: D102 (the contract's docstrings hold)
        self, name: str, tags: dict[str, str] | None = None, description: str = ""
    ) -> RegisteredModel:
        check_model_name(name)
        check_tags(tags or {}, MAX_MODEL_TAG_VALUE)
        check_text("description", description)
        now = now_ms()
        with self._names.writing(tags or {}) as (connection, ids):
            model_id = connection.execute(
                self._database.insert(schema.registered_models)
                .values(
                    name=name,
                    description=description,
                    creation_timestamp=now,
                    last_updated_timestamp=now,
                    last_version=0,
                )
                .on_conflict_do_nothing()
                .returning(_models.model_id)
            ).scalar()
            if model_id is None:
                raise ResourceAlreadyExists(f"Registered Model (name={name}) already exists.")
            set_tags(connection, self._database, schema.registered_model_tags, model_id, tags or {}, ids)
            return _as_models(connection, [_model_row(connection, name)])[0]

    def get_registered_model(self, name: str) -> RegisteredModel:  # noqa: D102
        with self._database.read() as connection:
            return _as_models(connection, [_model_row(connection, name)])[0]

    def search_registered_models(  # noqa: D102
        self,
        filter_string: str = "",
        max_results: int = 100,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[RegisteredModel]:
        check_page(max_results, MAX_MODELS_PAGE)
        page = Page(max_results, page_token)
        condition = parse_filter(filter_string, REGISTERED_MODELS, page.now)
        order = parse_order(order_by or ["name"], REGISTERED_MODELS)
        with self._database.read() as connection:
            rows, token = search_page(
                connection, _MODEL_TARGET, true(), page, [(_models.model_id, False)], condition, order
            )
            return PagedList(_as_models(connection, rows), token)

    # -- versions

    def create_model_version(  # noqa: D102
        self,
        name: str,
        source: str,
        run_id: str = "",
        tags: dict[str, str] | None = None,
        run_link: str = "",
        description: str = "",
        user_id: str = "",
    ) -> ModelVersion:
        check_tags(tags or {}, MAX_MODEL_TAG_VALUE)
        if run_id:
            check_run_id(run_id)
        check_length("user id", user_id, MAX_USER_ID)
        for what, value in (
            ("source", source),
            ("run link", run_link),
            ("description", description),
            ("user id", user_id),
        ):
            check_text(what, value)
        now = now_ms()
        with self._names.writing(tags or {}) as (connection, ids):
            model = _model_row(connection, name)
            # Counted in one statement, which whoever else registers has to wait for.
            version = connection.execute(
                update(schema.registered_models)
                .where(_models.model_id == model.model_id)
                .values(last_version=_models.last_version + 1, last_updated_timestamp=now)
                .returning(_models.last_version)
            ).scalar_one()
            version_key = connection.execute(
                self._database.insert(schema.model_versions)
                .values(
                    model_id=model.model_id,
                    version=version,
                    creation_timestamp=now,
                    last_updated_timestamp=now,
                    description=description,
                    user_id=user_id,
                    current_stage="None",
                    source=source,
                    run_id=run_id,
                    run_link=run_link,
                    status="READY",
                    status_message="",
                )
                .returning(_versions.version_key)
            ).scalar_one()
            set_tags(connection, self._database, schema.model_version_tags, version_key, tags or {}, ids)
            return _as_versions(connection, [_version_row(connection, model, version)])[0]

    def get_model_version(self, name: str, version: int) -> ModelVersion:  # noqa: D102
        with self._database.read() as connection:
            model = _model_row(connection, name)
            return _as_versions(connection, [_version_row(connection, model, version)])[0]

    def search_model_versions(  # noqa: D102
        self,
        filter_string: str = "",
        max_results: int = 10_000,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[ModelVersion]:
        check_page(max_results, MAX_VERSIONS_PAGE)
        page = Page(max_results, page_token)
        condition = parse_filter(filter_string, MODEL_VERSIONS, page.now)
        order = parse_order(order_by or ["name", "version_number DESC"], MODEL_VERSIONS)
        then: list[SortKey] = [(_versions.version_key, True)]
        with self._database.read() as connection:
            rows, token = search_page(connection, _VERSION_TARGET, true(), page, then, condition, order)
            return PagedList(_as_versions(connection, rows), token)

    # -- aliases

    def set_registered_model_alias(self, name: str, alias: str, version: int) -> None:  # noqa: D102
        check_alias(alias)
        with self._database.write() as connection:
            model = _model_row(connection, name)
            _version_row(connection, model, version)
            insert = self._database.insert(schema.aliases)
            connection.execute(
                insert.values(model_id=model.model_id, alias=alias, version=version).on_conflict_do_update(
                    index_elements=["model_id", "alias"], set_={"version": insert.excluded.version}
                )
            )

    def delete_registered_model_alias(self, name: str, alias: str) -> None:  # noqa: D102
        check_text("alias", alias)
        with self._database.write() as connection:
            model = _model_row(connection, name)
            connection.execute(
                delete(schema.aliases).where(_aliases.model_id == model.model_id, _aliases.alias == alias)
            )

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:  # noqa: D102
        check_text("alias", alias)
        with self._database.read() as connection:
            model = _model_row(connection, name)
            version = connection.execute(
                select(_aliases.version).where(_aliases.model_id == model.model_id, _aliases.alias == alias)
            ).scalar()
            if version is None:
                raise InvalidParameterValue(f"Registered model alias {alias} not found.")
            return _as_versions(connection, [_version_row(connection, model, version)])[0]


# -- rows and entities


def _model_row(connection: Connection, name: str) -> Row[Any]:
    check_text("registered model name", name)
    row = connection.execute(select(schema.registered_models).where(_models.name == name)).first()
    if row is None:
        raise ResourceDoesNotExist(f"Registered Model with name={name[:300]} not found")
    return row


def _version_row(connection: Connection, model: Row[Any], version: int) -> Row[Any]:
    row = None
    if 0 < version <= INT32_MAX:
        row = connection.execute(
            _VERSIONS.where(_versions.model_id == model.model_id, _versions.version == version)
        ).first()
    if row is None:
        raise ResourceDoesNotExist(f"Model Version (name={model.name}, version={version}) not found")
    return row


def _as_versions(connection: Connection, rows: Sequence[Row[Any]]) -> list[ModelVersion]:
    tags = read_named(connection, schema.model_version_tags, [row.version_key for row in rows])
    aliases: dict[tuple[int, int], list[str]] = {}
    for some in chunks({row.model_id for row in rows}):
        for each in connection.execute(select(schema.aliases).where(_aliases.model_id.in_(some))):
            aliases.setdefault((each.model_id, each.version), []).append(each.alias)
    return [
        ModelVersion(
            name=row.model_name,
            version=row.version,
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            source=row.source,
            run_id=row.run_id,
            description=row.description,
            user_id=row.user_id,
            current_stage=row.current_stage,
            status=row.status,
            status_message=row.status_message,
            run_link=row.run_link,
            tags={tag.name: tag.value for tag in tags[row.version_key]},
            aliases=tuple(sorted(aliases.get((row.model_id, row.version), ()))),
        )
        for row in rows
    ]


def _as_models(connection: Connection, rows: Sequence[Row[Any]]) -> list[RegisteredModel]:
    keys = [row.model_id for row in rows]
    tags = read_named(connection, schema.registered_model_tags, keys)
    aliases: dict[int, dict[str, int]] = {key: {} for key in keys}
    latest: dict[int, list[ModelVersion]] = {key: [] for key in keys}
    for some in chunks(keys):
        for each in connection.execute(select(schema.aliases).where(_aliases.model_id.in_(some))):
            aliases[each.model_id][each.alias] = each.version
        newest = (
            select(_versions.model_id, func.max(_versions.version))
            .where(_versions.model_id.in_(some))
            .group_by(_versions.model_id, _versions.current_stage)
        )
        found = connection.execute(
            _VERSIONS.where(tuple_(_versions.model_id, _versions.version).in_(newest)).order_by(_versions.version)
        ).all()
        for row, version in zip(found, _as_versions(connection, found), strict=True):
            latest[row.model_id].append(version)
    return [
        RegisteredModel(
            name=row.name,
            creation_timestamp=row.creation_timestamp,
            last_updated_timestamp=row.last_updated_timestamp,
            description=row.description,
            tags={tag.name: tag.value for tag in tags[row.model_id]},
            aliases=dict(sorted(aliases[row.model_id].items())),
            latest_versions=tuple(latest[row.model_id]),
        )
        for row in rows
    ]
