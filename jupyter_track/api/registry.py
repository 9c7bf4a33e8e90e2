"""The functions behind the endpoints of registered models."""

from __future__ import annotations

from ..entities import ModelVersion, PagedList, RegisteredModel
from ..store import Store
from .sources import check_source

__all__ = ["RegistryFunctions"]


class RegistryFunctions:
    """See `jupyter_track.api.Service`."""

    _store: Store

    def create_registered_model(self, name: str, tags: dict[str, str], description: str) -> RegisteredModel:
        """Register a name."""
        return self._store.create_registered_model(name, tags, description)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a registered model."""
        return self._store.get_registered_model(name)

    def search_registered_models(
        self, filter: str, max_results: int, order_by: list[str], page_token: str
    ) -> PagedList[RegisteredModel]:
        """Return one page of registered models."""
        return self._store.search_registered_models(filter, max_results, order_by, page_token)

    def set_registered_model_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias at a version."""
        self._store.set_registered_model_alias(name, alias, version)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias points to."""
        return self._store.get_model_version_by_alias(name, alias)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self._store.delete_registered_model_alias(name, alias)

    def create_model_version(
        self, name: str, source: str, run_id: str, tags: dict[str, str], run_link: str, description: str
    ) -> ModelVersion:
        """Add the next version of a registered model, from a source that is allowed."""
        check_source(self._store, source, run_id)
        return self._store.create_model_version(name, source, run_id, tags, run_link, description)

    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Return a version."""
        return self._store.get_model_version(name, version)

    def get_model_version_download_uri(self, name: str, version: int) -> str:
        """Return where the files of a version are."""
        return self._store.get_model_version(name, version).source

    def search_model_versions(
        self, filter: str, max_results: int, order_by: list[str], page_token: str
    ) -> PagedList[ModelVersion]:
        """Return one page of versions."""
        return self._store.search_model_versions(filter, max_results, order_by, page_token)
