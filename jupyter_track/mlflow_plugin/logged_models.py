"""MLflow's logged models, each a file beside its artifacts.

They are below the artifact location of their experiment, where MLflow expects their artifacts:
``models/<model_id>/logged_model.json`` and ``models/<model_id>/artifacts/``. Our stores have no table for them; without
them, no model can be logged with MLflow's ``log_model``.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mlflow.entities import LoggedModel, LoggedModelStatus
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import NOT_IMPLEMENTED, RESOURCE_DOES_NOT_EXIST
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.search_utils import SearchLoggedModelsUtils
from mlflow.utils.validation import _validate_logged_model_name

from ..artifacts import local_path
from ..config import CELL_RUN_VARIABLE
from ..entities import ViewType
from ..entities.clock import now_ms
from ..entities.run_names import invent_run_name
from .asked import InProcess

__all__ = ["LoggedModels"]

_FILE = "logged_model.json"
_DELETED = "deleted"


class LoggedModels:
    """The calls of MLflow's tracking store that are about logged models."""

    _in_process: InProcess

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Iterable[Any] | None = None,
        params: Iterable[Any] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """Make a model, whose artifacts are to come; in a tracked cell it is of the cell's run, if of no other."""
        _validate_logged_model_name(name)
        model_id = f"m-{uuid.uuid4().hex}"
        folder = self._folder(str(experiment_id)) / model_id
        now = now_ms()
        model = LoggedModel(
            experiment_id=str(experiment_id),
            model_id=model_id,
            name=name or invent_run_name(),
            artifact_location=str(folder / "artifacts"),
            creation_timestamp=now,
            last_updated_timestamp=now,
            model_type=model_type,
            source_run_id=source_run_id or os.environ.get(CELL_RUN_VARIABLE),
            status=LoggedModelStatus.PENDING,
            tags=list(tags or ()),
            params=list(params or ()),
        )
        (folder / "artifacts").mkdir(parents=True)
        _write(folder, model.to_dictionary())
        return model

    def get_logged_model(self, model_id: str, allow_deleted: bool = False) -> LoggedModel:
        """Return a model."""
        return _as_model(self._read(model_id, allow_deleted)[1])

    def delete_logged_model(self, model_id: str) -> None:
        """Delete a model; its files stay."""
        self._change(model_id, **{_DELETED: True})

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Say that the artifacts of a model are there, or cannot come."""
        return self._change(model_id, status=LoggedModelStatus(status).to_int())

    def set_logged_model_tags(self, model_id: str, tags: Iterable[Any]) -> None:
        """Set tags of a model."""
        kept = self._read(model_id)[1]["tags"]
        self._change(model_id, tags={**kept, **{tag.key: tag.value for tag in tags}})

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Take a tag off a model."""
        kept = dict(self._read(model_id)[1]["tags"])
        if kept.pop(key, None) is None:
            raise MlflowException(f"The logged model {model_id!r} has no tag {key!r}.", RESOURCE_DOES_NOT_EXIST)
        self._change(model_id, tags=kept)

    def log_logged_model_params(self, model_id: str, params: Iterable[Any]) -> None:
        """Add params to a model."""
        kept = self._read(model_id)[1]["params"]
        self._change(model_id, params={**kept, **{param.key: param.value for param in params}})

    def log_outputs(self, run_id: str, models: Iterable[Any]) -> None:
        """Take note that a run has made models: a model knows its run."""

    def search_logged_models(
        self,
        experiment_ids: list[str],
        filter_string: str | None = None,
        datasets: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: list[dict[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Return one page of the models of some experiments, by MLflow's own search."""
        found = [
            _as_model(kept)
            for experiment_id in experiment_ids
            for kept in map(_read, _folders(self._folder(experiment_id)))
            if not kept.get(_DELETED)
        ]
        search = SearchLoggedModelsUtils
        some = search.sort(search.filter_logged_models(found, filter_string, datasets), order_by)
        return PagedList(*search.paginate(some, page_token, max_results or 100))

    # -- files

    def _folder(self, experiment_id: str) -> Path:
        """Return the folder of the models of an experiment."""
        location = self._in_process.connection.store().get_experiment(experiment_id).artifact_location
        return _models(location)

    def _read(self, model_id: str, allow_deleted: bool = False) -> tuple[Path, dict[str, Any]]:
        store = self._in_process.connection.store()
        if os.path.basename(model_id) == model_id:
            for experiment in store.search_experiments(ViewType.ALL, 50_000):
                if local_path(experiment.artifact_location) is None:
                    continue
                folder = _models(experiment.artifact_location) / model_id
                if (folder / _FILE).is_file():
                    kept = _read(folder)
                    if allow_deleted or not kept.get(_DELETED):
                        return folder, kept
        raise MlflowException(f"Logged model with ID {model_id!r} not found.", RESOURCE_DOES_NOT_EXIST)

    def _change(self, model_id: str, **changes: Any) -> LoggedModel:
        folder, kept = self._read(model_id, allow_deleted=True)
        kept = {**kept, **changes, "last_updated_timestamp": now_ms()}
        _write(folder, kept)
        return _as_model(kept)


def _models(location: str) -> Path:
    path = local_path(location)
    if path is None:
        raise MlflowException(f"Models are not logged to {location}: only to folders.", error_code=NOT_IMPLEMENTED)
    return Path(path) / "models"


def _folders(folder: Path) -> Iterator[Path]:
    return (file.parent for file in sorted(folder.glob(f"m-*/{_FILE}")))


def _read(folder: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((folder / _FILE).read_text("utf-8"))
    return kept


def _write(folder: Path, kept: dict[str, Any]) -> None:
    new = folder / f".{_FILE}-{uuid.uuid4().hex}"
    new.write_text(json.dumps(kept, indent=1), "utf-8")
    os.replace(new, folder / _FILE)


def _as_model(kept: dict[str, Any]) -> LoggedModel:
    return LoggedModel.from_dictionary({name: value for name, value in kept.items() if name != _DELETED})
