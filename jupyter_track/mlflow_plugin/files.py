"""The files of a tracked cell's run for MLflow, which looks for plain files in a folder where there is a pack.

A run that has a pack says to MLflow that its files are at ``jupyter-track-files:///PATH`` instead of ``/PATH``. For
that scheme MLflow asks a repository of ours: it shows and reads what is in the pack as the files that they are, and
leaves all else to MLflow's own repository for a folder. What is written down, the source of a model version, is the
plain path.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlflow.entities import FileInfo
from mlflow.exceptions import RestException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from ..artifacts import local_path, open_repository
from ..artifacts.pack import PACK
from ..entities import InvalidParameterValue, PagedList, Run, RunInfo, TrackError

__all__ = ["for_mlflow", "plain_uri", "register"]

_SCHEME = "jupyter-track-files"


def register() -> None:
    """Tell MLflow who reads the files of that scheme."""
    _artifact_repository_registry.register(_SCHEME, _PackedFiles)


def for_mlflow(answer: Any) -> Any:
    """Return what a store has answered, in which runs that have a pack say so by where their files are."""
    if isinstance(answer, PagedList):
        return PagedList([for_mlflow(each) for each in answer], answer.token)
    if isinstance(answer, Run):
        return replace(answer, info=for_mlflow(answer.info))
    return _with_files(answer) if isinstance(answer, RunInfo) else answer


def _with_files(info: RunInfo) -> RunInfo:
    try:
        path = local_path(info.artifact_uri)
    except InvalidParameterValue:
        return info
    if not path or not (Path(path) / PACK).is_file():
        return info
    return replace(info, artifact_uri=_SCHEME + Path(path).absolute().as_uri().removeprefix("file"))


def plain_uri(uri: str) -> str:
    """Return where files are, as everybody else knows it."""
    if not uri.startswith(f"{_SCHEME}:"):
        return uri
    return local_path("file" + uri.removeprefix(_SCHEME)) or uri


@contextmanager
def _as_mlflow_says_it() -> Iterator[None]:
    try:
        yield
    except TrackError as error:
        raise RestException({"error_code": error.error_code, "message": str(error)}) from error


class _PackedFiles(ArtifactRepository):  # type: ignore[misc]  # MLflow's classes are not typed.
    """See the module."""

    def __init__(self, artifact_uri: str, *places: Any, **named_places: Any) -> None:
        super().__init__(artifact_uri, *places, **named_places)
        self._folder = plain_uri(artifact_uri)
        # MLflow makes a repository for one file or folder of a run too. The pack is at the root.
        places = (Path(self._folder), *Path(self._folder).parents)
        root = next((each for each in places if (each / PACK).is_file()), None)
        self._root = root or Path(self._folder)
        self._files = open_repository(str(self._root))

    def _path(self, path: str | None) -> str:
        """Return a path below this place as one below the root."""
        place = Path(self._folder, path) if path else Path(self._folder)
        return "" if place == self._root else place.relative_to(self._root).as_posix()

    def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
        with _as_mlflow_says_it():
            found = self._files.list(self._path(path))
        start = self._path(None)
        return [
            FileInfo(each.path.removeprefix(f"{start}/") if start else each.path, each.is_dir, each.file_size)
            for each in found
        ]

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        with (
            _as_mlflow_says_it(),
            self._files.open(self._path(remote_file_path)) as file,
            open(local_path, "wb") as copy,
        ):
            shutil.copyfileobj(file, copy)

    # What MLflow writes is plain.

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        LocalArtifactRepository(self._folder).log_artifact(local_file, artifact_path)

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        LocalArtifactRepository(self._folder).log_artifacts(local_dir, artifact_path)

    def delete_artifacts(self, artifact_path: str | None = None) -> None:
        LocalArtifactRepository(self._folder).delete_artifacts(artifact_path)
