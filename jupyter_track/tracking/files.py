"""Artifacts of a run: files, texts, dictionaries, figures, images and tables."""

from __future__ import annotations

import json
import mmap
import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from ..artifacts import ArtifactRepository, check_artifact_path, open_repository
from ..entities import FileInfo, InvalidParameterValue, ResourceDoesNotExist, StoreUnavailable
from ..outbox import WriteArtifact
from . import pictures, tables
from .connection import WAIT_SECONDS, Connection
from .open_run import OpenRun, Pending
from .runs import every_run, open_run

__all__ = ["MAX_JOURNALED", "ArtifactCalls", "FileLog", "repository"]

#: Bytes of a file that goes through the journal; a larger one is copied to its place.
MAX_JOURNALED = 8 * 1024**2
#: The tag in which MLflow's pages look for the tables of a run.
TABLES_TAG = "mlflow.loggedArtifacts"
#: The tag that tells MLflow's pages of images with steps.
IMAGES_TAG = "mlflow.loggedImages"


def repository(connection: Connection, run_id: str) -> ArtifactRepository:
    """Return the artifacts of a run, with all in it that this process has written."""
    return open_repository(connection.up_to_date_store().get_run(run_id).info.artifact_uri)


class FileLog:
    """Writes artifacts of one run.

    Parameters
    ----------
    run : OpenRun
    """

    def __init__(self, run: OpenRun) -> None:
        self._run = run

    def data(self, path: str, data: bytes, synchronous: bool | None = None) -> Pending | None:
        """Write one file.

        Raises
        ------
        InvalidParameterValue
            If the path is not one of a file below the artifact root.
        """
        place = _file_path(path)
        if len(data) > MAX_JOURNALED:
            self._straight(place, data)
            return None
        return self._run.done(self._run.put(WriteArtifact(self._run.run_id, place, data)), synchronous)

    def text(self, path: str, text: str) -> None:
        """Write one file in UTF-8; what has no encoding there (a lone surrogate) is escaped."""
        if not isinstance(text, str):
            raise InvalidParameterValue(f"Cannot log a text to {path!r}: it is of type {type(text).__name__}.")
        self.data(path, text.encode("utf-8", "backslashreplace"))

    def dictionary(self, path: str, dictionary: Any) -> None:
        """Write a dictionary or list as YAML if the path ends so, else as JSON."""
        if path.lower().endswith((".yaml", ".yml")):
            import yaml

            self.text(path, yaml.dump(dictionary, default_flow_style=False, sort_keys=False, allow_unicode=True))
        else:
            self.text(path, json.dumps(dictionary, indent=2, ensure_ascii=False, default=_plain))

    def file(self, local_path: str | os.PathLike[str], artifact_path: str | None = None) -> None:
        """Copy a file, or a folder with all in it, into a folder of the artifacts."""
        source = os.path.normpath(os.fspath(local_path))
        target = posixpath.join(artifact_path or "", os.path.basename(os.path.abspath(source)))
        if os.path.isdir(source):
            self.folder(source, target)
        else:
            self._copy(source, target)

    def folder(self, local_dir: str | os.PathLike[str], artifact_path: str | None = None) -> None:
        """Copy all that is in a folder into a folder of the artifacts."""
        source = os.fspath(local_dir)
        if not os.path.isdir(source):
            self.file(source, artifact_path)  # As MLflow does.
            return
        for path, relative in _files_below(source):
            self._copy(path, posixpath.join(artifact_path or "", relative))

    def stream(self, path: str, stream: IO[bytes]) -> None:
        """Write what a binary stream gives; it is kept on disk meanwhile."""
        with tempfile.NamedTemporaryFile() as kept:
            shutil.copyfileobj(stream, kept)
            kept.flush()
            self._copy(kept.name, path)

    def table(self, path: str, data: Any) -> None:
        """Write a table, below what the file has already."""
        place = tables.check_path(path)
        connection, run_id = self._run.connection, self._run.run_id
        stored = repository(connection, run_id)
        rows = tables.rows_of(data)
        if any(file.path == place for file in stored.list(posixpath.dirname(place))):
            rows = tables.joined(tables.decode(stored.read(place)), rows)
        self.data(place, tables.encode(rows))
        logged = connection.store().get_run(run_id).data.tags.get(TABLES_TAG, "[]")
        entry = {"path": place, "type": "table"}
        entries = json.loads(logged)
        if entry not in entries:
            self._run.set_tag(TABLES_TAG, json.dumps([*entries, entry]))

    def image(
        self,
        image: Any,
        artifact_file: str | None,
        key: str | None,
        step: int | None,
        timestamp: int | None,
        synchronous: bool | None,
    ) -> Pending | None:
        """Write an image: to a file, or as one of a series that has a key and steps."""
        if (artifact_file is None) == (key is None):
            raise InvalidParameterValue("Give artifact_file for one image, or key for a series of images, not both.")
        if artifact_file is not None:
            return self.data(artifact_file, pictures.encode_image(image, artifact_file), synchronous)
        full, small = pictures.series_files(image, str(key), step, timestamp)
        self.data(*full)
        pending = self.data(*small, synchronous)
        self._run.set_tag(IMAGES_TAG, True)
        return pending

    def _copy(self, source: str, path: str) -> None:
        place = _file_path(path)
        with open(source, "rb") as file:
            if os.fstat(file.fileno()).st_size <= MAX_JOURNALED:
                self.data(place, file.read())
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                # To whoever writes it a mapped file is bytes, and it is never in memory as a whole.
                self._straight(place, cast(bytes, mapped))

    def _straight(self, place: str, data: bytes) -> None:
        connection = self._run.connection
        if not connection.outbox.flush(WAIT_SECONDS):
            raise StoreUnavailable(
                f"The artifact {place!r} was not kept: the store is out of reach, and with {len(data)} bytes it is too "
                "large to wait in the journal. Log it again when the store is back."
            )
        repository(connection, self._run.run_id).write(place, data)


class ArtifactCalls:
    """The calls of a client that are about a run's artifacts."""

    _connection: Connection

    def _files(self, run_id: str) -> FileLog:
        return FileLog(open_run(self._connection, run_id))

    def log_artifact(self, run_id: str, local_path: str | os.PathLike[str], artifact_path: str | None = None) -> None:
        """Copy a file, or a folder with all in it, into the folder `artifact_path` of the artifacts.

        Raises
        ------
        OSError
            If the file cannot be read.
        InvalidParameterValue
            If the artifact path is not allowed.
        """
        self._files(run_id).file(local_path, artifact_path)

    def log_artifacts(self, run_id: str, local_dir: str | os.PathLike[str], artifact_path: str | None = None) -> None:
        """Copy all that is in a folder into the folder `artifact_path` of the artifacts."""
        self._files(run_id).folder(local_dir, artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Write a text to a file."""
        self._files(run_id).text(artifact_file, text)

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Write a dictionary or list to a file: YAML if its name ends so, else JSON."""
        self._files(run_id).dictionary(artifact_file, dictionary)

    def log_figure(
        self, run_id: str, figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None
    ) -> None:
        """Write a figure of matplotlib or plotly to a file, in the format that its name ends with."""
        self._files(run_id).data(artifact_file, pictures.encode_figure(figure, artifact_file, save_kwargs or {}))

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,
    ) -> Pending | None:
        """Write an image (a NumPy array or a PIL image) to a file, or as one of a series with a key and steps."""
        return self._files(run_id).image(image, artifact_file, key, step, timestamp, synchronous)

    def log_table(self, run_id: str, data: Any, artifact_file: str) -> None:
        """Write a table (a dictionary of columns or a pandas frame) to a JSON file, below what it has already."""
        self._files(run_id).table(artifact_file, data)

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: Sequence[str] | None = None,
        extra_columns: Sequence[str] | None = None,
    ) -> Any:
        """Return the tables of that name in the runs of an experiment, as one pandas frame."""
        store = self._connection.up_to_date_store()
        runs = [store.get_run(run_id) for run_id in run_ids or ()]
        if run_ids is None:
            runs = every_run(store, [str(experiment_id)])
        return tables.load(runs, tables.check_path(artifact_file), extra_columns or ())

    def log_stream(self, run_id: str, stream: IO[bytes], artifact_file: str) -> None:
        """Write what a binary stream gives to a file."""
        self._files(run_id).stream(artifact_file, stream)

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """List the artifacts in the root, or in the folder `path`."""
        return repository(self._connection, run_id).list(path or "")

    def download_artifacts(self, run_id: str, path: str, dst_path: str | None = None) -> str:
        """Copy a file or a folder of the artifacts to this machine, and return where it is.

        Raises
        ------
        ResourceDoesNotExist
            If there is nothing at `path`.
        """
        stored = repository(self._connection, run_id)
        root = Path(tempfile.mkdtemp() if dst_path is None else dst_path)
        wanted = check_artifact_path(path)
        files = list(_files_at(stored, wanted))
        for name in files:
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with stored.open(name) as source, place.open("wb") as target:
                shutil.copyfileobj(source, target)
        if not files and wanted:
            raise ResourceDoesNotExist(f"The run {run_id} has no artifact at {path!r}.")
        return str(root / wanted)


def _files_at(stored: ArtifactRepository, path: str) -> Iterator[str]:
    """Yield the file at a path, or all files below it."""
    listed = stored.list(path)
    if not listed and path and any(each.path == path for each in stored.list(posixpath.dirname(path))):
        yield path
    for each in listed:
        if each.is_dir:
            yield from _files_at(stored, each.path)
        else:
            yield each.path


def _files_below(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each file below a folder, and its path in it with slashes."""
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(root, name)
            yield path, os.path.relpath(path, folder).replace(os.sep, "/")


def _file_path(path: Any) -> str:
    checked = check_artifact_path(os.fspath(path))
    if not checked:
        raise InvalidParameterValue(f"Invalid artifact path {path!r}: it names no file.")
    return checked


def _plain(value: Any) -> Any:
    """Return what JSON knows for a number of NumPy, an array or a set; the text of all else."""
    for name in ("item", "tolist"):
        convert = getattr(value, name, None)
        if callable(convert):
            try:
                return convert()
            except Exception:
                continue
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else str(value)
